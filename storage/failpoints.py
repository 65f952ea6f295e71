"""Where may a test kill the process, or switch a guard off? Off unless KEPU_TEST_FAULTS is set.

`KEPU_TEST_FAULTS="after_commit:3,guard_off"` kills the process with SIGKILL the third time it
reaches `after_commit`, and makes `is_off("guard_off")` true. Kill tests and the controls of race
tests use it.
"""

import os
import signal
import threading

_lock = threading.Lock()


def parse(words: str) -> dict[str, int]:
    """`"after_commit:3,guard_off"` as `{"after_commit": 3, "guard_off": 0}`."""
    faults: dict[str, int] = {}
    for word in filter(None, words.split(",")):
        name, _, count = word.partition(":")
        faults[name] = int(count or 0)
    return faults


_left: dict[str, int] = {}


def arm(words: str) -> None:
    """Forget what was armed, and arm `words`: for a child process that a test forked."""
    with _lock:
        _left.clear()
        _left.update(parse(words))


def reached(name: str) -> None:
    """Die here when a test asked for it."""
    if not _left or name not in _left:
        return
    with _lock:
        _left[name] -= 1
        if _left[name] == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def is_off(guard: str) -> bool:
    """Whether a control test switched `guard` off, to show that its race test can fail."""
    return guard in _left


arm(os.environ.get("KEPU_TEST_FAULTS", ""))
