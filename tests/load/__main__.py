"""How fast is Kepu on this machine? Prints one JSON object a line; `--help` tells the parts."""

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from handlers.conversation.testing import WEB
from handlers.menu import MENU
from tests.load import commands, hunting, over_http, profiling, rush, writer
from tests.load.figures import Figures, judged
from tests.load.loads import Bookings, Confirms, Load, Turns
from tests.load.plain import plain_menu
from tests.load.server import ROOT

KILLS = 200  # runs on each database
HUNTED = 100_000  # steps on each database


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done for each figure."""

    repeats: int
    turns: int
    bookings: int
    visitors: int
    seconds: float
    warm_up_seconds: float
    hunted: int  # steps


FULL = Size(
    repeats=3, turns=6400, bookings=3200, visitors=50, seconds=15, warm_up_seconds=3, hunted=20_000
)
QUICK = Size(
    repeats=1, turns=1600, bookings=640, visitors=50, seconds=5, warm_up_seconds=1, hunted=1000
)
LEAST = Size(
    repeats=1, turns=64, bookings=16, visitors=2, seconds=1, warm_up_seconds=0.5, hunted=200
)
SIZES = {"full": FULL, "quick": QUICK, "least": LEAST}


def loads(size: Size) -> list[Load]:
    """What the writer is given."""
    return [
        Turns("plain_turns", size.turns, plain_menu(), WEB),
        Turns("booking_turns", size.turns, MENU, WEB),
        Bookings("bookings", size.bookings),
        Confirms("confirming_turns", size.bookings, MENU, WEB),
    ]


AIMS = {"plain_turns": 2500.0, "booking_turns": 2500.0, "bookings": 2000.0}


def machine() -> Figures:
    """What the figures were taken on. A disk that only says it synced makes all of them better."""
    return {
        "measure": "machine",
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "fdatasync_per_s": _syncs_per_second(),
    }


def http(size: Size) -> Iterator[Figures]:
    """The whole server: each run, then the medians."""
    crowd = over_http.Crowd(size.visitors, size.seconds, size.warm_up_seconds)
    runs = [over_http.measure(crowd) for _repeat in range(size.repeats)]
    yield judged(
        {"measure": "http", "visitors": size.visitors, **middle(runs)},
        at_least={"updates_per_s": 1000},
        at_most={"p99_ms": 150, "idle_rss_mb": 100, "peak_rss_mb": 180, "errors": 0},
    )


def middle(runs: list[Figures]) -> Figures:
    """The run in the middle by speed, whole: its figures belong together."""
    ordered = sorted(runs, key=lambda run: float(str(run["updates_per_s"])))
    return {**ordered[len(ordered) // 2], "of_runs": [run["updates_per_s"] for run in ordered]}


def writing(size: Size) -> Iterator[Figures]:
    """The writer alone, beside raw sqlite3."""
    for load in loads(size):
        figures = writer.on_sqlite(load, size.repeats)
        aim = AIMS.get(load.measure)
        yield figures if aim is None else judged(figures, at_least={"ours_per_s": aim}, at_most={})


def writing_to_postgres(size: Size) -> Iterator[Figures]:
    """The writers of a PostgreSQL, with less of each; no aim is set."""
    for load in loads(replace(size, turns=size.turns // 4, bookings=size.bookings // 4)):
        yield writer.on_postgres(load, size.repeats)


def rushing(size: Size) -> Iterator[Figures]:
    """The moment of release, and the same work done the usual way."""
    yield rush.on_sqlite()
    yield rush.on_postgres()
    yield from rush.beside_peers(size.bookings)


def starting(_size: Size) -> Iterator[Figures]:
    """The first page."""
    yield judged(commands.start(), at_least={}, at_most={"second_s": 3})


def importing(_size: Size) -> Iterator[Figures]:
    """The workbook."""
    figures = commands.take_in()
    left_out = "left_out" in figures
    yield figures if left_out else judged(figures, at_least={}, at_most={"first_s": 5})


def searching(size: Size) -> Iterator[Figures]:
    """Histories nobody thought of."""
    yield judged(hunting.hunt(size.hunted), at_least={}, at_most={"status": 0})


PARTS: dict[str, Callable[[Size], Iterator[Figures]]] = {
    "start": starting,
    "import": importing,
    "writer": writing,
    "http": http,
    "postgres": writing_to_postgres,
    "rush": rushing,
    "hunt": searching,
}


def main() -> int:
    """0 when everything was measured; whether an aim is missed is for the reader."""
    order = arguments()
    size = SIZES[order.size]
    if order.kills:
        return kills(order.kills)
    if order.hunt:
        found = hunting.hunt(order.hunt)
        tell(found)
        return int(str(found["status"]))
    if order.profile:
        for load in loads(size):
            profiling.profile(load)
        return 0
    started = time.perf_counter()
    tell(machine())
    for name in order.only or PARTS:
        for figures in PARTS[name](size):
            tell(figures)
    tell({"measure": "end", "seconds": round(time.perf_counter() - started, 1)})
    return 0


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--quick", dest="size", action="store_const", const="quick",
                        help="each figure once, within a minute")  # fmt: skip
    parser.add_argument("--size", choices=SIZES, help="full, unless this says otherwise")
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--profile", action="store_true", help="where the writer spends its time")
    parser.add_argument("--kills", type=int, nargs="?", const=KILLS, metavar="RUNS",
                        help=f"kill the process so often on each database ({KILLS})")  # fmt: skip
    parser.add_argument("--hunt", type=int, nargs="?", const=HUNTED, metavar="STEPS",
                        help=f"so many random steps on each database ({HUNTED})")  # fmt: skip
    parser.set_defaults(size="full")
    return parser.parse_args()


def tell(figures: Figures) -> None:
    """One line."""
    print(json.dumps(figures, ensure_ascii=False), flush=True)


def kills(runs: int) -> int:
    """The long hunt of tests/kill, so many runs on each database; pytest's own exit status."""
    if not (ROOT / "tests" / "kill").is_dir():
        tell({"measure": "kills", "left_out": "tests/kill is missing"})
        return 1
    command = [sys.executable, "-m", "pytest", "-q", "tests/kill"]
    started = time.perf_counter()
    status = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "KEPU_KILLS": str(runs)}, check=False
    ).returncode
    seconds = round(time.perf_counter() - started)
    tell({"measure": "kills", "runs": runs, "seconds": seconds, "status": status})
    return status


def _syncs_per_second() -> int:
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "sync").open("wb") as file:
        count, started = 0, time.perf_counter()
        while time.perf_counter() - started < 0.3:
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            count += 1
        return round(count / (time.perf_counter() - started))


if __name__ == "__main__":
    sys.exit(main())
