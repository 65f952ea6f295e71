"""How many places of a session are taken, kept, offered, and waited for?"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import col

from storage.db import Db, Later
from storage.failpoints import is_off
from storage.models import (
    IS_ITS_POLICY,
    Base,
    Policy,
    Pool,
    PoolName,
    Returned,
    Session,
    SessionState,
    Terms,
)
from storage.statements import Command, Query, scalar


class Places(NamedTuple):
    """A pool's counters, locked until the transaction ends, and the session they belong to."""

    id: int
    session_id: int
    name: PoolName
    capacity: int
    held: int
    offered: int
    confirmed: int
    waiting: int
    starts_at: datetime
    session_state: SessionState
    base_id: int
    time_zone: str
    terms: Terms


class Taken(NamedTuple):
    """What a pool and its session are when places were taken, which locks the pool."""

    waiting: int
    session_state: SessionState


@dataclass(frozen=True, slots=True)
class Taking:
    """Whether places were taken, read later."""

    taken: Later[int]
    after: Later[Taken]

    def outcome(self) -> Taken | None:
        """What the pool is then; None when so many places were not left."""
        return None if self.taken.first() is None else self.after.first()


class Back(NamedTuple):
    """Places that came back and are not released yet."""

    id: int
    pool_id: int
    places: int


_IS_POOL = col(Pool.id) == bindparam("pool")
_LOCK = Query(select(col(Pool.id)).where(_IS_POOL).with_for_update(key_share=True), into=scalar)
_PLACES = Query(
    select(
        col(Pool.id), col(Pool.session_id), col(Pool.name), col(Pool.capacity), col(Pool.held),
        col(Pool.offered), col(Pool.confirmed), col(Pool.waiting), col(Session.starts_at),
        col(Session.state), col(Session.base_id), col(Base.time_zone), col(Policy.terms),
    )
    .join(Session, col(Session.id) == col(Pool.session_id))
    .join(Base, col(Base.id) == col(Session.base_id))
    .join(Policy, IS_ITS_POLICY)
    .where(_IS_POOL),
    into=Places,
)  # fmt: skip
_SHIFT = Command(
    update(Pool)
    .where(col(Pool.id) == bindparam("pool"))
    .values(
        held=col(Pool.held) + bindparam("more_held", type_=None),
        offered=col(Pool.offered) + bindparam("more_offered", type_=None),
        confirmed=col(Pool.confirmed) + bindparam("more_confirmed", type_=None),
        waiting=col(Pool.waiting) + bindparam("more_waiting", type_=None),
    )
)
_NOTE_RETURN = Command(
    insert(Returned).values(
        pool_id=bindparam("pool"),
        booking_id=bindparam("booking"),
        places=bindparam("places"),
        at=bindparam("at"),
        release_at=bindparam("release_at"),
        released_at=bindparam("released_at"),
    )
)
_BACK = (col(Returned.id), col(Returned.pool_id), col(Returned.places))
_DUE = Query(
    select(*_BACK)
    .where(col(Returned.released_at).is_(None), col(Returned.release_at) <= bindparam("now"))
    .order_by(col(Returned.release_at), col(Returned.id)),
    into=Back,
)
_UNRELEASED = Query(
    select(*_BACK).where(
        col(Returned.pool_id) == bindparam("pool"), col(Returned.released_at).is_(None)
    ),
    into=Back,
)
_RELEASE = Command(
    update(Returned)
    .where(col(Returned.id) == bindparam("the_id"), col(Returned.released_at).is_(None))
    .values(released_at=bindparam("new_released_at"))
)


_TAKEN = col(Pool.held) + col(Pool.offered) + col(Pool.confirmed)
_TAKE_UNGUARDED = (
    update(Pool)
    .where(_IS_POOL)
    .values(confirmed=col(Pool.confirmed) + bindparam("places", type_=None))
)
_TAKE = Query(
    _TAKE_UNGUARDED.where(_TAKEN + bindparam("places", type_=None) <= col(Pool.capacity)).returning(
        col(Pool.id)
    ),
    into=scalar,
)
_TAKE_WITHOUT_GUARD = Query(
    _TAKE_UNGUARDED.returning(col(Pool.id)), into=scalar
)  # only the control of the race test runs it
_AFTER = Query(
    select(col(Pool.waiting), col(Session.state))
    .join(Session, col(Session.id) == col(Pool.session_id))
    .where(_IS_POOL),
    into=Taken,
)
_LEFT = Query(select(col(Pool.capacity) - _TAKEN).where(_IS_POOL), into=scalar)


def lock(db: Db, pool_id: int) -> Places:
    """A pool as it is now; nobody else changes it, or its waiting list, until we are done.

    What was read of it, or of its visits, before may be out of date: read it again.
    """
    # SQLite has one writer anyway. Only the control of the race tests goes without.
    if db.dialect.name == "postgresql" and not is_off("pool_lock"):
        # Two statements: one that waits rereads only the row it waited for, not what is joined.
        db.note(_LOCK, pool=pool_id)
    found = db.first(_PLACES, pool=pool_id)
    assert found is not None
    return found


def shift(
    db: Db, pool_id: int, *, held: int = 0, offered: int = 0, confirmed: int = 0, waiting: int = 0
) -> None:
    """Count so many more, or fewer. The CHECKs of the table stand behind it."""
    if held == offered == confirmed == waiting == 0:
        return
    db.change(
        _SHIFT,
        pool=pool_id,
        more_held=held,
        more_offered=offered,
        more_confirmed=confirmed,
        more_waiting=waiting,
    )


def note_return(
    db: Db,
    pool_id: int,
    places: int,
    now: datetime,
    *,
    booking_id: int,
    release_at: datetime | None,
) -> None:
    """Write down that places came back, and from when on they can be had; None: at the next look.

    Those that cannot be had yet are counted as held.
    """
    db.change(
        _NOTE_RETURN,
        pool=pool_id,
        booking=booking_id,
        places=places,
        at=now,
        release_at=release_at or now,
        released_at=now if release_at is not None and release_at <= now else None,
    )


def returns_due(db: Db, now: datetime) -> list[Back]:
    """Places that came back and whose hour has come."""
    return db.all(_DUE, now=now)


def unreleased(db: Db, pool_id: int) -> int:
    """How many places came back and wait for their hour."""
    return sum(back.places for back in db.all(_UNRELEASED, pool=pool_id))


def release(db: Db, back: Back, now: datetime) -> bool:
    """Note that returned places can be had again; False when they could already."""
    return db.change(_RELEASE, the_id=back.id, new_released_at=now) == 1


def take(db: Db, pool_id: int, places: int) -> Taken | None:
    """Take places of a pool if so many are left; it is locked until the transaction ends.

    None when they are not.
    """
    return ask_to_take(db, pool_id, places).outcome()


def ask_to_take(db: Db, pool_id: int, places: int) -> Taking:
    """The same; what came of it is read later."""
    command = _TAKE_WITHOUT_GUARD if is_off("capacity_guard") else _TAKE
    taken = db.later(command, pool=pool_id, places=places)
    # A statement that waited for the pool sees of other tables what held before it waited.
    return Taking(taken, db.later(_AFTER, pool=pool_id))


def left(db: Db, pool_id: int) -> int:
    """How many places of a pool nobody has."""
    return db.first(_LEFT, pool=pool_id) or 0
