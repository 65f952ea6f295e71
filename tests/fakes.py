"""What stands in for the outside: a clock to move, and a channel that keeps what it was handed?"""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import text

from bot.channels.base import Outcome, Pace, SendError
from handlers.conversation.testing import BUTTONS, WEB
from handlers.messages import Capabilities, Message
from storage.database import Database
from storage.statements import Command
from tests.builders import NOW

PATIENCE_SECONDS = 20.0  # of a test that waits for a condition


@dataclass
class Clock:
    """A clock that only a test moves."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Handed:
    """A message that reached the outside."""

    address: str
    text: str
    at: datetime


@dataclass
class FakeSending:
    """A channel of somebody else's servers, which do what the test tells them to."""

    clock: Clock
    name: str = "fake"
    capabilities: Capabilities = BUTTONS
    pace: Pace = field(default_factory=lambda: Pace(30, 22))
    handed: list[Handed] = field(default_factory=list)  # what arrived, in its order
    tried: list[Handed] = field(default_factory=list)  # whatever was begun
    in_flight: int = 0
    most_in_flight: int = 0

    def __post_init__(self) -> None:
        self._faults: list[Exception] = []
        self._opened = asyncio.Event()
        self._opened.set()
        self._news = asyncio.Condition()

    def fails(self, outcome: Outcome, times: int = 1, retry_after_seconds: float = 0) -> None:
        """Let the next messages meet this outcome."""
        fault = SendError(outcome, f"told to be {outcome.value}", retry_after_seconds)
        self._faults += [fault] * times

    def breaks(self, bug: Exception) -> None:
        """Let the next message meet a bug of the channel's own."""
        self._faults.append(bug)

    def hangs(self) -> None:
        """Let every message wait for an answer of the outside until `answers`."""
        self._opened.clear()

    def answers(self) -> None:
        """Let those go on that wait."""
        self._opened.set()

    async def send(self, address: str, message: Message) -> str:
        """Hand a message over, or fail as told."""
        one = Handed(address, message.text, self.clock())
        self.tried.append(one)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self._tell()
            await self._opened.wait()
            if self._faults:
                raise self._faults.pop(0)
        finally:
            self.in_flight -= 1
        self.handed.append(one)
        external_id = f"outside-{len(self.handed)}"
        await self._tell()
        return external_id

    async def has_tried(self, count: int) -> None:
        """Wait until so many messages were begun."""
        await self._wait_for(self.tried, count)

    async def has_handed(self, count: int) -> None:
        """Wait until so many messages arrived."""
        await self._wait_for(self.handed, count)

    async def _wait_for(self, messages: list[Handed], count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), self._news:
            await self._news.wait_for(lambda: len(messages) >= count)

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    @property
    def texts(self) -> list[str]:
        """The words of what arrived."""
        return [one.text for one in self.handed]


@dataclass
class FakeStoring:
    """A channel whose people read what is stored; keeps who was woken."""

    name: str = "web"
    capabilities: Capabilities = WEB
    woken: list[str] = field(default_factory=list)

    def wake(self, address: str) -> None:
        """Note that there is news for `address`."""
        self.woken.append(address)


def start(work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
    """Start a task, as bot.app does."""
    return asyncio.create_task(work)  # noqa: TID251 - stands in for bot.app.start


def rename_table(database: Database, name: str, new_name: str) -> None:
    """Break the database, or mend it: until it has its name again, the table is not found."""
    command = Command(text(f"ALTER TABLE {name} RENAME TO {new_name}"))
    database.write_and_wait(lambda db: db.change(command))


def most_within(moments: list[datetime], window: timedelta) -> int:
    """How many of the moments fall into the fullest window of this length."""
    return max((_within(moments, start, window) for start in moments), default=0)


def _within(moments: list[datetime], start: datetime, window: timedelta) -> int:
    return sum(start <= each < start + window for each in moments)


def ticks(clock: Clock, seconds: float, step: float = 0.01) -> Iterator[None]:
    """Move the clock on in small steps, as long as asked."""
    for _ in range(round(seconds / step)):
        yield
        clock.passes(step)
