"""How does a booking come to be, and go from one state to the next?"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, update
from sqlmodel import col

from storage.db import Db, Later
from storage.models import LIVE_STATES, Booking, BookingChild, BookingState, EndedBy
from storage.statements import Command, Query, scalar


class New(NamedTuple):
    """A booking to be stored."""

    public_id: str
    session_id: int
    pool_id: int
    family_id: int
    person_id: int
    adults: int
    children: int
    policy_version: int
    channel: str
    state: BookingState = BookingState.CONFIRMED
    moved_from_id: int | None = None
    changes: int = 0


_ADD = Query(
    lambda insert: (
        insert(Booking)
        .values(
            public_id=bindparam("public_id"),
            code=bindparam("code"),
            session_id=bindparam("session_id"),
            pool_id=bindparam("pool_id"),
            family_id=bindparam("family_id"),
            person_id=bindparam("person_id"),
            state=bindparam("state"),
            adults=bindparam("adults"),
            children=bindparam("children"),
            policy_version=bindparam("policy_version"),
            channel=bindparam("channel"),
            created_at=bindparam("at"),
            changed_at=bindparam("at"),
            moved_from_id=bindparam("moved_from_id"),
            changes=bindparam("changes"),
            heads=0,
            reminders=0,
        )
        .on_conflict_do_nothing()
        .returning(col(Booking.id))
    ),
    into=scalar,
)
_ADD_CHILD = Command(
    insert(BookingChild).values(
        booking_id=bindparam("booking_id"),
        child_id=bindparam("child_id"),
        session_id=bindparam("session_id"),
        is_live=True,
    )
)
_BECOME = Command(
    update(Booking)
    .where(col(Booking.id) == bindparam("booking"), col(Booking.state) == bindparam("from_state"))
    .values(
        state=bindparam("to_state"),
        changed_at=bindparam("new_changed_at"),
        ended_by=bindparam("new_ended_by"),
    )
)
_CHANGE_PARTY = Command(
    update(Booking)
    .where(col(Booking.id) == bindparam("booking"), col(Booking.state) == BookingState.CONFIRMED)
    .values(
        adults=bindparam("new_adults"),
        children=bindparam("new_children"),
        changes=col(Booking.changes) + bindparam("more_changes", type_=None),
        changed_at=bindparam("new_changed_at"),
    )
)
_LEAVE_AT_HOME = Command(
    update(Booking)
    .where(col(Booking.id) == bindparam("booking"))
    .values(
        adults=col(Booking.adults) - bindparam("fewer", type_=None),
        changed_at=bindparam("new_changed_at"),
    )
)
_DROP_CHILDREN = Command(
    delete(BookingChild).where(col(BookingChild.booking_id) == bindparam("booking"))
)
_CHILDREN_STAY_AWAY = Command(
    update(BookingChild)
    .where(col(BookingChild.booking_id) == bindparam("booking"))
    .values(is_live=False)
)


def add(db: Db, new: New, code: str, now: datetime) -> int | None:
    """Store a confirmed booking; its id, or None when its code, or the family's visit, is there."""
    return ask_to_add(db, new, code, now).first()


def ask_to_add(db: Db, new: New, code: str, now: datetime) -> Later[int]:
    """The same, read later."""
    return db.later(_ADD, **new._asdict(), code=code, at=now)


def add_children(db: Db, booking_id: int, session_id: int, child_ids: Sequence[int]) -> None:
    """Note which children come."""
    if child_ids:
        db.change_many(
            _ADD_CHILD,
            [
                {"booking_id": booking_id, "session_id": session_id, "child_id": child_id}
                for child_id in child_ids
            ],
        )


def become(
    db: Db,
    booking_id: int,
    states: tuple[BookingState, BookingState],
    now: datetime,
    ended_by: EndedBy | None = None,
) -> bool:
    """Go from the first state to the second, once; False when it is not in the first.

    Children of a visit that is no longer live are free for another one.
    """
    before, after = states
    changed = db.change(
        _BECOME,
        booking=booking_id,
        from_state=before,
        to_state=after,
        new_changed_at=now,
        new_ended_by=ended_by,
    )
    if changed == 1 and after not in LIVE_STATES:
        db.change(_CHILDREN_STAY_AWAY, booking=booking_id)
    return changed == 1


def change_party(
    db: Db, booking_id: int, party: tuple[int, int], now: datetime, changes: int = 0
) -> bool:
    """Note other numbers of adults and children; `changes`: how many the family made by that.

    False when the visit is not confirmed any more.
    """
    adults, children = party
    changed = db.change(
        _CHANGE_PARTY,
        booking=booking_id,
        new_adults=adults,
        new_children=children,
        more_changes=changes,
        new_changed_at=now,
    )
    return changed == 1


def leave_at_home(db: Db, booking_id: int, fewer: int, now: datetime) -> None:
    """So many adults do not come along."""
    db.change(_LEAVE_AT_HOME, booking=booking_id, fewer=fewer, new_changed_at=now)


def drop_children(db: Db, booking_id: int) -> None:
    """Forget which children come; `add_children` notes others."""
    db.change(_DROP_CHILDREN, booking=booking_id)
