"""How does an hour pass in a second? On a loop whose clock jumps to whatever comes next.

Client and server run on the same loop, so that nothing is on its way while every task waits; what
the threads of a database do is waited for.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from storage.database import Database
from storage.db import Db
from tests.builders import NOW

T = TypeVar("T")
GRACE_SECONDS = 0.001  # of the real world: for the system to bring what was sent
THREADS_SECONDS = 0.05


class Watched(Database):
    """A database that tells whether its threads are at work."""

    at_work = 0

    async def write(self, work: Callable[[Db], T], order: str = "") -> T:
        """As a database does."""
        self.at_work += 1
        try:
            return await super().write(work, order)
        finally:
            self.at_work -= 1

    async def read(self, work: Callable[[Db], T]) -> T:
        """As a database does."""
        self.at_work += 1
        try:
            return await super().read(work)
        finally:
            self.at_work -= 1


class _Selector(selectors.DefaultSelector):
    """Waits for no time to pass: it says how much was skipped."""

    def __init__(self, database: Watched) -> None:
        super().__init__()
        self.database = database
        self.skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            return events
        if timeout is None or self.database.at_work:
            return super().select(min(timeout or THREADS_SECONDS, THREADS_SECONDS))
        events = super().select(GRACE_SECONDS)
        if not events:
            self.skipped += timeout
        return events


class SimulatedLoop(asyncio.SelectorEventLoop):
    """A loop on which waiting takes no time."""

    def __init__(self, database: Watched) -> None:
        self.selector = _Selector(database)
        super().__init__(self.selector)

    def time(self) -> float:
        """Seconds; real work takes as long as it takes, waiting is skipped."""
        return super().time() + self.selector.skipped


def simulate(url: str, work: Callable[[Database], Coroutine[Any, Any, None]]) -> None:
    """Run it where time is skipped, with the database at an address."""
    with Watched.open(url) as database:
        assert isinstance(database, Watched)
        with asyncio.Runner(loop_factory=partial(SimulatedLoop, database)) as runner:
            runner.run(work(database))


def clock() -> Callable[[], datetime]:
    """The running loop's time as moments: it is NOW when this is called."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    return lambda: NOW + timedelta(seconds=loop.time() - began)


def most_within(moments: list[float], seconds: float) -> int:
    """How many of the moments fall into the fullest window of this length."""
    moments, most, first = sorted(moments), 0, 0
    for last, at in enumerate(moments):
        while at - moments[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def by_chat(calls: list[tuple[float, int]]) -> Mapping[int, list[float]]:
    """The moments of each chat."""
    found: dict[int, list[float]] = {}
    for at, chat in calls:
        found.setdefault(chat, []).append(at)
    return found
