"""Is nobody left in a session that is called off while others book it? On PostgreSQL."""

from functools import partial
from typing import Any

import pytest

from handlers.booking import actions, called_off, changes, queue
from handlers.booking.actions import SessionClosed
from handlers.booking.party import Guests
from handlers.here import Here, Speaker
from handlers.messages import Refused
from storage.database import Database
from storage.db import Db
from storage.models import BookingState, Offer
from tests.booking.overtaking import overtake
from tests.booking.shown import session_of
from tests.booking.waiting import joins, somebody, told, visit_of
from tests.builders import NOW, a_booking, a_session
from tests.stored import pool_of, rows


@pytest.fixture
def database(postgres_database: Database) -> Database:
    """Only where several write at once can one be overtaken."""
    return postgres_database


def prepared(database: Database) -> tuple[int, int, Speaker, Speaker]:
    """A session of four places with its pool, a family that has them, another that waits."""

    def work(db: Db) -> tuple[int, int, Speaker, Speaker]:
        session = a_session(db, capacity=4, waiting_max=9)
        family, li = somebody(db), somebody(db)
        a_booking(db, session, family, adults=4)
        joins(li, session, 2)
        return session, pool_of(db, session).id or 0, family.speaker, li.speaker

    return database.write_and_wait(work)


def calls_off(db: Db, session: int) -> bool:
    return called_off.call_off(db, session, "", now=NOW, locale="en")


def books(db: Db, speaker: Speaker, session: int) -> Any:
    return actions.book(Here(db, speaker, NOW, "en"), session_of(db, session), Guests(2))


def cancels(db: Db, speaker: Speaker) -> None:
    who = Here(db, speaker, NOW, "en")
    changes.cancel(who, visit_of(who).public_id)


def accepts(db: Db, speaker: Speaker) -> Any:
    [offer] = rows(db, Offer)
    return queue.accept(Here(db, speaker, NOW, "en"), offer.public_id)


def is_empty(database: Database, session: int) -> bool:
    def work(db: Db) -> bool:
        pool = pool_of(db, session)
        return (pool.held, pool.offered, pool.confirmed, pool.waiting) == (0, 0, 0, 0)

    return database.read_and_wait(work)


def test_who_books_while_it_is_called_off_is_refused(database: Database) -> None:
    session, pool, family, _li = prepared(database)
    database.write_and_wait(partial(cancels, speaker=family))
    stranger = database.write_and_wait(lambda db: somebody(db).speaker)
    outcome = overtake(
        database,
        pool,
        partial(books, speaker=stranger, session=session),
        partial(calls_off, session=session),
    )
    assert isinstance(outcome, SessionClosed)
    assert is_empty(database, session)


def test_who_booked_just_before_is_told_too(database: Database) -> None:
    session, pool, family, li = prepared(database)
    outcome = overtake(
        database, pool, partial(calls_off, session=session), partial(cancels, speaker=family)
    )
    assert outcome is True
    assert is_empty(database, session)

    def seen(db: Db) -> tuple[BookingState, int]:
        who = Here(db, li, NOW)
        return visit_of(who).state, len(told(who))

    assert database.read_and_wait(seen) == (BookingState.CANCELLED, 2)  # of the offer, and its end


def test_an_offer_taken_while_it_is_called_off_is_over(database: Database) -> None:
    session, pool, family, li = prepared(database)
    database.write_and_wait(partial(cancels, speaker=family))
    outcome = overtake(
        database, pool, partial(accepts, speaker=li), partial(calls_off, session=session)
    )
    assert isinstance(outcome, Refused)
    assert is_empty(database, session)
