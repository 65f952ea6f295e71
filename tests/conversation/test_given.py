"""What becomes of the words behind a command, typed or tapped?"""

import pytest

from handlers.conversation.chat import Chat, conversation
from handlers.conversation.drive import drive_twice, start
from handlers.conversation.menu import GIVEN_MAX, Menu
from handlers.conversation.question import Answer, Option
from handlers.conversation.testing import CHANNELS, Person, Stage
from handlers.here import Here
from handlers.messages import TOKEN_BYTES_MAX, command_token
from handlers.texts import plain
from storage.database import Database
from tests.builders import NOW, public_id
from tests.conversation.flows import hint, visit, wish


def check_in(here: Here, code: str) -> str:
    return f"Welcome, {code or 'nobody'}, says {here.speaker.address}"


@conversation("checkin", command="checkin", words=("核销",), title=plain("Check in"))
async def checkin(chat: Chat) -> None:
    """Asks, then uses what was given before."""
    sure = [Option("yes", plain("Surely")), Option("no", plain("Hardly"))]
    await chat.choose("sure", plain(f"Check in {chat.given!r}?"), sure)
    chat.say(plain(await chat.do("enter", check_in, chat.given)))


@conversation("offer", command="offer", title=plain("An offer"), is_beside=True)
async def offer(chat: Chat) -> None:
    """Only does, and says."""
    chat.say(plain(await chat.do("take", check_in, chat.given)))


MENU = Menu([visit, wish, hint, checkin, offer], ["visit", "wish"], plain("Hello"))


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    return Stage(sqlite_database.write_and_wait, MENU, NOW)


@pytest.fixture(params=sorted(CHANNELS))
def person(stage: Stage, request: pytest.FixtureRequest) -> Person:
    return stage.person(request.param, locale="en")


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("/checkin K7MW-2QRT", "K7MW-2QRT"),
        ("/CheckIn@KepuBot   K7MW-2QRT  now ", "K7MW-2QRT now"),
        ("／checkin　k7mw", "k7mw"),
        ("核销 K7MW-2QRT", "K7MW-2QRT"),
        (" 核销　k7mw\n2qrt", "k7mw 2qrt"),
        ("/checkin", ""),
        ("核销", ""),
        ("/checkin " + "x" * 300, "x" * GIVEN_MAX),
    ],
)
def test_what_stands_behind_the_command_is_given(person: Person, typed: str, given: str) -> None:
    person.says(typed).sees(f"Check in {given!r}?")
    person.taps("Surely").sees(f"Welcome, {given or 'nobody'}, says li")


@pytest.mark.parametrize("typed", ["核销K7MW", "wish for a star", "/", "/nothing x"])
def test_words_that_only_begin_like_a_command_start_nothing(stage: Stage, typed: str) -> None:
    assert stage.menu.started_by(typed) is None


def test_words_given_are_kept_until_the_conversation_ends(stage: Stage) -> None:
    person = stage.person("web", locale="en").says("/checkin A1", "what?", "/hint x")
    person.sees("Check in 'A1'?").taps("Surely").sees("Welcome, A1")
    person.says("/checkin").sees("Check in ''?")


def test_a_chinese_word_with_more_is_an_answer_where_words_are_asked_for(person: Person) -> None:
    person.says("/wish").says("核销 机器人").sees("Noted: 核销 机器人")
    person.says("/wish").says("/checkin A1").sees("Check in 'A1'?")


def test_the_token_of_a_choice_starts_its_conversation_wherever_one_stands(stage: Stage) -> None:
    person = stage.person("web", locale="en")
    person.taps_token("/checkin A1").sees("Check in 'A1'?")
    person.says("/visit").taps("Stars")
    person.taps_token("/checkin A2").sees("put aside", "Check in 'A2'?")
    assert person.messages[0].said == "Check in"


def test_the_token_of_a_choice_leaves_the_open_question_open(stage: Stage) -> None:
    person = stage.person("web", locale="en").says("/visit").taps("Stars")
    person.taps_token("/offer 3fa9 yes").sees("Welcome, 3fa9 yes", "Which day?")
    person.taps("Mon 23 Nov").is_asked("hour")


def test_a_token_that_starts_nothing_is_a_stale_button(stage: Stage) -> None:
    person = stage.person("web", locale="en").says("/visit")
    person.taps_token("/gone 3fa9").sees("earlier question").is_asked("room")


def test_a_token_that_no_button_carries_is_refused() -> None:
    token = command_token("offer", public_id(), "yes")
    assert len(token.encode()) <= TOKEN_BYTES_MAX
    with pytest.raises(ValueError, match="longer than 64 bytes"):
        command_token("offer", public_id(), public_id())


def test_a_run_is_given_the_same_words_each_time() -> None:
    for _ in range(2):
        with start(checkin, "A1") as going:
            assert "A1" in str(going.over({}).pending)
    drive_twice(checkin, {"sure": Answer("yes")})
