"""What a person meets, turn by turn; each test bears the name of the pitfall it guards against."""

import pytest
from sqlalchemy import Text, bindparam, cast, func, select, update
from sqlmodel import col

from handlers.conversation.menu import Menu
from handlers.conversation.testing import CHANNELS, Person, Stage
from handlers.conversation.turn import Turn, take
from handlers.messages import Incoming
from handlers.texts import plain
from storage.database import Database
from storage.models import Conversation
from storage.statements import Command, Query, scalar
from tests.builders import NOW
from tests.conversation.flows import DESK, hint, visit, wish

_SIZE = Query(select(func.length(cast(col(Conversation.answers), Text))), into=scalar)
MENU = Menu([visit, wish, hint], ["visit", "wish"], plain("Hello"))


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database.write_and_wait, MENU, NOW)


@pytest.fixture(params=sorted(CHANNELS))
def person(stage: Stage, request: pytest.FixtureRequest) -> Person:
    return stage.person(request.param, locale="en")


def up_to_confirm(person: Person) -> Person:
    person.says("/visit").taps("Stars")
    return person.taps("Mon 23 Nov", "10:00").ticks("Ada").says("2")


def test_a_visit_is_booked_on_every_channel(person: Person) -> None:
    up_to_confirm(person).sees("Room: Stars", "Hour: 10:00", "Children: Ada", "Adults: 2")
    person.taps("Confirm").sees("Booked for 10:00")
    assert DESK.visits == [{"hour": "10:00", "adults": 2}]


def test_stale_confirmation_a_changed_answer_asks_for_the_yes_again(person: Person) -> None:
    up_to_confirm(person)
    DESK.full.add("10:00")
    person.taps("Confirm").sees("just been taken", "Which hour?").does_not_see("10:00\n")
    person.taps("14:00").sees("Please check", "Hour: 14:00", "Adults: 2")
    assert DESK.visits == []
    person.taps("Confirm").sees("Booked for 14:00")


def test_changing_one_answer_keeps_the_later_ones(person: Person) -> None:
    up_to_confirm(person).taps("Change", "Hour", "09:00")
    person.sees("Hour: 09:00", "Children: Ada", "Adults: 2").taps("Confirm").sees(
        "Booked for 09:00"
    )


def test_a_later_answer_that_no_longer_fits_is_asked_again_and_the_new_one_counts(
    person: Person,
) -> None:
    up_to_confirm(person)
    DESK.full.add("10:00")
    person.taps("Change", "Adults").says("1").sees("Confirm")  # asked before the change: kept
    person.taps("Change", "Day").taps("Tue 24 Nov").sees("Which hour?")
    person.taps("14:00").does_not_see("changed on our side").taps("Confirm").sees("Booked")
    assert [each["hour"] for each in DESK.visits] == ["14:00"]


def test_back_drops_the_last_answer_only(person: Person) -> None:
    up_to_confirm(person).taps("Back").sees("How many adults?").says("3").sees("Adults: 3")


def test_back_passes_over_an_answer_taken_unasked(person: Person) -> None:
    DESK.rooms = ["stars"]
    person.says("/visit").sees("Which day?").does_not_see("Back")
    person.taps("Mon 23 Nov").taps("Back").sees("Which day?")


def test_cancel_leaves_nothing(person: Person) -> None:
    up_to_confirm(person).taps("Stop here").sees("Nothing was changed", "Visit")
    person.says("Stars").does_not_see("Which day?")
    assert DESK.visits == []


@pytest.mark.parametrize("word", ["退出", "取消", "cancel", "/cancel", "Stop here"])
def test_words_of_the_engine_work_inside_any_question(person: Person, word: str) -> None:
    person.says("/visit", word).sees("Nothing was changed")


def test_wrong_answers_leave_no_trace(person: Person, database: Database) -> None:
    person.says("/visit").taps("Stars", "Mon 23 Nov", "10:00").ticks("Ada")
    before = stored_size(database)
    for n in range(50):
        person.says(f"nonsense {n}").sees("How many adults?")
    assert stored_size(database) == before
    person.says("2").sees("Please check")


def test_a_stale_button_changes_nothing_and_asks_again(stage: Stage) -> None:
    person = stage.person("web", locale="en").says("/visit")
    old = person.choice("Stars").token
    person.taps("Robots").is_asked("day")
    person.taps_token(old).sees("earlier question").is_asked("day")
    person.taps("Mon 23 Nov").is_asked("hour")


@pytest.mark.parametrize("token", ["", "k1:99", "k1:", "x", "k1:back'--", "k999:0", "k1:-1"])
def test_a_made_up_token_is_a_stale_button(stage: Stage, token: str) -> None:
    person = stage.person("web", locale="en").says("/visit")
    person.taps_token(token).is_asked("room")


def test_duplicate_the_same_event_gets_the_same_answer(person: Person) -> None:
    up_to_confirm(person).taps("Confirm")
    first = person.messages
    for _ in range(5):
        assert person.repeats().messages == first
    assert len(DESK.visits) == 1


def test_a_double_tap_confirms_once(stage: Stage) -> None:
    person = up_to_confirm(stage.person("web", locale="en"))
    token = person.choice("Confirm").token
    person.taps_token(token).sees("Booked")
    person.taps_token(token).does_not_see("Booked")
    assert len(DESK.visits) == 1


def test_another_conversation_puts_this_one_aside(person: Person) -> None:
    person.says("/visit").taps("Stars").says("心愿").sees("put aside", "What do you wish for?")
    person.says("A telescope").sees("Noted: A telescope")


def test_words_beside_leave_the_open_question_open(person: Person) -> None:
    person.says("/visit").taps("Stars").says("提示")
    person.sees("You can type the answer.", "Which day?").taps("Mon 23 Nov").sees("Which hour?")


def test_a_button_shown_before_words_beside_still_works(stage: Stage) -> None:
    person = stage.person("web", locale="en").says("/visit")
    token = person.choice("Stars").token
    person.says("/hint").taps_token(token).is_asked("day")


def test_nothing_to_choose_says_so_and_steps_back(person: Person) -> None:
    person.says("/visit").taps("Stars")
    DESK.full.update(("09:00", "10:00", "14:00"))
    person.taps("Mon 23 Nov").sees("nothing to choose", "Which day?")


def test_a_question_taken_away_while_it_waits_ends_in_one_sentence(
    database: Database, stage: Stage
) -> None:
    person = stage.person("web", locale="en").says("/visit").taps("Stars")
    stage.menu = Menu([wish, hint], ["wish"], plain("Hello"))
    person.says("2").sees("changed on our side", "Wish")
    person.taps("Wish").is_asked("words")


def test_a_question_stored_by_another_version_is_asked_anew(
    stage: Stage, database: Database
) -> None:
    person = stage.person("web", locale="en").says("/visit").taps("Stars")
    stored = Command(update(Conversation).values(prompt=bindparam("new_prompt")))
    other = {"name": "day", "kind": "date", "colour": "green"}
    database.write_and_wait(lambda db: db.change(stored, new_prompt=other))
    person.says("hello").sees("changed on our side", "Which day?").taps("Mon 23 Nov")
    person.is_asked("hour")


def test_unknown_words_are_answered_with_what_there_is(person: Person) -> None:
    person.says("hello").sees("Hello", "Visit", "Wish")
    person.says("zzz").sees("did not understand", "Visit")


def test_the_third_miss_in_a_row_names_the_way_to_a_person(person: Person) -> None:
    person.says("/visit").taps("Stars")
    for _miss in range(2):
        person.says("zzz").sees("did not understand").does_not_see("To ask a person")
    person.says("/hint").says("zzz").does_not_see("To ask a person")  # no longer in a row
    person.says("zzz").says("zzz").sees("To ask a person instead, type “human”.", "Which day?")
    person.says("zzz").sees("To ask a person")
    person.taps("Mon 23 Nov").says("zzz").does_not_see("To ask a person")
    person.says("Stop here")
    for _miss in range(2):
        person.says("zzz").does_not_see("To ask a person")
    person.says("zzz").sees("did not understand", "To ask a person", "Visit")


def stored_size(database: Database) -> int:
    found = database.read_and_wait(lambda db: db.first(_SIZE))
    assert found is not None
    return int(found)


@pytest.mark.parametrize(("channel", "edits"), [("telegram", ["77", ""]), ("web", ["", ""])])
def test_the_answer_to_a_tap_begins_in_the_tapped_message_where_it_can_be_edited(
    stage: Stage, channel: str, edits: list[str]
) -> None:
    person = stage.person(channel, locale="en").says("/visit")
    incoming = Incoming(channel, "li", "tap", NOW, token="old:0", locale="en", tapped="77")
    turn = Turn(incoming, MENU, person.capabilities, stage.home)
    told = stage.write(lambda db: take(db, turn))
    assert [each.edits for each in told] == edits
    assert stage.write(lambda db: take(db, turn)) == told
