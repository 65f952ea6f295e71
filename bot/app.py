"""Which parts does a running Kepu have, and how are they joined? The only reader of the clock."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web

from bot.calendar_pages import CalendarPages
from bot.channels.base import Channel
from bot.channels.webchat import WebChat
from bot.health import Health
from bot.inbound import Inbound
from bot.jobs import Jobs, schedule
from bot.logs import configure_logs
from bot.news import News
from bot.settings import Settings
from bot.share_pages import SharePages
from bot.ticket_pages import TicketPages
from bot.web import web_application
from handlers import demo
from handlers.conversation.deadlines import Deadlines
from handlers.here import Home
from handlers.menu import MENU
from storage import timetable
from storage.database import Database
from storage.db import Db
from storage.schema import migrate

if TYPE_CHECKING:
    from bot.telegram_part import TelegramPart

log = structlog.get_logger()

Work = Coroutine[Any, Any, None]

DRAIN_SECONDS = 5.0  # an answer being given may finish; a page that only listens is cut off


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def start(work: Work) -> "asyncio.Task[None]":
    """Start a task: the only place that does."""
    return asyncio.create_task(work)


def open_database(settings: Settings) -> Database:
    """The database, its schema current. Raises DatabaseUnusable with one line."""
    database = Database.open(settings.database_url)
    try:
        migrate(database.engine)
    except BaseException:
        database.close()
        raise
    return database


def run(settings: Settings, *, is_demo: bool = False) -> None:
    """Serve until told to stop.

    Raises DatabaseUnusable, OSError when the port is taken, SettingsWrong when Telegram refuses.
    """
    configure_logs(settings.log_level)
    with open_database(settings) as database:
        if is_demo:
            database.write_and_wait(lambda db: demo.fill(db, now(), settings.timezone))
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(settings, database))


async def _serve(settings: Settings, database: Database) -> None:
    async with _telegram(settings, database) as telegram:
        webchat = WebChat(database)
        channels: dict[str, Channel] = {webchat.name: webchat}
        if telegram is not None:
            channels[telegram.channel.name] = telegram.channel
        home = Home(settings.default_locale, settings.timezone)
        voice = Deadlines(MENU, {each: channels[each].capabilities for each in channels}, home)
        wake = telegram.wake if telegram is not None else _wake_nobody
        inbound = Inbound(database, MENU, channels, home, wake)
        jobs = Jobs(database, voice, webchat, now)
        tell: list[Callable[[], Awaitable[None]]] = [jobs.show_due]
        works: list[Callable[[], Work]] = []
        routes = [
            route
            for pages in (TicketPages, SharePages, CalendarPages)
            for route in pages(database, settings, now).routes()
        ]
        if telegram is not None:
            telegram.join(inbound, voice)
            tell.append(telegram.told)
            works += [telegram.send, telegram.receive]
            routes += telegram.routes()
        application = web_application(
            settings,
            inbound=inbound,
            webchat=webchat,
            health=Health(database, now),
            greeting=MENU,
            now=now,
            is_demo=await database.read(_has_demo),
            more_routes=routes,
        )
        await _work(settings, application, jobs, [News(database, tell).run, *works])


async def _work(
    settings: Settings,
    application: web.Application,
    jobs: Jobs,
    works: Sequence[Callable[[], Work]],
) -> None:
    """Serve, and do all works, until told to stop or one of them cannot go on."""
    scheduler = schedule(jobs)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=DRAIN_SECONDS)
    await runner.setup()
    tasks: list[asyncio.Task[None]] = []
    try:
        await web.TCPSite(runner, settings.host, settings.port, backlog=1024).start()
        scheduler.start()
        tasks += [start(each()) for each in (*works, _told_to_stop)]
        print(f"Kepu: http://{settings.host}:{settings.port}/", flush=True)  # noqa: T201 - the operator's line
        done, _rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        if scheduler.running:
            scheduler.shutdown(wait=False)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await runner.cleanup()


@contextlib.asynccontextmanager
async def _telegram(settings: Settings, database: Database) -> "AsyncIterator[TelegramPart | None]":
    """Telegram when it is on. Its library is not loaded otherwise: it takes a second."""
    if not settings.is_telegram_on:
        yield None
        return
    from bot.telegram_part import World, telegram_part

    async with telegram_part(settings, World(database, now, start)) as part:
        yield part


def _wake_nobody(_channel: str) -> None:
    """What is said in the web chat is shown when it is stored."""


def _has_demo(db: Db) -> bool:
    return any(base.is_demo for base in timetable.bases(db))


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    await stop.wait()


def _loop_factory() -> "type[asyncio.AbstractEventLoop] | None":
    if sys.platform == "win32":
        return None
    with contextlib.suppress(ImportError):
        import uvloop

        return uvloop.Loop
    return None
