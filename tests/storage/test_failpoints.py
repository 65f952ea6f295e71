"""Does a process die exactly where a test said, and nowhere else?"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import failpoints
from storage.filelock import FileLock

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def _disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def test_words_name_places_with_counts_and_guards() -> None:
    assert failpoints.parse("after_commit:3,guard") == {"after_commit": 3, "guard": 0}
    assert failpoints.parse("") == {}


def test_unarmed_nothing_happens() -> None:
    failpoints.reached("before_commit")
    assert not failpoints.is_off("guard")


@pytest.mark.usefixtures("_disarmed")
def test_a_guard_is_off_when_a_control_says_so() -> None:
    failpoints.arm("guard,elsewhere:3")
    failpoints.reached("here")
    failpoints.reached("elsewhere")
    assert failpoints.is_off("guard")
    assert not failpoints.is_off("another")


def test_the_process_dies_the_nth_time_it_comes_by() -> None:
    program = (
        "from storage.failpoints import reached\n"
        "for number in range(5):\n    print(number, flush=True)\n    reached('here')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "KEPU_TEST_FAULTS": "here:3"}, timeout=30,
    )  # fmt: skip
    assert done.returncode == -9
    assert done.stdout.split() == ["0", "1", "2"]


def test_a_lock_has_one_holder_until_it_is_released(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire()
    second.release()  # it holds nothing: no harm
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()
