"""What happens on waiting lists when many families do everything at once?

`python -m tests.booking.waiting_race URL RACE` runs one race in a process of its own, so that a
guard can be switched off there: the control that shows the race test can fail.
"""

import asyncio
import random
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from handlers.booking import actions, changes, lapsing, queue
from handlers.booking.party import Guests
from handlers.here import Here, Speaker
from handlers.messages import Refused
from storage import bookings
from storage.database import Database
from storage.db import Db
from storage.models import Booking, BookingState, Offer, OfferState, Pool, Session, Waiting
from tests.booking import overtaking, sums
from tests.booking.waiting import delivered, somebody
from tests.builders import NOW, SATURDAY, a_base, a_booking, a_session, at
from tests.stored import rows

FAMILIES = 40
SESSIONS = 3
ROUNDS = 7
PLACES = 10
LATE = NOW + timedelta(hours=3)  # when every offer made now is over
Work = Callable[[Db], Any]


def someone(db: Db, speaker: Speaker, now: datetime = NOW) -> Here:
    """The same person in another transaction."""
    return Here(db, speaker, now, home_locale="en")


async def at_once(databases: Sequence[Database], works: Sequence[Work]) -> list[Any]:
    """Run works from many chats over all the databases; what became of each.

    Whatever is not done or refused is an error.
    """
    outcomes = await asyncio.gather(
        *(
            databases[n % len(databases)].write(work, order=f"chat {n}")
            for n, work in enumerate(works)
        ),
        return_exceptions=True,
    )
    for each in outcomes:
        if isinstance(each, BaseException) and not isinstance(each, Refused):
            raise each
    return outcomes


def everything(databases: Sequence[Database]) -> list[str]:
    """Let forty families do anything in three sessions at once; what is wrong afterwards."""
    sessions, speakers = databases[0].write_and_wait(_prepare)
    draw = random.Random(3)
    for round_ in range(ROUNDS):
        now = NOW + timedelta(minutes=50 * round_)
        works: list[Work] = [
            partial(_anything, speaker=speaker, sessions=sessions, now=now, seed=draw.random())
            for speaker in speakers
            for _twice in range(2)
        ]
        draw.shuffle(works)
        works += [partial(_time_comes, now=now)] * 4
        asyncio.run(at_once(databases, works))
        databases[0].write_and_wait(delivered)
    found = databases[0].read_and_wait(sums.wrong)
    return found + databases[0].read_and_wait(_not_everything)


def answers(databases: Sequence[Database]) -> list[str]:
    """Say yes in two chats, and let the time be over, at once, for ten offers; what is wrong."""
    speakers, offers = databases[0].write_and_wait(_offered)
    works: list[Work] = []
    for speaker, offer in zip(speakers, offers, strict=True):
        yes = partial(_accept, speaker=speaker, offer=offer)
        works += [yes, partial(_time_comes, now=LATE), yes]
    outcomes = asyncio.run(at_once(databases, works))
    cards = sum(isinstance(each, dict) for each in outcomes)
    states = [each.state for each in databases[0].read_and_wait(lambda db: rows(db, Offer))]
    found = databases[0].read_and_wait(sums.wrong)
    if cards != states.count(OfferState.ACCEPTED):
        found.append(f"{cards} heard yes, {states.count(OfferState.ACCEPTED)} offers were taken")
    return found


def joins(databases: Sequence[Database]) -> list[str]:
    """Let forty families join a list of ten at once; what is wrong."""

    def prepare(db: Db) -> tuple[str, list[Speaker]]:
        session = a_session(db, capacity=1, taken=1, waiting_max=PLACES)
        return _public_id(db, session), [somebody(db).speaker for _ in range(FAMILIES)]

    session, speakers = databases[0].write_and_wait(prepare)
    works = [partial(_join, speaker=each, session=session, adults=1) for each in speakers]
    outcomes = asyncio.run(at_once(databases, works))
    on_it = sum(not isinstance(each, Refused) for each in outcomes)
    found = [
        each
        for each in databases[0].read_and_wait(sums.wrong)
        if "confirmed" not in each  # somebody's, without a visit
    ]
    return found if on_it == PLACES else [*found, f"{on_it} on a list of {PLACES}"]


def cancels(databases: Sequence[Database]) -> list[str]:
    """Three of five families let two places go at once: who was offered them of ten that wait."""

    def prepare(db: Db) -> tuple[str, list[Speaker]]:
        session = a_session(db, capacity=PLACES, waiting_max=PLACES)
        holders = [somebody(db) for _ in range(PLACES // 2)]
        for each in holders:
            a_booking(db, session, each, adults=2)
        for _each in range(PLACES):
            _join(db, somebody(db).speaker, _public_id(db, session), 1)
        return _public_id(db, session), [each.speaker for each in holders]

    _session, holders = databases[0].write_and_wait(prepare)
    asyncio.run(at_once(databases, [partial(_cancel, speaker=each) for each in holders[:3]]))
    offered = databases[0].read_and_wait(lambda db: [each.booking_id for each in rows(db, Offer)])
    numbers = databases[0].read_and_wait(
        lambda db: [each.number for each in rows(db, Waiting) if each.booking_id in offered]
    )
    found = databases[0].read_and_wait(sums.wrong)
    return found if sorted(numbers) == [*range(1, 7)] else [*found, f"offered to {numbers}"]


def closing(databases: Sequence[Database]) -> list[str]:
    """Let places go while the list closes: what is wrong, or still kept or waited for."""

    def prepare(db: Db) -> list[Speaker]:
        session = a_session(db, capacity=PLACES, waiting_max=PLACES)
        holders = [somebody(db) for _ in range(PLACES)]
        for each in holders:
            a_booking(db, session, each)
        for _each in range(PLACES):
            _join(db, somebody(db).speaker, _public_id(db, session), 1)
        return [each.speaker for each in holders]

    holders = databases[0].write_and_wait(prepare)
    now = at(SATURDAY, 8)
    works: list[Work] = [partial(_cancel, speaker=each, now=now) for each in holders[:5]]
    works += [partial(_time_comes, now=now)] * 3
    asyncio.run(at_once(databases, works))
    databases[0].write_and_wait(partial(_time_comes, now=now))
    [pool] = databases[0].read_and_wait(lambda db: rows(db, Pool))
    left = (pool.held, pool.offered, pool.waiting, pool.confirmed)
    found = databases[0].read_and_wait(sums.wrong)
    return found if left == (0, 0, 0, 5) else [*found, f"left {left}"]


def swaps(databases: Sequence[Database]) -> list[str]:
    """Two sessions with a free place each: twenty families move to the other one at once."""

    def prepare(db: Db) -> list[tuple[Speaker, str]]:
        base = a_base(db, change_max=99)
        both = [a_session(db, base_id=base, hour=h, capacity=PLACES + 1) for h in (10, 14)]
        found = []
        for here, there in (both, both[::-1]):
            for family in [somebody(db) for _ in range(PLACES)]:
                a_booking(db, here, family)
                found.append((family.speaker, _public_id(db, there)))
        return found

    moves = databases[0].write_and_wait(prepare)
    works = [partial(_move, speaker=speaker, session=session) for speaker, session in moves]
    outcomes = asyncio.run(at_once(databases, works))
    found = databases[0].read_and_wait(sums.wrong)
    moved = sum(isinstance(each, dict) for each in outcomes)
    return found if moved else [*found, "nobody moved"]


def order(databases: Sequence[Database]) -> list[str]:
    """Move into a session whose pool somebody has: what is wrong. On PostgreSQL."""
    became = overtaking.move_down(databases[0])
    return [] if isinstance(became, dict) else [str(became)]


def _prepare(db: Db) -> tuple[list[str], list[Speaker]]:
    base = a_base(db, change_max=99, visits_per_day=None, visits_active=9, wait_max=9)
    sessions = [
        a_session(db, base_id=base, hour=10 + n, capacity=2 * PLACES, waiting_max=FAMILIES)
        for n in range(SESSIONS)
    ]
    speakers = [somebody(db).speaker for _ in range(FAMILIES)]
    return [_public_id(db, each) for each in sessions], speakers


def _offered(db: Db) -> tuple[list[Speaker], list[str]]:
    session = a_session(db, capacity=PLACES, waiting_max=PLACES)
    holder = somebody(db)
    visit = a_booking(db, session, holder, adults=PLACES)
    speakers = [somebody(db).speaker for _ in range(PLACES)]
    for each in speakers:
        _join(db, each, _public_id(db, session), 1)
    [booked] = [each for each in rows(db, Booking) if each.id == visit]
    changes.cancel(holder, booked.public_id)
    delivered(db)
    return speakers, [each.public_id for each in rows(db, Offer)]


def _anything(db: Db, speaker: Speaker, sessions: Sequence[str], now: datetime, seed: float) -> Any:
    draw = random.Random(seed)
    who = someone(db, speaker, now)
    mine = bookings.ahead(db, speaker.family_id, now)
    session, guests = draw.choice(sessions), Guests(draw.randint(1, 3))
    offer = queue.only_offer(who)
    if offer is not None and draw.random() < 0.7:
        return draw.choice((queue.accept, queue.accept, queue.decline))(who, offer)
    if mine and draw.random() < 0.7:
        visit = draw.choice(mine)
        if visit.state is not BookingState.CONFIRMED or draw.random() < 0.4:
            return changes.cancel(who, visit.public_id)
        if draw.random() < 0.5:
            return changes.move(who, visit.public_id, session)
        return changes.change_party(who, visit.public_id, guests)
    try:
        return actions.book(who, session, guests)
    except actions.SessionFull:
        return queue.join(who, session, guests, takes_fewer=draw.random() < 0.5)


def _accept(db: Db, speaker: Speaker, offer: str) -> Any:
    return queue.accept(someone(db, speaker), offer)


def _cancel(db: Db, speaker: Speaker, now: datetime = NOW) -> None:
    who = someone(db, speaker, now)
    [mine] = bookings.ahead(db, speaker.family_id, now)
    changes.cancel(who, mine.public_id)


def _move(db: Db, speaker: Speaker, session: str) -> Any:
    [mine] = bookings.ahead(db, speaker.family_id, NOW)
    return changes.move(someone(db, speaker), mine.public_id, session)


def _join(db: Db, speaker: Speaker, session: str, adults: int) -> Any:
    return queue.join(someone(db, speaker), session, Guests(adults))


def _time_comes(db: Db, now: datetime) -> None:
    for _pool, work in lapsing.due(db, now, "en"):
        work(db)


def _public_id(db: Db, session: int) -> str:
    return next(each.public_id for each in rows(db, Session) if each.id == session)


def _not_everything(db: Db) -> list[str]:
    """What never happened, so that the race proves nothing of it."""
    seen = {each.state for each in rows(db, Booking)}
    ended = {each.state for each in rows(db, Offer)}
    return [f"nothing {each}" for each in {*_SEEN} - seen] + [
        f"no offer {each}" for each in {OfferState.ACCEPTED, OfferState.DECLINED} - ended
    ]


_SEEN = (BookingState.CONFIRMED, BookingState.CANCELLED, BookingState.MOVED, BookingState.WAITING)
RACES = {
    race.__name__: race for race in (everything, answers, joins, cancels, closing, swaps, order)
}


def main(url: str, race: str) -> None:
    """Run one race over two databases where the kind allows it; what is wrong, one a line."""
    with ExitStack() as stack:
        several = 1 if url.startswith("sqlite") else 2
        opened = [stack.enter_context(Database.open(url)) for _ in range(several)]
        sys.stdout.write("\n".join(RACES[race](opened)))


if __name__ == "__main__":
    main(*sys.argv[1:])
