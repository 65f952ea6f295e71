"""What receiving needs in a test: the real door in, over a database, and the fake Bot API."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.channels.telegram.api import calling
from bot.channels.telegram.intake import Intake, Parts
from bot.channels.telegram.polling import Polling
from bot.inbound import Inbound
from handlers.conversation.testing import BUTTONS
from handlers.here import Home
from handlers.menu import MENU
from handlers.messages import Incoming, Message
from storage.database import Database
from tests.builders import NOW
from tests.fakes import PATIENCE_SECONDS, Clock, FakeSending, start
from tests.telegram.fake import FakeTelegram


class Door(Inbound):
    """The real door in, which can be out of order, and remembers who came and when they left."""

    def __init__(self, database: Database, channel: FakeSending) -> None:
        home = Home("zh_CN", "Asia/Shanghai")
        super().__init__(database, MENU, {"telegram": channel}, home, lambda _channel: None)
        self.heard: list[str] = []
        self.inside: list[str] = []
        self.broken_times = 0
        self.opened = asyncio.Event()
        self.opened.set()
        self._news = asyncio.Condition()

    async def receive(self, incoming: Incoming) -> list[Message]:
        self.inside.append(incoming.address)
        await self._tell()
        await self.opened.wait()
        if self.broken_times > 0:
            self.broken_times -= 1
            raise OSError("the database is away")
        messages = await super().receive(incoming)
        self.heard.append(f"{incoming.address}: {incoming.text or incoming.token}")
        await self._tell()
        return messages

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so, looking whenever somebody comes or leaves."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._news:
            await self._news.wait_for(is_so)

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


@dataclass
class Receiving:
    """Everything that receives, to be looked at."""

    api: FakeTelegram
    database: Database
    door: Door
    channel: FakeSending
    intake: Intake
    polling: Polling
    tasks: "set[asyncio.Task[None]]" = field(default_factory=set)

    async def poll(self) -> "asyncio.Task[None]":
        """Begin to fetch."""
        task = start(self.polling.run())
        self.tasks.add(task)
        return task


@asynccontextmanager
async def receiving(api: FakeTelegram, database: Database) -> AsyncIterator[Receiving]:
    """Receiving over the fake; whatever fetches is stopped at the end."""
    channel = FakeSending(Clock(NOW), name="telegram", capabilities=BUTTONS)
    door = Door(database, channel)
    async with calling(api.url, api.token) as bot:
        parts = Parts(database, door, bot, channel, lambda: NOW, start, "zh_CN")
        intake = Intake(api.token.split(":")[0], parts)
        polling = Polling(bot, intake, wait_seconds=5)
        polling.backoff_seconds = (0.01,)
        made = Receiving(api, database, door, channel, intake, polling)
        try:
            yield made
        finally:
            for task in made.tasks:
                task.cancel()
            await asyncio.gather(*made.tasks, return_exceptions=True)
