"""Do random histories of people, clocks and crashes keep every invariant, and are bugs caught?"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import CheckConstraint, MetaData, UniqueConstraint
from sqlmodel import SQLModel

from storage import failpoints
from storage.models import Pool, Strike
from tests.invariants.machine import Machine
from tests.invariants.world import World

STEPS = int(os.environ.get("KEPU_STEPS", "5000"))  # on each database; more for a hunt
SEED = os.environ.get("KEPU_SEED", "")  # of a hunt: other histories than the usual ones
IS_SHRUNK = bool(os.environ.get("KEPU_SHRINK"))  # to the smallest history that fails: minutes
STEPS_OF_AN_EXAMPLE = 50
STEPS_TO_CATCH = 2000
PHASES = [Phase.explicit, Phase.generate, *([Phase.shrink] if IS_SHRUNK else [])]


def play(url: str, steps: int, **planted: Any) -> int:
    """Run the machine; how many steps were looked at. Raises what does not hold."""
    world = World(url)
    played: type[Machine] = type("Played", (Machine,), {"world": world, **planted})
    limits = settings(
        max_examples=steps // STEPS_OF_AN_EXAMPLE * 9 // 8,  # some are shorter,
        stateful_step_count=STEPS_OF_AN_EXAMPLE,
        deadline=None,
        database=None,
        derandomize=not SEED,
        suppress_health_check=list(HealthCheck),
        phases=PHASES,
    )
    try:
        run_state_machine_as_test(seed(SEED)(played) if SEED else played, settings=limits)
    finally:
        world.database.close()
    return played.steps


@contextmanager
def planted(fault: str) -> Iterator[None]:
    """A guard is off meanwhile."""
    failpoints.arm(fault)
    try:
        yield
    finally:
        failpoints.arm("")


def without_constraints(url: str, model: type[SQLModel]) -> None:
    """Let a table take anything, so that only the checks of the machine can complain."""
    world = World(url)
    table = model.__table__  # type: ignore[attr-defined]  # every table of SQLModel has one
    everything = MetaData()
    for each in SQLModel.metadata.sorted_tables:
        each.to_metadata(everything)
    loose = everything.tables[table.name]
    rules = (CheckConstraint, UniqueConstraint)
    loose.constraints -= {rule for rule in loose.constraints if isinstance(rule, rules)}
    with world.database.engine.begin() as connection:
        table.drop(connection)
        loose.create(connection)
    world.database.close()


def test_every_invariant_holds_after_every_step(database_url: str) -> None:
    assert play(database_url, STEPS) >= STEPS


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
        play(sqlite_url, STEPS_TO_CATCH, acknowledges_early=not fault)
