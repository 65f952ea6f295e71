"""What does the whole server do for many visitors at once, and what does it cost?"""

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.load import proc, timetable
from tests.load.figures import Figures
from tests.load.server import ROOT, Server

UNLIMITED = "1000000"  # messages a minute, of each visitor


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many visitors, and for how long."""

    visitors: int
    seconds: float
    warm_up_seconds: float


def measure(crowd: Crowd) -> Figures:
    """One run on SQLite: a fresh server, everybody books, what it held and spent."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/kepu.db"
        timetable.make(url)
        with Server(Path(folder), url, KEPU_MESSAGES_PER_MINUTE=UNLIMITED) as server:
            idle = proc.resident_mb(server.pid)
            seen = generate(crowd, server)
            peak = proc.peak_mb(server.pid)
            log = server.log[-1000:]
    figures = {"idle_rss_mb": idle, "peak_rss_mb": peak, **seen}
    return {**figures, "server_log": log} if seen["errors"] else figures


def generate(crowd: Crowd, server: Server) -> dict[str, Any]:
    """What the generator, a process of its own, says of the server."""
    order = {**asdict(crowd), "port": server.port, "server_pid": server.pid}
    generator = subprocess.run(
        [sys.executable, "-m", "tests.load.generator"],
        input=json.dumps(order),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
        check=True,
        timeout=crowd.warm_up_seconds + crowd.seconds + 60,
    )
    seen: dict[str, Any] = json.loads(generator.stdout)
    return seen
