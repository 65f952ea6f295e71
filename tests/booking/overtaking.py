"""What happens to a work that waits for a pool while another one changes what it has read?"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import text

from handlers.booking import changes
from handlers.here import Here, Speaker
from storage import pools
from storage.database import Database
from storage.db import Db
from storage.models import Booking, Session
from tests.builders import NOW, a_base, a_booking, a_session, here
from tests.stored import pool_of, rows

WAIT_SECONDS = 10


def overtake(
    database: Database, pool_id: int, late: Callable[[Db], Any], first: Callable[[Db], Any]
) -> Any:
    """Have `late` wait for a pool, and `first` done meanwhile; what became of `late`.

    On PostgreSQL, where several write at once.
    """
    with ThreadPoolExecutor(1) as thread, database.engine.connect() as connection:
        connection.begin()
        db = Db(connection)
        pools.lock(db, pool_id)
        waits = thread.submit(_outcome, database, late)
        try:
            await_blocked(database, 1)
            first(db)
        finally:
            db.finish()
            connection.commit()
        return waits.result()


def await_blocked(database: Database, works: int) -> None:
    """Come back when so many works wait for locks."""
    pause = threading.Event()  # never set
    with database.engine.connect() as connection:
        for _each in range(WAIT_SECONDS * 100):
            query = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if connection.execute(query).scalar_one() >= works:
                return
            connection.rollback()
            pause.wait(0.01)
    raise AssertionError("nobody waits")


def lock_now(database: Database, pool_id: int) -> None:
    """Lock a pool for a moment. Raises when anybody holds it."""
    with database.engine.connect() as connection:
        query = text("SELECT id FROM pool WHERE id = :pool FOR UPDATE NOWAIT")
        connection.execute(query, {"pool": pool_id})


def move_down(database: Database) -> Any:
    """Have a family move while another one has the pool of its new session, the lower number.

    The card, or what went wrong: that it holds the higher while it waits.
    """

    def prepare(db: Db) -> tuple[str, list[int], str, Speaker]:
        base = a_base(db)
        lower, higher = (a_session(db, base_id=base, hour=hour) for hour in (10, 14))
        family = here(db)
        a_booking(db, higher, family)
        both = [pool_of(db, session).id or 0 for session in (lower, higher)]
        [visit] = rows(db, Booking)
        [session] = [each.public_id for each in rows(db, Session) if each.id == lower]
        return session, both, visit.public_id, family.speaker

    session, (lower, higher), visit, speaker = database.write_and_wait(prepare)

    def move(db: Db) -> Any:
        return changes.move(Here(db, speaker, NOW), visit, session)

    return overtake(database, lower, move, lambda _db: lock_now(database, higher))


def _outcome(database: Database, work: Callable[[Db], Any]) -> Any:
    try:
        return database.write_and_wait(work)
    except Exception as error:  # noqa: BLE001 - a test looks at what it is
        return error
