"""Can an empty Kepu be tried at once, and is it never mistaken for a real one?"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from handlers import demo
from handlers.booking.published import cancel_until
from handlers.demo import Filled
from handlers.exchange import actions, sheets
from storage import timetable, venues
from storage.database import Database
from storage.models import Audience, Base
from storage.statements import Command
from storage.timetable import Kept
from tests.builders import NOW
from tests.exchange.workbooks import COURSE, a_workbook

SHANGHAI = ZoneInfo("Asia/Shanghai")
_REAL = Command(update(Base).values(is_demo=False))


def fill(database: Database, now: datetime = NOW) -> Filled:
    """Fill the database."""
    return database.write_and_wait(lambda db: demo.fill(db, now))


def kept(database: Database) -> list[Kept]:
    """Every session."""
    return database.read_and_wait(timetable.sessions)


def test_an_empty_database_gets_three_fictional_bases_and_five_courses(database: Database) -> None:
    filled = fill(database)
    assert (filled.bases, filled.courses) == (3, 5)
    assert filled.sessions == len(kept(database))
    bases = database.read_and_wait(timetable.bases)
    assert len({base.kind for base in bases}) == 3
    for base in bases:
        assert base.is_demo
        assert base.name.endswith("（演示）")
        assert "虚构" in base.address
        assert "虚构" in base.phone
        assert base.district.startswith("演示市")
    assert all("（演示）" in each.name for each in database.read_and_wait(timetable.courses))


def test_every_session_can_be_booked_now_and_lies_in_the_next_fourteen_days(
    sqlite_database: Database,
) -> None:
    fill(sqlite_database)
    today = NOW.astimezone(SHANGHAI).date()
    days = set()
    for each in kept(sqlite_database):
        assert each.session.release_at <= NOW < each.session.starts_at < each.session.ends_at
        assert each.capacity == each.session.capacity
        days.add((each.session.local_date - today).days)
    assert min(days) == 0
    assert max(days) == 14


def test_demo_sessions_keep_the_closed_days_and_the_policy(sqlite_database: Database) -> None:
    fill(sqlite_database)
    bases = {base.id: base for base in sqlite_database.read_and_wait(timetable.bases)}
    for each in (kept.session for kept in kept(sqlite_database)):
        assert each.local_date.weekday() not in bases[each.base_id].closed_weekdays
        starts = each.starts_at.astimezone(SHANGHAI).time()
        assert each.cancel_until == cancel_until("前1日20:00", each.local_date, starts, SHANGHAI)


@pytest.mark.parametrize("day", range(7))
def test_whatever_the_day_there_is_choice_scarcity_and_a_full_session(
    sqlite_database: Database, day: int
) -> None:
    fill(sqlite_database, NOW + timedelta(days=day))
    sessions = [each.session for each in kept(sqlite_database)]
    assert {each.audience for each in sessions} == {
        Audience.FAMILY, Audience.PUBLIC, Audience.STUDENT_ONLY,
    }  # fmt: skip
    assert {0, 1, 3} <= {each.capacity for each in sessions}
    halls = [each for each in sessions if each.room == "主展厅"]
    weekend = [each.capacity for each in halls if each.local_date.weekday() >= 5]
    assert max(weekend) < min(each.capacity for each in halls if each.local_date.weekday() < 5)


def test_the_same_day_again_makes_nothing(database: Database) -> None:
    fill(database)
    before = kept(database)
    assert fill(database, NOW + timedelta(hours=1)) == Filled(0, 0, 0)
    assert kept(database) == before


def test_a_later_day_gets_the_days_that_are_missing(sqlite_database: Database) -> None:
    fill(sqlite_database)
    before = {each.session.code for each in kept(sqlite_database)}
    later = NOW + timedelta(days=5)
    filled = fill(sqlite_database, later)
    assert (filled.bases, filled.courses) == (0, 0)
    new = [each.session for each in kept(sqlite_database) if each.session.code not in before]
    assert len(new) == filled.sessions > 0
    last = later.astimezone(SHANGHAI).date() + timedelta(days=14)
    assert {each.local_date for each in new} <= {last - timedelta(days=n) for n in range(5)}


def test_a_kepu_with_real_bases_gets_no_demo(database: Database) -> None:
    given = sheets.read(a_workbook())
    database.write_and_wait(lambda db: actions.take_in(db, given, "Asia/Shanghai", NOW))
    assert fill(database) == Filled(0, 0, 0)
    assert len(database.read_and_wait(timetable.bases)) == 1


def test_courses_that_are_there_already_are_not_made_twice(sqlite_database: Database) -> None:
    given = sheets.read(a_workbook(bases=[], courses=[{**COURSE, "课程": demo.STARS}], sessions=[]))
    sqlite_database.write_and_wait(lambda db: actions.take_in(db, given, "Asia/Shanghai", NOW))
    assert fill(sqlite_database).courses == 4


def test_a_base_that_is_no_demo_any_more_gets_no_sessions(sqlite_database: Database) -> None:
    fill(sqlite_database)
    sqlite_database.write_and_wait(lambda db: db.change(_REAL))
    assert fill(sqlite_database, NOW + timedelta(days=5)) == Filled(0, 0, 0)


def test_families_are_offered_the_demo_bases(sqlite_database: Database) -> None:
    fill(sqlite_database)
    places = sqlite_database.read_and_wait(lambda db: venues.places(db, NOW))
    assert [place.is_open for place in places] == [True, True, True]
