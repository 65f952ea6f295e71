"""Which places of the green channel can a family of it have?"""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlmodel import col

from storage import people
from storage.db import Db
from storage.models import Base, Pool, PoolName, Session
from storage.statements import Query
from storage.venues import LEFT, OPEN


class Green(NamedTuple):
    """Places of a session that are kept for the green channel."""

    session_id: int
    pool_id: int
    day: date
    places_left: int


_GREEN = (
    select(col(Session.id), col(Pool.id), col(Session.local_date), LEFT)
    .select_from(Session)
    .join(Pool, (col(Pool.session_id) == col(Session.id)) & (col(Pool.name) == PoolName.PRIORITY))
    .where(LEFT > 0)
)
_OF_SESSION = Query(_GREEN.where(col(Session.id) == bindparam("session")), into=Green)
_OF_BASE = Query(
    _GREEN.join(Base, col(Base.id) == col(Session.base_id)).where(
        col(Base.public_id) == bindparam("base"), OPEN
    ),
    into=Green,
)


def of_session(db: Db, session_id: int) -> Green | None:
    """What a session keeps for families of the green channel."""
    return db.first(_OF_SESSION, session=session_id)


def of_base(db: Db, family_id: int, base: str, from_day: date, now: datetime) -> list[Green]:
    """What the open sessions of a base keep for this family."""
    if people.priority_of(db, family_id) <= 0:
        return []
    return db.all(_OF_BASE, base=base, from_day=from_day, now=now)
