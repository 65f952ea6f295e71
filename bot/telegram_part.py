"""How is Telegram joined to everything else? Loaded only when it is on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from aiohttp import web
from telegram.error import TelegramError

from bot.channels.base import Pace
from bot.channels.telegram.api import BotApi, calling
from bot.channels.telegram.channel import PACE, Telegram
from bot.channels.telegram.command_menu import tell_commands
from bot.channels.telegram.intake import Inbound, Intake, Parts
from bot.channels.telegram.kept import Kept
from bot.channels.telegram.polling import BACKOFF_SECONDS, Polling
from bot.channels.telegram.usable import unusable
from bot.channels.telegram.webhook import Webhook, is_ours, to_be_set
from bot.outbound import Sender
from bot.settings import Settings
from handlers.conversation.voice import Voice
from storage import sending
from storage.database import Database

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class World:
    """What a part of the process gets from bot.app: the database, the clock, tasks."""

    database: Database
    now: Callable[[], datetime]
    start: "Callable[[Coroutine[None, None, None]], asyncio.Task[None]]"


class TelegramPart:
    """Telegram: the channel at once; once joined, a sender and what receives."""

    def __init__(self, settings: Settings, world: World, api: BotApi, pace: Pace) -> None:
        self._settings = settings
        self._world = world
        self._api = api
        self._secret = settings.telegram_webhook_secret.get_secret_value()
        self._is_joined = False
        supplies = Kept(world.database, settings, world.now)
        self.channel = Telegram(api, supplies, settings.address, pace)

    def join(self, inbound: Inbound, voice: Voice) -> None:
        """Receive through this door, and send what is to be said."""
        world, self._is_joined = self._world, True
        self.sender = Sender(world.database, self.channel, world.now, world.start, voice)
        bot = self._settings.telegram_token.get_secret_value().partition(":")[0]
        locale = self._settings.default_locale
        parts = Parts(
            world.database, inbound, self._api, self.channel, world.now, world.start, locale
        )  # fmt: skip
        self.intake = Intake(bot, parts)
        self.polling = Polling(self._api, self.intake)

    @property
    def is_polling(self) -> bool:
        """Whether updates are fetched; else they are brought."""
        return self._settings.telegram_mode == "polling"

    def routes(self) -> list[web.RouteDef]:
        """Where updates are brought to; nowhere when they are fetched."""
        return [] if self.is_polling else Webhook(self._secret, self.intake).routes()

    def wake(self, _channel: str = "") -> None:
        """There may be something to be sent."""
        self.sender.wake()

    async def told(self) -> None:
        """`wake`, for the news."""
        self.sender.wake()

    async def send(self) -> None:
        """Send until cancelled."""
        if self._world.database.engine.dialect.name == "sqlite":
            # One process has the file: whatever is on its way was left there by a dead one.
            settle = partial(sending.settle_interrupted, claimed_before=self._world.now())
            await self._world.database.write(settle)
        await self.sender.run()

    async def receive(self) -> None:
        """Receive until cancelled. Raises TelegramUnusable."""
        if self.is_polling:
            await self._tell_commands()
            await self.polling.run()
        else:
            await self._have_updates_brought()
            await self._tell_commands()
            await asyncio.Event().wait()

    async def finish(self) -> None:
        """Let what was begun beside the turns come to its end: nothing more is received."""
        if self._is_joined:
            await self.intake.finish()

    async def _tell_commands(self) -> None:
        try:
            told = await tell_commands(self._api, self._settings.default_locale)
        except TelegramError as error:
            if (reason := unusable(error)) is not None:
                raise reason from None
            # The menu of the last start is there; nobody waits for a new one.
            log.warning("commands not told", error=type(error).__name__)
        else:
            log.info("commands told", languages=told)

    async def _have_updates_brought(self) -> None:
        failures = 0
        while True:
            try:
                info = await self._api.call("getWebhookInfo", {})
                if not is_ours(info, self._settings.public_url, self._secret):
                    wanted = to_be_set(self._settings.public_url, self._secret)
                    await self._api.call("setWebhook", wanted)
                    log.info("webhook set")
            except TelegramError as error:
                if (reason := unusable(error)) is not None:
                    raise reason from None
                seconds = BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)]
                failures += 1
                log.warning("webhook not set", error=type(error).__name__, again_in_seconds=seconds)
                await asyncio.sleep(seconds)
            else:
                return


@asynccontextmanager
async def telegram_part(
    settings: Settings, world: World, pace: Pace = PACE
) -> AsyncIterator[TelegramPart]:
    """Telegram, not joined yet; its connections are closed in the end."""
    token = settings.telegram_token.get_secret_value()
    async with calling(settings.telegram_api_url, token) as api:
        part = TelegramPart(settings, world, api, pace)
        try:
            yield part
        finally:
            await part.finish()
