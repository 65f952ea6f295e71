"""What is kept of a family: its children, its consents, its language, and how is it erased?"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlmodel import col

from storage.db import Db
from storage.models import (
    Booking,
    BookingChild,
    Chat,
    Child,
    Consent,
    Conversation,
    Family,
    Inbox,
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
_PAYLOADS = Query(
    select(col(Outbox.id), col(Outbox.payload)).where(col(Outbox.chat_id).in_(_CHATS)),
    into=lambda number, payload: (int(number), payload),
)
_REWRITE = Command(
    update(Outbox)
    .where(col(Outbox.id) == bindparam("row"))
    .values(payload=bindparam("new_payload"))
)
_FORGET_WORDS = Command(
    update(Inbox)
    .where(
        col(Inbox.dead_words).is_not(None),
        col(Inbox.id).in_(select(col(Outbox.inbox_id)).where(col(Outbox.chat_id).in_(_CHATS))),
    )
    .values(dead_words=None)
)
_FORGET_ANSWERS = Command(
    update(Conversation)
    .where(
        col(Conversation.person_id).in_(
            select(col(Person.id)).where(col(Person.family_id) == bindparam("family"))
        )
    )
    .values(answers={}, prompt=None, name=None, remind_at=None, expires_at=None)
)
_DROP_HISTORY = Command(delete(Outbox).where(col(Outbox.chat_id).in_(_CHATS)))
_PERSONS = Query(
    select(col(Person.id)).where(col(Person.family_id) == bindparam("family")), into=scalar
)
_HAND_OVER_BOOKINGS = Command(
    update(Booking)
    .where(col(Booking.family_id) == bindparam("family"))
    .values(family_id=bindparam("new_family_id"), person_id=bindparam("new_person_id"))
)
_HAND_OVER_CONSENTS = Command(
    update(Consent)
    .where(col(Consent.person_id) == bindparam("person"))
    .values(person_id=bindparam("new_person_id"))
)
_PRIORITY = Query(
    select(col(Family.priority)).where(col(Family.id) == bindparam("family")), into=scalar
)
_WORDS = ("text", "said", "label")  # of a stored message: what a person reads


def children_of(db: Db, family_id: int) -> list[OfFamily]:
    """A family's children, in the order they were told."""
    return db.all(_CHILDREN, family=family_id)


def add_child(db: Db, family_id: int, child: OfFamily, now: datetime) -> int:
    """Store a child; its id. Whoever calls has seen the family's consent."""
    found = db.first(
        _ADD_CHILD,
        public_id=child.public_id,
        family_id=family_id,
        nickname=child.nickname,
        birth_month=child.birth_month,
        grade=child.grade,
        grade_year=child.grade_year,
        created_at=now,
    )
    assert found is not None
    return int(found)


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
    return db.first(_NEWEST, family=family_id, purpose=purpose)


def add_consent(db: Db, consent: Consent) -> None:
    """Note an answer. None is ever changed: the newest holds."""
    db.insert(consent)


def speak(db: Db, person_id: int, locale: str | None) -> None:
    """Note the language a person chose; None: none."""
    db.change(_SPEAK, person=person_id, new_locale=locale)


def known(db: Db, family_id: int) -> list[Known]:
    """What is kept of each chat of a family."""
    return db.all(_KNOWN, family=family_id)


def blot_out(db: Db, family_id: int, names: Sequence[str]) -> None:
    """Take names out of everything a family was told and said, as far as it is kept."""
    for number, payload in db.all(_PAYLOADS, family=family_id):
        blotted = _without(payload, names)
        if blotted != payload:
            db.change(_REWRITE, row=number, new_payload=blotted)
    db.change(_FORGET_WORDS, family=family_id)


def forget_answers(db: Db, family_id: int) -> None:
    """Drop what a family is in the middle of saying."""
    db.change(_FORGET_ANSWERS, family=family_id)


def erase(db: Db, family_id: int, now: datetime) -> None:
    """Erase a family: children, words, language. Its visits and consents stay, as nobody's.

    The chats stay, since an answer is still to be given there, as those of somebody unknown.
    """
    for child in children_of(db, family_id):
        remove_child(db, family_id, child.public_id)
    db.change(_FORGET_WORDS, family=family_id)
    db.change(_DROP_HISTORY, family=family_id)
    forget_answers(db, family_id)
    nobody_family = db.insert(Family(created_at=now))
    nobody = db.insert(
        Person(public_id=secrets.token_hex(16), family_id=nobody_family, created_at=now)
    )
    db.change(
        _HAND_OVER_BOOKINGS,
        family=family_id,
        new_family_id=nobody_family,
        new_person_id=nobody,
    )
    for person_id in db.all(_PERSONS, family=family_id):
        db.change(_HAND_OVER_CONSENTS, person=person_id, new_person_id=nobody)
        speak(db, person_id, None)


def priority_of(db: Db, family_id: int) -> int:
    """Above 0 for a family of the green channel."""
    return db.first(_PRIORITY, family=family_id) or 0


def _without(value: Any, names: Sequence[str], *, is_words: bool = False) -> Any:
    """A stored message with the names taken out of what was to be read; ids and tokens stay."""
    match value:
        case str() if is_words:
            for name in names:
                value = value.replace(name, "…")
            return value
        case list():
            return [_without(each, names) for each in value]
        case dict():
            return {
                key: _without(each, names, is_words=key in _WORDS) for key, each in value.items()
            }
        case _:
            return value
