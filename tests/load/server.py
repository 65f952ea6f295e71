"""How does the kit run the real Kepu, in a process of its own?"""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 60
STOP_SECONDS = 20
LOOK_SECONDS = 0.005  # between two looks whether it answers
PORTS = range(10_000, 32_000)  # below those that systems hand out
_never = threading.Event()
_system = random.SystemRandom()  # tests that run beside these may have seeded theirs alike


class Server:
    """`kepu run` on a free port, in `folder`. Entered, it has answered its first page."""

    def __init__(self, folder: Path, url: str, *arguments: str, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.seconds_to_first_page = 0.0
        self._arguments = arguments
        self._settings = {"KEPU_DATABASE_URL": url, "KEPU_PORT": str(self.port), **settings}
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    def __enter__(self) -> "Server":
        self._log = (self.folder / "server.log").open("ab")
        started = time.perf_counter()
        self._process = kepu(self.folder, "run", *self._arguments, log=self._log, **self._settings)
        try:
            while not answers(self.port):
                self._check(time.perf_counter() - started)
                _never.wait(LOOK_SECONDS)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.seconds_to_first_page = time.perf_counter() - started
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._log is not None:
            self._log.close()

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What it wrote so far."""
        return (self.folder / "server.log").read_text(errors="replace")

    def _check(self, waited: float) -> None:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"kepu run ended with {self._process.returncode}: {self.log}")
        if waited > START_SECONDS:
            raise TimeoutError(f"kepu run did not answer in {START_SECONDS} s: {self.log}")


def kepu(
    folder: Path, *arguments: str, log: IO[bytes] | int = subprocess.PIPE, **settings: str
) -> subprocess.Popen[bytes]:
    """The command `kepu` in an empty folder of its own, with these settings and no others."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KEPU_")}
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), **settings},
        stdout=log,
        stderr=subprocess.STDOUT,
    )


def answers(port: int) -> bool:
    """Whether the page is there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False


def free_port() -> int:
    """A port nobody listens on, and that is still free when Kepu was killed and comes again.

    One that the system hands out would be handed to others meanwhile: to connections, to servers of
    other tests.
    """
    while True:
        port = _system.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
