"""Where is the key kept that signs cookies and links, when the operator gives none?"""

import contextlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

LENGTH_MIN = 32


class KeyUnusable(Exception):
    """The kept key must not be used; the message is one line for the operator."""


def kept_key(path: Path) -> str:
    """The key in the file `path`, made on the first start. Raises KeyUnusable with one line."""
    if not path.exists():
        _make(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyUnusable(f"{path} can be read by others on this machine; run: chmod 600 {path}")
    key = path.read_text("ascii", errors="replace").strip()
    if len(key) < LENGTH_MIN:
        raise KeyUnusable(f"{path} holds no whole key; remove it (who is signed in signs in again)")
    return key


def _make(path: Path) -> None:
    """Whole or not at all: a process that dies, or another that starts, never leaves half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".key-")  # mode 600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its key holds
            os.link(draft, path)
    finally:
        Path(draft).unlink()
