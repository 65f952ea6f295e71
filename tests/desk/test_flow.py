"""Is the desk fast enough for a queue, told as the dialogue it sees?"""

from typing import Any

import pytest

from handlers.conversation.testing import CHANNELS, Person, Stage
from handlers.menu import MENU
from storage import chats
from storage.database import Database
from storage.db import Db
from storage.models import Booking, BookingState, CheckIn, Pool, PoolName
from tests.builders import NOW, SATURDAY, a_base, a_booking, a_course, a_parent, a_session, at
from tests.desk.door import TEN, a_role
from tests.stored import rows

CODES = ("K7MW2QRT", "BBBB3333", "CCCC4444")


class Hall:
    """A base with two sessions on a Saturday, three parties at ten, and its desk."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.stage = Stage(database.write_and_wait, MENU, TEN)
        self.base_id = database.write_and_wait(self._fill)

    def _fill(self, db: Db) -> int:
        base = a_base(db, name="天文馆")
        stars = a_course(db, name="星空")
        ten = a_session(db, base_id=base, course_id=stars, capacity=8, room="二楼")
        a_session(db, base_id=base, course_id=stars, hour=14)
        for code, (adults, children) in zip(CODES, ((2, 1), (1, 0), (1, 1)), strict=True):
            a_booking(db, ten, a_parent(db), code=code, adults=adults, children=children)
        a_session(db, base_id=a_base(db, name="植物园"), hour=11)
        return base

    def desk(self, channel: str = "web", base_id: int | None = 0) -> Person:
        """Somebody at the desk, who speaks English."""
        person = self.stage.person(channel, "desk", "en")

        def work(db: Db) -> None:
            met = chats.meet(db, channel, "desk", "en", NOW)
            a_role(db, met.person_id, self.base_id if base_id == 0 else base_id)

        self.database.write_and_wait(work)
        return person

    def rows(self, model: Any) -> list[Any]:
        found: list[Any] = self.database.read_and_wait(lambda db: rows(db, model))
        return sorted(found, key=lambda row: row.id)

    def states(self) -> list[tuple[str, int]]:
        return [(each.state.value, each.heads) for each in self.rows(Booking)]


@pytest.fixture
def hall(sqlite_database: Database) -> Hall:
    return Hall(sqlite_database)


@pytest.fixture(params=sorted(CHANNELS))
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# Check in


def test_one_code_after_the_other_each_in_two_steps(hall: Hall, channel: str) -> None:
    desk = hall.desk(channel).says("/checkin k7mw 2qrt")
    desk.sees("10:00 · 星空 · 二楼", "K7MW-2QRT · 2 adults and 1 child")
    desk.taps("All 3 are here").sees("Checked in. · K7MW-2QRT · 3 of 3 inside", "The next code")
    desk.says("ＢＢＢＢ－３３３３").taps("1 person is here").sees("1 of 1 inside")
    desk.says("cccc4444").taps("All 2 are here").sees("2 of 2 inside")
    assert desk.taps_and_lines == 6
    assert hall.states() == [("checked_in", 3), ("checked_in", 1), ("checked_in", 2)]


def test_fewer_come_in_and_the_others_follow(hall: Hall, channel: str) -> None:
    desk = hall.desk(channel).says("核销").sees("Please type the code")
    desk.says("K7MW-2QRT").taps("2 people").sees("2 of 3 inside")
    desk.says("K7MW-2QRT").sees("2 of 3 inside").taps("The other 1 is here").sees("3 of 3 inside")
    assert len(hall.rows(CheckIn)) == 2


def test_a_number_typed_is_the_number_of_people(hall: Hall) -> None:
    desk = hall.desk("wechat").says("核销 K7MW2QRT").says("1").sees("1 of 3 inside")
    desk.says("K7MW2QRT", "2").sees("3 of 3 inside")


def test_a_wrong_code_costs_one_line(hall: Hall, channel: str) -> None:
    desk = hall.desk(channel).says("/checkin").says("K7MW").sees("eight letters and digits")
    desk.says("K7MW2QRS").sees("no visit with this code", "The next code")
    desk.says("核销 K7MW2QRT" if channel == "wechat" else "K7MW2QRT").sees("2 adults and 1 child")


def test_a_check_in_is_undone_with_a_reason(hall: Hall, channel: str) -> None:
    desk = hall.desk(channel).says("/checkin K7MW2QRT").taps("All 3 are here")
    desk.says("undo" if channel == "wechat" else "撤销").sees("What was wrong?")
    desk.says("wrong family").sees("Undone. · K7MW-2QRT · 0 of 3 inside", "The next code")
    assert hall.states()[0] == ("confirmed", 0)
    assert [each.undone_because for each in hall.rows(CheckIn)] == ["wrong family"]


def test_a_code_used_up_offers_to_undo_it(hall: Hall, channel: str) -> None:
    desk = hall.desk(channel).says("/checkin K7MW2QRT").taps("All 3 are here")
    desk.says("K7MW2QRT").sees("All 3 of them are inside already.").taps("Undo this check-in")
    desk.says("they came back").sees("0 of 3 inside")
    desk.says("K7MW2QRT").taps("Nobody comes in").sees("The next code")
    assert hall.states()[0] == ("confirmed", 0)


def test_a_late_party_comes_in_by_a_second_tap(hall: Hall, channel: str) -> None:
    hall.stage.later(minutes=31)
    desk = hall.desk(channel).says("/checkin K7MW2QRT")
    desk.sees("It is too late: the door closed at 10:30.").taps("They stay outside")
    desk.says("K7MW2QRT").taps("Let them in anyway").taps("All 3 are here").sees("3 of 3 inside")


def test_too_early_is_told_with_the_hour(hall: Hall, channel: str) -> None:
    hall.stage.later(hours=-1)
    hall.desk(channel).says("/checkin K7MW2QRT").sees("the door opens at 09:30", "The next code")


def test_whoever_works_nowhere_gets_one_polite_sentence(hall: Hall, channel: str) -> None:
    parent = hall.stage.person(channel, locale="en")
    for words in ("/checkin K7MW2QRT", "/today"):
        parent.says(words).sees("This is for the desk of a base.").does_not_see("星空")


def test_a_desk_of_another_base_learns_only_where_the_visit_is(hall: Hall, channel: str) -> None:
    other = hall.database.write_and_wait(lambda db: a_base(db, name="科技馆"))
    desk = hall.desk(channel, other).says("/checkin K7MW2QRT")
    desk.sees("This visit is to 天文馆, not to your base.").does_not_see("adults", "10:00")


def test_whoever_leaves_the_queue_hears_that_what_was_done_stays(hall: Hall) -> None:
    desk = hall.desk().says("/checkin K7MW2QRT").taps("All 3 are here").says("/today")
    desk.sees("“Check in” is put aside. What was done stays.").does_not_see("nothing of it")


# Today


def test_the_day_shows_who_is_in_and_who_is_missing(hall: Hall, channel: str) -> None:
    desk = hall.desk(channel).says("/today").does_not_see("Which base?")
    desk.sees("天文馆, Sat 28 Nov", "10:00 星空 · 6/8 booked · 0 inside · 3 parties missing (6)")
    desk.taps("10:00 星空").sees("BBBB-3333 · 1 person", "K7MW-2QRT · 3 people")
    desk.taps("K7MW-2QRT").taps("All 3 are here")
    desk.sees("Checked in.", "3 inside · 2 parties missing (3)").does_not_see(
        "K7MW-2QRT · 3 people"
    )
    desk.taps("All sessions").sees("14:00 星空 · 0/40 booked")


def test_whoever_works_at_several_bases_is_asked_which(hall: Hall, channel: str) -> None:
    desk = hall.desk(channel, None).says("今日场次").sees("Which base?").taps("植物园")
    desk.sees("植物园, Sat 28 Nov", "11:00")


def test_a_code_can_be_typed_from_the_day(hall: Hall, channel: str) -> None:
    desk = hall.desk(channel).says("/today").taps("Check in by code").says("BBBB3333")
    desk.taps("1 person is here").sees("1 of 1 inside", "2 parties missing (5)")


def test_a_check_in_is_undone_from_its_session(hall: Hall, channel: str) -> None:
    desk = hall.desk(channel).says("/today").taps("10:00", "BBBB-3333", "1 person is here")
    desk.taps("Undo a check-in").taps("BBBB-3333").says("wrong family").sees(
        "3 parties missing (6)"
    )


def test_walk_ins_take_free_places_and_can_be_undone(hall: Hall, channel: str) -> None:
    desk = hall.desk(channel).says("/today").taps("10:00", "Let a walk-in in")
    desk.sees("2 places are free").says("1", "1").sees("Checked in.", "2 of 2 inside", "8/8 booked")
    desk.taps("Let a walk-in in").sees("No place is free in this session.")
    walk_in = hall.rows(Booking)[-1]
    assert (walk_in.channel, walk_in.state, walk_in.heads) == ("desk", BookingState.CHECKED_IN, 2)
    desk.taps("Undo a check-in").taps("2 of 2").says("left again").sees("6/8 booked")
    assert hall.rows(Booking)[-1].state is BookingState.CANCELLED
    assert hall.rows(Pool)[0].confirmed == 6


def test_more_walk_ins_than_places_are_asked_again(hall: Hall) -> None:
    desk = hall.desk().says("/today").taps("10:00", "Let a walk-in in").says("2", "2")
    desk.sees("So many places are not free").is_asked("children.2").says("0").sees("2 of 2 inside")


def test_walk_ins_take_their_own_pool_first_and_then_the_families(hall: Hall) -> None:
    def own_pool(db: Db) -> None:
        pool = Pool(session_id=1, name=PoolName.WALK_IN, capacity=1)
        db.insert(pool)

    hall.database.write_and_wait(own_pool)
    desk = hall.desk().says("/today").taps("10:00", "Let a walk-in in").sees("3 places are free")
    desk.says("2", "1").sees("1 of 1 inside", "2 of 2 inside")
    pools = {each.name: each.confirmed for each in hall.rows(Pool) if each.session_id == 1}
    assert pools == {PoolName.WALK_IN: 1, PoolName.FAMILY: 8}


def test_walk_ins_wait_until_the_door_is_open(hall: Hall) -> None:
    desk = hall.desk().says("/today").taps("14:00", "Let a walk-in in")
    desk.sees("while the door of the session is open")


def test_the_day_of_a_base_is_its_own(hall: Hall) -> None:
    hall.stage.now = at(SATURDAY, 0)
    desk = hall.desk().says("/today").sees("Sat 28 Nov", "10:00")
    hall.stage.later(days=1)
    desk.says("/today").sees("Sun 29 Nov", "There is no session today.")
