"""What becomes of an answer to something that came by itself, in the middle of a conversation?"""

from typing import Any

import pytest

from handlers.conversation.beside import answer_beside
from handlers.conversation.chat import Chat, conversation
from handlers.conversation.menu import Menu
from handlers.conversation.question import Option
from handlers.conversation.testing import CHANNELS, NotSeen, Person, Stage
from handlers.conversation.turn import Turn, apologise
from handlers.here import Here
from handlers.messages import Incoming, command_token
from handlers.telling import tell_family
from handlers.texts import plain
from storage import chats
from storage.database import Database
from storage.db import Db
from tests.builders import NOW
from tests.conversation.flows import DESK, hint, visit, wish

TAKEN: list[str] = []


def take(here: Here, given: str) -> str:
    if given == "bug":
        raise RuntimeError("a bug")
    TAKEN.append(given)
    return given


@conversation("offer", command="offer", title=plain("An offer"), is_beside=True)
async def offer(chat: Chat) -> None:
    """Takes an offer, or leaves it."""
    chat.say(plain(f"Understood: {await chat.do('take', take, chat.given)}"))


MENU = Menu([visit, wish, hint, offer], ["visit", "wish"], plain("Hello"))
YES_NO = {"要": "yes", "不要": "no"}


@pytest.fixture(autouse=True)
def _fresh() -> None:
    TAKEN.clear()


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    return Stage(sqlite_database.write_and_wait, MENU, NOW)


@pytest.fixture(params=sorted(CHANNELS))
def person(stage: Stage, request: pytest.FixtureRequest) -> Person:
    return stage.person(request.param, locale="en")


def offers(
    person: Person, labels: dict[str, str] | None = None, text: str = "A place is free"
) -> None:
    """Offer the person's family a place."""

    def put(db: Db) -> int:
        met = chats.find(db, person.channel, person.address)
        assert met is not None
        given = YES_NO if labels is None else labels
        options = [Option(command_token("offer", "3fa9", n), plain(x)) for x, n in given.items()]
        how: dict[str, Any] = {"kind": "offer", "now": person.stage.now, "locale": "en"}
        return tell_family(db, met.family_id, (plain(text), options), once_key=text, **how)

    assert person.stage.write(put) == 1


def test_an_offer_is_tapped_and_the_open_question_stays(person: Person) -> None:
    person.says("/visit").taps("Stars")
    offers(person)
    person.was_told("A place is free").taps("不要").sees("Understood: 3fa9 no", "Which day?")
    person.taps("Mon 23 Nov").sees("Which hour?")
    assert TAKEN == ["3fa9 no"]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("1", "yes"), ("２", "no"), ("要", "yes"), ("不要", "no"), ("第二个", "no"),
        ("要吧", "yes"), ("二", "no"), ("选1", "yes"), ("不要了", "no"),
    ],
)  # fmt: skip
def test_an_offer_is_answered_by_number_or_label(stage: Stage, typed: str, answer: str) -> None:
    for n, channel in enumerate(CHANNELS):
        person = stage.person(channel, f"li {n}", "en").says("/visit").taps("Stars")
        offers(person, text=f"offer {n}")
        person.was_told("offer").says(typed).sees(f"Understood: 3fa9 {answer}", "Which day?")


def test_an_offer_can_be_answered_when_nothing_is_under_way(person: Person) -> None:
    person.says("hello")
    offers(person)
    person.was_told("A place").says("1").sees("Understood: 3fa9 yes", "What would you like")
    assert person.says("1").sees("Which room?").messages[0].said == "1"


def test_only_the_next_words_may_answer_an_offer(person: Person) -> None:
    person.says("/visit")
    offers(person)
    person.was_told("A place").says("/hint").sees("You can type", "Which room?")
    person.says("2").sees("Which day?")
    assert TAKEN == []


def test_words_that_name_no_choice_of_the_offer_answer_the_open_question(person: Person) -> None:
    person.says("/visit")
    offers(person)
    person.was_told("A place").says("Stars").sees("Which day?")
    offers(person, text="Another")
    person.was_told("Another").says("24").sees("Which hour?")
    assert TAKEN == []


def test_a_number_with_its_word_answers_a_question_that_reads_numbers(person: Person) -> None:
    person.says("/visit").taps("Stars", "Mon 23 Nov", "10:00").ticks("Ada")
    offers(person)
    person.was_told("A place").says("2位").sees("Please check", "Adults: 2")
    offers(person, text="Another")
    person.was_told("Another").says("2").sees("Understood: 3fa9 no", "Please check")


def test_a_yes_below_an_offer_confirms_nothing_until_it_is_said_again(person: Person) -> None:
    person.says("/visit").taps("Stars", "Mon 23 Nov", "10:00").ticks("Ada").says("2")
    offers(person)
    person.was_told("A place").says("好的").sees("Do you mean this one?", "Please check")
    assert (DESK.visits, TAKEN) == ([], [])
    person.says("好的").sees("Booked for 10:00")


def test_the_last_of_two_offers_is_the_one_a_number_answers(person: Person) -> None:
    person.says("hello")
    offers(person)
    offers(person, {"Gladly": "second"}, text="Another")
    person.was_told("A place", "Another").says("1").sees("Understood: 3fa9 second")


def test_news_after_an_offer_leave_its_numbers_in_force(person: Person) -> None:
    person.says("/visit")
    offers(person)
    offers(person, {}, text="Closed on Monday")
    person.was_told("Closed on Monday").does_not_see("Which room?")
    person.says("2").sees("Understood: 3fa9 no")


def test_a_bug_in_what_was_chosen_leaves_it_to_be_chosen_again(stage: Stage) -> None:
    person = stage.person("web", locale="en").says("/visit")
    offers(person, {"Yes": "bug", "No": "no"})
    person.was_told("A place")
    incoming = Incoming("web", "li", "broken", NOW, "1", "", "en")
    turn = Turn(incoming, MENU, CHANNELS["web"], stage.home)
    stage.write(lambda db: apologise(db, turn, "RuntimeError"))
    person.says("2").sees("Understood: 3fa9 no")


def test_a_label_goes_before_the_word_of_a_conversation(person: Person) -> None:
    person.says("hello")
    offers(person, {"参观": "come"})
    person.was_told("A place").says("参观").sees("Understood: 3fa9 come")
    person.says("参观").sees("Which room?")


def test_a_choice_of_what_is_gone_from_kepu_is_a_stale_button(stage: Stage) -> None:
    person = stage.person("web", locale="en").says("/visit")
    offers(person)
    stage.menu = Menu([visit, wish], ["visit"], plain("Hello"))
    person.was_told("A place").says("1").sees("earlier question").is_asked("room")


def test_buttons_of_both_can_be_tapped(stage: Stage) -> None:
    person = stage.person("telegram", locale="en").says("/visit")
    offers(person)
    person.was_told("A place").taps("Stars").is_asked("day")
    person.taps_token("/offer 3fa9 yes").sees("Understood: 3fa9 yes", "Which day?")
    assert person.messages[0].said == "An offer"


def test_what_was_tapped_stands_in_the_history_by_its_label(stage: Stage) -> None:
    person = stage.person("web", locale="en").says("/visit")
    offers(person)
    person.was_told("A place").taps("不要")
    assert person.messages[0].said == "不要"


def test_on_a_channel_of_numbers_the_choices_are_lines(stage: Stage) -> None:
    person = stage.person("wechat", locale="en").says("/visit")
    offers(person)
    person.was_told("A place is free\n1. 要\n2. 不要\nReply with a number.")
    person.does_not_see("Which room?")


def test_who_was_told_nothing_is_told_nothing(stage: Stage) -> None:
    person = stage.person("web", locale="en").says("/visit").was_told_nothing()
    with pytest.raises(NotSeen, match="nothing came"):
        person.was_told("A place")
    offers(person)
    with pytest.raises(NotSeen, match="came by itself"):
        person.was_told_nothing()


@pytest.mark.parametrize("words", ["", "3", "0", "-1", "/offer", "yes please", "要不要"])
def test_words_that_name_nothing_or_several_choose_nothing(words: str) -> None:
    beside = {"choices": [("要", "/offer 1 yes"), ("不要", "/offer 1 no")]}
    assert answer_beside(beside, words, "en", is_strict=False) == ""
