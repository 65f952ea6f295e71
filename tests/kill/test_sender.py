"""Kill a sender at random: is every message accounted for, and none sent more often than it may?"""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from handlers.messages import Message
from storage import outbox, sending
from storage.database import Database
from storage.db import Db
from storage.models import Lane, Outbox, OutboxState
from storage.statements import Query
from tests.builders import a_chat
from tests.kill import ledger
from tests.kill.process import LOOK_SECONDS, PATIENCE_SECONDS, Nursery
from tests.kill.sending import PACE

T = TypeVar("T")

MESSAGES = 300
KILLS = 16
FAILPOINTS = ("before_send", "after_send", "before_commit", "after_commit")
AT_THE_LATEST = 20  # times it comes by the failpoint before it dies there
LANES = {"reply": Lane.REPLY, "announcement": Lane.ANNOUNCEMENT}
OPEN = "SELECT count(*) FROM outbox WHERE state IN ('ready', 'sending')"

pytestmark = pytest.mark.kill


class Row(NamedTuple):
    """What became of a message."""

    text: str
    kind: str
    state: OutboxState
    attempts: int


_ROWS = Query(
    select(col(Outbox.payload), col(Outbox.kind), col(Outbox.state), col(Outbox.attempts)),
    into=lambda payload, *rest: Row(payload["text"], *rest),
)


async def test_every_message_is_accounted_for_however_often_its_sender_is_killed(
    database_url: str, tmp_path: Path
) -> None:
    chance, slate = random.Random(3), tmp_path / "slate"
    _with(database_url, _put)
    async with Nursery() as nursery:
        start = partial(_start, nursery, database_url, slate)
        for number in range(KILLS):
            failpoint = FAILPOINTS[number % len(FAILPOINTS)]
            pid = await start(number, f"{failpoint}:{chance.randint(1, AT_THE_LATEST)}")
            assert await nursery.told(do="wait", pid=pid) == {"signal": signal.SIGKILL}
        pid = await start(KILLS, "")
        await _until_nothing_waits(database_url)
        os.kill(pid, signal.SIGKILL)
        await nursery.told(do="wait", pid=pid)
    rows: list[Row] = _with(database_url, lambda db: db.all(_ROWS))
    arrived = Counter(slate.read_text().splitlines())
    _check_each(rows, arrived)
    in_flight = KILLS * PACE.in_flight_max
    assert len(rows) == MESSAGES
    assert 0 < sum(row.state is OutboxState.IN_DOUBT for row in rows) <= in_flight
    assert 0 < sum(count > 1 for count in arrived.values()) <= in_flight


def _check_each(rows: list[Row], arrived: Counter[str]) -> None:
    for row in rows:
        times = arrived[row.text]
        if row.kind == "announcement":  # at most once
            assert times <= 1, row
            assert row.attempts == 1, row
        if row.state is OutboxState.SENT:
            assert 1 <= times <= row.attempts <= 2, row
        else:  # a person decides what becomes of it
            assert row.state is OutboxState.IN_DOUBT, row
            assert times <= row.attempts, row


def _put(db: Db) -> None:
    for number in range(MESSAGES):
        kind = "announcement" if number % 5 else "reply"  # replies go first, and are not all
        chat = a_chat(db, channel="fake", address=f"person {number}")
        message = Message(f"message {number}").as_json()
        due_at = datetime.now(UTC)
        outbox.put(db, chat, message, kind=kind, lane=LANES[kind], due_at=due_at)


def _with(url: str, work: Callable[[Db], T]) -> T:
    with Database.open(url) as database:
        return database.write_and_wait(work)


async def _start(nursery: Nursery, url: str, slate: Path, number: int, faults: str) -> int:
    """Start the sender, at a time when the lease of the one before is over; its process."""
    told = await nursery.told(
        do="start", program="sender", folder=str(slate.parent), log=str(slate.parent / "log"),
        settings={"KEPU_DATABASE_URL": url}, faults=faults, slate=str(slate),
        seconds_ahead=number * (sending.LEASE_SECONDS + 1),
    )  # fmt: skip
    return int(told["pid"])


async def _until_nothing_waits(url: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        with ledger.opened(url) as connection:
            while connection.execute(text(OPEN)).scalar_one():
                connection.rollback()
                await asyncio.sleep(LOOK_SECONDS)
