"""Does anything break in longer, random histories of people, clocks and crashes?"""

import os
import secrets
import subprocess
import sys
import time

from tests.load.figures import Figures
from tests.load.server import ROOT

TESTS = ("tests/invariants/test_machine.py", "tests/invariants/test_pools_machine.py")


def hunt(steps: int) -> Figures:
    """So many steps of tests/invariants on each database; the seed plays the same ones again.

    What broke is told on stderr; the status is pytest's own.
    """
    if not all((ROOT / each).exists() for each in TESTS):
        return {"measure": "hunt", "left_out": "tests/invariants is missing", "status": 1}
    seed = os.environ.get("KEPU_SEED") or secrets.token_hex(4)
    command = [sys.executable, "-m", "pytest", "-q", "-k", "holds_after_every_step", *TESTS]
    started = time.perf_counter()
    run = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "KEPU_STEPS": str(steps), "KEPU_SEED": seed},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    seconds = round(time.perf_counter() - started)
    if run.returncode:
        sys.stderr.write(run.stdout)
    return {
        "measure": "hunt", "steps": steps, "seconds": seconds, "seed": seed,
        "status": run.returncode,
    }  # fmt: skip
