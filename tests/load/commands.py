"""How long does an operator wait: for the first page, and for a workbook to be taken in?"""

import subprocess
import tempfile
import time
from pathlib import Path

from tests.load.figures import Figures
from tests.load.server import ROOT, Server, kepu

WORKBOOK = ROOT / "tests" / "data" / "schedule.xlsx"
IMPORT_SECONDS = 120


def start() -> Figures:
    """Seconds from starting `kepu run --demo` to its first page: in an empty folder, then again."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/data/kepu.db"
        seconds = []
        for _time in range(2):
            with Server(Path(folder), url, "--demo") as server:
                seconds.append(round(server.seconds_to_first_page, 2))
    return {"measure": "start", "first_s": seconds[0], "second_s": seconds[1]}


def take_in() -> Figures:
    """Seconds of `kepu import` for twelve bases and 1,282 sessions: the whole process."""
    if not WORKBOOK.exists():
        return {"measure": "import", "left_out": f"{WORKBOOK.relative_to(ROOT)} is missing"}
    with tempfile.TemporaryDirectory() as folder:
        seconds = []
        for _time in range(2):
            started = time.perf_counter()
            process = kepu(
                Path(folder), "import", str(WORKBOOK), KEPU_DATABASE_URL=f"sqlite:///{folder}/k.db"
            )
            try:
                output, _ = process.communicate(timeout=IMPORT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            if process.returncode != 0:
                raise RuntimeError(output.decode(errors="replace")[-2000:])
            seconds.append(round(time.perf_counter() - started, 2))
    return {"measure": "import", "first_s": seconds[0], "again_s": seconds[1]}
