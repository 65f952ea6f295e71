"""How is Kepu started hundreds of times a minute? By forking it, its modules loaded once.

Each order on standard input is one line of JSON, answered with one line. A child is `kepu run` in
all but the interpreter's start, which test_restart.py measures with the real command.
"""

import json
import os
import signal
import sys
import traceback
from typing import Any, NoReturn

# Loaded here, so that no child has to.
import apscheduler.executors.asyncio
import jinja2.ext
import psycopg
import sqlalchemy.dialects.postgresql.psycopg
import uvloop

from bot import app, cli, telegram_part
from storage import failpoints
from tests.kill import sending

LOADED = (apscheduler, jinja2, psycopg, sqlalchemy, uvloop, app, telegram_part)


def main() -> None:
    """Obey until standard input ends; no child outlives it."""
    children: set[int] = set()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "start":
            told = {"pid": _start(order)}
            children.add(told["pid"])
        else:
            _pid, status = os.waitpid(order["pid"], 0)
            children.discard(order["pid"])
            told = {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}
        print(json.dumps(told), flush=True)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _start(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        _live(order)
    return pid


def _live(order: dict[str, Any]) -> NoReturn:
    """Be Kepu, or a sender: in a folder, with settings, and what the test wants to go wrong."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, descriptor in ((0, nothing), (1, log), (2, log)):
        os.dup2(descriptor, ours)
    try:
        os.chdir(order["folder"])
        os.environ.update(order["settings"])
        failpoints.arm(order["faults"])
        if order["program"] == "sender":
            sending.main(order)
        else:
            sys.argv = ["kepu", "run"]
            cli.main()
    finally:
        traceback.print_exc()  # whatever ended it; only a kill is meant to
        os._exit(70)


if __name__ == "__main__":
    main()
