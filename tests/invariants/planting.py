"""How is a bug planted, so that a machine can prove that it would catch it?"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import CheckConstraint, MetaData, UniqueConstraint
from sqlmodel import SQLModel

from storage import failpoints
from tests.invariants.world import World


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
