"""How does a scripted person talk over the real thing? By the fake Bot API and real HTTP.

Kepu and the fake live in a thread of their own; the person's verbs wait until what they did is
answered, and everything of it sent. The others of a story stay scripted, on the same database.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import bindparam, func, or_, select
from sqlmodel import col

from bot.channels.base import Pace
from bot.inbound import Inbound
from bot.news import News
from bot.settings import Settings
from bot.telegram_part import TelegramPart, World, telegram_part
from handlers.conversation.testing import NotSeen, Person, Stage
from handlers.conversation.voice import Voice
from handlers.menu import MENU
from handlers.messages import Attachment, Choice, Message, Prompt
from storage import chats, inbox
from storage.database import Database
from storage.db import Db
from storage.models import Chat, Outbox, OutboxState
from storage.statements import Query, scalar
from tests.fakes import PATIENCE_SECONDS, start
from tests.telegram.fake import TOKEN, FakeTelegram
from tests.telegram.people import Shown, User

T = TypeVar("T")

FAST = Pace(100_000, 100_000, in_flight_max=64)  # the clock of a story stands still
SECRET = "s3cret_-" * 4
PUBLIC = "https://kepu.example"
LOOK_SECONDS = 0.002
LANGUAGES = {"zh_CN": "zh-hans", "en": "en", "": ""}

_UNSENT = Query(
    select(func.count(col(Outbox.id)))
    .join(Chat, col(Chat.id) == col(Outbox.chat_id))
    .where(
        col(Chat.channel) == "telegram",
        or_(
            col(Outbox.state) == OutboxState.SENDING,
            (col(Outbox.state) == OutboxState.READY) & (col(Outbox.due_at) <= bindparam("now")),
        ),
    ),
    into=scalar,
)


@dataclass
class TelegramStage(Stage):
    """A stage with a real Kepu for those who come by Telegram."""

    line: "Line | None" = None

    def person(self, channel: str, address: str = "li", locale: str = "") -> Person:
        if channel != "telegram":
            return super().person(channel, address, locale)
        assert self.line is not None
        return TelegramPerson(self, channel, address, locale, line=self.line)

    def _deliver(self, db: Db, channel: str) -> None:
        if channel != "telegram":  # the real sender does that
            super()._deliver(db, channel)


@dataclass
class Line:
    """A real Kepu on Telegram, by polling or by webhook, and the people at the other end."""

    database: Database
    stage: Stage
    mode: str
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    api: FakeTelegram = field(default_factory=FakeTelegram)
    users: dict[str, User] = field(default_factory=dict)
    part: TelegramPart = field(init=False)

    @contextmanager
    def open(self) -> Iterator["Line"]:
        """Serve until left; every call has to have been valid."""
        thread = threading.Thread(target=self.loop.run_forever)
        thread.start()
        stack = AsyncExitStack()
        try:
            self.do(self._open(stack))
            yield self
            assert self.api.violations == []
            self.do(self.api.until(lambda: not self.api.unanswered, "taps to be answered"))
        finally:
            self.do(_closed(stack))
            self.loop.call_soon_threadsafe(self.loop.stop)
            thread.join()
            self.loop.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something over there."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE_SECONDS * 2)

    async def settled(self, update: dict[str, Any] | None = None) -> None:
        """Return when an update was taken and all that is due was sent."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self.database.read(lambda db: self._is_settled(db, update)):  # noqa: ASYNC110 - the database tells nobody when a message was sent
                await asyncio.sleep(LOOK_SECONDS)

    def _is_settled(self, db: Db, update: dict[str, Any] | None) -> bool:
        if update is not None:
            event_id = f"{TOKEN.partition(':')[0]}:{update['update_id']}"
            if not inbox.was_heard(db, "telegram", event_id):
                return False
        return not db.first(_UNSENT, now=self.stage.now)

    async def _open(self, stack: AsyncExitStack) -> None:
        await stack.enter_async_context(self.api)
        world = World(self.database, lambda: self.stage.now, start)
        settings = self._settings()
        self.part = await stack.enter_async_context(telegram_part(settings, world, FAST))
        channel = self.part.channel
        channels = {channel.name: channel}
        voice = Voice(MENU, {channel.name: channel.capabilities}, self.stage.home)
        wake = self.part.wake
        inbound = Inbound(self.database, MENU, channels, self.stage.home, wake)
        self.part.join(inbound, voice)
        application = web.Application()
        application.add_routes(self.part.routes())
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.api.hosts[PUBLIC] = f"http://127.0.0.1:{runner.addresses[0][1]}"
        news = News(self.database, [self.part.told])
        tasks = [start(each()) for each in (self.part.send, self.part.receive, news.run)]
        stack.push_async_callback(_ended, tasks)

    def _settings(self) -> Settings:
        is_webhook = self.mode == "webhook"
        return Settings(
            secret_key=SecretStr("k" * 32),
            telegram_token=SecretStr(TOKEN),
            telegram_api_url=self.api.url,
            telegram_mode="webhook" if is_webhook else "polling",
            telegram_webhook_secret=SecretStr(SECRET if is_webhook else ""),
            public_url=PUBLIC if is_webhook else "",
        )


async def _closed(stack: AsyncExitStack) -> None:
    """End everything, what the servers still waited for included."""
    await stack.aclose()
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


async def _ended(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    for problem in await asyncio.gather(*tasks, return_exceptions=True):
        if not isinstance(problem, asyncio.CancelledError):
            assert problem is None, problem


@dataclass
class TelegramPerson(Person):
    """A scripted person with a telephone."""

    line: Line = field(kw_only=True)
    user: User = field(init=False)
    update: dict[str, Any] = field(init=False, default_factory=dict)
    _seen_before: dict[int, tuple[str, list[str]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        language = LANGUAGES[self.locale]

        users = self.line.users
        if self.address not in users:
            users[self.address] = self.line.api.user(self.address, language)
        self.user = users[self.address]

    def repeats(self) -> Person:
        """Have the last update delivered again: nothing more is said."""
        self.line.do(self._again())
        self._look()
        return self

    def was_told(self, *words: str) -> Person:
        self.line.do(self.line.settled())
        if not self._look():
            raise NotSeen(self._told("nothing came by itself"))
        return self.sees(*words)

    def was_told_nothing(self) -> Person:
        self.line.do(self.line.settled())
        if self._look():
            raise NotSeen(self._told("something came by itself"))
        return self

    def looks(self) -> Person:
        """Look at what came, if anything did."""
        self._look()
        return self

    def is_asked(self, name: str) -> Person:
        address = str(self.user.id)
        met = self.line.database.read_and_wait(lambda db: chats.find(db, "telegram", address))
        asked = met and met.prompt and met.prompt["name"]
        if asked != name:
            raise NotSeen(self._told(f"{asked!r} was asked, not {name!r}"))
        return self

    @property
    def choices(self) -> list[Choice]:
        fresh = [each for message in self.messages for each in _choices(message)]
        return fresh or next(filter(None, map(_buttons, reversed(self.user.messages))), [])

    def choice(self, label: str) -> Choice:
        """The one meant among what came last; else the newest there is."""
        try:
            return super().choice(label)
        except NotSeen:
            for message in reversed(self.user.messages):
                found = [each for each in _buttons(message) if each.label.startswith(label)]
                if len(found) == 1:
                    return found[0]
            raise

    def _send(self, shown: str, text: str = "", token: str = "") -> Person:
        self._look()
        self.taps_and_lines += 1
        self.line.do(self._act(text, token))
        self.dialogue.append(f"{self.address}: {shown}")
        self._look()
        return self

    async def _act(self, text: str, token: str) -> None:
        self.user.language = LANGUAGES[self.locale]
        under = [each for each in self.user.messages if _has(each, token)]
        if token:
            self.user.taps_data(token, under[-1] if under else None)
        else:
            self.user.says(text)
        self.update = self.line.api.pending[-1]
        await self.line.settled(self.update)

    async def _again(self) -> None:
        if self.line.mode == "webhook":
            self.line.api.push_raw(self.update)
            await self.line.api.until(lambda: not self.line.api.pending)
        else:  # a server that forgot it was told
            await self.line.part.intake.take(self.update)
        await self.line.settled()

    def _look(self) -> bool:
        """Look at what is new in the chat: whether there is anything."""
        now = {each.message_id: (each.text, each.labels) for each in self.user.messages}
        before, self._seen_before = self._seen_before, now
        fresh = [each for each in self.user.messages if _is_new(each, before)]
        if fresh:
            self.messages = [_message(each) for each in fresh]
            self.dialogue += [f"  Kepu: {each}" for each in fresh]
        return bool(fresh)


def _is_new(shown: Shown, before: dict[int, tuple[str, list[str]]]) -> bool:
    """Whether it was not there, or says something else; buttons that went away say nothing."""
    text, labels = before.get(shown.message_id, (None, []))
    return shown.text != text or (shown.labels != labels and bool(shown.labels))


def _message(shown: Shown) -> Message:
    files = [Attachment("file", shown.file_name, "")] if shown.document is not None else []
    links = [
        Attachment("link", each["text"], each["url"])
        for row in shown.buttons
        for each in row
        if "url" in each
    ]
    choices = _buttons(shown)
    prompt = Prompt("", "choose", choices) if choices else None
    return Message(shown.text, [*files, *links], prompt)


def _choices(message: Message) -> list[Choice]:
    return message.prompt.choices if message.prompt else []


def _buttons(shown: Shown) -> list[Choice]:
    found = [each for row in shown.buttons for each in row if "callback_data" in each]
    return [
        Choice(each["text"], each["callback_data"], _value(each["callback_data"])) for each in found
    ]


def _value(token: str) -> str:
    """What can be known of a choice's value: where it leads."""
    word = token.partition(":")[2]
    return "" if not word or word.isdigit() else f"@{word}"


def _has(shown: Shown, token: str) -> bool:
    return any(each.get("callback_data") == token for row in shown.buttons for each in row)
