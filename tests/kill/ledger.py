"""What does the database hold, read past Kepu, and what is laid out in it beforehand?"""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy
from sqlalchemy import Connection, select, text
from sqlmodel import col

from storage import timetable
from storage.database import Database, sqlite_engine
from storage.db import Db
from storage.models import Audience, Base, Course, Policy, Session
from storage.statements import Query
from tests.kill.checker import Booked, Ledger, Pool
from tests.kill.people import Target

BASES, DAYS, SESSIONS_A_DAY = 6, 14, 8
ZONE = "Asia/Shanghai"

_BOOKINGS = """
    SELECT chat.address, booking.code, session.public_id, booking.state,
           booking.adults + booking.children
    FROM booking JOIN chat ON chat.person_id = booking.person_id
    JOIN session ON session.id = booking.session_id ORDER BY booking.id
"""
_POOLS = """
    SELECT session.public_id, pool.capacity, pool.held + pool.offered + pool.confirmed
    FROM pool JOIN session ON session.id = pool.session_id
"""
# The web chat's event ids begin with the visitor's address.
_EVENTS = "SELECT event_id FROM inbox WHERE channel = 'web'"
_DEAD = "SELECT count(*) FROM inbox WHERE dead_error IS NOT NULL"
_TARGETS = Query(
    select(col(Base.public_id), col(Session.local_date), col(Session.public_id))
    .join(Base, col(Base.id) == col(Session.base_id))
    .order_by(col(Session.id)),
    into=lambda base, day, session: Target(base, str(day), session),
)


def lay_out(url: str, places: int, *, for_adults: bool = False) -> list[Target]:
    """Store bases with sessions of so many places; every session, as somebody may want it."""
    audience = Audience.PUBLIC if for_adults else Audience.FAMILY
    with Database.open(url) as database:
        database.write_and_wait(lambda db: _fill(db, datetime.now(UTC), places, audience))
        return database.read_and_wait(targets)


def targets(db: Db) -> list[Target]:
    """Every session, in the order they were stored."""
    return db.all(_TARGETS)


def read(url: str) -> Ledger:
    """Everything the checks look at."""
    with opened(url) as connection:
        events: dict[str, int] = {}
        for (event_id,) in connection.execute(text(_EVENTS)):
            address = event_id.partition(":")[0]
            events[address] = events.get(address, 0) + 1
        return Ledger(
            [Booked(*row) for row in connection.execute(text(_BOOKINGS))],
            [Pool(*row) for row in connection.execute(text(_POOLS))],
            events,
            connection.execute(text(_DEAD)).scalar_one(),
        )


def without_check(url: str) -> None:
    """Take the CHECK of places away: the control of a race test shows what it would let pass."""
    with opened(url) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE pool DROP CONSTRAINT pool_capacity"))
            return
        made = "SELECT sql FROM sqlite_master WHERE name = 'pool'"
        before = connection.execute(text(made)).scalar_one()
        rule = "held + offered + confirmed <= capacity"
        assert rule in before
        connection.execute(text("PRAGMA writable_schema=ON"))
        connection.execute(
            text("UPDATE sqlite_master SET sql = :sql WHERE name = 'pool'"),
            {"sql": before.replace(rule, "capacity >= 0")},
        )


@contextlib.contextmanager
def opened(url: str) -> Iterator[Connection]:
    """The database, opened beside Kepu."""
    address = sqlalchemy.make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = sqlite_engine(address)
    else:
        engine = sqlalchemy.create_engine(address.set(drivername="postgresql+psycopg"))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _fill(db: Db, now: datetime, places: int, audience: Audience) -> None:
    course = Course(public_id="", name="星空", subject="天文", audience=audience)
    course_id = timetable.add(db, course)
    for number in range(BASES):
        base = Base(
            public_id="", name=f"第{number + 1}基地", district=f"第{number + 1}区", time_zone=ZONE
        )
        base_id = timetable.add(db, base)
        timetable.add(db, Policy(base_id=base_id, version=1, effective_from=now))
        today = now.astimezone(ZoneInfo(ZONE)).date()
        timetable.add_sessions(db, [
            Session(
                public_id="", code=f"{number}-{day}-{hour}", base_id=base_id, course_id=course_id,
                local_date=starts_at.date(), starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=1), capacity=places, party_max=4,
                audience=audience, min_age=4, max_age=99, is_accompanied=True,
                release_at=starts_at - timedelta(days=30),
            )
            for day in range(1, DAYS + 1)
            for hour in range(SESSIONS_A_DAY)
            for starts_at in [
                datetime.combine(today + timedelta(days=day), time(9 + hour), ZoneInfo(ZONE))
            ]
        ])  # fmt: skip
