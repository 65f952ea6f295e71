"""Do waiting lists stay as they should when everybody does everything at once?"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage.database import Database
from tests.booking import waiting_race

ROOT = Path(__file__).parent.parent.parent
TRIES_MAX = 12


@pytest.fixture
def databases(database_url: str) -> Iterator[list[Database]]:
    """The same database as two processes open it, or as the one that SQLite serves."""
    with ExitStack() as stack:
        several = 1 if database_url.startswith("sqlite") else 2
        yield [stack.enter_context(Database.open(database_url)) for _ in range(several)]


def test_after_hundreds_of_things_at_once_every_place_is_accounted_for(
    databases: list[Database],
) -> None:
    assert waiting_race.everything(databases) == []


def test_an_offer_is_taken_once_or_over_never_both(databases: list[Database]) -> None:
    assert waiting_race.answers(databases) == []


def test_a_list_takes_as_many_as_it_says(databases: list[Database]) -> None:
    assert waiting_race.joins(databases) == []


def test_two_who_cancel_at_once_free_places_for_the_first_in_line(
    databases: list[Database],
) -> None:
    assert waiting_race.cancels(databases) == []


def test_places_let_go_while_the_list_closes_are_everybodys(databases: list[Database]) -> None:
    assert waiting_race.closing(databases) == []


def test_families_move_into_each_others_sessions_at_once(databases: list[Database]) -> None:
    assert waiting_race.swaps(databases) == []


@pytest.mark.parametrize(
    ("race", "guard"),
    [
        ("everything", "pool_lock"),
        ("answers", "offer_guard"),
        ("joins", "pool_lock"),
        ("cancels", "queue_order"),
        ("order", "lock_order"),
    ],
)
def test_without_its_guard_the_same_race_goes_wrong(
    postgres_url: str, race: str, guard: str
) -> None:
    # Which of two comes first is chance, and one in six "answers" goes well without its guard.
    tries = (_in_its_own_process(postgres_url, race, guard) for _ in range(TRIES_MAX))
    assert any(tries)


def _in_its_own_process(url: str, race: str, faults: str) -> list[str]:
    """What is wrong afterwards; an error is, too."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.booking.waiting_race", url, race],
        cwd=ROOT,
        env={**os.environ, "KEPU_TEST_FAULTS": faults},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return [*done.stdout.splitlines(), *done.stderr.splitlines()]
