"""What is done with an update, however it came? When `take` returns, it is stored.

A tap is answered beside the turn, once that is stored: its button stops turning.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import structlog
from sqlalchemy.exc import DataError
from telegram.error import TelegramError

from bot.channels.base import SendError
from bot.channels.telegram.updates import (
    NAME,
    Meaning,
    Reachable,
    Said,
    Tapped,
    Uninvited,
    chat_of,
    number_of,
    read,
)
from handlers.messages import Incoming, Message
from handlers.texts import _, known_locale, say
from storage import inbox, reachability
from storage.database import Database
from storage.db import Db

log = structlog.get_logger()

NOT_IN_GROUPS = _(
    "I talk only with one person at a time. Please write to me in a chat of your own."
)
TAP_SECONDS = 10.0  # after that nobody looks at the button any more
FINISH_SECONDS = 3.0  # of a process that stops

StartTask = Callable[[Coroutine[None, None, None]], "asyncio.Task[None]"]


class Api(Protocol):
    """Telegram's methods."""

    async def call(
        self, method: str, values: Mapping[str, Any], *, read_seconds: float | None = None
    ) -> Any:
        """Call a method; its result as JSON. Raises telegram.error.TelegramError."""


class Inbound(Protocol):
    """The one door in, as far as Telegram sees it."""

    async def receive(self, incoming: Incoming) -> list[Message]:
        """Answer one event; the answer is stored when this returns."""


class Sending(Protocol):
    """The channel, as far as a word beside any conversation needs it."""

    async def send(self, address: str, message: Message) -> str:
        """Hand one message over. Raises SendError."""


@dataclass(frozen=True)
class Parts:
    """What receiving rests on."""

    database: Database
    inbound: Inbound
    api: Api
    channel: Sending
    now: Callable[[], datetime]
    start: StartTask
    default_locale: str


@dataclass
class Intake:
    """Takes updates in, those of one chat in their order, chats side by side."""

    bot: str  # its id
    parts: Parts
    _beside: "set[asyncio.Task[None]]" = field(default_factory=set)

    async def take(self, update: object) -> None:
        """Take one update; it is stored when this returns. Raises what the database raises."""
        meaning = read(update, self.bot, self.parts.now())
        if meaning is not None:
            await self._take(meaning, number_of(update))

    async def take_all(self, updates: Iterable[object]) -> list[BaseException]:
        """Take updates; what the database raised for those that could not be stored."""
        chats: dict[str, list[tuple[Meaning, int]]] = {}
        now = self.parts.now()
        for update in updates:
            meaning = read(update, self.bot, now)
            if meaning is not None:
                chats.setdefault(chat_of(meaning), []).append((meaning, number_of(update)))
        took = await asyncio.gather(
            *(self._take_in_order(each) for each in chats.values()), return_exceptions=True
        )
        return [each for each in took if each is not None]

    async def finish(self) -> None:
        """Let what is done beside come to its end."""
        if self._beside:
            await asyncio.wait(set(self._beside), timeout=FINISH_SECONDS)

    async def _take_in_order(self, meanings: Iterable[tuple[Meaning, int]]) -> None:
        for meaning, number in meanings:
            await self._take(meaning, number)

    async def _take(self, meaning: Meaning, number: int) -> None:
        try:
            await self._act(meaning)
        except (DataError, UnicodeError) as error:
            # It can never be stored; kept, it would hold up all that follows it.
            log.exception("update given up", update=number, error=type(error).__name__)

    async def _act(self, meaning: Meaning) -> None:
        write = self.parts.database.write
        match meaning:
            case Said(incoming, tap):
                await self.parts.inbound.receive(incoming)
                if tap:
                    self._do_beside(self._answer(tap))
            case Tapped(tap):
                self._do_beside(self._answer(tap))
            case Reachable(address=address):
                note = partial(_note, change=meaning, now=self.parts.now())
                await write(note, f"{NAME}:{address}")
            case Uninvited(address, locale):
                event_id = f"{self.bot}:group:{address}"
                if await write(partial(_is_new, event_id=event_id, now=self.parts.now())):
                    self._do_beside(self._decline(address, locale))

    def _do_beside(self, work: Coroutine[None, None, None]) -> None:
        task = self.parts.start(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _answer(self, tap: str) -> None:
        values = {"callback_query_id": tap}
        try:
            await self.parts.api.call("answerCallbackQuery", values, read_seconds=TAP_SECONDS)
        except TelegramError as error:  # too late, or answered before: nobody waits any more
            log.debug("tap not answered", error=type(error).__name__)

    async def _decline(self, address: str, locale: str) -> None:
        words = say(NOT_IN_GROUPS, known_locale(locale, self.parts.default_locale))
        try:
            await self.parts.channel.send(address, Message(words))
        except SendError as error:  # a courtesy: it is not tried again
            log.info("group not told", outcome=error.outcome.value)


def _note(db: Db, change: Reachable, now: datetime) -> None:
    """Note whether a chat can be written to; an update that comes again, late, changes nothing."""
    if _is_new(db, change.event_id, now):
        reachability.note(db, NAME, change.address, is_reachable=change.is_reachable)


def _is_new(db: Db, event_id: str, now: datetime) -> bool:
    return inbox.accept(db, NAME, event_id, now).first() is not None
