"""Do random histories of people, clocks and crashes keep every invariant, and are bugs caught?"""

import pytest
from sqlmodel import SQLModel

from storage.models import Pool, Strike
from tests.invariants.machine import Machine
from tests.invariants.planting import planted, without_constraints
from tests.invariants.playing import STEPS, play

STEPS_TO_CATCH = 2000


def test_every_invariant_holds_after_every_step(database_url: str) -> None:
    assert play(Machine, database_url, STEPS) >= STEPS


@pytest.mark.parametrize(
    ("fault", "loosened", "complaint"),
    [
        ("capacity_guard", [Pool], "1. a pool's counters"),
        ("dedupe_off", [], "5. the same event"),
        ("queue_order", [], "the tables hold what the model says: waiting"),
        ("strike_once", [Strike], "17. a visit is missed"),
        ("", [], "the tables hold what the model says: visit"),
    ],
    ids=["guard off", "dedupe off", "queue jumping", "double strike", "early acknowledgement"],
)
def test_a_planted_bug_is_caught(
    sqlite_url: str, fault: str, loosened: list[type[SQLModel]], complaint: str
) -> None:
    for model in loosened:
        without_constraints(sqlite_url, model)
    with planted(fault), pytest.raises(AssertionError, match=complaint):
        play(Machine, sqlite_url, STEPS_TO_CATCH, acknowledges_early=not fault)
