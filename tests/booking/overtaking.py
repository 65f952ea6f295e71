"""What happens to a work that waits for a pool while another one changes what it has read?"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import text

from storage import pools
from storage.database import Database
from storage.db import Db

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


def _outcome(database: Database, work: Callable[[Db], Any]) -> Any:
    try:
        return database.write_and_wait(work)
    except Exception as error:  # noqa: BLE001 - a test looks at what it is
        return error
