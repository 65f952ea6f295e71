"""Which parts does a running Kepu have, and how are they joined? The only reader of the clock."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime

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

log = structlog.get_logger()

DRAIN_SECONDS = 5.0  # an answer being given may finish; a page that only listens is cut off


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def start(work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
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
    """Serve until told to stop. Raises DatabaseUnusable, or OSError when the port is taken."""
    configure_logs(settings.log_level)
    with open_database(settings) as database:
        if is_demo:
            database.write_and_wait(lambda db: demo.fill(db, now(), settings.timezone))
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(settings, database))


async def _serve(settings: Settings, database: Database) -> None:
    webchat = WebChat(database)
    channels: dict[str, Channel] = {webchat.name: webchat}
    home = Home(settings.default_locale, settings.timezone)
    capabilities = {each.name: each.capabilities for each in channels.values()}
    inbound = Inbound(database, MENU, channels, home, lambda _channel: None)
    jobs = Jobs(database, Deadlines(MENU, capabilities, home), webchat, now)
    news = News(database, [jobs.show_due])
    health = Health(database, now)
    application = web_application(
        settings,
        inbound=inbound,
        webchat=webchat,
        health=health,
        greeting=MENU,
        now=now,
        is_demo=await database.read(_has_demo),
        more_routes=[
            route
            for pages in (TicketPages, SharePages, CalendarPages)
            for route in pages(database, settings, now).routes()
        ],
    )
    scheduler = schedule(jobs)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=DRAIN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port, backlog=1024).start()
        scheduler.start()
        listening = start(news.run())
        print(f"Kepu: http://{settings.host}:{settings.port}/", flush=True)  # noqa: T201 - the operator's line
        await _told_to_stop()
        listening.cancel()
    finally:
        if scheduler.running:
            scheduler.shutdown(wait=False)
        await runner.cleanup()


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
