"""What dominates a turn? The writer's thread under a profiler, on the same load as its figures."""

import cProfile
import pstats
import sys
import tempfile
from pathlib import Path
from typing import TextIO

from storage.database import Database
from tests.load import timetable
from tests.load.loads import Load
from tests.load.writer import run

LINES = 40


def profile(load: Load, out: TextIO = sys.stdout) -> None:
    """Print where the writer spends its time: cProfile sees only the thread it was enabled in."""
    profiler = cProfile.Profile()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'kepu.db'}"
        timetable.make(url)
        with Database.open(url) as database:
            run(load.prepare(database))
            database.write_and_wait(lambda _db: profiler.enable())
            run(load.do(database))
            database.write_and_wait(lambda _db: profiler.disable())
    print(f"== {load.measure}: {load.amount} works", file=out)
    stats = pstats.Stats(profiler, stream=out)
    for order in ("tottime", "cumulative"):
        stats.sort_stats(order).print_stats(LINES)
