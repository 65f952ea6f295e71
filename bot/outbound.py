"""How does what is due reach its channel, and what became of it? This is the one door out.

A message is claimed, the claim committed, the message handed over, the outcome recorded. What a
crash leaves in between may have arrived: storage.sending.settle_interrupted decides by kind.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.channels.base import Outcome, SendError, SendingChannel, StoringChannel
from bot.metrics import SENT
from bot.pacing import Allowance
from handlers.conversation.voice import Voice
from handlers.messages import Message
from storage import chats, sending
from storage.database import Database
from storage.db import Db
from storage.failpoints import reached
from storage.models import Lane, OutboxState

log = structlog.get_logger()

Clock = Callable[[], datetime]
StartTask = Callable[[Coroutine[None, None, None]], "asyncio.Task[None]"]

POLL_SECONDS = 1.0  # what is due later is found by looking; what is due now wakes the sender
ATTEMPTS_MAX = 6
BACKOFF_SECONDS = (1, 5, 30, 120, 600)
SEND_SECONDS = 45.0  # for one message; less than the lease, after which another may send it
KEPT_FOR_REPLIES = 2  # of the messages in flight: announcements that hang hold no reply up


class Sender:
    """Hands the due messages of one sending channel over, within its account's pace."""

    def __init__(
        self,
        database: Database,
        channel: SendingChannel,
        now: Clock,
        start: StartTask,
        voice: Voice,
    ) -> None:
        self.start = start
        self.voice = voice
        self.database = database
        self.channel = channel
        self.now = now
        self.allowance = Allowance(channel.pace)
        self.woken = asyncio.Event()
        self.patience_seconds = SEND_SECONDS
        self.pause_seconds = POLL_SECONDS
        self._in_flight: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """There may be something due."""
        self.woken.set()

    async def run(self) -> None:
        """Send until cancelled; then let the messages in flight finish."""
        try:
            while True:
                self.woken.clear()
                try:
                    is_idle = not await self.send_due()
                except Exception as error:  # the database may be away: look again in a moment
                    log.exception("sender failed", error=type(error).__name__)
                    is_idle = True
                if is_idle:
                    await self._wait()
        finally:
            if self._in_flight:
                await asyncio.wait(self._in_flight, timeout=10)

    async def send_due(self) -> int:
        """Claim and start handing over what is due and allowed now; how many."""
        now = self.now()
        free = self.channel.pace.in_flight_max - len(self._in_flight)
        most = min(self.allowance.messages(now), free)
        if most <= 0:
            return 0
        announcements = min(self.allowance.announcements(now), free - KEPT_FOR_REPLIES)

        def work(db: Db) -> list[sending.Claimed]:
            claimed = sending.claim(db, self.channel.name, now, most, Lane.REMINDER)
            rest = min(most - len(claimed), announcements)
            return claimed + (sending.claim(db, self.channel.name, now, rest) if rest > 0 else [])

        claimed = await self.database.write(work)
        for row in claimed:
            # Counted when it starts: the claim took its time.
            self.allowance.take(self.now(), is_announcement=row.lane is Lane.ANNOUNCEMENT)
            task = self.start(self._hand_over(row))
            self._in_flight.add(task)
            task.add_done_callback(self._landed)
        return len(claimed)

    async def idle(self) -> None:
        """Wait until nothing is in flight: for tests and for the end of the process."""
        while self._in_flight:
            await asyncio.wait(set(self._in_flight))

    def _landed(self, task: "asyncio.Task[None]") -> None:
        self._in_flight.discard(task)
        self.woken.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            # What became of it could not be recorded: it is settled as after a crash.
            log.error("outcome not recorded", error=type(error).__name__)

    async def _wait(self) -> None:
        seconds = min(self.pause_seconds, self.allowance.seconds_until_more(self.now()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.woken.wait()

    async def _hand_over(self, row: sending.Claimed) -> None:
        reached("before_send")
        try:
            message = await self._message(row)
        except Exception as error:  # nothing was sent yet
            log.exception("message not made", row=row.id, error=type(error).__name__)
            await self._failed(row, SendError(Outcome.NOT_SENT, type(error).__name__))
            return
        try:
            async with asyncio.timeout(self.patience_seconds):
                external_id = await self.channel.send(row.address, message)
        except TimeoutError:
            await self._failed(row, SendError(Outcome.UNKNOWN, "no answer in time"))
            return
        except SendError as error:
            await self._failed(row, error)
            return
        except Exception as error:  # a bug in the channel: it may or may not have been sent
            log.exception("send failed", row=row.id, error=type(error).__name__)
            await self._failed(row, SendError(Outcome.UNKNOWN, type(error).__name__))
            return
        reached("after_send")
        await self._record(row, OutboxState.SENT, external_id=external_id)

    async def _message(self, row: sending.Claimed) -> Message:
        message = Message.from_json(row.payload)
        if self.channel.capabilities.buttons or row.lane is Lane.REPLY:
            return message
        repeated = partial(
            self.voice.with_question,
            message=message,
            channel=self.channel.name,
            address=row.address,
            now=self.now(),
        )
        return await self.database.read(repeated)

    async def _failed(self, row: sending.Claimed, error: SendError) -> None:
        match error.outcome:
            case Outcome.PAUSED:
                until = self.now() + timedelta(seconds=error.retry_after_seconds)
                self.allowance.pause(until)
                await self._record(row, OutboxState.READY, again_at=until, is_counted=False)
            case Outcome.NOT_SENT if row.attempt < ATTEMPTS_MAX:
                later = self.now() + timedelta(seconds=BACKOFF_SECONDS[row.attempt - 1])
                await self._record(row, OutboxState.READY, again_at=later, error=error.reason)
            case Outcome.UNKNOWN if row.kind in sending.RESENT_ONCE and row.attempt < 2:
                await self._record(row, OutboxState.READY, error=error.reason)
            case Outcome.UNKNOWN:
                await self._record(row, OutboxState.IN_DOUBT, error=error.reason)
            case Outcome.UNREACHABLE:
                await self._record(row, OutboxState.UNREACHABLE, error=error.reason)
            case _:
                await self._record(row, OutboxState.FAILED, error=error.reason)

    async def _record(
        self,
        row: sending.Claimed,
        state: OutboxState,
        *,
        external_id: str | None = None,
        error: str | None = None,
        again_at: datetime | None = None,
        is_counted: bool = True,
    ) -> None:
        def work(db: Db) -> None:
            sending.record(
                db,
                row,
                state,
                self.now(),
                external_id=external_id,
                error=error,
                again_at=again_at,
                is_counted=is_counted,
            )
            if state is OutboxState.UNREACHABLE:
                sending.mark_unreachable(db, row.chat_id)

        await self.database.write(work)
        SENT.labels(self.channel.name, state.value).inc()


async def show_due(database: Database, channel: StoringChannel, now: Clock) -> int:
    """Show what is due in a channel where storing is delivering; how many messages."""
    addresses = await database.write(
        partial(sending.show_due, channel=channel.name, now=now(), next_number=chats.next_number)
    )
    for address in addresses:
        channel.wake(address)
    return len(addresses)
