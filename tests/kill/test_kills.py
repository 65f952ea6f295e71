"""Kill Kepu at random moments and inside turns: is every acknowledged answer there, once?"""

import os
from pathlib import Path

import pytest

from tests.kill import run
from tests.kill.process import Kepu, Nursery
from tests.load.connection import Connection

KILLS = int(os.environ.get("KEPU_KILLS", "200"))  # on each database
SEED = int(os.environ.get("KEPU_SEED", "20261122"))
PARTS = 4  # so that two cores share them
RESTART_SECONDS_MAX = 3.0
MANY = 20  # kills, after which everything that can happen has

pytestmark = pytest.mark.kill


@pytest.mark.parametrize("part", range(PARTS))
async def test_what_was_acknowledged_is_there_once_after_every_kill(
    database_url: str, tmp_path: Path, part: int
) -> None:
    seed = SEED + part
    report = await run.play(database_url, tmp_path, seed, KILLS // PARTS)
    told = "\n".join([f"KEPU_SEED={SEED}, part {part}, killed by {report.kills}"])
    assert report.complaints == [], told
    assert len(report.restart_seconds) == len(report.kills) + 2  # before them, and after
    assert max(report.restart_seconds) <= RESTART_SECONDS_MAX
    # That the kills met people in the middle of something, and turns in the middle of a commit.
    assert sum(visitor.kills_met for visitor in report.visitors) >= len(report.kills)
    if len(report.kills) >= MANY:
        assert sum(visitor.stored_unheard for visitor in report.visitors) > 0
        assert any(visitor.is_refused for visitor in report.visitors)
    assert any(visitor.code for visitor in report.visitors)


async def test_with_repeats_taken_for_new_the_checks_complain(
    database_url: str, tmp_path: Path
) -> None:
    report = await run.play(database_url, tmp_path, seed=1, kills=4, faults="dedupe_off")
    assert any("repeated" in complaint for complaint in report.complaints)
    assert any("answer nothing that was said" in complaint for complaint in report.complaints)
    assert any("heard" in complaint for complaint in report.complaints)


async def test_every_failpoint_is_where_its_name_says(sqlite_url: str, tmp_path: Path) -> None:
    heard = {}
    async with Nursery() as nursery:
        kepu = Kepu(nursery, tmp_path, sqlite_url)
        for failpoint in run.FAILPOINTS:
            if failpoint == "after_effect":  # the greeting has none
                continue
            await kepu.start(f"{failpoint}:1")
            body = b'{"id": "1", "text": "hello"}'
            head = (
                b"POST /chat/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            )
            connection = await Connection.open("127.0.0.1", kepu.port)
            try:
                heard[failpoint] = (await connection.ask(head + body)).status
            except OSError:
                heard[failpoint] = 0
            await kepu.gone()
    assert heard.pop("after_hand_over") == 200
    assert set(heard.values()) == {0}
