"""How are updates fetched, when Telegram does not bring them?

The offset is what acknowledges, and it moves only after the commit: killed at any moment, the next
process is given again what was not stored.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from telegram.error import RetryAfter, TelegramError

from bot.channels.telegram.intake import Api, Intake
from bot.channels.telegram.updates import ALLOWED, number_of
from bot.channels.telegram.usable import unusable

log = structlog.get_logger()

BATCH = 100  # the most Telegram gives
WAIT_SECONDS = 30  # Telegram keeps the question until there is an answer
ANSWER_SECONDS = 10.0  # more than that, and the connection is taken for dead
STOP_SECONDS = 3.0  # for those being taken when it stops
LAST_SECONDS = 1.0  # for the last acknowledgement of a process that stops
BACKOFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Polling:
    """Fetches updates until cancelled."""

    def __init__(self, api: Api, intake: Intake, wait_seconds: int = WAIT_SECONDS) -> None:
        self.api = api
        self.intake = intake
        self.wait_seconds = wait_seconds
        self.backoff_seconds: Sequence[float] = BACKOFF_SECONDS
        self._offset = 0  # the first update not taken
        self._acknowledged = 0
        self._failures = 0  # in a row

    async def run(self) -> None:
        """Fetch and take, for ever. Raises TelegramUnusable: another one fetches, or no token."""
        try:
            while True:
                updates = await self._fetch()
                if updates:
                    await self._take_whole(updates)
        finally:
            await self._acknowledge()

    async def _fetch(self) -> list[Any]:
        """The next updates; none when there was no answer, after a pause."""
        try:
            updates = await self.api.call(
                "getUpdates",
                self._question(BATCH, self.wait_seconds),
                read_seconds=self.wait_seconds + ANSWER_SECONDS,
            )
        except TelegramError as error:
            if (reason := unusable(error)) is not None:
                raise reason from None
            await self._pause(error, "updates not fetched")
            return []
        self._acknowledged = self._offset
        if not isinstance(updates, list):
            await self._pause(TypeError("no list"), "updates not fetched")
            return []
        return updates

    async def _take_whole(self, updates: Sequence[Any]) -> None:
        """Take updates; told to stop meanwhile, take them all the same, and then stop."""
        taking = self.intake.parts.start(self._take(updates))
        try:
            await asyncio.shield(taking)
        except asyncio.CancelledError:
            await asyncio.wait({taking}, timeout=STOP_SECONDS)
            raise

    async def _take(self, updates: Sequence[Any]) -> None:
        """Take updates, and acknowledge them with the next question if all of them are stored."""
        failed = await self.intake.take_all(updates)
        if failed:
            # All of them are given again; those that were stored are known.
            await self._pause(failed[0], "updates not stored")
            return
        self._failures = 0
        self._offset = max(self._offset, *(number_of(each) + 1 for each in updates))

    async def _pause(self, error: BaseException, what: str) -> None:
        seconds = self.backoff_seconds[min(self._failures, len(self.backoff_seconds) - 1)]
        if isinstance(error, RetryAfter):
            after = error.retry_after
            seconds = (after if isinstance(after, int) else after.total_seconds()) + 0.5
        self._failures += 1
        log.warning(what, error=type(error).__name__, again_in_seconds=seconds)
        await asyncio.sleep(seconds)

    async def _acknowledge(self) -> None:
        """Have nothing given again that was taken."""
        if self._acknowledged == self._offset:
            return
        with contextlib.suppress(TelegramError, TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await self.api.call("getUpdates", self._question(1, 0), read_seconds=LAST_SECONDS)

    def _question(self, most: int, wait_seconds: int) -> Mapping[str, Any]:
        return {
            "offset": self._offset,
            "limit": most,
            "timeout": wait_seconds,
            "allowed_updates": list(ALLOWED),
        }
