"""Who is woken when something was stored that is to be said? Nobody waits for a tick then."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import structlog

from storage.database import Database

log = structlog.get_logger()


class News:
    """Hears of commits that put something into the outbox, and has it shown and sent at once.

    The ticks stay: they find what is due later, and what a failure left.
    """

    def __init__(
        self,
        database: Database,
        tell: Sequence[Callable[[], Awaitable[object]]],
        wake: Sequence[Callable[[], None]] = (),
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._tell = tell  # shows what is due
        self._wake = wake  # lets a sender look
        database.on_news(self._hear)

    async def run(self) -> None:
        """Tell whoever shows and sends, until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            for wake in self._wake:
                wake()
            for tell in self._tell:
                try:
                    await tell()
                except Exception as error:  # the next tick tries again
                    log.exception("news not told", error=type(error).__name__)

    def _hear(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the process ends
            self._loop.call_soon_threadsafe(self._woken.set)
