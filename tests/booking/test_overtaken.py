"""Is what was read before a pool was waited for read again, and not believed? On PostgreSQL."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from handlers.booking import actions, changes, queue
from handlers.booking.party import Guests
from handlers.here import Here, Speaker
from handlers.messages import Refused
from storage import bookings, leaving
from storage.database import Database
from storage.db import Db
from storage.models import Booking, BookingState, Offer, OfferState, Session, SessionState, Waiting
from tests.booking import sums
from tests.booking.overtaking import move_down, overtake
from tests.booking.shown import session_of
from tests.booking.waiting import somebody, visit_of
from tests.builders import NOW, SATURDAY, a_booking, a_session
from tests.stored import change, pool_of, rows

CANCELLED = BookingState.CANCELLED


@pytest.fixture
def database(postgres_database: Database) -> Database:
    """Only where several write at once can one be overtaken."""
    return postgres_database


def again(db: Db, speaker: Speaker) -> Here:
    """The same person in another transaction."""
    return Here(db, speaker, NOW, home_locale="en")


def a_full_session(database: Database, **fields: Any) -> tuple[int, Speaker, Speaker]:
    """A session of four places that one family has, and another family that looks on."""

    def prepare(db: Db) -> tuple[int, Speaker, Speaker]:
        session = a_session(db, **{"capacity": 4, "waiting_max": 9, **fields})
        family = somebody(db)
        a_booking(db, session, family, adults=4)
        return session, family.speaker, somebody(db).speaker

    return database.write_and_wait(prepare)


def pool_id(database: Database, session: int) -> int:
    return database.read_and_wait(lambda db: pool_of(db, session).id or 0)


def cancel(db: Db, speaker: Speaker) -> None:
    who = again(db, speaker)
    changes.cancel(who, visit_of(who).public_id)


def come_with(db: Db, speaker: Speaker, adults: int) -> None:
    who = again(db, speaker)
    changes.change_party(who, visit_of(who).public_id, Guests(adults))


def join(db: Db, speaker: Speaker, session: int, adults: int) -> None:
    queue.join(again(db, speaker), session_of(db, session), Guests(adults))


def book(db: Db, speaker: Speaker, session: int, adults: int) -> None:
    actions.book(again(db, speaker), session_of(db, session), Guests(adults))


def move(db: Db, speaker: Speaker, session: int) -> None:
    who = again(db, speaker)
    changes.move(who, visit_of(who).public_id, session_of(db, session))


def give_up(db: Db, speaker: Speaker) -> None:
    visit = bookings.by_id(db, visit_of(again(db, speaker)).id or 0)
    assert visit is not None
    leaving.give_up(db, visit, NOW)


def call_off(db: Db, session: int) -> None:
    [row] = [each for each in rows(db, Session) if each.id == session]
    change(db, row, state=SessionState.CANCELLED)


def adds_up(database: Database) -> None:
    assert database.read_and_wait(sums.wrong) == []


@pytest.mark.parametrize("late", [cancel, give_up])
def test_a_visit_ends_with_the_party_it_has_by_then(database: Database, late: Any) -> None:
    session, family, _other = a_full_session(database)
    overtake(
        database,
        pool_id(database, session),
        partial(late, speaker=family),
        partial(come_with, speaker=family, adults=1),
    )
    adds_up(database)
    [visit] = database.read_and_wait(lambda db: rows(db, Booking))
    assert visit.state is CANCELLED


@pytest.mark.parametrize("late", [give_up, cancel, partial(come_with, adults=1)])
def test_a_visit_cancelled_meanwhile_ends_once(database: Database, late: Any) -> None:
    session, family, _other = a_full_session(database)
    overtake(
        database,
        pool_id(database, session),
        partial(late, speaker=family),
        partial(cancel, speaker=family),
    )
    adds_up(database)
    [visit] = database.read_and_wait(lambda db: rows(db, Booking))
    assert (visit.state, visit.adults) == (CANCELLED, 4)


def test_a_visit_cancelled_meanwhile_does_not_move(database: Database) -> None:
    session, family, _other = a_full_session(database)

    def another(db: Db) -> int:
        [base] = {each.base_id for each in rows(db, Session)}
        return a_session(db, base_id=base, local_date=SATURDAY + timedelta(days=1))

    sunday = database.write_and_wait(another)
    became = overtake(
        database,
        pool_id(database, session),
        partial(move, speaker=family, session=sunday),
        partial(cancel, speaker=family),
    )
    assert isinstance(became, Refused)
    adds_up(database)
    [visit] = database.read_and_wait(lambda db: rows(db, Booking))
    assert visit.state is CANCELLED


def test_a_family_erased_while_places_are_offered_to_it_leaves_none_behind(
    database: Database,
) -> None:
    session, family, other = a_full_session(database)
    database.write_and_wait(partial(join, speaker=other, session=session, adults=4))
    overtake(
        database,
        pool_id(database, session),
        partial(give_up, speaker=other),
        partial(cancel, speaker=family),
    )
    adds_up(database)
    [offer] = database.read_and_wait(lambda db: rows(db, Offer))
    assert offer.state is OfferState.REVOKED


@pytest.mark.parametrize("late", [partial(book, adults=1), partial(join, adults=4)])
def test_nobody_gets_into_a_session_called_off_meanwhile(database: Database, late: Any) -> None:
    session, family, other = a_full_session(database)
    if late.func is book:
        database.write_and_wait(partial(cancel, speaker=family))
    became = overtake(
        database,
        pool_id(database, session),
        partial(late, speaker=other, session=session),
        partial(call_off, session=session),
    )
    assert isinstance(became, actions.SessionClosed)
    adds_up(database)


def test_nothing_is_offered_in_a_session_called_off_meanwhile(database: Database) -> None:
    session, family, other = a_full_session(database)
    database.write_and_wait(partial(join, speaker=other, session=session, adults=4))
    overtake(
        database,
        pool_id(database, session),
        partial(cancel, speaker=family),
        partial(call_off, session=session),
    )
    assert database.read_and_wait(lambda db: rows(db, Offer)) == []


def test_who_joined_meanwhile_is_passed_over_by_who_books(database: Database) -> None:
    session, family, other = a_full_session(database)
    database.write_and_wait(partial(come_with, speaker=family, adults=3))
    third = database.write_and_wait(lambda db: somebody(db).speaker)
    overtake(
        database,
        pool_id(database, session),
        partial(book, speaker=third, session=session, adults=1),
        partial(join, speaker=other, session=session, adults=2),
    )
    [waits] = database.read_and_wait(lambda db: rows(db, Waiting))
    assert waits.bypassed == 1


def test_who_moves_holds_no_pool_while_it_waits_for_one_with_a_lower_number(
    database: Database,
) -> None:
    assert move_down(database)["text"]
