"""How does a family see and cancel its visits, told as the dialogue it sees?"""

from typing import Any

import pytest

from handlers.conversation.testing import CHANNELS, Person, Stage
from handlers.menu import MENU
from storage.database import Database
from storage.db import Db
from storage.models import Booking, BookingState
from tests.builders import NOW, a_base, a_course, a_family, a_session
from tests.stored import change, pool_of, rows


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    sqlite_database.write_and_wait(prepare)
    return Stage(sqlite_database.write_and_wait, MENU, NOW)


def prepare(db: Db) -> None:
    base = a_base(db, name="科技馆", phone="023-1", late_cancel="refused", visits_per_day=2)
    stars, hall = a_course(db, name="星空"), a_course(db, name="展厅")
    a_session(db, base_id=base, course_id=stars)
    a_session(db, base_id=base, course_id=hall, hour=14)


@pytest.fixture(params=sorted(CHANNELS))
def anybody(stage: Stage, request: pytest.FixtureRequest) -> Person:
    return stage.person(request.param, locale="en")


@pytest.fixture
def person(stage: Stage) -> Person:
    return stage.person("web", locale="en")


def book(person: Person, hour: str = "10:00") -> Person:
    if "Which base" in person.says("/book").seen:  # with the last visit as another choice
        person.taps("科技馆")
    person.taps("Sat 28 Nov", hour, "Adults only").says("2")
    return person.taps("Confirm").sees("Your visit is booked.")


def stored(stage: Stage, model: Any) -> list[Any]:
    found: list[Any] = stage.write(lambda db: rows(db, model))
    return found


def test_the_only_visit_is_shown_at_once_with_its_ticket(anybody: Person) -> None:
    book(anybody).says("我的预约").sees(
        "星空", "Sat 28 Nov, 10:00–11:00", "2 adults", "Open the ticket", "QR code of"
    )
    anybody.taps("No, that is all").does_not_see("星空")


def test_of_several_visits_one_is_chosen(person: Person) -> None:
    book(book(person), "14:00").says("/mine").is_asked("visit")
    person.taps("Sat 28 Nov 14:00 展厅").sees("展厅", "14:00–15:00").taps("Back").is_asked("visit")
    person.taps("Sat 28 Nov 10:00 星空").sees("星空", "10:00–11:00")


def test_a_visit_is_cancelled_after_a_yes(anybody: Person, stage: Stage) -> None:
    book(anybody).says("my visits").taps("Cancel this visit")
    anybody.sees("Shall this visit be cancelled?", "Visit: Sat 28 Nov 10:00 星空, 科技馆")
    assert stored(stage, Booking)[0].state is BookingState.CONFIRMED
    anybody.taps("Confirm").sees("The visit is cancelled")
    assert stored(stage, Booking)[0].state is BookingState.CANCELLED
    assert stage.write(lambda db: pool_of(db, 1).confirmed) == 0
    anybody.says("my visits").sees("no visits ahead")


def test_the_same_yes_again_cancels_nothing_more(person: Person, stage: Stage) -> None:
    book(person).says("my visits").taps("Cancel this visit", "Confirm").repeats()
    person.sees("The visit is cancelled")
    assert stage.write(lambda db: pool_of(db, 1).confirmed) == 0


def test_whoever_does_not_say_yes_keeps_the_visit(person: Person, stage: Stage) -> None:
    book(person).says("my visits").taps("Cancel this visit").taps_value("@cancel")
    assert stored(stage, Booking)[0].state is BookingState.CONFIRMED


def test_after_the_deadline_the_reason_stands_on_the_card(person: Person, stage: Stage) -> None:
    book(person)
    stage.later(days=5, hours=12)
    person.says("my visits").sees(
        "This visit could be cancelled until Fri 27 Nov 20:00. "
        "If you cannot come, please tell 023-1."
    ).does_not_see("Cancel this visit")


def test_a_deadline_that_passes_meanwhile_is_told(person: Person, stage: Stage) -> None:
    book(person).says("my visits").taps("Cancel this visit")
    stage.later(days=5, hours=12)
    person.taps("Confirm").sees("This visit could be cancelled until").is_asked("what")


def test_a_visit_that_is_gone_meanwhile_is_told(person: Person, stage: Stage) -> None:
    book(book(person), "14:00").says("my visits")
    stranger = stage.write(a_family)
    stage.write(lambda db: change(db, rows(db, Booking)[0], family_id=stranger))
    person.taps("Sat 28 Nov 10:00").sees("no longer among your details").is_asked("what")


def test_past_visits_are_told_in_words(person: Person, stage: Stage) -> None:
    book(person)
    stage.later(days=7)
    person.says("my visits").sees("Your last visits:", "Sat 28 Nov 10:00 星空, 科技馆 · over")
    person.sees("You have no visits ahead.").is_asked("menu")


def test_without_any_visit_the_way_to_one_is_told(anybody: Person) -> None:
    anybody.says("我的预约").sees("no visits ahead", "book")
