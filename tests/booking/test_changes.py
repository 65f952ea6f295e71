"""What happens when a family cancels, moves a visit, or comes with other people? On both."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.booking import changes
from handlers.booking.actions import SessionClosed, SessionFull
from handlers.booking.party import Guests
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile.actions import NotThere
from handlers.texts import say
from storage.db import Db
from storage.models import Booking, BookingChild, BookingState, Child, EndedBy
from tests.booking.shown import session_of
from tests.booking.waiting import joins, somebody, visit_of
from tests.builders import (
    SATURDAY,
    a_base,
    a_booking,
    a_child,
    a_consent,
    a_session,
    at,
    later,
)
from tests.stored import pool_of, rows

SUNDAY = SATURDAY + timedelta(days=1)


@pytest.fixture
def base(db: Db) -> int:
    return a_base(db)


def booked(db: Db, base: int, **party: int) -> tuple[int, Here]:
    """A session on Saturday, and a family that comes."""
    session = a_session(db, base_id=base)
    family = somebody(db)
    a_booking(db, session, family, **{"adults": 2, **party})
    return session, family


def move(who: Here, session: int) -> str:
    """Move the newest visit; the card."""
    with who.db.savepoint():
        found = changes.move(who, visit_of(who).public_id, session_of(who.db, session))
    return str(found["text"])


def change(who: Here, guests: Guests) -> str:
    """Come with other people; the card."""
    with who.db.savepoint():
        return str(changes.change_party(who, visit_of(who).public_id, guests)["text"])


def taken(db: Db, session: int) -> int:
    return pool_of(db, session).confirmed


def test_a_visit_moves_whole(db: Db, base: int) -> None:
    saturday, family = booked(db, base)
    sunday = a_session(db, base_id=base, local_date=SUNDAY)
    old = visit_of(family)
    assert "Sun 29 Nov" in move(family, sunday)
    assert (taken(db, saturday), taken(db, sunday)) == (0, 2)
    states = {row.id: row.state for row in rows(db, Booking)}
    assert states == {old.id: BookingState.MOVED, visit_of(family).id: BookingState.CONFIRMED}
    assert visit_of(family).moved_from_id == old.id
    assert visit_of(family).code != old.code


def test_where_there_are_no_places_the_old_visit_stays(db: Db, base: int) -> None:
    saturday, family = booked(db, base)
    sunday = a_session(db, base_id=base, local_date=SUNDAY, capacity=1)
    with pytest.raises(SessionFull):
        move(family, sunday)
    assert taken(db, saturday) == 2
    assert visit_of(family).state is BookingState.CONFIRMED


def test_moving_frees_places_for_whoever_waits(db: Db, base: int) -> None:
    saturday = a_session(db, base_id=base, capacity=2, waiting_max=1)
    sunday = a_session(db, base_id=base, local_date=SUNDAY)
    family, li = somebody(db), somebody(db)
    a_booking(db, saturday, family, adults=2)
    joins(li, saturday, 2)
    move(family, sunday)
    assert visit_of(li).state is BookingState.OFFERED


def test_a_visit_moves_so_often_only(db: Db) -> None:
    base = a_base(db, change_max=1)
    _saturday, family = booked(db, base)
    sunday = a_session(db, base_id=base, local_date=SUNDAY)
    again = a_session(db, base_id=base, local_date=SUNDAY, hour=14)
    move(family, sunday)
    with pytest.raises(Refused) as no:
        move(family, again)
    assert "changed once" in say(no.value.text, "en")


def test_a_visit_does_not_move_to_another_base(db: Db, base: int) -> None:
    _saturday, family = booked(db, base)
    with pytest.raises(Refused, match="within its base"):
        move(family, a_session(db))


def test_a_visit_does_not_move_into_the_same_session(db: Db, base: int) -> None:
    saturday, family = booked(db, base)
    with pytest.raises(SessionClosed):
        move(family, saturday)


def test_children_move_along(db: Db, base: int) -> None:
    session = a_session(db, base_id=base)
    sunday = a_session(db, base_id=base, local_date=SUNDAY)
    family = somebody(db)
    a_consent(db, family.speaker.person_id)
    child = a_child(db, family.speaker.family_id)
    a_booking(db, session, family, child_ids=(child,))
    move(family, sunday)
    live = [(row.session_id, row.child_id) for row in rows(db, BookingChild) if row.is_live]
    assert live == [(sunday, child)]


def test_more_may_come_while_there_are_places(db: Db, base: int) -> None:
    session, family = booked(db, base)
    assert "3 adults" in change(family, Guests(3))
    assert taken(db, session) == 3
    assert visit_of(family).changes == 1


def test_nobody_more_may_come_into_a_full_session(db: Db, base: int) -> None:
    session = a_session(db, base_id=base, capacity=2)
    family = somebody(db)
    a_booking(db, session, family, adults=2)
    with pytest.raises(SessionFull):
        change(family, Guests(3))
    assert taken(db, session) == 2


def test_who_stays_at_home_frees_a_place(db: Db, base: int) -> None:
    session = a_session(db, base_id=base, capacity=2, waiting_max=1)
    family, li = somebody(db), somebody(db)
    a_booking(db, session, family, adults=2)
    joins(li, session, 1)
    change(family, Guests(1))
    assert visit_of(li).state is BookingState.OFFERED
    assert taken(db, session) == 1


def test_another_child_may_come_instead(db: Db, base: int) -> None:
    session = a_session(db, base_id=base)
    family = somebody(db)
    a_consent(db, family.speaker.person_id)
    first = a_child(db, family.speaker.family_id)
    second = a_child(db, family.speaker.family_id, nickname="小雨")
    a_booking(db, session, family, child_ids=(first,))
    [wanted] = [row.public_id for row in rows(db, Child) if row.id == second]
    change(family, Guests(1, (wanted,)))
    assert [row.child_id for row in rows(db, BookingChild)] == [second]
    assert taken(db, session) == 2


def test_a_late_cancellation_is_marked_as_late(db: Db, base: int) -> None:
    _session, family = booked(db, base)
    late = replace(family, now=at(SATURDAY, 8))
    changes.cancel(late, visit_of(family).public_id)
    assert visit_of(family).ended_by is EndedBy.LATE


def test_a_visit_is_cancelled_once(db: Db, base: int) -> None:
    session, family = booked(db, base)
    visit = visit_of(family).public_id
    changes.cancel(family, visit)
    with pytest.raises(Refused, match="no longer booked"):
        changes.cancel(family, visit)
    assert taken(db, session) == 0
    assert visit_of(family).ended_by is EndedBy.FAMILY


def test_nobody_changes_what_is_not_theirs(db: Db, base: int) -> None:
    _session, family = booked(db, base)
    visit, stranger = visit_of(family).public_id, somebody(db)
    for attempt in (
        lambda: changes.cancel(stranger, visit),
        lambda: changes.change_party(stranger, visit, Guests(1)),
        lambda: changes.move(stranger, visit, session_of(db, _session)),
    ):
        with pytest.raises(NotThere):
            attempt()


def test_after_the_session_began_nothing_changes(db: Db, base: int) -> None:
    _session, family = booked(db, base)
    after = later(family, days=7)
    with pytest.raises(Refused, match="has begun"):
        changes.cancel(after, visit_of(family).public_id)
    with pytest.raises(Refused, match="has begun"):
        change(after, Guests(1))
