"""What has to become of places that are kept for some families until an hour, said simply?

One base whose parties are adults, take all their places or none, and are told of offers at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage.models import BookingState, OfferState, PoolName
from tests.invariants.records import (
    CANCELLED,
    CONFIRMED,
    DAY,
    EXPIRED,
    LIVE,
    MINUTE,
    MOVED,
    OFFERED,
    WAITING,
)

FAMILY, GROUP, PRIORITY = PoolName.FAMILY, PoolName.GROUP, PoolName.PRIORITY
POOLS = (FAMILY, GROUP, PRIORITY)
GIVEN_UP = (GROUP, PRIORITY, FAMILY)  # when more places are used than a pool's share
OFFER, OFFER_SOON, OFFER_LEAST = 120 * MINUTE, 20 * MINUTE, 10 * MINUTE
LIST_CLOSES = 120 * MINUTE  # before a session


@dataclass(eq=False)
class Visit:
    """A party's visit, be it waited for; its places are of one pool."""

    family: int
    session: "Session"
    pool: PoolName
    places: int
    state: BookingState


@dataclass(eq=False)
class Offer:
    """All the places that a party waits for."""

    visit: Visit
    until: datetime
    state: OfferState = OfferState.LIVE


@dataclass(eq=False)
class Session:
    """Its places by pools, and when those left over become the families'."""

    starts: datetime
    cancel_until: datetime
    flows_at: Mapping[PoolName, datetime]
    waiting_max: int
    places: dict[PoolName, int]  # of the pools that ever had one
    flowed: set[PoolName] = field(default_factory=set)
    is_cancelled: bool = False

    @property
    def closes(self) -> datetime:
        return self.starts - LIST_CLOSES

    def due(self, now: datetime) -> list[PoolName]:
        """Which pools flow, in the order in which they were made."""
        return [p for p in self.places if p in self.flows_at and self.flows_at[p] <= now]


@dataclass
class Model:
    """Everything there is. What is asked of it answers whether it is done or refused."""

    now: datetime
    sessions: Sequence[Session]
    priority: Mapping[int, int]  # of families
    shares: Mapping[PoolName, int]  # in per cent
    visits: list[Visit] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)

    # What is there

    def used(self, session: Session, pool: PoolName) -> int:
        return self.confirmed(session, pool) + self.offered(session, pool)

    def confirmed(self, session: Session, pool: PoolName) -> int:
        return self._sum(session, pool, CONFIRMED)

    def offered(self, session: Session, pool: PoolName) -> int:
        return self._sum(session, pool, OFFERED)

    def free(self, session: Session, pool: PoolName) -> int:
        return session.places.get(pool, 0) - self.used(session, pool)

    def queue(self, session: Session) -> list[Visit]:
        """Who waits, in turn: everybody waits for the families' places."""
        waiting = [v for v in self.visits if v.session is session and v.state is WAITING]
        return sorted(waiting, key=lambda v: -self.priority[v.family])

    def live_offer(self, visit: Visit) -> Offer | None:
        live = [o for o in self.offers if o.visit is visit and o.state is OfferState.LIVE]
        return live[0] if live else None

    # What families do

    def book(self, family: int, session: Session, places: int) -> bool:
        pool = self.pool_for(family, session, places)
        if pool is None or not self._is_open(family, session):
            return False
        self.visits.append(Visit(family, session, pool, places, CONFIRMED))
        return True

    def join(self, family: int, session: Session, places: int) -> bool:
        if (
            self.pool_for(family, session, places) is not None
            or not self._is_open(family, session)
            or self._offer_until(session) is None
            or len(self.queue(session)) >= session.waiting_max
        ):
            return False
        self.visits.append(Visit(family, session, FAMILY, places, WAITING))
        self._settle(session)
        return True

    def cancel(self, visit: Visit) -> bool:
        if visit.state in (WAITING, OFFERED):
            offer = self.live_offer(visit)
            if offer is not None:
                offer.state = OfferState.REVOKED
        elif not self._may_change(visit):
            return False
        visit.state = CANCELLED
        self._settle(visit.session)
        return True

    def move(self, visit: Visit, session: Session) -> bool:
        if not self._may_change(visit) or not self.book(visit.family, session, visit.places):
            return False
        visit.state = MOVED
        self._settle(visit.session)
        return True

    def answer(self, offer: Offer, *, is_taken: bool) -> bool:
        if offer.state is not OfferState.LIVE or (is_taken and self.now >= offer.until):
            return False
        offer.state = OfferState.ACCEPTED if is_taken else OfferState.DECLINED
        offer.visit.state = CONFIRMED if is_taken else CANCELLED
        self._settle(offer.visit.session)
        return True

    # What the base does

    def resize(self, session: Session, capacity: int) -> bool:
        """Divide other places anew; what is used stays, and what has flowed stays flowed."""
        if capacity == sum(session.places.values()):
            return True
        used = {pool: self.used(session, pool) for pool in POOLS}
        if capacity < sum(used.values()):
            return False
        wanted = self.divided(capacity)
        made = [*session.places, *(p for p in POOLS if wanted[p] and p not in session.places)]
        for pool in session.flowed:
            wanted[FAMILY] += wanted[pool]
            wanted[pool] = 0
        wanted = {pool: max(wanted[pool], used[pool]) for pool in POOLS}
        for pool in GIVEN_UP:
            too_many = sum(wanted.values()) - capacity
            wanted[pool] -= min(too_many, wanted[pool] - used[pool])
        session.places = {pool: wanted[pool] for pool in made}
        self._settle(session)
        return True

    def divided(self, capacity: int) -> dict[PoolName, int]:
        """Places by shares, what is left over the families'."""
        kept = {pool: capacity * self.shares[pool] // 100 for pool in (GROUP, PRIORITY)}
        return {FAMILY: capacity - sum(kept.values()), **kept}

    def call_off(self, session: Session) -> None:
        session.is_cancelled = True
        for visit in self.visits:
            if visit.session is session and visit.state in LIVE:
                offer = self.live_offer(visit)
                if offer is not None:
                    offer.state = OfferState.REVOKED
                visit.state = CANCELLED

    # What happens by itself

    def keep_queues(self) -> None:
        """Offers end, lists close, and then the unused places of each pool flow at its hour."""
        for offer in sorted(self.offers, key=lambda each: each.until):
            if offer.state is OfferState.LIVE and offer.until <= self.now:
                offer.state, offer.visit.state = OfferState.EXPIRED, EXPIRED
                self._settle(offer.visit.session)
        for session in self.sessions:
            closed = self.queue(session) if self.now >= session.closes else []
            for visit in closed:
                visit.state = EXPIRED
        for session in self.sessions:
            is_ahead = self.now < session.starts and not session.is_cancelled
            for pool in session.due(self.now) if is_ahead else ():
                self._flow(session, pool)

    def _flow(self, session: Session, pool: PoolName) -> None:
        unused = self.free(session, pool)
        session.flowed.add(pool)
        session.places[pool] -= unused
        session.places[FAMILY] += unused
        self._settle(session)

    def _settle(self, session: Session) -> None:
        """Offer the families' free places to whoever waits first and fits."""
        until = self._offer_until(session)
        if until is None or session.is_cancelled:
            return
        for visit in self.queue(session):
            if visit.places <= self.free(session, FAMILY):
                visit.state = OFFERED
                self.offers.append(Offer(visit, until))

    def _offer_until(self, session: Session) -> datetime | None:
        is_soon = session.starts - self.now <= DAY
        length: timedelta = OFFER_SOON if is_soon else OFFER
        until = min(self.now + length, session.closes)
        return until if until - self.now >= OFFER_LEAST else None

    # What is allowed

    def pool_for(self, family: int, session: Session, places: int) -> PoolName | None:
        """Of which pool a party's places would be: first of those kept for it."""
        draws = (PRIORITY, FAMILY) if self.priority[family] else (FAMILY,)
        return next((pool for pool in draws if places <= self.free(session, pool)), None)

    def _is_open(self, family: int, session: Session) -> bool:
        mine = [v for v in self.visits if v.family == family and v.session is session]
        is_there = any(visit.state in LIVE for visit in mine)
        return self.now < session.starts and not session.is_cancelled and not is_there

    def _may_change(self, visit: Visit) -> bool:
        return visit.state is CONFIRMED and self.now <= visit.session.cancel_until

    def _sum(self, session: Session, pool: PoolName, state: BookingState) -> int:
        mine = [v for v in self.visits if v.session is session and v.pool is pool]
        return sum(visit.places for visit in mine if visit.state is state)
