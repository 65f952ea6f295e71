"""How do people talk with Kepu in a browser? They read what is stored, so storing is delivering."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import NamedTuple, Protocol

from bot.channels.chat_json import Line
from handlers.messages import Capabilities, Incoming, Message
from storage import chats, outbox, people
from storage.database import Database
from storage.db import Db

NAME = "web"
KEEP_ALIVE_SECONDS = 20.0  # proxies give up on a silent connection after 30 to 60
HISTORY_MAX = 200  # messages of one reading
STREAMS_MAX = 8  # of one visitor: open tabs; each costs a connection


class Inbound(Protocol):
    """The one door in, as far as the web chat sees it."""

    async def receive(self, incoming: Incoming) -> list[Message]:
        """Answer one event; the answer is stored when this returns."""


class Opened(NamedTuple):
    """What a page needs that is opened."""

    lines: list[Line]
    locale: str  # the language the person chose; "" when none


class TooManyStreams(Exception):
    """One visitor holds more streams open than a person has tabs."""


class Listener:
    """One open page that wants to hear of news at its address."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._told: list[Line] = []

    def tell(self, lines: Sequence[Line]) -> None:
        """Hand news over; without lines, there is something to be read."""
        self._told += lines
        self._woken.set()

    async def news(self, seconds: float) -> list[Line]:
        """What was handed over; waits for it up to `seconds`, then empty."""
        if not self._woken.is_set():
            try:
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
            except TimeoutError:
                return []
        self._woken.clear()
        told, self._told = self._told, []
        return told


class WebChat:
    """The web channel: what it can show, who listens at an address, and what was said there."""

    name = NAME
    capabilities = Capabilities(
        buttons=True,
        edit_message=False,
        max_options=12,
        label_length=80,
        one_message_per_turn=False,
        can_push=True,
        date_grid=True,
        stores_to_deliver=True,
    )

    def __init__(self, database: Database) -> None:
        self.database = database
        self.is_closing = False
        self._listeners: dict[str, set[Listener]] = {}

    def wake(self, address: str) -> None:
        """Tell the pages open at `address` that there is something to be read."""
        self.tell(address, [])

    def tell(self, address: str, lines: Sequence[Line]) -> None:
        """Hand the pages open at `address` what was just said there, to spare them a reading."""
        for listener in self._listeners.get(address, ()):
            listener.tell(lines)

    @property
    def listeners(self) -> int:
        """How many pages are open."""
        return sum(map(len, self._listeners.values()))

    def close(self) -> None:
        """Let every open stream end: the process stops."""
        self.is_closing = True
        for address in self._listeners:
            self.wake(address)

    @contextmanager
    def listening(self, address: str) -> Iterator[Listener]:
        """A listener at `address`, until left. Raises TooManyStreams."""
        here = self._listeners.setdefault(address, set())
        if len(here) >= STREAMS_MAX:
            raise TooManyStreams
        listener = Listener()
        here.add(listener)
        try:
            yield listener
        finally:
            here.discard(listener)
            if not here:
                self._listeners.pop(address, None)

    async def history(self, address: str, after: int, most: int = HISTORY_MAX) -> list[Line]:
        """The newest `most` messages shown at `address` after number `after`, oldest first."""
        return await self.database.read(partial(_history, address=address, after=after, most=most))

    async def opened(self, address: str, most: int) -> Opened:
        """The newest `most` messages at `address`, and the language of whoever is there."""

        def work(db: Db) -> Opened:
            met = chats.find(db, NAME, address)
            if met is None:
                return Opened([], "")
            return Opened(_history(db, address, 0, most), met.chosen_locale or "")

        return await self.database.read(work)

    async def speak(self, address: str, locale: str) -> None:
        """Note the language chosen at `address`; nothing is stored of somebody who never spoke."""

        def work(db: Db) -> None:
            met = chats.find(db, NAME, address)
            if met is not None:
                people.speak(db, met.person_id, locale)

        await self.database.write(work, f"{NAME}:{address}")

    async def stream(
        self, address: str, after: int, keep_alive: float = KEEP_ALIVE_SECONDS
    ) -> AsyncGenerator[list[Line], None]:
        """What is said at `address` after number `after`, as it is said; empty to keep alive.

        Ends when the process stops. Raises TooManyStreams.
        """
        with self.listening(address) as listener:
            lines = await self.history(address, after)
            while not self.is_closing:
                after = lines[-1].message.number if lines else after
                yield lines
                told = await listener.news(keep_alive)
                lines = [line for line in told if line.message.number > after]
                if not _follows(lines, after):
                    # Told nothing, or another process had a part in it: the database knows.
                    lines = await self.history(address, after)


def _follows(lines: Sequence[Line], after: int) -> bool:
    """Whether these lines go on from number `after` with none missing."""
    numbers = [line.message.number for line in lines]
    return bool(numbers) and numbers == list(range(after + 1, after + 1 + len(numbers)))


def _history(db: Db, address: str, after: int, most: int) -> list[Line]:
    return [
        # A message put aside for later got its number when it was shown.
        Line(replace(Message.from_json(shown.payload), number=shown.number), shown.at)
        for shown in outbox.history(db, NAME, address, after, most)
    ]
