"""How do tests get a PostgreSQL of their own, and leave none behind?"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import psycopg

START_SECONDS = 30


def binaries() -> Path | None:
    """The folder of PostgreSQL's programs, the newest one; None where it is not installed."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: float(folder.parent.name),
        reverse=True,
    )
    for folder in folders:
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class Cluster:
    """A server with a data folder of its own, on a Unix socket and a free port of the loopback."""

    def __init__(self, programs: Path, *, is_durable: bool = False) -> None:
        self._programs = programs
        self._is_durable = is_durable
        # Not below pytest's folder: only root may enter that, and the server refuses to be root.
        self._home = Path(tempfile.mkdtemp(prefix="kepu-postgres-"))
        self._server: subprocess.Popen[bytes] | None = None
        self.port = _free_port()

    def __enter__(self) -> "Cluster":
        try:
            self._make()
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases, as a setting has it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers. Raises TimeoutError with its log."""
        settings = [f"fsync={'on' if self._is_durable else 'off'}", "listen_addresses=127.0.0.1"]
        command = [str(self._programs / "postgres"), "-D", str(self._home / "data")]
        command += ["-k", str(self._home), "-p", str(self.port)]
        for setting in [*settings, "max_connections=200", "shared_buffers=64MB"]:
            command += ["-c", setting]
        with (self._home / "log").open("ab") as log:
            self._server = subprocess.Popen(_as_server(command), stdout=log, stderr=log)
        self._wait()

    def stop(self) -> None:
        """Stop it at once; clients lose their connections."""
        if self._server is not None:
            self._server.send_signal(2)  # a fast shutdown
            self._server.wait(START_SECONDS)
            self._server = None

    def run(self, *statements: str) -> None:
        """Run statements that want no transaction around them (CREATE DATABASE …)."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    @contextlib.contextmanager
    def database(self, name: str, template: str = "template1") -> Iterator[str]:
        """A database made from `template`, gone afterwards; its address."""
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield self.url(name)
        finally:
            self.run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _make(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self._home, "postgres", "postgres")
        options = ["--no-sync", "--auth=trust", "--username=postgres"]
        options += ["--encoding=UTF8", "--locale=C.UTF-8"]
        command = [str(self._programs / "initdb"), "-D", str(self._home / "data"), *options]
        subprocess.run(_as_server(command), check=True, capture_output=True, cwd=self._home)

    def _wait(self) -> None:
        assert self._server is not None
        deadline, pause = time.monotonic() + START_SECONDS, threading.Event()
        while self._server.poll() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                pause.wait(0.02)
            else:
                return
        raise TimeoutError((self._home / "log").read_text(errors="replace"))


def _as_server(command: Sequence[str]) -> list[str]:
    """`command` run by somebody the server accepts, and ended with us however we end."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return list(command)
    options = ["--pdeathsig", "INT"]
    if os.geteuid() == 0:
        options += ["--reuid", "postgres", "--regid", "postgres", "--init-groups"]
    return [setpriv, *options, *command]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
