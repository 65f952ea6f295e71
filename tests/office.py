"""How is a sender put to work in a test, and what became of its messages?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import col

from bot.outbound import Sender
from handlers.conversation.menu import Menu
from handlers.conversation.voice import Voice
from handlers.here import Home
from handlers.messages import Message
from handlers.texts import plain
from storage import outbox, sending
from storage.database import Database
from storage.models import Lane, Outbox, OutboxState
from storage.statements import Query
from tests.builders import a_chat
from tests.conversation.flows import hint, visit, wish
from tests.fakes import Clock, FakeSending, start

LANES = {"reply": Lane.REPLY, "reminder": Lane.REMINDER, "announcement": Lane.ANNOUNCEMENT}


TALK = Menu([visit, wish, hint], ["visit", "wish"], plain("Hello"))


class Row(NamedTuple):
    """What became of a message."""

    payload: dict[str, Any]
    state: OutboxState
    attempts: int
    due_at: datetime
    sent_at: datetime | None
    external_id: str | None
    error: str | None


_ROWS = Query(
    select(
        col(Outbox.payload),
        col(Outbox.state),
        col(Outbox.attempts),
        col(Outbox.due_at),
        col(Outbox.sent_at),
        col(Outbox.external_id),
        col(Outbox.error),
    ).order_by(col(Outbox.id)),
    into=Row,
)


@dataclass
class Office:
    """A database, a sending channel, a clock, and one sender between them."""

    database: Database
    clock: Clock
    channel: FakeSending
    sender: Sender

    def chat(self, address: str = "li") -> int:
        """Somebody who can be written to; the id of their chat."""
        return self.database.write_and_wait(lambda db: a_chat(db, channel="fake", address=address))

    def puts(self, chat_id: int, text: str, kind: str = "reply", **how: Any) -> bool:
        """Have something said, now unless `due_at` says another time."""
        how = {"lane": LANES.get(kind, Lane.REPLY), "due_at": self.clock.at, **how}
        message = Message(text).as_json()
        return self.database.write_and_wait(
            lambda db: outbox.put(db, chat_id, message, kind=kind, **how)
        )

    async def sends(self, times: int = 1) -> None:
        """Hand over what is due and allowed, and wait for what becomes of it."""
        for _ in range(times):
            await self.sender.send_due()
            await self.sender.idle()

    def rows(self) -> list[Row]:
        """Every message, the oldest first."""
        return self.database.read_and_wait(lambda db: db.all(_ROWS))

    def states(self) -> list[str]:
        """What became of every message, the oldest first."""
        return [row.state.value for row in self.rows()]

    def settles(self) -> None:
        """Look after what a dead sender left behind."""
        before = self.clock.at - timedelta(seconds=sending.LEASE_SECONDS)
        self.database.write_and_wait(lambda db: sending.settle_interrupted(db, before))

    def another_sender(self) -> "Office":
        """The same office after its process was killed and started again."""
        channel = FakeSending(self.clock, pace=self.channel.pace)
        return _open(self.database, channel)


def an_office(database: Database, **channel: Any) -> Office:
    """An office with a channel of these fields."""
    clock = Clock()
    return _open(database, FakeSending(clock, **channel))


def _open(database: Database, channel: FakeSending) -> Office:
    voice = Voice(TALK, {channel.name: channel.capabilities}, Home("en", "Asia/Shanghai"))
    sender = Sender(database, channel, channel.clock, start, voice)
    return Office(database, channel.clock, channel, sender)
