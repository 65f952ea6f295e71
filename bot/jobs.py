"""What happens by itself, and how often? What is due is a row; a job only looks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.channels.base import StoringChannel
from bot.metrics import OUTBOX_LAG_SECONDS, OUTBOX_WAITING
from bot.outbound import Clock, show_due
from handlers.booking import flowing, lapsing, rating, reminders
from handlers.conversation.deadlines import Deadlines
from handlers.desk import noshows
from storage import audit, conversations, inbox, outbox, sending, strikes
from storage.conversations import Due
from storage.database import Database
from storage.db import Db

log = structlog.get_logger()

DEAD_WORDS_KEPT = timedelta(days=7)
MESSAGES_KEPT = timedelta(days=30)
OBJECTIONS_KEPT = timedelta(days=30)  # their words, once decided


@dataclass(frozen=True, slots=True)
class Jobs:
    """Everything that has to be looked at from time to time."""

    database: Database
    deadlines: Deadlines
    storing: StoringChannel
    now: Clock

    async def show_due(self) -> None:
        """Show what is due in the web chat."""
        await show_due(self.database, self.storing, self.now)

    async def keep_deadlines(self) -> None:
        """Remind of conversations left open, end those whose time is up."""
        now = self.now()
        due = await self.database.read(partial(conversations.due, now=now))
        if any(await asyncio.gather(*(self._keep(each, now) for each in due))):
            await self.show_due()

    async def _keep(self, due: Due, now: datetime) -> bool:
        order = f"{due.channel}:{due.address}"
        try:
            return await self.database.write(partial(self.deadlines.keep, due=due, now=now), order)
        except Exception as error:  # a bug in one conversation must not keep the others waiting
            log.exception("deadline failed", person=due.person_id, error=type(error).__name__)
            await self.database.write(partial(conversations.take, taken=due, now=now), order)
            return False

    async def settle(self) -> None:
        """Give up what comes too late, settle what a dead sender left, and measure what waits."""
        now = self.now()

        def work(db: Db) -> tuple[int, datetime | None]:
            sending.expire(db, now)
            sending.give_up_unreachable(db, now)
            sending.settle_interrupted(db, now - timedelta(seconds=sending.LEASE_SECONDS))
            return outbox.waiting(db, now)

        count, oldest = await self.database.write(work)
        OUTBOX_WAITING.set(count)
        OUTBOX_LAG_SECONDS.set((now - oldest).total_seconds() if oldest else 0)

    async def keep_queues(self) -> None:
        """Do what is due on waiting lists and pools, each pool in a transaction of its own."""
        now, locale = self.now(), self.deadlines.home.locale
        works = await self.database.read(partial(lapsing.due, now=now, locale=locale))
        works += await self.database.read(partial(flowing.due, now=now, locale=locale))
        for pool_id, work in works:
            await self.database.write(work, f"pool:{pool_id}")
        if works:
            await self.show_due()

    async def find_missed(self) -> None:
        """Note who did not come where the door has closed, so many in a transaction."""
        now, locale = self.now(), self.deadlines.home.locale
        batches = await self.database.read(partial(noshows.due, now=now))
        for ids in batches:
            work = partial(noshows.miss, booking_ids=ids, now=now, locale=locale)
            await self.database.write(work, "missed")
        if batches:
            await self.show_due()

    async def seal(self) -> None:
        """Seal the record of changes, but for the last minute: it may still be being written."""
        before = self.now() - timedelta(minutes=1)
        await self.database.write(partial(audit.seal, before=before), "audit")

    async def remind(self) -> None:
        """Remind families of their visits, or ask how it was, each in a transaction of its own."""
        now, locale = self.now(), self.deadlines.home.locale
        works = await self.database.read(partial(reminders.due, now=now, locale=locale))
        works += await self.database.read(partial(rating.due, now=now, locale=locale))
        await asyncio.gather(*(self.database.write(work) for work in works))
        if works:
            await self.show_due()

    async def forget(self) -> None:
        """Drop what was kept long enough: words of dead letters, messages of the history."""
        now = self.now()

        def work(db: Db) -> None:
            inbox.forget_words(db, now - DEAD_WORDS_KEPT)
            outbox.forget(db, now - MESSAGES_KEPT)
            strikes.forget_words(db, now - OBJECTIONS_KEPT)

        await self.database.write(work)

    async def checkpoint(self) -> None:
        """Let what was erased leave the database's log as well."""
        await self.database.checkpoint()


def schedule(jobs: Jobs) -> AsyncIOScheduler:
    """A scheduler that ticks the jobs; it stores nothing and may skip a tick."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    for job, seconds in (
        (jobs.show_due, 1),
        (jobs.keep_deadlines, 15),
        (jobs.settle, 10),
        (jobs.seal, 60),
        (jobs.keep_queues, 5),
        (jobs.remind, 30),
        (jobs.find_missed, 60),
        (jobs.forget, 3600),
        (jobs.checkpoint, 600),
    ):
        scheduler.add_job(
            _logged(job),
            "interval",
            seconds=seconds,
            id=job.__name__,
            coalesce=True,
            misfire_grace_time=None,
        )
    return scheduler


def _logged(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        try:
            await job()
        except Exception as error:  # the next tick tries again
            log.exception("job failed", job=job.__name__, error=type(error).__name__)

    return run
