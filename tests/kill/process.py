"""How does the kit start, kill and start again a real Kepu?"""

import asyncio
import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.load.connection import Connection, Response
from tests.load.proc import has_ended
from tests.load.server import ROOT, free_port

PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.002
LIVE = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Nursery:
    """The process whose children are Kepu; leaving it ends them."""

    _process: asyncio.subprocess.Process

    async def __aenter__(self) -> "Nursery":
        pipe = asyncio.subprocess.PIPE
        ours = {name: value for name, value in os.environ.items() if not name.startswith("KEPU_")}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.kill.nursery", stdin=pipe, stdout=pipe, cwd=ROOT, env=ours
        )
        self._turn = asyncio.Lock()
        await self._heard()  # its modules are loaded
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def told(self, **order: Any) -> dict[str, Any]:
        """Have an order obeyed; what came of it."""
        assert self._process.stdin is not None
        async with self._turn:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            return await self._heard()

    async def _heard(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the nursery ended; its last words are on standard error")
        found: dict[str, Any] = json.loads(line)
        return found


@dataclass
class Kepu:
    """A Kepu on a port of its own that is killed and comes again, always on the same database."""

    nursery: Nursery
    folder: Path
    url: str
    port: int = field(default_factory=free_port)
    generation: int = 0  # how often it was started
    restart_seconds: list[float] = field(default_factory=list)
    answers: int = 0  # given since it was started last
    more_settings: dict[str, str] = field(default_factory=dict)
    _pid: int = 0
    _is_up: asyncio.Event = field(default_factory=asyncio.Event)
    _is_lost: asyncio.Event = field(default_factory=asyncio.Event)
    _answered: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def start(self, faults: str = "") -> None:
        """Start it and wait for its first answer. Raises with its log when there is none."""
        settings = {
            "KEPU_DATABASE_URL": self.url,
            "KEPU_PORT": str(self.port),
            "KEPU_SECRET_KEY": "k" * 64,
            "KEPU_MESSAGES_PER_MINUTE": "1000000",
            **self.more_settings,
        }
        begun, before = time.perf_counter(), self._times_served()
        told = await self.nursery.told(
            do="start", program="kepu", folder=str(self.folder), settings=settings, faults=faults,
            log=str(self.folder / "log"),
        )  # fmt: skip
        self._pid = told["pid"]
        # Whoever has the port answers; that it is this one stands in its log.
        while not (await self._answers() and self._times_served() > before):
            if has_ended(self._pid):
                raise RuntimeError((self.folder / "log").read_text())
            if time.perf_counter() - begun > PATIENCE_SECONDS:
                raise TimeoutError((self.folder / "log").read_text())
            await asyncio.sleep(LOOK_SECONDS)
        self.restart_seconds.append(time.perf_counter() - begun)
        self.generation += 1
        self.answers = 0
        self._is_lost.clear()
        self._is_up.set()

    async def kill(self) -> None:
        """SIGKILL, whatever it is doing."""
        self._is_up.clear()
        os.kill(self._pid, signal.SIGKILL)
        await self.gone()

    async def died(self) -> None:
        """Wait until it died of the fault it was started with."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._is_lost.wait()
        await self.gone()

    async def ask(
        self, request: bytes, connection: Connection | None
    ) -> tuple[Response, Connection]:
        """One request, over a new connection when there is none. Raises OSError when it dies."""
        generation = self.generation
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                connection = connection or await Connection.open("127.0.0.1", self.port)
                response = await connection.ask(request)
        except TimeoutError:
            raise TimeoutError((self.folder / "log").read_text()) from None
        except OSError:
            if generation == self.generation:
                self._is_up.clear()
                self._is_lost.set()
            raise
        self.answers += 1
        async with self._answered:
            self._answered.notify_all()
        return response, connection

    async def is_up(self) -> None:
        """Wait until it answers again."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._is_up.wait()

    async def has_answered(self, count: int) -> None:
        """Wait until it gave so many answers since it was started."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._answered:
            await self._answered.wait_for(lambda: self.answers >= count)

    def _times_served(self) -> int:
        """How often it wrote into its log where it serves, which it does once it has the port."""
        log = self.folder / "log"
        return log.read_text().count(f"http://127.0.0.1:{self.port}/\n") if log.exists() else 0

    async def _answers(self) -> bool:
        try:
            connection = await Connection.open("127.0.0.1", self.port)
        except OSError:
            return False
        try:
            return (await connection.ask(LIVE)).status == 200
        except OSError:
            return False
        finally:
            connection.close()

    async def gone(self) -> None:
        """Wait until it is dead. Raises AssertionError when it ended by itself."""
        told = await self.nursery.told(do="wait", pid=self._pid)
        assert told["signal"] == signal.SIGKILL, (told, (self.folder / "log").read_text()[-3000:])
