"""Which days are public holidays, and which weekend days are worked instead?"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import bindparam, select
from sqlmodel import col

from storage.db import Db
from storage.models import Holiday
from storage.statements import Command, Query, whole

_ALL = Query(
    select(col(Holiday.day), col(Holiday.name), col(Holiday.is_worked)).order_by(col(Holiday.day)),
    into=whole(Holiday),
)
_PUT = Command(
    lambda insert: (
        insert(Holiday)
        .values(day=bindparam("day"), name=bindparam("name"), is_worked=bindparam("is_worked"))
        .on_conflict_do_update(
            index_elements=["day"],
            set_={"name": bindparam("name"), "is_worked": bindparam("is_worked")},
        )
    )
)


def known(db: Db) -> dict[date, Holiday]:
    """Every day that is known to be off, or to be worked."""
    return {each.day: each for each in db.all(_ALL)}


def put(db: Db, holidays: Iterable[Holiday]) -> None:
    """Store days, anew where they are known."""
    for each in holidays:
        db.change(_PUT, day=each.day, name=each.name, is_worked=each.is_worked)
