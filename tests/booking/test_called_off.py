"""What is left of a session that is called off? No place held, offered or waited for."""

from datetime import date, time
from typing import Any

import pytest

from handlers.booking import called_off
from handlers.booking.called_off import Times
from storage import audit
from storage.db import Db
from storage.models import (
    BookingState,
    EndedBy,
    OfferState,
    Outbox,
    Returned,
    Session,
    SessionState,
    Strike,
)
from tests.booking.waiting import cancels, joins, offers, somebody, time_comes, told, visit_of
from tests.builders import NOW, SATURDAY, a_base, a_booking, a_session, at
from tests.stored import pool_of, rows


def calls_off(db: Db, session: int) -> bool:
    return called_off.call_off(db, session, "weather", now=NOW, locale="en", by=None)


def counts(db: Db, session: int) -> tuple[int, int, int, int]:
    pool = pool_of(db, session)
    return pool.held, pool.offered, pool.confirmed, pool.waiting


def test_whatever_was_under_way_ends(db: Db) -> None:
    session = a_session(db, capacity=5, waiting_max=9)
    books, gone, li, wang = (somebody(db) for _each in range(4))
    a_booking(db, session, books, adults=2)
    a_booking(db, session, gone, adults=3)
    joins(li, session, 3)
    joins(wang, session, 4)
    cancels(gone)
    assert counts(db, session) == (0, 3, 2, 1)
    assert calls_off(db, session)
    assert counts(db, session) == (0, 0, 0, 0)
    assert {visit_of(who).state for who in (books, li, wang)} == {BookingState.CANCELLED}
    assert {visit_of(who).ended_by for who in (books, li, wang)} == {EndedBy.BASE}
    assert len(offers(db, OfferState.REVOKED)) == 1
    assert [len(told(who)) for who in (books, gone, li, wang)] == [1, 0, 2, 1]
    assert rows(db, Strike) == []


def test_places_that_wait_for_their_hour_wait_no_more(db: Db) -> None:
    base = a_base(db, returns="daily", returns_time=time(9, 30))
    session = a_session(db, base_id=base, capacity=4, waiting_max=9)
    family, li = somebody(db), somebody(db)
    a_booking(db, session, family, adults=4)
    joins(li, session, 2)
    cancels(family)
    assert counts(db, session) == (4, 0, 0, 1)
    calls_off(db, session)
    assert counts(db, session) == (0, 0, 0, 0)
    assert [each.released_at for each in rows(db, Returned)] == [NOW]
    time_comes(db, NOW)
    assert offers(db) == []


def test_it_is_called_off_once(db: Db) -> None:
    session = a_session(db)
    family = somebody(db)
    a_booking(db, session, family)
    assert calls_off(db, session)
    assert not calls_off(db, session)
    assert len(told(family)) == 1
    assert [each.sequence for each in rows(db, Session)] == [1]


def test_who_is_inside_already_was_there(db: Db) -> None:
    session = a_session(db)
    family = somebody(db)
    a_booking(db, session, family, state=BookingState.CHECKED_IN)
    calls_off(db, session)
    assert visit_of(family).state is BookingState.CHECKED_IN
    assert counts(db, session) == (0, 0, 1, 0)
    assert told(family) == []


def test_the_session_is_what_the_record_says(db: Db) -> None:
    session = a_session(db)
    calls_off(db, session)
    [row] = rows(db, Session)
    assert (row.state, row.cancelled_because) == (SessionState.CANCELLED, "weather")
    [step] = audit.of(db, "session", session)
    assert (step.action, step.reason) == ("call_off", "weather")


@pytest.mark.parametrize(
    ("fields", "adults", "count"),
    [
        ({"capacity": 9}, 4, 1),
        ({"capacity": 9, "taken": 6}, 4, 0),
        ({"capacity": 9, "party_max": 3}, 4, 0),
        ({"capacity": 9, "hour": 9}, 4, 1),
    ],
)
def test_only_what_takes_the_whole_party_is_named(
    db: Db, fields: dict[str, Any], adults: int, count: int
) -> None:
    base = a_base(db)
    session = a_session(db, base_id=base)
    a_session(db, base_id=base, **{"hour": 14, **fields})
    family = somebody(db)
    a_booking(db, session, family, adults=adults)
    calls_off(db, session)
    [text] = told(family)
    assert ("These have places for all of you:" in text) == bool(count)
    assert ("To find another session" in text) == (not count)


def test_a_move_is_told_to_who_comes_and_who_waits(db: Db) -> None:
    session = a_session(db, capacity=2, waiting_max=9, room="二号厅")
    family, li, inside = somebody(db), somebody(db), somebody(db)
    a_booking(db, session, family, adults=1)
    a_booking(db, session, inside, adults=1, state=BookingState.CHECKED_IN)
    joins(li, session, 1)
    [row] = rows(db, Session)
    was = Times(row.starts_at, row.ends_at, "一号厅")
    called_off.moved(db, session, was, now=NOW, locale="en")
    assert "一号厅" in told(family)[0]
    assert "二号厅" in told(family)[0]
    assert "You are still on the waiting list." in told(li)[0]
    assert [len(told(who)) for who in (family, li, inside)] == [1, 1, 0]


@pytest.mark.parametrize(("day", "hour", "due"), [(22, 23, 8), (22, 12, 12)])
def test_nobody_is_woken_for_a_session_days_ahead(db: Db, day: int, hour: int, due: int) -> None:
    session = a_session(db)
    a_booking(db, session, somebody(db))
    now = at(date(2026, 11, day), hour)
    called_off.call_off(db, session, "", now=now, locale="en")
    [row] = rows(db, Outbox)
    assert row.due_at == at(date(2026, 11, day + (due < hour)), due)


def test_in_the_night_before_it_is_told_at_once(db: Db) -> None:
    session = a_session(db, hour=9)
    a_booking(db, session, somebody(db))
    now = at(SATURDAY, 6)
    called_off.call_off(db, session, "", now=now, locale="en")
    assert [row.due_at for row in rows(db, Outbox)] == [now]
