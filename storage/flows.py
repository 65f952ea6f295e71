"""Which pools' unused places are due elsewhere, and how do they get there?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from storage.columns import Instant
from storage.db import Db
from storage.models import Pool, PoolName, Session, SessionState
from storage.statements import Command, Query


class Due(NamedTuple):
    """A pool whose hour has come, and the one its unused places go to, if that is there yet."""

    pool_id: int
    session_id: int
    name: PoolName
    flows_to: PoolName
    target_id: int | None


_TARGET = aliased(Pool)
_USED = col(Pool.held) + col(Pool.offered) + col(Pool.confirmed)
_DUE = Query(
    select(col(Pool.id), col(Pool.session_id), col(Pool.name), col(Pool.flows_to), col(_TARGET.id))
    .join(Session, col(Session.id) == col(Pool.session_id))
    .outerjoin(
        _TARGET,
        and_(
            col(_TARGET.session_id) == col(Pool.session_id),
            col(_TARGET.name) == col(Pool.flows_to),
        ),
    )
    .where(
        col(Pool.flows_at) <= bindparam("now"),
        col(Session.starts_at) > bindparam("now"),
        col(Session.state) == SessionState.PUBLISHED,
        # What comes back to a pool after its hour goes the same way.
        or_(col(Pool.flowed_at).is_(None), col(Pool.capacity) > _USED),
    )
    .order_by(col(Pool.id)),
    into=Due,
)
_DRAIN = Command(
    update(Pool)
    .where(
        col(Pool.id) == bindparam("pool"),
        _USED + bindparam("places", type_=None) <= col(Pool.capacity),
    )
    .values(
        capacity=col(Pool.capacity) - bindparam("places", type_=None),
        flowed_at=func.coalesce(col(Pool.flowed_at), bindparam("at", type_=Instant)),
    )
)
_FILL = Command(
    update(Pool)
    .where(col(Pool.id) == bindparam("pool"))
    .values(capacity=col(Pool.capacity) + bindparam("places", type_=None))
)


def due(db: Db, now: datetime) -> list[Due]:
    """Pools whose hour has come, with unused places or not yet looked at."""
    return db.all(_DUE, now=now)


def drain(db: Db, pool_id: int, places: int, now: datetime) -> bool:
    """Take so many unused places out of a pool; False when they are used."""
    return db.change(_DRAIN, pool=pool_id, places=places, at=now) == 1


def fill(db: Db, pool_id: int, places: int) -> None:
    """Put places into a pool."""
    db.change(_FILL, pool=pool_id, places=places)
