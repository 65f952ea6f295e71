"""What can happen to sessions whose places are kept for some families until an hour?"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from handlers.messages import Incoming
from storage.models import PoolName, SessionState, Terms
from tests.invariants.machine import NUMBER, one_of
from tests.invariants.pools_model import FAMILY, GROUP, PRIORITY, Model, Session
from tests.invariants.records import CONFIRMED, COUNTED, LIVE, WAITING, Base, Slot
from tests.invariants.stored import PoolRow, Stored
from tests.invariants.world import DONE, World

ZONE, TODAY = ZoneInfo("Asia/Shanghai"), date(2026, 11, 23)
GREEN = (0, 1, 0, 1, 0, 0, 1, 0, 0)  # the priority of each family
WHAT = one_of(
    "book", "book", "book", "book", "wait", "wait", "wait", "cancel", "cancel", "cancel", "move",
    "yes", "yes", "no", "jobs", "jobs", "jobs", "time", "time", "size", "size", "off",
)  # fmt: skip
MINUTES = one_of(1, 1, 1, 5, 5, 20, 20, 60, 121, 300, 721)
TERMS = st.fixed_dictionaries(
    {
        "priority_flow_hours": one_of(3, 20, 24, 46),
        "group_flow_days": one_of(1, 1, 2),
        "pool_split": one_of((60, 20, 20, 0), (50, 0, 50, 0), (40, 40, 20, 0)),
    }
)
FIXED: dict[str, Any] = {
    "cancel_rule": "当日08:00", "late_cancel": "refused", "change_max": 99, "bypass_max": 99,
    "visits_active": None, "visits_per_day": None, "wait_max": 9, "offers_max": 1,
    "quiet_from": time(0), "quiet_until": time(0),
}  # fmt: skip


class PoolsMachine(RuleBasedStateMachine):
    """Each rule is a step: done to Kepu and to the model, then everything is compared."""

    world: World  # set by the test, in a subclass of its own
    forgets_to_flow = False  # planted: what is left over stays where it is
    steps = 0  # of all examples

    @initialize(
        terms=TERMS,
        capacities=st.tuples(*[one_of(4, 5, 6, 8, 10)] * 3),
        crowd=st.lists(st.tuples(NUMBER, NUMBER), min_size=4, max_size=14),
    )
    def begin(
        self, terms: dict[str, Any], capacities: tuple[int, ...], crowd: list[tuple[int, int]]
    ) -> None:
        base = Base(Terms(**FIXED, **terms), ZONE, (0, time(8)), None)
        now = datetime.combine(TODAY, time(9), ZONE).astimezone(UTC)
        slots = [self._slot(base, TODAY + timedelta(days=days)) for days in (1, 2, 3)]
        self.world.lay_out(base, slots, [(0, 1, each) for each in GREEN], now)
        _family, group, priority, _walk_in = base.terms.pool_split
        shares = {GROUP: group, PRIORITY: priority}
        sessions = [self._session(base, slot) for slot in slots]
        self.model = Model(now, sessions, dict(enumerate(GREEN)), shares)
        self.heard = 0
        self.complaints: list[str] = []
        self.stored = self.world.stored()
        for number, capacity in enumerate(capacities):
            self._resizes(number, capacity)  # from one place: all are divided
        self._check()
        for number, other in crowd:
            self._asks("book", number, other)
            self._check()

    @rule(what=WHAT, number=NUMBER, other=NUMBER, minutes=MINUTES)
    def step(self, what: str, number: int, other: int, minutes: int) -> None:
        """One thing happens. One rule for all: hypothesis would leave some out of most stories."""
        # Hypothesis likes to draw the same again, which here would be refused as done already.
        number, other = number + 11 * self.heard, other + 7 * self.heard
        sessions = self.model.sessions
        match what:
            case "book" | "wait":
                self._asks(what, number, other)
            case "cancel" | "move" if self.model.visits:
                self._changes(what, number, other)
            case "yes" | "no" if self.model.offers:
                self._answers(number, is_taken=what == "yes")
            case "size":
                self._resizes(other % len(sessions), 1 + number % 12)
            case "off" if minutes > 720:  # seldom: little happens in a session afterwards
                self.world.call_off(other % len(sessions), self.model.now)
                self.model.call_off(sessions[other % len(sessions)])
            case "jobs":
                self._keeps_queues(minutes, is_hour=bool(other % 3))
            case _:
                self.model.now += timedelta(minutes=minutes)
        self.world.deliver(self.model.now)
        self._check()

    def teardown(self) -> None:
        self.world.clear()

    def _asks(self, what: str, number: int, other: int) -> None:
        """A family books or wants to wait: mostly where it is not yet."""
        model, places = self.model, 1 + number // 5 % 3
        ahead = [each for each in model.sessions if model.now < each.closes] or model.sessions
        full = [each for each in ahead if what == "wait" and model.free(each, FAMILY) < places]
        session = (full or ahead)[other % len(full or ahead)]
        there = [v.family for v in self.model.visits if v.session is session and v.state in LIVE]
        away = [n for n in range(len(GREEN)) if n not in there or other % 7 == 0]
        family = away[number % len(away)] if away else number % len(GREEN)
        incoming = self._said(family, f"/perform {what} {self._public_id(session)} {places}")
        done = model.book if what == "book" else model.join
        self._hears(incoming, done(family, session, places))

    def _changes(self, what: str, number: int, other: int) -> None:
        visits = self.model.visits
        live = [each for each in visits if each.state in LIVE] or visits
        visit = (visits if number % 5 == 0 else live)[
            other % len(visits if number % 5 == 0 else live)
        ]
        public_id = self.stored.bookings[visits.index(visit)].public_id
        others = [e for e in self.model.sessions if e is not visit.session or number % 7 == 0]
        session = others[number % len(others)]
        if what == "cancel":
            incoming = self._said(visit.family, f"/perform cancel {public_id}")
            self._hears(incoming, self.model.cancel(visit))
        else:
            said = f"/perform move {public_id} {self._public_id(session)}"
            incoming = self._said(visit.family, said)
            self._hears(incoming, self.model.move(visit, session))

    def _answers(self, number: int, *, is_taken: bool) -> None:
        offer = self.model.offers[-1 - number % min(3, len(self.model.offers))]
        public_id = self.stored.offers[self.model.offers.index(offer)].public_id
        said = f"/offer {public_id} {'yes' if is_taken else 'no'}"
        self.world.say(self._said(offer.visit.family, said))
        self.model.answer(offer, is_taken=is_taken)

    def _resizes(self, number: int, capacity: int) -> None:
        told = self.world.resize(number, capacity, self.model.now)
        is_done = self.model.resize(self.model.sessions[number], capacity)
        if (told is None) is not is_done:
            self.complaints.append(f"16. to {capacity}, who would have to go: {told}")

    def _keeps_queues(self, minutes: int, *, is_hour: bool) -> None:
        """The job runs, mostly twice: nothing flows again. Often just when a pool's hour comes."""
        self.model.now += timedelta(minutes=minutes)
        hours = [hour for each in self.model.sessions for hour in each.flows_at.values()]
        to_come = [hour for hour in hours if hour > self.model.now]
        if is_hour and to_come and minutes < 20:
            self.model.now = min(to_come)
        for _again in range(1 + minutes % 2):
            self.world.keep_queues(self.model.now, flows=not self.forgets_to_flow)
            self.model.keep_queues()
            self.complaints += [
                f"21. what is unused flows at its hour: {each}" for each in self._unflowed()
            ]

    def _unflowed(self) -> Iterator[PoolRow]:
        """Of the tables, whatever the model says."""
        after, now = self.world.stored(), self.model.now
        ahead = {
            each.id
            for each in after.sessions
            if each.state is SessionState.PUBLISHED and now < each.starts_at
        }
        for pool in after.pools:
            is_due = pool.flows_at is not None and pool.flows_at <= now
            if pool.session_id in ahead and is_due and (_free(pool) or pool.flowed_at is None):
                yield pool

    # What holds after every step

    def _check(self) -> None:
        type(self).steps += 1
        before, self.stored = self.stored, self.world.stored()
        complaints = [
            *self.complaints,
            *_sums(self.stored),
            *self._drawn(before, self.stored),
            *self._as_the_model(),
        ]
        assert not complaints, "\n".join(complaints)

    def _drawn(self, before: Stored, after: Stored) -> Iterator[str]:
        """Whether who just booked took of the places kept for the family, if they were enough."""
        green = {each.id for n, each in enumerate(self.world.families) if GREEN[n]}
        names = {each.id: each.name for each in after.pools}
        kept = {each.session_id: _free(each) for each in before.pools if each.name is PRIORITY}
        for each in after.bookings[len(before.bookings) :]:
            is_kept = each.adults <= kept.get(each.session_id, 0) and each.family_id in green
            wanted = PRIORITY if is_kept and each.state is CONFIRMED else FAMILY
            if names[each.pool_id] is not wanted and each.state is CONFIRMED:
                yield f"21. {each} is of the {names[each.pool_id]} pool"
            if is_kept and each.state is not CONFIRMED:
                yield f"4. {each} waits while places are kept for it"

    def _as_the_model(self) -> Iterator[str]:
        model, after = self.model, self.stored
        ids = {each.id: n for n, each in enumerate(after.sessions)}
        names = {each.id: each.name for each in after.pools}
        stored = {
            (ids[p.session_id], p.name): (p.capacity, p.confirmed, p.offered, p.held, p.waiting,
                                          p.flowed_at is not None)
            for p in after.pools
        }  # fmt: skip
        expected = {
            (n, name): (places, model.confirmed(each, name), model.offered(each, name), 0,
                        len(model.queue(each)) if name is FAMILY else 0, name in each.flowed)
            for n, each in enumerate(model.sessions)
            for name, places in each.places.items()
        }  # fmt: skip
        if stored != expected:
            yield f"pools are stored as {stored}, expected {expected}"
        visits = [(b.state, names[b.pool_id], b.adults) for b in after.bookings]
        expected_visits = [(v.state, v.pool, v.places) for v in model.visits]
        if visits != expected_visits:
            yield f"visits are stored as {visits}, expected {expected_visits}"
        offers = [(o.places, o.state, o.expires_at) for o in after.offers]
        expected_offers = [(o.visit.places, o.state, o.until) for o in model.offers]
        if offers != expected_offers:
            yield f"offers are stored as {offers}, expected {expected_offers}"

    # How it is done

    def _said(self, family: int, said: str) -> Incoming:
        self.model.now += timedelta(minutes=1)  # nobody says two things at once
        self.heard += 1
        [(channel, address)] = self.world.families[family].chats[:1]
        return Incoming(channel, address, f"e{self.heard}", self.model.now, said)

    def _hears(self, incoming: Incoming, is_done: bool) -> None:
        answer = self.world.say(incoming)
        if answer[0].text.startswith(DONE) is not is_done:
            heard = f"{answer[0].text!r} to {incoming.text!r}"
            self.complaints.append(f"4. done as the rules say, or refused: {heard}")

    def _public_id(self, session: Session) -> str:
        return self.world.sessions[self.model.sessions.index(session)][1]

    def _slot(self, base: Base, day: date) -> Slot:
        starts = base.wall(day, time(10))
        release_at = base.wall(
            day - timedelta(days=base.terms.release_days_ahead), base.terms.release_time
        )
        ends, until = starts + timedelta(hours=1), base.wall(day, time(8))
        return Slot(day, starts, ends, 1, 4, release_at, until)

    def _session(self, base: Base, slot: Slot) -> Session:
        assert slot.cancel_until is not None
        flows_at: dict[PoolName, datetime] = {
            GROUP: slot.starts - timedelta(days=base.terms.group_flow_days),
            PRIORITY: slot.starts - timedelta(hours=base.terms.priority_flow_hours),
        }
        return Session(slot.starts, slot.cancel_until, flows_at, slot.waiting_max, {FAMILY: 1})


def _free(pool: PoolRow) -> int:
    return pool.capacity - pool.held - pool.offered - pool.confirmed


def _sums(after: Stored) -> Iterator[str]:
    """What is wrong with the sums of a session's pools."""
    capacity: Counter[int] = Counter()
    for pool in after.pools:
        capacity[pool.session_id] += pool.capacity
        mine = [each for each in after.bookings if each.pool_id == pool.id]
        confirmed = sum(each.adults for each in mine if each.state in COUNTED)
        waiting = sum(each.state is WAITING for each in mine)
        if (pool.confirmed, pool.waiting) != (confirmed, waiting) or _free(pool) < 0:
            yield f"1. {pool} has {confirmed=} {waiting=}"
    for session in after.sessions:
        if capacity[session.id] != session.capacity:
            yield f"1. the pools of {session} hold {capacity[session.id]}"
