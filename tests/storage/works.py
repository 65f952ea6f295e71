"""What do the tests of the writer hand to it?"""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import event, func, select
from sqlmodel import col

from storage.database import Database
from storage.db import Db
from storage.models import Family
from storage.statements import Query, scalar
from tests.builders import a_family

_FAMILIES = Query(select(func.count(col(Family.id))), into=scalar)


def families(database: Database) -> int:
    """How many families are stored."""
    found = database.read_and_wait(lambda db: db.first(_FAMILIES))
    assert isinstance(found, int)
    return found


def commits(database: Database) -> list[str]:
    """A list that grows with every commit."""
    seen: list[str] = []
    event.listen(database.engine, "commit", lambda connection: seen.append("commit"))
    return seen


class Gate:
    """A work that holds the writer until it is opened, so that others queue up behind it."""

    def __init__(self) -> None:
        self._opened = threading.Event()
        self._entered = threading.Event()

    def work(self, db: Db) -> None:
        self._entered.set()
        assert self._opened.wait(10)

    def entered(self) -> None:
        """Wait until the writer stands in it."""
        assert self._entered.wait(10)

    def open(self) -> None:
        self._opened.set()


async def behind_a_gate(database: Database, works: list[Callable[[Db], Any]]) -> list[Any]:
    """The outcomes of works that wait together, so that they share a commit."""
    gate = Gate()
    held = asyncio.ensure_future(database.write(gate.work, order="x"))  # noqa: TID251 - a test's own
    await asyncio.to_thread(gate.entered)
    waiting = asyncio.gather(
        *(database.write(work, order="x") for work in works), return_exceptions=True
    )
    await asyncio.sleep(0)
    gate.open()
    await held
    return await waiting


def fails(db: Db) -> None:
    a_family(db)
    raise ValueError("no")
