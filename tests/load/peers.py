"""How fast is the usual way: an async ORM, a session a booking, a conditional update, a commit?

The same 32 clients book one place each, on the same machine and in the same run as ours. What it
does is less than a booking of ours: no rules, no children, no record of who did what.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter

from sqlalchemy import event, update
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests import postgres
from tests.load.figures import percentile

SLOTS = 20
PLACES = 100_000  # a slot: nobody is refused


class Tables(DeclarativeBase):
    """The peer's own tables."""


class Slot(Tables):
    """A session with a counter."""

    __tablename__ = "peer_slot"

    id: Mapped[int] = mapped_column(primary_key=True)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)


class Seat(Tables):
    """A booking."""

    __tablename__ = "peer_seat"

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int]
    visitor: Mapped[str]


async def on_sqlite(clients: int, amount: int) -> dict[str, float]:
    """Through aiosqlite, as durable as ours."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_async_engine(f"sqlite+aiosqlite:///{folder}/peer.db")
        event.listen(engine.sync_engine, "connect", _prepare)
        return await _measure(engine, clients, amount)


async def on_postgres(cluster: postgres.Cluster, clients: int, amount: int) -> dict[str, float]:
    """Through asyncpg."""
    with cluster.database("peer") as url:
        address = url.replace("postgresql://", "postgresql+asyncpg://").split("?")[0]
        engine = create_async_engine(address, pool_size=clients, max_overflow=0)
        return await _measure(engine, clients, amount)


async def _measure(engine: AsyncEngine, clients: int, amount: int) -> dict[str, float]:
    async with _tables(engine):
        sessions = async_sessionmaker(engine)
        numbers = iter(range(amount))
        waits: list[float] = []

        async def client() -> None:
            for number in numbers:
                began = perf_counter()
                async with sessions() as session:
                    slot = number % SLOTS + 1
                    taken = (
                        update(Slot)
                        .where(Slot.id == slot, Slot.taken + 1 <= Slot.capacity)
                        .values(taken=Slot.taken + 1)
                    )
                    await session.execute(taken)
                    session.add(Seat(slot_id=slot, visitor=f"visitor {number}"))
                    await session.commit()
                waits.append(perf_counter() - began)

        began = perf_counter()
        await asyncio.gather(*(client() for _each in range(clients)))
        seconds = perf_counter() - began
    return {"per_s": amount / seconds, "p99_ms": percentile(waits, 99) * 1000}


@asynccontextmanager
async def _tables(engine: AsyncEngine) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Tables.metadata.create_all)
    async with async_sessionmaker(engine).begin() as session:
        session.add_all(Slot(id=number, capacity=PLACES) for number in range(1, SLOTS + 1))
    yield
    await engine.dispose()


def _prepare(raw: object, _record: object) -> None:
    cursor = raw.cursor()  # type: ignore[attr-defined]  # the driver's connection, untyped
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=60000")
    cursor.close()
