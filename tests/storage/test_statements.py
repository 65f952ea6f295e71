"""Is a compiled statement what the database plans best?"""

from typing import Any

import pytest
from sqlalchemy import Dialect, bindparam, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlmodel import col

from storage.models import Booking, BookingState
from storage.statements import Query, scalar


@pytest.mark.parametrize("dialect", [SQLiteDialect_pysqlite, PGDialect_psycopg])
def test_constants_are_written_out_and_values_are_bound(dialect: Any) -> None:
    statement = (
        select(col(Booking.id))
        .where(col(Booking.state) == BookingState.CONFIRMED, col(Booking.adults) > 2)
        .where(col(Booking.channel) == "it's 100%", col(Booking.family_id) == bindparam("family"))
        .limit(bindparam("most", type_=None))
    )
    made: Dialect = dialect()
    compiled = Query(statement, into=scalar).on(made)
    assert "booking.state = 'confirmed' AND booking.adults > 2" in compiled.sql
    assert "booking.channel = 'it''s 100%'" in compiled.sql
    assert compiled.parameters({"family": 1, "most": 9}) in ([1, 9], [1, 9, 0])
