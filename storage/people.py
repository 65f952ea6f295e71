"""What is kept of a family: its children, its consents, its language, and how is it erased?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlmodel import col

from storage.db import Db, Later
from storage.models import (
    BookingChild,
    Chat,
    Child,
    Consent,
    Family,
    Outbox,
    Person,
)
from storage.statements import Command, Query, scalar


class OfFamily(NamedTuple):
    """A child of a family as it is kept, or, without an id, as it would be."""

    id: int | None
    public_id: str
    nickname: str
    birth_month: str | None
    grade: int | None
    grade_year: int | None


class Answer(NamedTuple):
    """The newest answer of a family to a question of consent."""

    is_given: bool
    version: str
    text_hash: str
    at: datetime


class Known(NamedTuple):
    """What is kept of a chat beside its words."""

    channel: str
    created_at: datetime
    messages: int


_CHILDREN = Query(
    select(
        col(Child.id),
        col(Child.public_id),
        col(Child.nickname),
        col(Child.birth_month),
        col(Child.grade),
        col(Child.grade_year),
    )
    .where(col(Child.family_id) == bindparam("family"))
    .order_by(col(Child.id)),
    into=OfFamily,
)
_ADD_CHILD = Query(
    insert(Child)
    .values(
        public_id=bindparam("public_id"),
        family_id=bindparam("family_id"),
        nickname=bindparam("nickname"),
        birth_month=bindparam("birth_month"),
        grade=bindparam("grade"),
        grade_year=bindparam("grade_year"),
        created_at=bindparam("created_at"),
    )
    .returning(col(Child.id)),
    into=scalar,
)
_OF_FAMILY = (
    col(Child.public_id) == bindparam("child"),
    col(Child.family_id) == bindparam("family"),
)
_RENAME = Command(update(Child).where(*_OF_FAMILY).values(nickname=bindparam("new_nickname")))
_CORRECT = Command(
    update(Child)
    .where(*_OF_FAMILY)
    .values(
        birth_month=bindparam("new_birth_month"),
        grade=bindparam("new_grade"),
        grade_year=bindparam("new_grade_year"),
    )
)
_UNLINK = Command(
    delete(BookingChild).where(
        col(BookingChild.child_id).in_(select(col(Child.id)).where(*_OF_FAMILY))
    )
)
_REMOVE = Command(delete(Child).where(*_OF_FAMILY))

_NEWEST = Query(
    select(col(Consent.is_given), col(Consent.version), col(Consent.text_hash), col(Consent.at))
    .join(Person, col(Person.id) == col(Consent.person_id))
    .where(
        col(Person.family_id) == bindparam("family"), col(Consent.purpose) == bindparam("purpose")
    )
    .order_by(col(Consent.id).desc())
    .limit(1),
    into=Answer,
)
_SPEAK = Command(
    update(Person)
    .where(col(Person.id) == bindparam("person"))
    .values(locale=bindparam("new_locale"))
)

_CHATS = select(col(Chat.id)).join(Person, col(Person.id) == col(Chat.person_id)).where(
    col(Person.family_id) == bindparam("family")
)  # fmt: skip
_KNOWN = Query(
    select(col(Chat.channel), col(Person.created_at), func.count(col(Outbox.id)))
    .select_from(Chat)
    .join(Person, col(Person.id) == col(Chat.person_id))
    .outerjoin(Outbox, col(Outbox.chat_id) == col(Chat.id))
    .where(col(Person.family_id) == bindparam("family"))
    .group_by(col(Chat.id), col(Chat.channel), col(Person.created_at))
    .order_by(col(Chat.id)),
    into=Known,
)
_PRIORITY = Query(
    select(col(Family.priority)).where(col(Family.id) == bindparam("family")), into=scalar
)


def children_of(db: Db, family_id: int) -> list[OfFamily]:
    """A family's children, in the order they were told."""
    return ask_children(db, family_id).all()


def ask_children(db: Db, family_id: int) -> Later[OfFamily]:
    """The same, read later."""
    return db.later(_CHILDREN, family=family_id)


def add_child(db: Db, family_id: int, child: OfFamily, now: datetime) -> int:
    """Store a child; its id. Whoever calls has seen the family's consent."""
    return ask_to_add_child(db, family_id, child, now).only()


def ask_to_add_child(db: Db, family_id: int, child: OfFamily, now: datetime) -> Later[int]:
    """The same; its id is read later."""
    return db.later(
        _ADD_CHILD,
        public_id=child.public_id,
        family_id=family_id,
        nickname=child.nickname,
        birth_month=child.birth_month,
        grade=child.grade,
        grade_year=child.grade_year,
        created_at=now,
    )


def rename_child(db: Db, family_id: int, child: str, nickname: str) -> bool:
    """Call a child something else; False when it is not this family's."""
    return db.change(_RENAME, family=family_id, child=child, new_nickname=nickname) == 1


def correct_age(
    db: Db, family_id: int, child: str, birth_month: str | None, grade: tuple[int, int] | None
) -> bool:
    """Keep a birth month, or a grade with its school year; False when it is not this family's."""
    number, year = grade or (None, None)
    found = db.change(
        _CORRECT,
        family=family_id,
        child=child,
        new_birth_month=birth_month,
        new_grade=number,
        new_grade_year=year,
    )
    return found == 1


def remove_child(db: Db, family_id: int, child: str) -> bool:
    """Erase a child and that it came on visits; False when it is not this family's."""
    db.change(_UNLINK, family=family_id, child=child)
    return db.change(_REMOVE, family=family_id, child=child) == 1


def consent(db: Db, family_id: int, purpose: str) -> Answer | None:
    """A family's newest answer to a question of consent; None when it was never asked."""
    return ask_consent(db, family_id, purpose).first()


def ask_consent(db: Db, family_id: int, purpose: str) -> Later[Answer]:
    """The same, read later."""
    return db.later(_NEWEST, family=family_id, purpose=purpose)


def add_consent(db: Db, consent: Consent) -> None:
    """Note an answer. None is ever changed: the newest holds."""
    db.insert(consent)


def speak(db: Db, person_id: int, locale: str | None) -> None:
    """Note the language a person chose; None: none."""
    db.change(_SPEAK, person=person_id, new_locale=locale)


def known(db: Db, family_id: int) -> list[Known]:
    """What is kept of each chat of a family."""
    return db.all(_KNOWN, family=family_id)


def priority_of(db: Db, family_id: int) -> int:
    """Above 0 for a family of the green channel."""
    return db.first(_PRIORITY, family=family_id) or 0
