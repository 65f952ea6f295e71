"""How long is nobody answered after the real command was killed?"""

import os
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.load.server import Server

RESTART_SECONDS_MAX = 3.0

pytestmark = pytest.mark.kill


def test_the_command_answers_again_within_three_seconds_of_a_kill(
    database_url: str, tmp_path: Path
) -> None:
    seconds = []
    for _ in range(3):
        with ExitStack() as stack:
            server = stack.enter_context(Server(tmp_path, database_url))
            seconds.append(server.seconds_to_first_page)
            killed = time.perf_counter()
            os.kill(server.pid, signal.SIGKILL)
            stack.close()
            assert time.perf_counter() - killed < RESTART_SECONDS_MAX
    # The quickest: other tests have the machine as well.
    assert min(seconds[1:]) <= RESTART_SECONDS_MAX, seconds
