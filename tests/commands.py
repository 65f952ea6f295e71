"""How does a test run the real command?"""

import json
import os
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parent.parent
SECONDS = 60


class Kepu:
    """The real command, in a folder of its own."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KEPU_")}
        self.environment = {**kept, "PYTHONPATH": str(HOME), "COLUMNS": "80"}
        if database_url:
            self.environment["KEPU_DATABASE_URL"] = database_url

    def __call__(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run `kepu` with these words. Whatever happens, no traceback is shown."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=self.folder,
            env={**self.environment, **settings},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def exported(self, kind: str) -> list[dict[str, object]]:
        """What an export says."""
        done = self("export", kind, "-")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert isinstance(found, list)
        return found


def one_line(done: subprocess.CompletedProcess[str], status: int = 1) -> str:
    """The only line of a refusal."""
    assert done.returncode == status, done
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line
