"""Where does a person stand in a conversation, and whose time is up?"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from storage.db import Db
from storage.models import Chat, Conversation, Person
from storage.statements import Command, Query


@dataclass(slots=True)
class Standing:
    """What is kept of a conversation between two turns."""

    name: str | None = None  # None: nothing is under way
    code_hash: str = ""
    revision: int = 0
    answers: dict[str, Any] = field(default_factory=dict)  # in asked order
    prompt: dict[str, Any] | None = None
    remind_at: datetime | None = None
    expires_at: datetime | None = None


class Due(NamedTuple):
    """A conversation whose reminder or end is due."""

    person_id: int
    chat_id: int
    channel: str
    address: str
    chosen_locale: str | None
    channel_locale: str
    name: str
    revision: int
    prompt: dict[str, Any] | None


_SAVE = Command(
    update(Conversation)
    .where(col(Conversation.person_id) == bindparam("person"))
    .values(
        chat_id=bindparam("new_chat"),
        name=bindparam("new_name"),
        code_hash=bindparam("new_code_hash"),
        revision=bindparam("new_revision"),
        answers=bindparam("new_answers"),
        prompt=bindparam("new_prompt"),
        touched_at=bindparam("new_touched_at"),
        remind_at=bindparam("new_remind_at"),
        expires_at=bindparam("new_expires_at"),
    )
)


def _due(deadline: Any) -> Query[Due]:
    return Query(
        select(
            col(Conversation.person_id),
            col(Conversation.chat_id),
            col(Chat.channel),
            col(Chat.address),
            col(Person.locale),
            col(Chat.locale),
            col(Conversation.name),
            col(Conversation.revision),
            col(Conversation.prompt),
        )
        .join(Chat, col(Chat.id) == col(Conversation.chat_id))
        .join(Person, col(Person.id) == col(Conversation.person_id))
        .where(deadline <= bindparam("now"), col(Conversation.name).is_not(None))
        .order_by(deadline)
        .limit(bindparam("most", type_=None))
        .with_for_update(of=Conversation, skip_locked=True),
        into=Due,
    )


_REMINDERS_DUE = _due(col(Conversation.remind_at))
_ENDS_DUE = _due(col(Conversation.expires_at))
_REMINDED = Command(
    update(Conversation)
    .where(
        col(Conversation.person_id) == bindparam("person"),
        col(Conversation.revision) == bindparam("seen"),
        col(Conversation.remind_at).is_not(None),
    )
    .values(remind_at=None)
)
_END = Command(
    update(Conversation)
    .where(
        col(Conversation.person_id) == bindparam("person"),
        col(Conversation.revision) == bindparam("seen"),
        col(Conversation.name).is_not(None),
    )
    .values(
        name=None,
        answers={},
        prompt=bindparam("new_prompt"),
        revision=col(Conversation.revision) + 1,
        remind_at=None,
        expires_at=None,
    )
)


def save(db: Db, person_id: int, chat_id: int, standing: Standing, now: datetime) -> None:
    """Keep where a person stands. The row exists since they were first met, and is locked."""
    db.change(
        _SAVE,
        person=person_id,
        new_chat=chat_id,
        new_name=standing.name,
        new_code_hash=standing.code_hash,
        new_revision=standing.revision,
        new_answers=standing.answers,
        new_prompt=standing.prompt,
        new_touched_at=now,
        new_remind_at=standing.remind_at,
        new_expires_at=standing.expires_at,
    )


def reminders_due(db: Db, now: datetime, most: int = 100) -> list[Due]:
    """Conversations to remind of, the longest due first; locked, those locked elsewhere left out."""
    return db.all(_REMINDERS_DUE, now=now, most=most)


def ends_due(db: Db, now: datetime, most: int = 100) -> list[Due]:
    """Conversations whose time is up, the longest due first; locked likewise."""
    return db.all(_ENDS_DUE, now=now, most=most)


def reminded(db: Db, due: Due) -> bool:
    """Note the reminder; False when the conversation moved on or another process was first."""
    return db.change(_REMINDED, person=due.person_id, seen=due.revision) == 1


def end(db: Db, due: Due, prompt: dict[str, Any] | None) -> bool:
    """End a conversation, forgetting its answers; False when it moved on meanwhile."""
    return db.change(_END, person=due.person_id, seen=due.revision, new_prompt=prompt) == 1
