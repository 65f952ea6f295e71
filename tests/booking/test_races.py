"""Is nobody given a place twice, and nobody two visits, when all come at once?"""

import asyncio
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from handlers.booking import actions, changes
from handlers.booking.actions import SessionClosed
from handlers.booking.party import Guests
from handlers.messages import Refused
from storage.database import Database
from storage.db import Db
from storage.models import Booking, BookingState, Session
from tests.booking import race
from tests.builders import a_session, here
from tests.stored import pool_of, rows

ROOT = Path(__file__).parent.parent.parent


def test_500_families_get_exactly_the_40_places(database: Database) -> None:
    assert race.run(database) == {
        "booked": 13,
        "refused": 487,
        "places_in_bookings": 39,
        "confirmed": 39,
    }


@pytest.mark.parametrize(("faults", "booked"), [("", 13), ("capacity_guard", 100)])
def test_without_the_guard_the_same_race_oversells(
    database_url: str, faults: str, booked: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.booking.race", database_url],
        cwd=ROOT,
        env={**os.environ, "KEPU_TEST_FAULTS": faults},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["booked"] == booked
    assert found["confirmed"] == found["places_in_bookings"] == booked * race.PARTY


async def test_a_visit_cancelled_at_once_from_everywhere_frees_its_places_once(
    database: Database,
) -> None:
    def prepare(db: Db) -> tuple[int, Any]:
        session = a_session(db, taken=7)
        parent = here(db)
        actions.book(parent, rows(db, Session)[0].public_id, Guests(2))
        return session, parent.speaker

    session, speaker = database.write_and_wait(prepare)
    visit = database.read_and_wait(lambda db: rows(db, Booking)[0].public_id)

    def cancel(db: Db) -> None:
        changes.cancel(
            here(db, person_id=speaker.person_id, family_id=speaker.family_id, chat_id=0), visit
        )

    tries = [database.write(cancel, order=f"chat {number}") for number in range(20)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 19
    assert database.read_and_wait(lambda db: pool_of(db, session).confirmed) == 7
    [booking] = database.read_and_wait(lambda db: rows(db, Booking))
    assert booking.state is BookingState.CANCELLED


async def test_two_guardians_at_once_book_one_visit(database: Database) -> None:
    def prepare(db: Db) -> tuple[int, Any]:
        return a_session(db), here(db).speaker

    session, speaker = database.write_and_wait(prepare)
    public_id = database.read_and_wait(lambda db: rows(db, Session)[0].public_id)

    def book(db: Db) -> Any:
        someone = here(db, person_id=speaker.person_id, family_id=speaker.family_id, chat_id=0)
        return actions.book(someone, public_id, Guests(2))

    tries = [database.write(partial(book), order=f"chat {number}") for number in range(12)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(outcome, dict) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, SessionClosed) for outcome in outcomes) == 11
    assert database.read_and_wait(lambda db: pool_of(db, session).confirmed) == 2
