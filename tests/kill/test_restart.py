"""How long is nobody answered after the real command was killed?"""

import os
import signal
from pathlib import Path

import pytest

from tests.load.server import Server

RESTART_SECONDS_MAX = 3.0
TRIES = 6  # the machine has other tests to run: one of them has to be quick enough

pytestmark = pytest.mark.kill


def test_the_command_answers_again_within_three_seconds_of_a_kill(
    database_url: str, tmp_path: Path
) -> None:
    _start_and_kill(tmp_path, database_url)
    seconds: list[float] = []
    while len(seconds) < TRIES and min(seconds, default=99) > RESTART_SECONDS_MAX:
        seconds.append(_start_and_kill(tmp_path, database_url))
    assert min(seconds) <= RESTART_SECONDS_MAX, seconds


def _start_and_kill(folder: Path, url: str) -> float:
    """How many seconds the command took to its first page, before it was killed."""
    with Server(folder, url) as server:
        os.kill(server.pid, signal.SIGKILL)
        return server.seconds_to_first_page
