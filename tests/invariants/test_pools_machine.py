"""Do places kept for some families stay theirs until the hour, and is nothing lost in between?"""

import pytest

from storage.models import Pool
from tests.invariants.planting import planted, without_constraints
from tests.invariants.playing import STEPS, play
from tests.invariants.pools_machine import PoolsMachine

SHARE = 5  # one step here for so many of the machine without such pools


def test_every_invariant_of_pools_holds_after_every_step(database_url: str) -> None:
    assert play(PoolsMachine, database_url, STEPS // SHARE) >= STEPS // SHARE


@pytest.mark.parametrize(
    ("fault", "loosened", "complaint"),
    [
        ("", False, "21. what is unused flows at its hour"),
        ("capacity_guard", True, "1. PoolRow"),
    ],
    ids=["flow forgotten", "guard off"],
)
def test_a_planted_bug_of_pools_is_caught(
    sqlite_url: str, fault: str, loosened: bool, complaint: str
) -> None:
    if loosened:
        without_constraints(sqlite_url, Pool)
    with planted(fault), pytest.raises(AssertionError, match=complaint):
        play(PoolsMachine, sqlite_url, 1000, forgets_to_flow=not fault)
