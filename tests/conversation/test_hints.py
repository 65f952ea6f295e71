"""A small table to reserve: room, day, hour, guests, people. The first words are commands to it."""

from datetime import date, timedelta
from typing import Any

import pytest

from handlers.conversation.chat import Chat, conversation
from handlers.conversation.hints import (
    Answered,
    Filled,
    Hint,
    KeptHints,
    Narrowed,
    agrees,
    day_not_offered,
    foreseen,
)
from handlers.conversation.menu import Menu
from handlers.conversation.question import Option, Question
from handlers.conversation.readers import whole_number
from handlers.conversation.testing import CHANNELS, Person, Stage
from handlers.here import Here
from handlers.texts import Day, Text, plain, say
from storage.database import Database
from storage.models import Conversation
from tests.builders import NOW
from tests.stored import rows

TODAY = date(2026, 11, 22)
ROOMS = ("hall", "garden", "attic")
HOURS = [
    Option(at, plain(at), traits=(("starts", at), ("kind", kind)))
    for at, kind in (("10:00", "tea"), ("14:00", "tea"), ("16:00", "talk"))
]


def rooms(here: Here) -> list[Option]:
    return [Option(each, plain(each.title())) for each in ROOMS]


def days(here: Here) -> list[Option]:
    return [
        Option(day.isoformat(), Day(day)) for day in (TODAY + timedelta(days=n) for n in (1, 2, 6))
    ]


def guests(here: Here) -> list[Option]:
    return [Option(each.lower(), plain(each)) for each in ("Ada", "Bo")]


def fill(here: Here, words: str, today: date) -> Filled:
    """Each word is a value of its question; "am" and "pm" are parts of the day."""
    hints: dict[str, list[Hint]] = {}
    said = words.casefold().split()
    values: dict[str, tuple[str, ...]] = {
        "room": ROOMS, "guests": ("ada", "bo"), "day": ("2026-11-23", "2026-11-24", "2026-11-25"),
    }  # fmt: skip
    for name, known in values.items():
        if named := [word for word in said if word in known]:
            hints[name] = [Hint(values=named)]
    spans = {"am": ("00:00", "11:59"), "pm": ("12:00", "23:59"), "night": ("20:00", "23:59")}
    for word in said:
        if word in spans:
            hints["hour"] = [Hint(between={"starts": spans[word]})]
        if word in ("tea", "talk"):
            hints["hour"] = [Hint(traits={"kind": [word]})]
        if word.isdecimal():
            hints["people"] = [Hint(words=word)]
    return Filled(hints, starts=len(hints) > 1)


@conversation("table", command="table", words=("餐桌", "table"), title=plain("Table"), fills=fill)
async def table(chat: Chat) -> None:
    """A table is reserved."""
    await chat.choose("room", plain("Which room?"), rooms, title=plain("Room"))
    await chat.pick_date("day", plain("Which day?"), days, title=plain("Day"))
    await chat.choose("hour", plain("Which hour?"), HOURS, title=plain("Hour"))
    await chat.pick_many("guests", plain("Which guests?"), guests, title=plain("Guests"))
    await chat.ask("people", plain("How many?"), whole_number(1, 4), title=plain("People"))
    await chat.confirm(plain("Please check"))
    chat.say(plain("Reserved"))


MENU = Menu([table], ["table"], plain("Hello"))
ALL = "garden 2026-11-24 talk ada bo 3"


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    return Stage(sqlite_database.write_and_wait, MENU, NOW)


@pytest.fixture(params=sorted(CHANNELS))
def person(stage: Stage, request: pytest.FixtureRequest) -> Person:
    return stage.person(request.param, locale="en")


@pytest.fixture
def tapper(stage: Stage) -> Person:
    return stage.person("web", locale="en")


def answers(stage: Stage) -> dict[str, Any]:
    [kept] = stage.write(lambda db: rows(db, Conversation))
    found: dict[str, Any] = kept.answers
    return found


@pytest.mark.parametrize("words", [f"/table {ALL}", f"餐桌 {ALL}", f"a table, {ALL}", ALL])
def test_all_that_the_first_words_say_is_taken(person: Person, words: str) -> None:
    person.says(words).sees("Please check", "Room: Garden", "Day: Tue 24 Nov", "Hour: 16:00")
    person.sees("Guests: Ada and Bo", "People: 3").taps("Confirm").sees("Reserved")


def test_only_what_was_not_said_is_asked(tapper: Person) -> None:
    tapper.says("table talk 2026-11-24").is_asked("room").taps("Hall").is_asked("guests")


def test_what_was_taken_is_said_before_the_next_question(person: Person) -> None:
    person.says("table garden talk 2026-11-24").sees("As you said: Garden, Tue 24 Nov, and 16:00.")
    person.says(f"/table {ALL}").sees("Please check").does_not_see("As you said")


def test_words_that_say_one_thing_begin_nothing_by_themselves(tapper: Person) -> None:
    tapper.says("garden").is_asked("menu").says("garden").is_asked("menu")


def test_what_several_options_fit_is_asked_of_these(person: Person) -> None:
    person.says("table garden 2026-11-24 tea").sees("10:00", "14:00", "Show all")
    person.does_not_see("16:00").taps("Show all").sees("16:00").does_not_see("Show all")


def test_an_option_that_is_not_shown_can_be_typed(person: Person) -> None:
    person.says("table garden 2026-11-24 tea").says("16:00").sees("Which guests?")


def test_a_number_means_a_place_of_what_is_shown(stage: Stage) -> None:
    person = stage.person("wechat", locale="en").says("table garden 2026-11-24 tea")
    person.says("2").says("1 2").says("1").sees("Hour: 14:00")


def test_what_nothing_fits_is_told_and_asked_plainly(person: Person) -> None:
    person.says("table garden 2026-11-24 night").sees("is not among these", "Which hour?", "10:00")
    person.says("/table garden 2026-11-25").sees("Wed 25 Nov is not offered", "Which day?")


def test_a_number_out_of_range_is_told(tapper: Person) -> None:
    tapper.says("table garden 2026-11-24 talk ada 9").is_asked("people")
    tapper.sees("a whole number from 1 to 4")


def test_back_and_change_work_on_what_was_taken(tapper: Person) -> None:
    tapper.says(ALL).taps("Back").is_asked("people").taps("Back").is_asked("guests")
    tapper.taps("Back").is_asked("hour").sees("10:00", "14:00", "16:00")
    again = tapper.says(f"/table {ALL}").taps("Change").sees("Room", "Hour").taps("Room")
    again.is_asked("room").taps("Attic").sees("Please check", "Room: Attic", "Hour: 16:00")


def test_hints_wait_in_the_database_until_their_question_opens(
    stage: Stage, tapper: Person
) -> None:
    tapper.says("table talk 3")
    assert set(answers(stage)["@hints"]) == {"hour", "people"}
    later = Stage(stage.write, MENU, NOW).person("web", locale="en")
    later.messages, later._events = tapper.messages, 10
    later.taps("Hall").taps("Mon 23 Nov").is_asked("guests")
    assert set(answers(stage)["@hints"]) == {"people"}
    later.ticks("Ada").sees("People: 3", "Hour: 16:00")
    assert "@hints" not in answers(stage)


def test_hints_end_with_the_conversation(stage: Stage, tapper: Person) -> None:
    tapper.says("table talk 3").says("cancel").says("/table").is_asked("room")
    assert "@hints" not in answers(stage)
    tapper.taps("Hall").taps("Mon 23 Nov").is_asked("hour")


def test_a_sentence_instead_of_an_answer_is_taken_too(person: Person) -> None:
    person.says("/table").says("garden talk 2026-11-24").is_asked("guests")
    person.sees("As you said: Garden, Tue 24 Nov").does_not_see("That is noted")


def test_later_things_said_instead_of_an_answer_are_noted(tapper: Person) -> None:
    tapper.says("/table").says("talk 2026-11-24").sees("That is noted").is_asked("room")
    tapper.taps("Attic").is_asked("guests")


def test_one_later_thing_is_more_likely_a_misunderstanding(tapper: Person) -> None:
    tapper.says("/table").says("talk").sees("I did not understand").is_asked("room")


def test_what_contradicts_an_answer_asks_that_one_anew(person: Person) -> None:
    person.says(ALL).says("rather the attic am").sees("Please check", "Room: Attic", "Hour: 10:00")
    person.sees("Day: Tue 24 Nov").says("actually 4 people").sees("People: 4")


def test_what_agrees_with_the_answers_is_no_answer(tapper: Person) -> None:
    tapper.says(ALL).says("the garden talk").sees("I did not understand").is_asked("confirm")


# The pure part


def asked(kind: Any = "choose") -> Question:
    return Question("q", kind, plain("?"))


def test_the_first_hint_that_anything_fits_counts() -> None:
    hints = [Hint(values=["12:00"]), Hint(traits={"kind": ["tea"]}), Hint(values=["16:00"])]
    assert foreseen(asked(), HOURS, hints, TODAY) == Narrowed(HOURS[:2])
    assert foreseen(asked(), HOURS, hints[::2], TODAY) == Answered("16:00", plain("16:00"))


def test_what_every_option_fits_says_nothing() -> None:
    assert foreseen(asked(), HOURS, [Hint(between={"starts": ("00:00", "23:59")})], TODAY) is None
    assert foreseen(asked(), HOURS, [], TODAY) is None


def test_a_trait_an_option_lacks_does_not_fit() -> None:
    options = [Option("a", "A"), Option("b", "B")]
    hint = Hint(between={"starts": ("00:00", "23:59")})
    assert isinstance(foreseen(asked(), options, [hint], TODAY), Text)
    assert isinstance(foreseen(asked(), options, [Hint(traits={"kind": ["x"]})], TODAY), Text)


def test_a_yes_is_never_foreseen() -> None:
    assert foreseen(asked("confirm"), (), [Hint(words="yes"), Hint()], TODAY) is None


def test_many_are_ticked_only_when_all_of_them_are_there() -> None:
    options = [Option("a", "A"), Option("b", "B")]
    some = Question("q", "many", plain("?"), at_most=1)
    assert foreseen(asked("many"), options, [Hint(values=["c", "a"])], TODAY) is None
    assert foreseen(some, options, [Hint(values=["b", "a"])], TODAY) is None
    found = foreseen(asked("many"), options, [Hint(values=["b", "a"])], TODAY)
    assert isinstance(found, Answered)
    assert found.value == ["a", "b"]


def test_an_answer_that_is_gone_contradicts_nothing() -> None:
    assert agrees(asked(), "12:00", HOURS, [Hint(values=["10:00"])], TODAY)
    assert not agrees(asked(), "14:00", HOURS, [Hint(values=["10:00"])], TODAY)


def test_the_nearest_days_are_named_in_their_order() -> None:
    offered = ["2026-12-20", "2026-11-30", "2026-11-25", "2026-11-20", "2026-11-28"]
    words = say(day_not_offered(date(2026, 11, 27), offered), "en")
    assert words == (
        "Fri 27 Nov is not offered. "
        "The nearest days are Fri 20 Nov, Wed 25 Nov, Sat 28 Nov, and Mon 30 Nov."
    )


def test_hints_are_used_once_and_survive_as_json() -> None:
    kept = KeptHints({})
    kept.keep(Filled({"q": [Hint(values=["10:00"], traits={"kind": ["tea"]})]}))
    again = KeptHints(kept.stored)
    assert isinstance(again.take(asked(), HOURS, TODAY), Answered)
    assert again.take(asked(), HOURS, TODAY) is None
