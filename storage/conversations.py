"""Where does a person stand in a conversation, and whose time is up?"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from storage.db import Db
from storage.models import Chat, Conversation
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
    """A conversation whose reminder or end is due, and where it was last spoken."""

    person_id: int
    chat_id: int
    channel: str
    address: str
    is_end: bool


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


def _due(deadline: Any, *, is_end: bool) -> Query[Due]:
    return Query(
        select(
            col(Conversation.person_id),
            col(Conversation.chat_id),
            col(Chat.channel),
            col(Chat.address),
        )
        .join(Chat, col(Chat.id) == col(Conversation.chat_id))
        .where(deadline <= bindparam("now"))
        .order_by(deadline)
        .limit(bindparam("most", type_=None)),
        into=lambda *where: Due._make((*where, is_end)),
    )


_REMINDERS_DUE = _due(col(Conversation.remind_at), is_end=False)
_ENDS_DUE = _due(col(Conversation.expires_at), is_end=True)
_TAKE_REMINDER = Command(
    update(Conversation)
    .where(
        col(Conversation.person_id) == bindparam("person"),
        col(Conversation.remind_at) <= bindparam("now"),
    )
    .values(remind_at=None)
)
_TAKE_END = Command(
    update(Conversation)
    .where(
        col(Conversation.person_id) == bindparam("person"),
        col(Conversation.expires_at) <= bindparam("now"),
    )
    .values(remind_at=None, expires_at=None)
)


def save(db: Db, person_id: int, chat_id: int, standing: Standing, now: datetime) -> None:
    """Keep where a person stands. The row exists since they were first met, and is locked."""
    db.note(
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


def due(db: Db, now: datetime, most: int = 100) -> list[Due]:
    """Conversations to end and then those to remind of, the longest due first."""
    return db.all(_ENDS_DUE, now=now, most=most) + db.all(_REMINDERS_DUE, now=now, most=most)


def take(db: Db, taken: Due, now: datetime) -> bool:
    """Take a deadline, which nobody else then does; False when the person spoke meanwhile."""
    command = _TAKE_END if taken.is_end else _TAKE_REMINDER
    return db.change(command, person=taken.person_id, now=now) == 1
