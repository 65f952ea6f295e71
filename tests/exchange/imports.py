"""How does a test import a workbook, and see what became of the tables?"""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from handlers.exchange import actions, sheets
from handlers.exchange.actions import Taken
from handlers.exchange.problems import Unfit
from storage.database import Database
from storage.models import Base, Course, Holiday, Policy, Pool, Session
from storage.statements import Query, whole
from tests.builders import NOW
from tests.exchange.workbooks import sentences

TABLES: list[type[SQLModel]] = [Base, Policy, Course, Session, Pool, Holiday]
ZONE = "Asia/Shanghai"


def everything(database: Database) -> list[list[dict[str, Any]]]:
    """Every row of every table an import may touch."""
    queries = [
        Query(select(model).order_by("day" if model is Holiday else "id"), into=whole(model))
        for model in TABLES
    ]
    return database.read_and_wait(
        lambda db: [[row.model_dump() for row in db.all(query)] for query in queries]
    )


def take(
    database: Database, workbook: bytes, now: datetime = NOW, *, is_trial: bool = False
) -> Taken:
    """Import a workbook."""
    given = sheets.read(workbook)
    return database.write_and_wait(
        lambda db: actions.take_in(db, given, ZONE, now, is_trial=is_trial)
    )


def refused(database: Database, workbook: bytes) -> list[str]:
    """Why a workbook is not taken in; nothing may have been written."""
    before = everything(database)
    with pytest.raises(Unfit) as unfit:
        take(database, workbook)
    assert everything(database) == before
    return sentences(unfit.value)


def one(database: Database, model: type[SQLModel]) -> Any:
    """The only row of a table."""
    (row,) = database.read_and_wait(lambda db: db.all(Query(select(model), into=whole(model))))
    return row
