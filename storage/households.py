"""Which chats and people belong together, and how do two become one, or part again?

Whoever changes that for somebody holds their conversation: `hold`. A turn that waited for it then
finds another row there, and looks anew who it is that speaks: see `storage.chats.meet`.
"""

import secrets
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col

from storage import limits, roles
from storage.db import Db
from storage.models import (
    LIVE_STATES,
    Audit,
    Booking,
    BookingChild,
    Chat,
    CheckIn,
    Child,
    Code,
    Consent,
    Conversation,
    Family,
    Outbox,
    Person,
    Strike,
)
from storage.people import OfFamily
from storage.statements import Command, Query, scalar, whole


class Linked(NamedTuple):
    """A chat of a person."""

    chat_id: int
    channel: str
    address: str
    locale: str
    last_heard_at: datetime


def _pointing(table: type[SQLModel], name: str) -> Command:
    """Let what points to one row point to another."""
    column = getattr(table, name)
    return Command(update(table).where(column == bindparam("old")).values({name: bindparam("new")}))


_IS_PERSON = col(Person.id) == bindparam("person")
_FAMILY = Query(select(col(Person.family_id)).where(_IS_PERSON), into=scalar)
_PEOPLE = Query(
    select(col(Person.id))
    .where(
        col(Person.family_id) == bindparam("family"),
        exists().where(col(Chat.person_id) == col(Person.id)),
    )
    .order_by(col(Person.id)),
    into=scalar,
)
_CHATS = Query(
    select(
        col(Chat.id), col(Chat.channel), col(Chat.address), col(Chat.locale),
        col(Chat.last_heard_at),
    )
    .where(col(Chat.person_id) == bindparam("person"))
    .order_by(col(Chat.last_heard_at).desc(), col(Chat.id).desc()),
    into=Linked,
)  # fmt: skip
_OTHER = aliased(Booking)
_BOTH_COME = Query(
    select(col(Booking.public_id))
    .join(_OTHER, col(_OTHER.session_id) == col(Booking.session_id))
    .where(
        col(Booking.family_id) == bindparam("family"),
        col(_OTHER.family_id) == bindparam("other"),
        *(or_(*(col(each.state) == state for state in LIVE_STATES)) for each in (Booking, _OTHER)),
    )
    .order_by(col(Booking.id))
    .limit(1),
    into=scalar,
)
_HOLD = Query(
    select(Conversation)
    .where(col(Conversation.person_id) == bindparam("person"))
    .with_for_update(),
    into=whole(Conversation),
)
_DROP_CONVERSATION = Command(
    delete(Conversation).where(col(Conversation.person_id) == bindparam("person"))
)

_OF_FAMILY = [_pointing(table, "family_id") for table in (Child, Booking, Strike)]
_OF_PERSON = [
    *(_pointing(table, "person_id") for table in (Chat, Consent, Booking, Code, CheckIn)),
    _pointing(Code, "used_by_id"),
]
_IS_THE_CHILD = _pointing(BookingChild, "child_id")
_DROP_CHILD = Command(delete(Child).where(col(Child.id) == bindparam("child")))
_PRIORITY = Query(
    select(col(Family.priority)).where(col(Family.id) == bindparam("family")), into=scalar
)
_RAISE_PRIORITY = Command(
    update(Family)
    .where(col(Family.id) == bindparam("family"), col(Family.priority) < bindparam("new_priority"))
    .values(priority=bindparam("new_priority"))
)
_WAYS = Query(
    select(col(Person.locale), col(Person.calendar_token)).where(_IS_PERSON),
    into=lambda locale, token: (locale, token),
)
_KEEP_WAYS = Command(
    update(Person)
    .where(_IS_PERSON)
    .values(
        locale=func.coalesce(col(Person.locale), bindparam("new_locale")),
        calendar_token=func.coalesce(col(Person.calendar_token), bindparam("new_token")),
    )
)
_EMPTY = Command(update(Person).where(_IS_PERSON).values(locale=None, calendar_token=None))
_DROP_PERSON = Command(
    delete(Person).where(_IS_PERSON, ~exists().where(col(Audit.person_id) == col(Person.id)))
)
_DROP_FAMILY = Command(
    delete(Family).where(
        col(Family.id) == bindparam("family"),
        ~exists().where(col(Person.family_id) == col(Family.id)),
        ~exists().where(col(Booking.family_id) == col(Family.id)),
    )
)
_MOVE = Command(update(Person).where(_IS_PERSON).values(family_id=bindparam("new_family")))
_UNLINK = Command(
    update(Chat)
    .where(col(Chat.id) == bindparam("chat"), col(Chat.person_id) == bindparam("old"))
    .values(person_id=bindparam("new"), beside=None)
)
_DROP_WORDS = Command(delete(Outbox).where(col(Outbox.chat_id) == bindparam("chat")))


def family_of(db: Db, person_id: int) -> int | None:
    """The family of a person; None when there is no such person any more."""
    return db.first(_FAMILY, person=person_id)


def people_of(db: Db, family_id: int) -> list[int]:
    """The people of a family who can speak."""
    return db.all(_PEOPLE, family=family_id)


def chats_of(db: Db, person_id: int) -> list[Linked]:
    """The chats of a person, the one heard last first."""
    return db.all(_CHATS, person=person_id)


def both_come(db: Db, family_id: int, other_id: int) -> str | None:
    """The public id of a visit of the first family to a session where the other comes too."""
    return db.first(_BOTH_COME, family=family_id, other=other_id)


def hold(db: Db, person_id: int) -> bool:
    """Wait until nobody else speaks for a person, until the end; False when nobody can speak.

    Whoever waited meanwhile looks again who they are.
    """
    conversation = db.first(_HOLD, person=person_id)
    if conversation is None:
        return False
    db.change(_DROP_CONVERSATION, person=person_id)
    db.insert(conversation)
    return True


def lock_families(db: Db, *family_ids: int) -> None:
    """Let nobody else book for these families until the end of the transaction."""
    for family_id in sorted(set(family_ids)):
        limits.lock_family(db, family_id)


def join_families(db: Db, emptied: int, into: int, same: list[tuple[OfFamily, OfFamily]]) -> None:
    """Hand everything of one family to another. `same`: its children that are the other's too.

    The people stay where they are: see `move` and `join_people`.
    """
    for child, kept in same:
        db.change(_IS_THE_CHILD, old=child.id, new=kept.id)
        db.change(_DROP_CHILD, child=child.id)
    for hand_over in _OF_FAMILY:
        db.change(hand_over, old=emptied, new=into)
    db.change(_RAISE_PRIORITY, family=into, new_priority=db.first(_PRIORITY, family=emptied) or 0)


def join_people(db: Db, emptied: int, into: int, now: datetime) -> None:
    """Hand everything of one person to another, the chats too, and erase the first.

    Of a person whom the audit names, an empty row is left.
    """
    for role in roles.held_by(db, emptied):
        roles.grant(db, into, role.duty, role.base_id, now)
    roles.revoke_all(db, emptied, now)
    for hand_over in _OF_PERSON:
        db.change(hand_over, old=emptied, new=into)
    locale, token = db.first(_WAYS, person=emptied) or (None, None)
    db.change(_EMPTY, person=emptied)
    db.change(_KEEP_WAYS, person=into, new_locale=locale, new_token=token)
    db.change(_DROP_CONVERSATION, person=emptied)
    db.change(_DROP_PERSON, person=emptied)


def move(db: Db, person_id: int, family_id: int) -> None:
    """Let a person belong to another family."""
    db.change(_MOVE, person=person_id, new_family=family_id)


def prioritise(db: Db, family_id: int) -> None:
    """Give a family the green channel."""
    db.change(_RAISE_PRIORITY, family=family_id, new_priority=1)


def drop_family(db: Db, family_id: int) -> None:
    """Erase a family that nobody and nothing belongs to any more."""
    db.change(_DROP_FAMILY, family=family_id)


def leave(db: Db, person_id: int, now: datetime) -> int:
    """Give a person a family of their own, without children and visits; its id."""
    family_id = db.insert(Family(created_at=now))
    move(db, person_id, family_id)
    return family_id


def unlink(db: Db, person_id: int, chat: Linked, now: datetime) -> bool:
    """Make a chat that of somebody new, and forget what was said there; False if it is gone."""
    family_id = db.insert(Family(created_at=now))
    newcomer = Person(public_id=secrets.token_hex(16), family_id=family_id, created_at=now)
    new_id = db.insert(newcomer)
    db.insert(Conversation(person_id=new_id, chat_id=chat.chat_id, touched_at=now))
    if db.change(_UNLINK, chat=chat.chat_id, old=person_id, new=new_id) != 1:
        return False
    db.change(_DROP_WORDS, chat=chat.chat_id)
    return True
