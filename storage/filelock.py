"""Is another process using this file? A lock that the system drops when its holder dies."""

import fcntl
import os
from pathlib import Path


class FileLock:
    """An exclusive lock on `path`, held until `release` or the end of the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock now; False when another process holds it."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let the next process have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
