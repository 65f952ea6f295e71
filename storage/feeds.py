"""At which secret address does a person's calendar lie, and whose is an address?"""

import secrets
from typing import NamedTuple

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from storage.db import Db
from storage.models import Person
from storage.statements import Command, Query, scalar


class Owner(NamedTuple):
    """Whose calendar an address opens."""

    person_id: int
    family_id: int
    locale: str | None  # None: never chosen


_IS_PERSON = col(Person.id) == bindparam("person")
_TOKEN = Query(select(col(Person.calendar_token)).where(_IS_PERSON), into=scalar)
_SET = Command(update(Person).where(_IS_PERSON).values(calendar_token=bindparam("new_token")))
_OWNER = Query(
    select(col(Person.id), col(Person.family_id), col(Person.locale)).where(
        col(Person.calendar_token) == bindparam("token")
    ),
    into=Owner,
)


def token_of(db: Db, person_id: int) -> str:
    """What the person's address is made of; made when first asked for."""
    return db.first(_TOKEN, person=person_id) or renew(db, person_id)


def has(db: Db, person_id: int) -> bool:
    """Whether the person ever asked for an address, and did not end it."""
    return db.first(_TOKEN, person=person_id) is not None


def renew(db: Db, person_id: int) -> str:
    """Another address: the old one opens nothing from now on."""
    token = secrets.token_hex(16)
    db.change(_SET, person=person_id, new_token=token)
    return token


def end(db: Db, person_id: int) -> None:
    """Let a person's address open nothing."""
    db.change(_SET, person=person_id, new_token=None)


def owner(db: Db, token: str) -> Owner | None:
    """Whose address it is; None when nobody's."""
    return db.first(_OWNER, token=token)
