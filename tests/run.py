"""Does everything hold? Format, lint, types, imports, texts, tests; one screen when it does."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

CHECKS = {
    "format": [str(BIN / "ruff"), "format", "--check", "."],
    "lint": [str(BIN / "ruff"), "check", "."],
    "types": [str(BIN / "mypy")],
    "imports": [str(BIN / "lint-imports")],
    "texts": [sys.executable, "-m", "tests.catalogues", "--check"],
}
COVERED = ["--cov=handlers", "--cov=storage", "--cov-report=", "--cov-fail-under=95"]
TESTS = [sys.executable, "-m", "pytest", "-q", "-n", "2", *COVERED]


@dataclass(frozen=True)
class Program:
    """A program from Debian that some tests drive; they are left out where it is missing."""

    package: str
    is_here: bool


def programs() -> list[Program]:
    """What the tests need beside Python's packages."""
    browsers = ("chromium", "chromium-browser", "google-chrome")
    servers = [*Path("/usr/lib/postgresql").glob("*/bin/initdb"), shutil.which("initdb")]
    fonts = Path("/usr/share/fonts/opentype/noto").glob("NotoSansCJK*")
    return [
        Program("postgresql", any(servers)),
        Program("chromium", any(map(shutil.which, browsers))),
        Program("fonts-noto-cjk", any(fonts)),
    ]


def install_missing() -> None:
    """Install Debian's packages where we may; elsewhere pytest says which tests it left out."""
    missing = [program.package for program in programs() if not program.is_here]
    if not missing or shutil.which("apt-get") is None:
        return
    become_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if become_root and not _succeeds(["sudo", "-n", "true"]):
        return
    print(f"Installing {', '.join(missing)} …", flush=True)
    env = ["env", "DEBIAN_FRONTEND=noninteractive"]
    _succeeds([*become_root, "apt-get", "update", "-qq"])
    install = [*become_root, *env, "apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    if not _succeeds([*install, *missing]):
        print("apt-get could not install them; the tests that need them are left out", flush=True)


def check_all() -> list[str]:
    """Run the checks side by side, a line each; the names of those that failed."""
    started = time.monotonic()
    running = {name: _start(command) for name, command in CHECKS.items()}
    failed = []
    for name, process in running.items():
        output, _ = process.communicate()
        took = time.monotonic() - started
        if process.returncode == 0:
            print(f"{name:8} ok  {took:4.1f} s", flush=True)
        else:
            failed.append(name)
            print(f"{name:8} FAILED\n{output}", flush=True)
    return failed


def main() -> int:
    """Everything; 0 when it holds."""
    install_missing()
    failed = check_all()
    tests = subprocess.run(TESTS, cwd=ROOT, check=False)
    if tests.returncode != 0:
        failed.append("tests")
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _start(command: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _succeeds(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(main())
