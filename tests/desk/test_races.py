"""Do two devices at two doors let a family in once, at the same moment?"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

from handlers.desk import actions, noshows
from storage.database import Database
from storage.db import Db
from storage.models import Booking, BookingState, CheckIn, Pool, Strike
from tests.builders import a_booking, a_parent
from tests.desk.door import KEY, TEN, Door
from tests.stored import rows

DEVICES = 4


def test_devices_that_scan_at_once_count_nobody_twice(
    postgres_database: Database, postgres_url: str
) -> None:
    door = postgres_database.write_and_wait(Door)

    def scans(device: int) -> int:
        def work(db: Db) -> int:
            desk = replace(door.desk(device=f"d{device}"), db=db)
            [result] = actions.sync(desk, [door.scan(f"s{device}", heads=2)], KEY)
            return result.inside

        with Database.open(postgres_url) as opened:
            return opened.write_and_wait(work)

    with ThreadPoolExecutor(DEVICES) as pool:
        inside = list(pool.map(scans, range(DEVICES)))
    assert sorted(inside) == [2, 3, 3, 3]
    found = postgres_database.read_and_wait(lambda db: rows(db, Booking))
    assert [(each.state, each.heads) for each in found] == [(BookingState.CHECKED_IN, 3)]
    assert len(postgres_database.read_and_wait(lambda db: rows(db, CheckIn))) == DEVICES


def test_processes_that_look_for_who_missed_strike_once(
    postgres_database: Database, postgres_url: str
) -> None:
    closed = TEN + timedelta(minutes=31)

    def fill(db: Db) -> None:
        door = Door(db)
        for _each in range(5):
            a_booking(db, door.session_id, a_parent(db), adults=2)
        actions.sync(door.desk(), [door.scan()], KEY)

    postgres_database.write_and_wait(fill)

    def looks(_process: int) -> int:
        with Database.open(postgres_url) as opened:
            batches = opened.read_and_wait(lambda db: noshows.due(db, closed))
            works = [
                partial(noshows.miss, booking_ids=ids, now=closed, locale="en") for ids in batches
            ]
            return sum(opened.write_and_wait(work) for work in works)

    with ThreadPoolExecutor(DEVICES) as pool:
        assert sum(pool.map(looks, range(DEVICES))) == 5
    assert len(postgres_database.read_and_wait(lambda db: rows(db, Strike))) == 5
    [pool_row] = postgres_database.read_and_wait(lambda db: rows(db, Pool))
    assert pool_row.confirmed == 3
