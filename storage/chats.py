"""Who is at this address, and what are they in the middle of?"""

import secrets
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import col

from storage.db import Db
from storage.models import Chat, Conversation, Family, Person
from storage.statements import Command, Query, scalar


class Met(NamedTuple):
    """A person in a chat, with the conversation that is locked until the transaction ends."""

    chat_id: int
    person_id: int
    family_id: int
    chosen_locale: str | None
    channel_locale: str
    conversation: str | None
    code_hash: str
    revision: int
    answers: dict[str, Any]
    prompt: dict[str, Any] | None
    last_chat_id: int  # where they last spoke: perhaps another of their chats
    beside: dict[str, Any] | None  # what a message that nobody asked for offered since they spoke


class Reached(NamedTuple):
    """A chat of a family that can be written to."""

    chat_id: int
    person_id: int
    channel: str
    chosen_locale: str | None
    channel_locale: str


# The conversation row is what is locked: PostgreSQL rereads only the locked row after waiting, and
# it is the one that another turn of the same person may have changed.
_MEET = Query(
    select(
        col(Chat.id),
        col(Chat.person_id),
        col(Person.family_id),
        col(Person.locale),
        col(Chat.locale),
        col(Conversation.name),
        col(Conversation.code_hash),
        col(Conversation.revision),
        col(Conversation.answers),
        col(Conversation.prompt),
        col(Conversation.chat_id),
        col(Chat.beside),
    )
    .join(Person, col(Person.id) == col(Chat.person_id))
    .join(Conversation, col(Conversation.person_id) == col(Chat.person_id))
    .where(col(Chat.channel) == bindparam("channel"), col(Chat.address) == bindparam("address"))
    .with_for_update(of=Conversation),
    into=Met,
)
_ADD_CHAT = Query(
    lambda insert: (
        insert(Chat)
        .values(
            channel=bindparam("channel"),
            address=bindparam("address"),
            person_id=bindparam("person_id"),
            locale=bindparam("locale"),
            last_number=0,
            last_heard_at=bindparam("at"),
            is_reachable=True,
        )
        .on_conflict_do_nothing(index_elements=["channel", "address"])
        .returning(col(Chat.id))
    ),
    into=scalar,
)
_HEARD = Query(
    update(Chat)
    .where(col(Chat.id) == bindparam("chat"))
    .values(
        last_number=col(Chat.last_number) + bindparam("shown"),
        last_heard_at=bindparam("at"),
        is_reachable=True,
        beside=bindparam("new_beside"),
    )
    .returning(col(Chat.last_number)),
    into=scalar,
)
_NUMBERED = Query(
    update(Chat)
    .where(col(Chat.id) == bindparam("chat"))
    .values(last_number=col(Chat.last_number) + 1)
    .returning(col(Chat.last_number)),
    into=scalar,
)
_OF_FAMILY = Query(
    select(
        col(Chat.id),
        col(Chat.person_id),
        col(Chat.channel),
        col(Person.locale),
        col(Chat.locale),
    )
    .join(Person, col(Person.id) == col(Chat.person_id))
    .where(col(Person.family_id) == bindparam("family"), col(Chat.is_reachable).is_(True))
    .order_by(col(Chat.last_heard_at).desc(), col(Chat.id).desc()),
    into=Reached,
)
_ADD_CONVERSATION = Command(
    insert(Conversation).values(
        person_id=bindparam("person_id"),
        chat_id=bindparam("chat_id"),
        name=None,
        code_hash="",
        revision=0,
        answers={},
        prompt=None,
        touched_at=bindparam("at"),
        remind_at=None,
        expires_at=None,
    )
)


class _AlreadyKnown(Exception):
    """Another transaction met the same newcomer first."""


def meet(db: Db, channel: str, address: str, locale: str, now: datetime) -> Met:
    """The person at an address, made on first contact; their conversation is locked from here."""
    met = db.first(_MEET, channel=channel, address=address)
    if met is not None:
        return met
    try:
        with db.savepoint():
            _add(db, channel, address, locale, now)
    except _AlreadyKnown:
        pass
    met = db.first(_MEET, channel=channel, address=address)
    assert met is not None
    return met


def find(db: Db, channel: str, address: str) -> Met | None:
    """The person at an address; None when nobody ever spoke there."""
    return db.first(_MEET, channel=channel, address=address)


def chats_of_family(db: Db, family_id: int) -> list[Reached]:
    """The chats of a family's people that can be written to, the one heard last first."""
    return db.all(_OF_FAMILY, family=family_id)


def heard(
    db: Db, chat_id: int, shown: int, now: datetime, *, beside: dict[str, Any] | None = None
) -> int:
    """Note that the chat spoke and that `shown` messages follow; the number of the last of them.

    What was offered beside the conversation is over with that, unless `beside` says it again.
    """
    last = db.first(_HEARD, chat=chat_id, shown=shown, at=now, new_beside=beside)
    assert last is not None
    return int(last)


def next_number(db: Db, chat_id: int) -> int:
    """The number of one more message shown in a chat."""
    last = db.first(_NUMBERED, chat=chat_id)
    assert last is not None
    return int(last)


def _add(db: Db, channel: str, address: str, locale: str, now: datetime) -> None:
    family_id = db.insert(Family(created_at=now))
    person = Person(public_id=secrets.token_hex(16), family_id=family_id, created_at=now)
    person_id = db.insert(person)
    chat_id = db.first(
        _ADD_CHAT, channel=channel, address=address, person_id=person_id, locale=locale, at=now
    )
    if chat_id is None:
        raise _AlreadyKnown
    db.note(_ADD_CONVERSATION, person_id=person_id, chat_id=chat_id, at=now)
