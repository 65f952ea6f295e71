"""What is left of a family that wants to be forgotten, or to have a name taken out?"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlmodel import col

from storage.db import Db
from storage.models import Booking, Chat, Consent, Conversation, Family, Inbox, Outbox, Person
from storage.people import children_of, remove_child, speak
from storage.statements import Command, Query, scalar

_CHATS = select(col(Chat.id)).join(Person, col(Person.id) == col(Chat.person_id)).where(
    col(Person.family_id) == bindparam("family")
)  # fmt: skip
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
_WORDS = ("text", "said", "label")  # of a stored message: what a person reads


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
