"""What happens when 500 families want a session of 40 places at once?

`python -m tests.booking.race URL` runs it in a process of its own, without the CHECK constraint, so
that the guard can be switched off there: the control that shows the race test can fail.
"""

import asyncio
import json
import sys
from functools import partial
from typing import Any

from sqlalchemy import event, text

from handlers.booking import actions
from handlers.booking.actions import SessionFull
from handlers.booking.party import Guests
from storage.database import Database
from storage.db import Db
from storage.models import Booking, Session
from tests.builders import a_session, here
from tests.stored import pool_of, rows

PLACES = 40
FAMILIES = 500
PARTY = 3  # forty is no multiple of it: one place is left


def run(database: Database, *, families: int = FAMILIES) -> dict[str, int]:
    """Who got what, and what the tables say."""
    session = database.write_and_wait(lambda db: a_session(db, capacity=PLACES))
    public_id = database.read_and_wait(lambda db: rows(db, Session)[0].public_id)
    outcomes = asyncio.run(_all_at_once(database, public_id, families))
    others = [each for each in outcomes if not isinstance(each, dict | SessionFull)]
    assert others == []
    bookings = database.read_and_wait(lambda db: rows(db, Booking))
    return {
        "booked": sum(isinstance(each, dict) for each in outcomes),
        "refused": sum(isinstance(each, SessionFull) for each in outcomes),
        "places_in_bookings": sum(each.adults + each.children for each in bookings),
        "confirmed": database.read_and_wait(lambda db: pool_of(db, session).confirmed),
    }


async def _all_at_once(database: Database, session: str, families: int) -> list[Any]:
    return await asyncio.gather(
        *(
            database.write(partial(_book, session=session), order=f"family {number}")
            for number in range(families)
        ),
        return_exceptions=True,
    )


def _book(db: Db, session: str) -> Any:
    return actions.book(here(db), session, Guests(PARTY))


def _without_check(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        event.listen(
            database.engine,
            "connect",
            lambda raw, _record: raw.execute("PRAGMA ignore_check_constraints=ON"),
        )
        database.engine.dispose()  # the connections it has already
    else:
        drop = text("ALTER TABLE pool DROP CONSTRAINT pool_capacity")
        with database.engine.begin() as connection:
            connection.execute(drop)


def main(url: str) -> None:
    """Run the race without the CHECK constraint; one line of JSON."""
    with Database.open(url) as database:
        _without_check(database)
        sys.stdout.write(json.dumps(run(database, families=100)))


if __name__ == "__main__":
    main(sys.argv[1])
