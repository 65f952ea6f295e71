"""How does a family see, correct and erase its details, told as the dialogue it sees?"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from handlers.conversation.testing import CHANNELS, Person, Stage
from handlers.menu import MENU
from storage import people
from storage.database import Database
from storage.db import Db
from storage.models import Booking, BookingState, Child, Consent
from tests.builders import NOW, a_base, a_course, a_session
from tests.stored import pool_of, rows


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    sqlite_database.write_and_wait(prepare)
    return Stage(sqlite_database.write_and_wait, MENU, NOW)


def prepare(db: Db) -> None:
    base = a_base(db, name="科技馆", phone="023-1", address="文星门街7号")
    a_session(db, base_id=base, course_id=a_course(db, name="展厅"))


@pytest.fixture(params=sorted(CHANNELS))
def anybody(stage: Stage, request: pytest.FixtureRequest) -> Person:
    return stage.person(request.param, locale="en")


@pytest.fixture
def person(stage: Stage) -> Person:
    return stage.person("web", locale="en")


def with_child(person: Person, nickname: str = "豆豆") -> Person:
    person.says("/me").taps("Add a child", "I agree").says(nickname, "2018-05")
    return person.sees(f"{nickname} is among your children now.")


def with_visit(person: Person) -> Person:
    person.says("/book").taps("Sat 28 Nov", "10:00", "豆豆 + 1 adult", "Confirm")
    return person.sees("Your visit is booked.")


def stored(stage: Stage, model: Any) -> list[Any]:
    found: list[Any] = stage.write(lambda db: rows(db, model))
    return found


def test_a_child_is_added_after_consent(anybody: Person, stage: Stage) -> None:
    with_child(anybody).says("我的资料").sees("豆豆 · May 2018").taps("Add a child")
    anybody.sees("nickname").says("苗苗", "小学二年级").sees("苗苗 is among your children now.")
    assert [each.nickname for each in stored(stage, Child)] == ["豆豆", "苗苗"]
    assert len(stored(stage, Consent)) == 1


def test_without_consent_no_child_is_asked_for(person: Person, stage: Stage) -> None:
    person.says("/me").taps("Add a child", "I do not agree").sees("nothing of a child is kept")
    person.is_asked("menu")
    assert stored(stage, Child) == []


def test_a_nickname_that_is_taken_is_asked_for_again(person: Person) -> None:
    with_child(person).says("/me").taps("Add a child").says("豆豆")
    person.sees("There is a 豆豆 in your family already.").is_asked("name")
    person.says("苗苗", "2019-01").sees("苗苗 is among your children now.")
    person.says("/me").taps("豆豆", "Another nickname").says("苗苗").is_asked("name")
    person.sees("There is a 苗苗 in your family already.").says("豆豆").sees("豆豆 it is.")


def test_a_child_is_renamed_and_corrected(anybody: Person, stage: Stage) -> None:
    with_child(anybody).says("/me").taps("豆豆", "Another nickname").says("小豆").sees(
        "小豆 it is."
    )
    anybody.says("/me").taps("小豆", "Correct month or grade").says("三年级")
    anybody.sees("noted for 小豆").says("/me").sees("小豆 · Grade 3")


def test_a_child_is_removed_after_a_yes(person: Person, stage: Stage) -> None:
    with_visit(with_child(person)).says("/me").taps("豆豆", "Remove this child")
    person.sees("Shall all that is kept of 豆豆 be erased?", "keep their places")
    assert len(stored(stage, Child)) == 1
    person.taps("Confirm").sees("Erased.").does_not_see("豆豆")
    assert stored(stage, Child) == []
    assert stage.write(lambda db: pool_of(db, 1).confirmed) == 2


def test_a_child_that_is_gone_meanwhile_is_told(person: Person, stage: Stage) -> None:
    with_child(person).says("/me")
    stage.write(lambda db: people.remove_child(db, 1, rows(db, Child)[0].public_id))
    person.taps("豆豆").sees("no longer among your details").is_asked("what")


def test_all_that_is_kept_is_told_in_one_message(anybody: Person) -> None:
    with_visit(with_child(anybody)).says("/me").taps("See all that is kept").sees(
        "This is all that Kepu keeps about you:",
        "Language: English",
        "since Sun 22 Nov",
        "Consent to keep details of children: given on Sun 22 Nov, text 2026-11",
        "Child: 豆豆 · May 2018",
        "Visit: Sat 28 Nov · 科技馆 · 展厅 · 2 places",
    )


def test_withdrawing_tells_what_happens_first(person: Person, stage: Stage) -> None:
    with_visit(with_child(person)).says("/me").taps("Withdraw my consent")
    person.sees("nicknames, months and grades of all your children are erased", "keep their places")
    assert len(stored(stage, Child)) == 1
    person.taps("Confirm").sees("Your consent is withdrawn")
    assert stored(stage, Child) == []
    assert [each.state for each in stored(stage, Booking)] == [BookingState.CONFIRMED]
    person.says("/me").does_not_see("Withdraw my consent")
    person.says("/book").taps("Sat 28 Nov", "10:00").sees("booked this session already")


def test_everything_is_deleted_after_two_yeses(anybody: Person, stage: Stage) -> None:
    with_visit(with_child(anybody)).says("/me").taps("Delete everything").sees("Your visits ahead")
    anybody.taps("Confirm").sees("This cannot be undone.")
    assert len(stored(stage, Child)) == 1
    anybody.taps("Confirm").sees("1 visit was cancelled", "Everything is deleted.")
    assert stored(stage, Child) == []
    assert stage.write(lambda db: pool_of(db, 1).confirmed) == 0
    anybody.says("我的预约").sees("no visits ahead")


def test_deleting_without_visits_cancels_none(person: Person) -> None:
    person.says("/me").taps("Delete everything", "Confirm", "Confirm").does_not_see("cancelled")
    person.sees("Everything is deleted.")


def test_whoever_says_yes_once_deletes_nothing(person: Person, stage: Stage) -> None:
    with_child(person).says("/me").taps("Delete everything", "Confirm").taps_value("@cancel")
    assert len(stored(stage, Child)) == 1


ERASING = {
    "remove": ("豆豆苗苗", "Remove this child", "Confirm"),
    "withdraw": ("Withdraw my consent", "Confirm"),
    "erase": ("Delete everything", "Confirm", "Confirm"),
}


@pytest.mark.parametrize("way", sorted(ERASING))
def test_what_is_erased_is_in_no_byte_of_the_file(way: str, sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with Database.open(sqlite_url) as database:
        database.write_and_wait(prepare)
        person = Stage(database.write_and_wait, MENU, NOW).person("web", locale="en")
        with_child(person, "豆豆苗苗").says("/book").taps(
            "Sat 28 Nov", "10:00", "豆豆苗苗 + 1 adult"
        )
        person.taps("Confirm").says("/book").says("豆豆苗苗").says("/me")
        assert occurrences(path) > 0
        person.taps(*ERASING[way])
        asyncio.run(database.checkpoint())  # a job does so every ten minutes
        assert occurrences(path) == 0


def occurrences(path: Path) -> int:
    """How often the nickname is in the files of the database."""
    name = "豆豆苗苗".encode()
    return sum(each.read_bytes().count(name) for each in path.parent.glob(f"{path.name}*"))
