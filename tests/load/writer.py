"""How many works does the writer take, and how many would SQLite alone?"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from storage.database import Database
from tests import postgres
from tests.load import timetable
from tests.load.figures import Figures, medians, percentile
from tests.load.loads import Load
from tests.load.recording import Recording, Statement, play, recording_engine, works

T = TypeVar("T")


def on_sqlite(load: Load, repeats: int) -> Figures:
    """Ours and raw sqlite3 with the same statements, one after the other, on equal databases."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.db"
        timetable.make(f"sqlite:///{template}")
        with Database.open(f"sqlite:///{template}") as database:
            run(load.prepare(database))
        recorded = _record(load, _copy(template))
        runs = []
        for _repeat in range(repeats):
            with Database.open(f"sqlite:///{_copy(template)}") as database:
                figures = run(_time(load, database))
            raw = load.amount / play(_copy(template), recorded)
            runs.append({**figures, "raw_per_s": raw, "ratio": figures["ours_per_s"] / raw})
    statements = sum(map(len, recorded)) / len(recorded)
    return _told(load.measure, load, runs) | {"statements_each": round(statements, 1)}


def on_postgres(load: Load, repeats: int) -> Figures:
    """Ours on a PostgreSQL of our own that does not lose what it committed."""
    measure = f"{load.measure}_postgres"
    programs = postgres.binaries()
    if programs is None:
        return {"measure": measure, "left_out": "PostgreSQL is not installed"}
    runs = []
    with (
        postgres.Cluster(programs, is_durable=True) as cluster,
        cluster.database("template") as template,
    ):
        timetable.make(template)
        with Database.open(template) as database:
            run(load.prepare(database))
        for number in range(repeats):
            with (
                cluster.database(f"load_{number}", "template") as url,
                Database.open(url) as database,
            ):
                runs.append(run(_time(load, database)))
    for each in runs:
        del each["writer_cpu_us"]  # there are several writers
    return _told(measure, load, runs)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run it in the event loop that the product runs in."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


async def _time(load: Load, database: Database) -> dict[str, float]:
    cpu = await database.write(lambda _db: time.thread_time())
    started = time.perf_counter()
    waits = await load.do(database)
    seconds = time.perf_counter() - started
    cpu = await database.write(lambda _db: time.thread_time()) - cpu
    return {
        "ours_per_s": load.amount / seconds,
        "p50_ms": percentile(waits, 50) * 1000,
        "p99_ms": percentile(waits, 99) * 1000,
        "writer_cpu_us": cpu / load.amount * 1e6,
    }


def _record(load: Load, path: Path) -> list[list[Statement]]:
    database = Database(recording_engine(f"sqlite:///{path}"), writers=1, lock=None)
    try:
        with Recording() as recording:
            run(load.do(database))
    finally:
        database.close()
    return works(recording.statements)


def _copy(template: Path) -> Path:
    for old in template.parent.glob("copy.db*"):
        old.unlink()
    return Path(shutil.copy(template, template.with_name("copy.db")))


def _told(measure: str, load: Load, runs: list[dict[str, float]]) -> Figures:
    told: Figures = {"measure": measure, "amount": load.amount, "runs": len(runs)}
    for name, value in medians(runs).items():
        told[name] = round(value, 3 if name == "ratio" else 1 if name.endswith("_ms") else None)
    return told
