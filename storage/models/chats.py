"""What was heard, what is being asked, and what is to be said?"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.columns import Instant, Json, Word


class OutboxState(StrEnum):
    """Where a message to a person stands; `in_doubt` may or may not have arrived."""

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    UNREACHABLE = "unreachable"
    IN_DOUBT = "in_doubt"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Lane(StrEnum):
    """Who goes first when an account may send only so many; sorted: announcement is last."""

    REPLY = "1_reply"
    REMINDER = "2_reminder"
    ANNOUNCEMENT = "3_announcement"


class Conversation(SQLModel, table=True):
    """What a person is in the middle of. Stays when nothing is: `revision` must only rise."""

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    chat_id: int = Field(foreign_key="chat.id")  # where it was last spoken
    name: str | None = Field(default=None, max_length=40)  # None: nothing is under way
    code_hash: str = Field(default="", max_length=16)
    revision: int = 0
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=Json)  # in asked order
    prompt: dict[str, Any] | None = Field(default=None, sa_type=Json)
    touched_at: datetime = Field(sa_type=Instant)
    remind_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    expires_at: datetime | None = Field(default=None, sa_type=Instant, index=True)


class Inbox(SQLModel, table=True):
    """Every event heard, once. Only a dead letter keeps its words, for whoever mends the bug."""

    __table_args__ = (UniqueConstraint("channel", "event_id"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str = Field(max_length=16)
    event_id: str = Field(max_length=200)
    at: datetime = Field(sa_type=Instant)
    dead_words: str | None = None
    dead_error: str | None = Field(default=None, max_length=200)


class Outbox(SQLModel, table=True):
    """Everything Kepu says: replies now, reminders due later, notices in bulk."""

    __table_args__ = (
        UniqueConstraint("chat_id", "number"),
        Index("outbox_due", "lane", "due_at", "id",
              sqlite_where=text("state = 'ready'"), postgresql_where=text("state = 'ready'")),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    chat_id: int = Field(foreign_key="chat.id")
    inbox_id: int | None = Field(
        default=None, foreign_key="inbox.id", index=True
    )  # what it answers
    number: int | None = None  # its place in the chat, from the moment it is shown
    lane: Lane = Field(sa_type=Word(Lane))
    kind: str = Field(max_length=32)
    payload: dict[str, Any] = Field(sa_type=Json)  # handlers.messages.Message as JSON
    state: OutboxState = Field(sa_type=Word(OutboxState))
    due_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    claimed_at: datetime | None = Field(default=None, sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    external_id: str | None = Field(default=None, max_length=64)
    error: str | None = Field(default=None, max_length=200)
    once_key: str | None = Field(default=None, unique=True, max_length=80)
