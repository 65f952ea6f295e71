"""Does a workbook get in whole or not at all, and once however often it is given?"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import bindparam, update
from sqlmodel import col

from handlers.booking import queue, returns
from handlers.booking.party import Guests
from handlers.exchange import actions, plan, sheets
from handlers.exchange.actions import Taken, Tally
from handlers.exchange.problems import Unfit
from handlers.texts import say
from storage import timetable
from storage.database import Database
from storage.db import Db
from storage.models import (
    Base,
    Booking,
    BookingState,
    Child,
    Course,
    Offer,
    Pool,
    PoolName,
    Session,
    SessionState,
)
from storage.statements import Command
from tests.builders import NOW, SATURDAY, a_parent, a_person, at, public_id
from tests.exchange.imports import ZONE, everything, one, refused, take
from tests.exchange.workbooks import BASE, COURSE, SCHEDULE, SESSION, WITH_ERRORS, a_workbook
from tests.stored import change, rows

AT_NOON = at(SATURDAY, 12)  # SESSION, a week later, is released


def book(db: Db, places: int) -> None:
    """Somebody books places of the first session."""
    kept = timetable.sessions(db)[0]
    session, pool = kept.session, kept.pools[0].id or 0
    person = a_person(db)
    db.insert(
        Booking(
            public_id=public_id(), code="ABCD2345", session_id=session.id or 0, pool_id=pool,
            family_id=person, person_id=person, state=BookingState.CONFIRMED, adults=1,
            children=places - 1, policy_version=session.policy_version, channel="web",
            created_at=NOW, changed_at=NOW,
        )
    )  # fmt: skip
    db.change(_TAKE, places=places)


_TAKE = Command(
    update(Pool)
    .where(col(Pool.name) == PoolName.FAMILY)
    .values(confirmed=col(Pool.confirmed) + bindparam("places"))
)
_CANCEL = Command(update(Session).values(state=SessionState.CANCELLED))


def places(database: Database) -> dict[str, int]:
    """The capacity of each pool of the only session."""
    return {row["name"]: row["capacity"] for row in everything(database)[4]}


def test_the_real_timetable_is_taken_in_whole(database: Database) -> None:
    taken = take(database, SCHEDULE.read_bytes())
    days, years = Tally(0, 0, 0), [2026, 2027]
    assert taken == Taken(Tally(12, 0, 0), Tally(8, 0, 0), Tally(1282, 0, 0), [], days, years)
    bases, policies, courses, sessions, _pools, holidays = everything(database)
    assert [len(rows) for rows in (bases, policies, courses, sessions, holidays)] == [
        12, 12, 8, 1282, 0,
    ]  # fmt: skip
    assert len({row["public_id"] for row in (*bases, *courses, *sessions)}) == 12 + 8 + 1282
    assert {row["name"]: row["closed_weekdays"] for row in bases}["湖北省科技馆"] == [0, 1]


def test_a_session_is_kept_as_the_sheet_has_it(database: Database) -> None:
    take(database, SCHEDULE.read_bytes())
    kept = database.read_and_wait(timetable.sessions)
    found = {each.session.code: each for each in kept}["ZKG-1128-1B"]
    session = found.session
    assert session.starts_at == datetime(2026, 11, 28, 2, tzinfo=UTC)
    assert session.ends_at == datetime(2026, 11, 28, 3, tzinfo=UTC)
    assert session.release_at == datetime(2026, 11, 21, 1, tzinfo=UTC)
    assert session.cancel_until == datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert (session.audience, session.is_accompanied, session.price_fen) == ("family", True, 2000)
    assert (found.capacity, found.taken) == (40, 0)


def test_the_untidy_row_is_kept_as_it_was_meant(sqlite_database: Database) -> None:
    workbook = openpyxl.load_workbook(WITH_ERRORS)
    workbook["场次"].delete_rows(1284, 12)
    buffer = BytesIO()
    workbook.save(buffer)
    assert take(sqlite_database, buffer.getvalue()).sessions.new == 1283
    kept = sqlite_database.read_and_wait(timetable.sessions)
    session = {each.session.code: each.session for each in kept}["X-13"]
    assert session.starts_at == datetime(2026, 12, 9, 1, tzinfo=UTC)
    assert session.ends_at == datetime(2026, 12, 9, 2, tzinfo=UTC)
    assert session.release_at == datetime(2026, 12, 2, 1, tzinfo=UTC)  # 前7日09:00, the base's
    assert (session.audience, session.min_age, session.max_age) == ("class", 10, 15)
    assert (session.party_max, session.priority_places, session.is_accompanied) == (5, 1, False)


def test_the_same_workbook_again_touches_no_row(database: Database) -> None:
    take(database, SCHEDULE.read_bytes())
    before = everything(database)
    taken = take(database, SCHEDULE.read_bytes(), NOW + timedelta(days=1))
    days, years = Tally(0, 0, 0), [2026, 2027]
    assert taken == Taken(Tally(0, 0, 12), Tally(0, 0, 8), Tally(0, 0, 1282), [], days, years)
    assert everything(database) == before


def test_a_changed_session_is_changed_in_place(database: Database) -> None:
    take(database, a_workbook())
    before, pools = one(database, Session), everything(database)[4]
    changed = {**SESSION, "名额": 30, "结束": "10:30", "备注": "请早到"}
    taken = take(database, a_workbook(sessions=[changed]))
    assert taken.sessions == Tally(0, 1, 0)
    after = one(database, Session)
    assert (after.id, after.public_id) == (before.id, before.public_id)
    assert (after.capacity, after.note) == (30, "请早到")
    assert after.ends_at - before.ends_at == timedelta(minutes=30)
    assert places(database) == {"family": 28, "priority": 1, "walk_in": 1}
    assert [row["id"] for row in everything(database)[4]] == [row["id"] for row in pools]


def test_a_changed_base_and_course_keep_their_ids_and_zone(database: Database) -> None:
    take(database, a_workbook())
    base, course = one(database, Base), one(database, Course)
    workbook = a_workbook(
        bases=[{**BASE, "地址": "江边路1号", "闭馆日": "二"}], courses=[{**COURSE, "学科": "物理"}]
    )
    given = sheets.read(workbook)
    taken = database.write_and_wait(lambda db: actions.take_in(db, given, "Europe/Berlin", NOW))
    assert (taken.bases, taken.courses, taken.sessions) == (Tally(0, 1, 0),) * 2 + (Tally(0, 0, 1),)
    after = one(database, Base)
    assert (after.id, after.public_id) == (base.id, base.public_id)
    assert (after.address, after.closed_weekdays) == ("江边路1号", [1])
    assert (after.time_zone, after.policy_version) == (ZONE, 1)
    assert (one(database, Course).id, one(database, Course).subject) == (course.id, "物理")


def test_changed_rules_are_a_new_version_and_bookings_keep_theirs(database: Database) -> None:
    take(database, a_workbook())
    database.write_and_wait(lambda db: book(db, places=3))
    later = NOW + timedelta(days=1)
    taken = take(database, a_workbook(bases=[{**BASE, "每单人数上限": 8}]), later)
    assert (taken.bases, taken.sessions, taken.disturbed) == (Tally(0, 1, 0), Tally(0, 1, 0), [])
    _bases, (first, second), *_rest = everything(database)
    assert (first["version"], first["terms"]["party_max"]) == (1, 5)
    assert (second["version"], second["terms"]["party_max"]) == (2, 8)
    assert (first["effective_from"], second["effective_from"]) == (NOW, later)
    assert one(database, Base).policy_version == 2
    assert (one(database, Session).policy_version, one(database, Session).party_max) == (2, 8)
    assert one(database, Booking).policy_version == 1


def test_a_version_that_was_left_is_not_taken_up_again(database: Database) -> None:
    for party_max in (5, 8, 5):
        take(database, a_workbook(bases=[{**BASE, "每单人数上限": party_max}]))
    _bases, policies, *_rest = everything(database)
    found = [(row["version"], row["terms"]["party_max"]) for row in policies]
    assert found == [(1, 5), (2, 8), (3, 5)]


def test_sessions_that_the_workbook_leaves_out_stay(database: Database) -> None:
    take(database, a_workbook())
    before = everything(database)[3]
    take(database, a_workbook(sessions=[{**SESSION, "场次编号": "A-2"}]))
    assert everything(database)[3][0] == before[0]
    assert len(everything(database)[3]) == 2


def test_a_cancelled_session_stays_cancelled(database: Database) -> None:
    take(database, a_workbook())
    database.write_and_wait(lambda db: db.change(_CANCEL))
    assert take(database, a_workbook()).sessions == Tally(0, 0, 1)
    take(database, a_workbook(sessions=[{**SESSION, "备注": "改"}]))
    assert one(database, Session).state is SessionState.CANCELLED


def test_places_that_are_booked_are_not_taken_away(database: Database) -> None:
    take(database, a_workbook())
    database.write_and_wait(lambda db: book(db, places=4))
    said = refused(database, a_workbook(sessions=[{**SESSION, "名额": 3}]))
    assert said == [
        "场次, row 2, 名额 (H2): 4 places are booked already; "
        "what would have to go, the newest first: ABCD-2345 (4)"
    ]
    assert take(database, a_workbook(sessions=[{**SESSION, "名额": 4}])).sessions.changed == 1
    assert places(database) == {"family": 4, "priority": 0, "walk_in": 0}


def test_places_booked_while_the_workbook_is_compared_undo_all_of_it(database: Database) -> None:
    take(database, a_workbook())
    given = sheets.read(
        a_workbook(bases=[{**BASE, "每单人数上限": 8}], sessions=[{**SESSION, "名额": 3}])
    )
    before = everything(database)

    def work(db: Db) -> None:
        found = plan.draw(db, given, ZONE, NOW)
        db.change(_TAKE, places=4)  # what another process commits on PostgreSQL
        actions.store(db, found, given, NOW)

    with pytest.raises(Unfit) as unfit:
        database.write_and_wait(work)
    assert [say(problem.what, "en") for problem in unfit.value.problems] == [
        "more places than that are booked already"
    ]
    assert everything(database) == before


def test_moving_a_session_that_people_booked_is_said(database: Database) -> None:
    take(database, a_workbook(sessions=[SESSION, {**SESSION, "场次编号": "A-2"}]))
    database.write_and_wait(lambda db: db.change(_TAKE, places=1))
    moved = [{**SESSION, "开始": "09:30"}, {**SESSION, "场次编号": "A-2", "备注": "请早到"}]
    assert take(database, a_workbook(sessions=moved)).disturbed == ["A-1"]


@pytest.mark.parametrize("reads", [True, False])
def test_a_trial_writes_nothing(database: Database, reads: bool) -> None:
    before = everything(database)
    given = sheets.read(SCHEDULE.read_bytes())
    run: Callable[..., Taken] = database.read_and_wait if reads else database.write_and_wait
    taken = run(lambda db: actions.take_in(db, given, ZONE, NOW, is_trial=True))
    assert taken.sessions == Tally(1282, 0, 0)
    assert everything(database) == before


async def test_two_imports_at_once_take_the_timetable_in_once(postgres_database: Database) -> None:
    given = sheets.read(SCHEDULE.read_bytes())
    taken = await asyncio.gather(
        *(
            postgres_database.write(lambda db: actions.take_in(db, given, ZONE, NOW), order=name)
            for name in "abcd"
        )
    )
    assert sorted(each.sessions.new for each in taken) == [0, 0, 0, 1282]


def test_what_would_have_to_go_is_listed_the_newest_first_and_no_more_than_needed(
    database: Database,
) -> None:
    take(database, a_workbook())

    def fill(db: Db) -> None:
        for number, (code, adults) in enumerate(
            [("AAAA2222", 2), ("BBBB2222", 3), ("CCCC2222", 1)]
        ):
            book(db, places=adults)
            newest = max(rows(db, Booking), key=lambda each: each.id or 0)
            change(db, newest, code=code, created_at=NOW + timedelta(minutes=number))

    database.write_and_wait(fill)
    [said] = refused(database, a_workbook(sessions=[{**SESSION, "名额": 3}]))
    assert said.endswith(
        "6 places are booked already; what would have to go, the newest first: "
        "CCCC-2222 (1), BBBB-2222 (3)"
    )


def test_who_is_offered_fewer_places_would_free_only_those(database: Database) -> None:
    take(database, a_workbook(sessions=[{**SESSION, "名额": 4, "候补上限": 5}]))

    def fill_and_offer(db: Db) -> None:
        book(db, places=2)
        [pool] = [each for each in rows(db, Pool) if each.name is PoolName.FAMILY]
        change(db, pool, capacity=4, confirmed=4)
        public_id = rows(db, Session)[0].public_id
        parent = replace(a_parent(db, ["小明"]), now=AT_NOON)
        [child] = rows(db, Child)
        queue.join(parent, public_id, Guests(2, (child.public_id,)), takes_fewer=True)
        waits = max(rows(db, Booking), key=lambda each: each.id or 0)
        change(db, waits, code="WAIT2222")
        change(db, rows(db, Pool)[0], confirmed=2)
        returns.places_came(db, pool.id or 0, AT_NOON, "en")

    database.write_and_wait(fill_and_offer)
    [said] = refused(database, a_workbook(sessions=[{**SESSION, "名额": 1, "候补上限": 5}]))
    assert said.endswith("the newest first: WAIT-2222 (2), ABCD-2345 (2)")


def test_a_session_that_grows_asks_whoever_waits(database: Database) -> None:
    take(database, a_workbook(sessions=[{**SESSION, "名额": 4, "候补上限": 5}]))

    def fill_and_wait(db: Db) -> None:
        [pool] = [each for each in rows(db, Pool) if each.name is PoolName.FAMILY]
        change(db, pool, confirmed=pool.capacity)
        parent = a_parent(db, ["小明"])
        [child] = rows(db, Child)
        guests = Guests(1, (child.public_id,))
        public_id = rows(db, Session)[0].public_id
        queue.join(replace(parent, now=AT_NOON), public_id, guests)

    database.write_and_wait(fill_and_wait)
    take(database, a_workbook(sessions=[{**SESSION, "名额": 8, "候补上限": 5}]), AT_NOON)
    [offer] = database.read_and_wait(lambda db: rows(db, Offer))
    assert offer.places == 2
    assert sum(places(database).values()) == 8
