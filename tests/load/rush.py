"""What happens when two thousand families want places in the moment they are released?"""

import asyncio
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

from handlers.booking import actions, changes, queue
from handlers.booking.actions import SessionFull
from handlers.booking.party import Guests, NewChild
from handlers.here import Here, Speaker
from handlers.messages import Refused
from storage import bookings, pools, waiting
from storage.database import Database
from storage.db import Db
from storage.models import BookingState, Pool, Session
from storage.schema import migrate
from tests import postgres
from tests.builders import a_base, a_course, a_session
from tests.load import peers, timetable
from tests.load.figures import Figures, judged, percentile
from tests.load.loads import Bookings, meet
from tests.load.people import at_once
from tests.load.proc import peak_mb, resident_mb
from tests.load.writer import run
from tests.stored import rows

HOUSEHOLDS = 2000
SESSIONS = 20
PLACES = 150  # a session: half of what is wanted
WAITING_MAX = 30
SECONDS = 5.0
CANCELLED = 200  # afterwards, to see who is offered their places
CLIENTS = 32


class Household(NamedTuple):
    """Who comes, to which session, and when they tap."""

    speaker: Speaker
    session: int
    guests: Guests
    at: float  # seconds after the release


class Slot(NamedTuple):
    """A session of the rush."""

    public_id: str
    pool_id: int


@dataclass
class Outcome:
    """What became of everybody."""

    accepted: list[float] = field(default_factory=list)  # seconds waited
    refused: list[float] = field(default_factory=list)
    waiting: int = 0
    false_refusals: int = 0
    errors: int = 0
    sold_out_at: float = 0.0


def on_sqlite() -> Figures:
    """The rush on one file."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/rush.db"
        migrate(url)
        with Database.open(url) as database:
            return run(_rush("rush", database))


def on_postgres() -> Figures:
    """The rush on a server that loses nothing it committed."""
    with _cluster() as cluster:
        if cluster is None:
            return {"measure": "rush_postgres", "left_out": "PostgreSQL is not installed"}
        with cluster.database("rush") as url:
            migrate(url)
            with Database.open(url) as database:
                return run(_rush("rush_postgres", database))


async def _rush(measure: str, database: Database) -> Figures:
    slots = await database.write(_slots)
    households = await _households(database, random.Random("rush"))
    before, outcome = resident_mb(os.getpid()), Outcome()
    began = perf_counter()

    async def one(household: Household) -> None:
        await asyncio.sleep(max(0.0, household.at - (perf_counter() - began)))
        await _book_or_wait(database, household, slots[household.session], outcome, began)

    await asyncio.gather(*map(one, households))
    seconds = perf_counter() - began
    offered, inversions = await _cancel_some(database, households, slots)
    counted = await database.read(lambda db: rows(db, Pool))
    oversold = sum(max(0, each.confirmed + each.offered - each.capacity) for each in counted)
    figures: Figures = {
        "measure": measure,
        "households": len(households),
        "accepted": len(outcome.accepted),
        "refused": len(outcome.refused),
        "waiting": outcome.waiting,
        "oversold": oversold,
        "false_refusals": outcome.false_refusals,
        "errors": outcome.errors,
        "offers_after_cancelling": offered,
        "out_of_order": inversions,
        "seconds": round(seconds, 2),
        "sold_out_s": round(outcome.sold_out_at, 2),
        "accepted_p50_ms": _ms(outcome.accepted, 50),
        "accepted_p99_ms": _ms(outcome.accepted, 99),
        "refused_p50_ms": _ms(outcome.refused, 50),
        "refused_p99_ms": _ms(outcome.refused, 99),
        "rss_before_mb": before,
        "rss_peak_mb": peak_mb(os.getpid()),
    }
    limits = dict.fromkeys(("oversold", "false_refusals", "errors", "out_of_order"), 0.0)
    return judged(figures, at_least={}, at_most={**limits, "accepted_p99_ms": 2000})


async def _book_or_wait(
    database: Database, household: Household, slot: Slot, outcome: Outcome, began: float
) -> None:
    tapped = perf_counter()
    who = f"web:{household.speaker.address}"
    try:
        left = await database.write(partial(_book, household=household, slot=slot), who)
    except Refused:
        outcome.errors += 1
        return
    now = perf_counter()
    if left is None:
        outcome.accepted.append(now - tapped)
        outcome.sold_out_at = now - began
        return
    outcome.refused.append(now - tapped)
    outcome.false_refusals += left >= household.guests.places
    try:
        await database.write(partial(_wait, household=household, slot=slot), who)
    except Refused:  # the list is full
        return
    outcome.waiting += 1


def _book(db: Db, household: Household, slot: Slot) -> int | None:
    """How many places were left when the party was refused; None when it was not."""
    here = Here(db, household.speaker, datetime.now(UTC))
    try:
        with db.savepoint():
            actions.book(here, slot.public_id, household.guests)
    except SessionFull:
        return pools.left(db, slot.pool_id)
    return None


def _wait(db: Db, household: Household, slot: Slot) -> None:
    queue.join(Here(db, household.speaker, datetime.now(UTC)), slot.public_id, household.guests)


async def _cancel_some(
    database: Database, households: list[Household], slots: list[Slot]
) -> tuple[int, int]:
    """Some who come stay away; how many offers that makes, and how many of them jump the queue."""
    cancelled = 0
    for household in households:
        if cancelled == CANCELLED:
            break
        cancelled += await database.write(partial(_cancel, speaker=household.speaker))

    def look(db: Db) -> tuple[int, int]:
        offers = [waiting.live_offers(db, slot.pool_id) for slot in slots]
        return sum(map(len, offers)), sum(map(_jumped, offers))

    return await database.read(look)


def _cancel(db: Db, speaker: Speaker) -> bool:
    here = Here(db, speaker, datetime.now(UTC))
    for visit in bookings.ahead(db, speaker.family_id, here.now):
        if visit.state is BookingState.CONFIRMED:
            changes.cancel(here, visit.public_id)
            return True
    return False


def _jumped(offers: list[waiting.Offered]) -> int:
    """Offers to parties no smaller than one that came before them and was offered later."""
    in_order = sorted(offers, key=lambda each: each.id)
    return sum(
        later.booking_id < earlier.booking_id and later.places_wanted <= earlier.places
        for earlier, later in pairwise(in_order)
    )


def _slots(db: Db) -> list[Slot]:
    base, course = a_base(db), a_course(db)
    starts = datetime.now(UTC) + timedelta(days=7)
    ids = [
        a_session(
            db,
            base_id=base,
            course_id=course,
            local_date=starts.date(),
            hour=8 + number % 12,
            capacity=PLACES,
            waiting_max=WAITING_MAX,
            release_at=datetime.now(UTC) - timedelta(seconds=1),
        )
        for number in range(SESSIONS)
    ]
    public = {each.id: each.public_id for each in rows(db, Session)}
    pool = {each.session_id: each.id for each in rows(db, Pool)}
    return [Slot(public[each], pool[each] or 0) for each in ids]


async def _households(database: Database, chance: random.Random) -> list[Household]:
    households: list[Household] = []

    async def one(number: int) -> None:
        speaker = await database.write(partial(meet, address=f"rush-{number}"))
        size = chance.choices(range(1, 6), (1, 4, 5, 3, 2))[0]
        adults = 1 if size < 4 else 2
        children = tuple(
            NewChild(f"孩子{each}", {"birth_month": f"201{8 + each % 2}-0{each + 1}"})
            for each in range(size - adults)
        )
        # Some sessions are what everybody wants.
        session = min(int(chance.expovariate(0.15)), SESSIONS - 1)
        at = chance.uniform(0, SECONDS)
        households.append(Household(speaker, session, Guests(adults, (), children), at))

    await at_once(16, one, range(HOUSEHOLDS))
    return households


def beside_peers(amount: int) -> Iterator[Figures]:
    """Bookings a second by 32 clients: ours, and an async ORM's, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        ours = run(_ours(f"sqlite:///{folder}/ours.db", amount))
    theirs = run(peers.on_sqlite(CLIENTS, amount // 4))
    yield _beside("rush_beside_orm", ours, theirs, ratio=8, p99_ms=25)
    with _cluster() as cluster:
        if cluster is None:
            yield {"measure": "rush_beside_orm_postgres", "left_out": "PostgreSQL is not installed"}
            return
        with cluster.database("ours") as url:
            ours = run(_ours(url, amount))
        theirs = run(peers.on_postgres(cluster, CLIENTS, amount // 2))
        yield _beside("rush_beside_orm_postgres", ours, theirs, ratio=3, p99_ms=None)


async def _ours(url: str, amount: int) -> dict[str, float]:
    timetable.make(url)
    load = Bookings("beside", amount, in_flight=CLIENTS)
    with Database.open(url) as database:
        await load.prepare(database)
        began = perf_counter()
        waits = await load.do(database)
        seconds = perf_counter() - began
    return {"per_s": amount / seconds, "p99_ms": percentile(waits, 99) * 1000}


def _beside(
    measure: str,
    ours: dict[str, float],
    theirs: dict[str, float],
    *,
    ratio: float,
    p99_ms: float | None,
) -> Figures:
    figures: Figures = {
        "measure": measure,
        "clients": CLIENTS,
        "ours_per_s": round(ours["per_s"]),
        "ours_p99_ms": round(ours["p99_ms"], 1),
        "orm_per_s": round(theirs["per_s"]),
        "orm_p99_ms": round(theirs["p99_ms"], 1),
        "ratio": round(ours["per_s"] / theirs["per_s"], 2),
    }
    at_most = {} if p99_ms is None else {"ours_p99_ms": p99_ms}
    return judged(figures, at_least={"ratio": ratio}, at_most=at_most)


@contextmanager
def _cluster() -> Iterator[postgres.Cluster | None]:
    programs = postgres.binaries()
    if programs is None:
        yield None
        return
    with postgres.Cluster(programs, is_durable=True) as cluster:
        yield cluster


def _ms(values: list[float], percent: float) -> float:
    return round(percentile(values, percent) * 1000, 1)
