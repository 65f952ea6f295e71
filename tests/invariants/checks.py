"""Which sentences about the tables hold after every step, whatever the steps were?

Each function is one invariant: its number, and what is wrong where it does not hold. 4, 5, 16, 24
and the chain of 22 need answers, and are in `machine`; 21 (pools that flow) in `pools_machine`. Not
here: 19 (batches of classes), 20 (docents) and 23 (purge), as nothing of them is built. 6 (a held
visit past its time) has no subject: no visit is ever held, places are taken and confirmed in one
turn.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from storage.models import Appeal, EndedBy, OfferState, OutboxState, SessionState
from tests.invariants.model import Model
from tests.invariants.records import (
    CANCELLED,
    CHECKED_IN,
    CONFIRMED,
    COUNTED,
    DAY,
    LIVE,
    MINUTE,
    MOVED,
    NO_SHOW,
    OFFERED,
    TERMINAL,
    WAITING,
    Base,
)
from tests.invariants.stored import AuditRow, BookingRow, PoolRow, SessionRow, Stored


@dataclass(frozen=True)
class Look:
    """The tables after a step, before it, and what has to be known to judge them."""

    after: Stored
    before: Stored
    base: Base
    now: datetime
    model: Model
    people: Mapping[int, Collection[tuple[str, str]]]  # the chats of each family

    @cached_property
    def session(self) -> dict[int, SessionRow]:
        return {each.id: each for each in self.after.sessions}

    @cached_property
    def booking(self) -> dict[int, BookingRow]:
        return {each.id: each for each in self.after.bookings}

    @cached_property
    def number(self) -> dict[int, int]:
        """Of stored visits by their ids, in the order in which they were made."""
        return {each.id: n for n, each in enumerate(self.after.bookings)}

    @cached_property
    def visits(self) -> dict[int, int]:
        """The same of the model's."""
        return {id(each): n for n, each in enumerate(self.model.visits)}

    @cached_property
    def children(self) -> dict[int, list[int]]:
        found = defaultdict(list)
        for each in self.after.coming:
            found[each.booking_id].append(each.child_id)
        return found

    @cached_property
    def audit(self) -> dict[int, list[AuditRow]]:
        found = defaultdict(list)
        for each in self.after.audit:
            found[each.object_id].append(each)
        return found

    def places(self, booking: BookingRow) -> int:
        counts_all = self.base.terms.capacity_counts == "all"
        return booking.children + (booking.adults if counts_all else 0)

    def closing(self, session: SessionRow) -> datetime:
        terms = self.base.terms
        return session.starts_at - MINUTE * max(terms.wait_cutoff_minutes, terms.closes_minutes)


Wrong = Iterator[object]
INVARIANTS: dict[str, Callable[[Look], Wrong]] = {}


def invariant(sentence: str) -> Callable[[Callable[[Look], Wrong]], Callable[[Look], Wrong]]:
    """A sentence that holds as long as its function finds nothing wrong."""

    def register(check: Callable[[Look], Wrong]) -> Callable[[Look], Wrong]:
        INVARIANTS[sentence] = check
        return check

    return register


def complaints(look: Look) -> list[str]:
    """Which invariants do not hold, with what is wrong."""
    return [
        f"{sentence}: {wrong}" for sentence, check in INVARIANTS.items() for wrong in check(look)
    ]


@invariant("1. a pool's counters are the sums over the rows, and no more than its capacity")
def pools(look: Look) -> Wrong:
    for pool in look.after.pools:
        mine = [each for each in look.after.bookings if each.pool_id == pool.id]
        confirmed = sum(look.places(each) for each in mine if each.state in COUNTED)
        live = [each for each in look.after.offers if each.state is OfferState.LIVE]
        offered = sum(each.places for each in live if each.pool_id == pool.id)
        waiting = sum(each.state is WAITING for each in mine)
        if (pool.confirmed, pool.offered, pool.waiting) != (confirmed, offered, waiting):
            yield f"{pool} has {confirmed=} {offered=} {waiting=}"
        if not _unreleased(look, pool) <= pool.held:
            yield f"{pool} holds fewer than came back unreleased"
        if pool.confirmed + pool.offered + pool.held > pool.capacity:
            yield f"{pool} is oversold"
    for session in look.after.sessions:
        if _capacity(look, session) > session.capacity:
            yield f"the pools of {session} hold more than it does"


@invariant("2. nobody is live in a session twice")
def persons(look: Look) -> Wrong:
    live = [each for each in look.after.bookings if each.state in LIVE]
    yield from _twice((each.session_id, each.family_id) for each in live)
    yield from _twice((each.session_id, child) for each in live for child in look.children[each.id])
    for each in look.after.coming:
        if each.is_live is not (look.booking[each.booking_id].state in LIVE):
            yield each


@invariant("3. the limits of families and children hold at every commit")
def limits(look: Look) -> Wrong:
    terms, active, on_day = look.base.terms, Counter[int](), Counter[tuple[int, date]]()
    of_child = defaultdict[int, list[date]](list)
    for each in look.after.bookings:
        if each.state in COUNTED:
            session = look.session[each.session_id]
            active[each.family_id] += session.ends_at > look.now
            on_day[each.family_id, session.local_date] += 1
            for child in look.children[each.id]:
                of_child[child].append(session.local_date)
    yield from _above(active, terms.visits_active)
    yield from _above(on_day, terms.visits_per_day)
    for child, days in of_child.items():
        yield from _above(Counter((child, day) for day in days), terms.visits_per_child_day)
        months = {
            (child, first): sum(first <= day < first + 30 * DAY for day in days) for first in days
        }
        yield from _above(Counter(months), terms.visits_per_child_30_days)
    waiting = Counter(e.family_id for e in look.after.bookings if e.state in (WAITING, OFFERED))
    yield from _above(waiting, terms.wait_max)


@invariant("7. nothing is booked before its release, after it closes, or in a cancelled session")
def window(look: Look) -> Wrong:
    for entry in look.after.audit[len(look.before.audit) :]:
        session = look.session[look.booking[entry.object_id].session_id]
        if entry.after != CONFIRMED or entry.before in COUNTED:
            continue
        closes = session.starts_at - MINUTE * look.base.terms.closes_minutes
        if not session.release_at <= entry.at < closes or session.state is SessionState.CANCELLED:
            yield entry


@invariant("8. every live visit satisfies the terms it was booked under")
def parties(look: Look) -> Wrong:
    terms = look.base.terms
    for each in look.after.bookings:
        if each.state not in LIVE:
            continue
        people, most = each.adults + each.children, terms.max_adults_per_child
        is_right = each.children <= terms.children_max and people <= terms.party_max
        if each.children:
            is_right = is_right and each.adults >= max(1, terms.min_adults)
            is_right = is_right and (most is None or each.adults <= most * each.children)
        else:
            is_right = is_right and terms.min_children == 0
        if not is_right or each.children != len(look.children[each.id]):
            yield each


@invariant("9. while somebody waits who fits, nobody else can take the free places")
def waiting_first(look: Look) -> Wrong:
    for pool in look.after.pools:
        free = pool.capacity - pool.confirmed - pool.offered - pool.held
        slot = look.model.slots[look.after.pools.index(pool)]
        if (
            not pool.waiting or free < 1 or look.model.offer_until(slot) is None
        ):  # too late for offers: first come, first served
            continue
        for each, visit in zip(look.after.bookings, look.model.visits, strict=False):
            # Who could not be asked, and can again, is asked when the job looks next.
            may_be_asked = look.model.may_be_asked(visit) and look.model.could_be_asked(visit)
            is_waiting = each.pool_id == pool.id and each.state is WAITING
            if is_waiting and may_be_asked and (each.least or 0) <= free:
                yield f"{each} fits into {free} places of {pool}"


@invariant("10. places go to the first who fits; nobody is passed over more than the base allows")
def overtaken(look: Look) -> Wrong:
    known = {each.id for each in look.before.offers}
    new = [(look.booking[o.booking_id], o) for o in look.after.offers if o.id not in known]
    for each, visit in zip(look.after.bookings, look.model.visits, strict=False):
        # Who cannot be told of places, or may not take them, lets all others pass.
        if each.state is not WAITING or not look.model.may_be_asked(visit):
            continue
        is_too_late = look.model.offer_until(visit.slot) is None  # first come, first served
        if (each.bypassed or 0) > look.base.terms.bypass_max and not is_too_late:
            yield each
        for other, offer in new:
            is_later = _turn(each) < _turn(other) and each.pool_id == other.pool_id
            if is_later and (each.least or 0) <= offer.places:
                yield f"{other} was asked before {each}"


@invariant("11. a party has one live offer, which is taken at most once")
def offers(look: Look) -> Wrong:
    live = [each for each in look.after.offers if each.state is OfferState.LIVE]
    yield from _twice(each.booking_id for each in live)
    offered = [each.id for each in look.after.bookings if each.state is OFFERED]
    if sorted(each.booking_id for each in live) != offered:
        yield "live offers are not those of offered visits"
    taken = [each for each in look.after.offers if each.state is OfferState.ACCEPTED]
    yield from _twice(each.booking_id for each in taken)
    was = {each.id: each.state for each in look.before.offers}
    for offer in look.after.offers:
        if was.get(offer.id, OfferState.LIVE) not in (OfferState.LIVE, offer.state):
            yield f"{offer} was {was[offer.id]}"


@invariant("12. no offer ends in quiet hours, after its list closed, or without having been told")
def silence(look: Look) -> Wrong:
    tried = {
        int(each.once_key.split(":")[1])
        for each in look.after.told
        if each.once_key.startswith("offer:")
        and each.state not in (OutboxState.READY, OutboxState.EXPIRED)
    }
    for offer in look.after.offers:
        session = look.session[look.booking[offer.booking_id].session_id]
        is_late = offer.expires_at > look.closing(session)
        if is_late or look.base.is_quiet(offer.expires_at - MINUTE):
            yield offer
        if offer.state is OfferState.EXPIRED and offer.id not in tried:
            yield f"{offer} reached nobody"


@invariant("13. of a moved visit, exactly one follows; a visit that was not moved has none")
def moves(look: Look) -> Wrong:
    followed = Counter(each.moved_from_id for each in look.after.bookings)
    for each in look.after.bookings:
        if followed[each.id] != (each.state is MOVED):
            yield each


@invariant("14. a visit that is given up gives back exactly its places, once")
def given_back(look: Look) -> Wrong:
    for each in look.after.bookings:
        back = [row for row in look.after.returned if row.booking_id == each.id]
        last = [row.places for row in back if row.at == each.changed_at]
        was_booked = any(entry.after == CONFIRMED for entry in look.audit[each.id])
        is_given_up = was_booked and each.state in (MOVED, CANCELLED)
        is_given_up = is_given_up and each.ended_by is not EndedBy.BASE
        if is_given_up and last != [look.places(each)]:
            yield f"{each} gave back {last}"
        if not was_booked and back:
            yield f"{each} never had {back}"


@invariant("15. a cancelled session has no live visit but of who is inside; each is told once")
def cancelled_sessions(look: Look) -> Wrong:
    for each in look.after.bookings:
        is_cancelled = look.session[each.session_id].state is SessionState.CANCELLED
        if is_cancelled and each.state in LIVE and each.state is not CHECKED_IN:
            yield each
        told = sum(row.once_key.startswith(f"off:{each.id}:") for row in look.after.told)
        is_off = is_cancelled and each.ended_by is EndedBy.BASE
        people = {chat[1] for chat in look.people[each.family_id]}
        if told != (len(people) if is_off else 0):
            yield f"{each} was told {told} times"


@invariant("17. a visit is missed after the door closed, and strikes once, never by the base")
def strikes(look: Look) -> Wrong:
    yield from _twice(each.booking_id for each in look.after.strikes)
    struck = {each.booking_id for each in look.after.strikes}
    for each in look.after.bookings:
        is_missed = each.state is NO_SHOW or each.ended_by is EndedBy.LATE
        if is_missed is not (each.id in struck):
            yield each
    for entry in look.after.audit[len(look.before.audit) :]:
        session = look.session[look.booking[entry.object_id].session_id]
        terms = look.base.terms
        closes = session.starts_at + MINUTE * terms.entry_closes_minutes
        last = session.ends_at - MINUTE * terms.last_entry_minutes
        if entry.after == NO_SHOW and (entry.before != CONFIRMED or entry.at <= min(closes, last)):
            yield entry


@invariant("18. no more come in than the party is, and only then it counts as having come")
def heads(look: Look) -> Wrong:
    for each in look.after.bookings:
        if not 0 <= each.heads <= each.adults + each.children:
            yield each
        if (each.state is CHECKED_IN) is not (each.heads > 0) and each.state is not NO_SHOW:
            yield each


@invariant("22. what has ended stays so, and every change of state is noted, in one chain")
def noted(look: Look) -> Wrong:
    was = {each.id: each.state for each in look.before.bookings}
    for each in look.after.bookings:
        if was.get(each.id) in TERMINAL and each.state is not was[each.id]:
            yield f"{each} was {was[each.id]}"
        state = ""
        for entry in look.audit[each.id]:
            if entry.before != state:
                yield f"{entry} follows {state!r}"
            state = entry.after
        if state != each.state:
            yield f"{each} is noted as {state!r}"


@invariant("25. release and deadlines are times on the base's clock")
def wall_times(look: Look) -> Wrong:
    base, terms = look.base, look.base.terms
    for session in look.after.sessions:
        released = base.wall(
            session.local_date - DAY * terms.release_days_ahead, terms.release_time
        )
        if session.release_at != released:
            yield f"{session} is released at {released}"
        if base.cancel is None:
            continue
        until = base.wall(session.local_date - DAY * base.cancel[0], base.cancel[1])
        if session.cancel_until != until:
            yield f"{session} can be cancelled until {until}"
    for row in look.after.returned:
        local: time = row.release_at.astimezone(base.zone).time()
        if row.release_at != row.at and local != terms.returns_time:
            yield row


@invariant("the tables hold what the model says")
def as_the_model(look: Look) -> Wrong:
    yield from _like_the_model(look)
    yield from _booked_like_the_model(look)
    yield from _waiting_like_the_model(look)


def _like_the_model(look: Look) -> Wrong:
    model, after, number, visits = look.model, look.after, look.number, look.visits
    yield from _differ(
        "pool",
        [(p.capacity, p.held, p.offered, p.confirmed, p.waiting) for p in after.pools],
        [
            (s.capacity, model.held(s), model.offered(s), model.confirmed(s), len(model.queue(s)))
            for s in model.slots
        ],
    )
    yield from _differ(
        "offer",
        [(number[o.booking_id], o.places, o.state, o.expires_at) for o in after.offers],
        [(visits[id(o.visit)], o.places, o.state, o.until) for o in model.offers],
    )
    yield from _differ(
        "return",
        [
            (number[r.booking_id], r.places, r.release_at, r.released_at is not None)
            for r in after.returned
        ],
        [(visits[id(b.visit)], b.places, b.release_at, b.is_released) for b in model.returned],
    )
    yield from _differ(
        "strike",
        [(number[s.booking_id], s.kind, s.at, s.appeal is Appeal.GRANTED) for s in after.strikes],
        [(visits[id(s.visit)], s.kind, s.at, s.is_excused) for s in model.strikes],
    )


def _booked_like_the_model(look: Look) -> Wrong:
    model, after, number, visits = look.model, look.after, look.number, look.visits
    slots = {id(each): after.sessions[n].id for n, each in enumerate(model.slots)}
    families = sorted({each.family_id for each in after.bookings})
    shown = sorted({each.family for each in model.visits})
    family = dict(zip(families, shown, strict=False))
    yield from _differ(
        "visit",
        [
            (
                family.get(b.family_id), b.session_id, b.state, b.adults, b.children, b.changes,
                b.heads, b.ended_by, number.get(b.moved_from_id or 0),
            )
            for b in after.bookings
        ],
        [
            (
                v.family, slots[id(v.slot)], v.state, v.adults, len(v.children), v.changes,
                v.heads, v.ended_by, visits.get(id(v.moved_from)),
            )
            for v in model.visits
        ],
    )  # fmt: skip


def _waiting_like_the_model(look: Look) -> Wrong:
    model, after, number, visits = look.model, look.after, look.number, look.visits
    yield from _differ(
        "waiting",
        [
            (number[b.id], b.wanted, b.least, b.priority, b.number, b.offers, b.bypassed)
            for b in after.bookings
            if b.wanted is not None
        ],
        [
            (visits[id(v)], v.wanted, v.least, v.priority, v.number, v.offers, v.bypassed)
            for v in model.visits
            if v.wanted
        ],
    )


def _turn(booking: BookingRow) -> tuple[int, int]:
    return -(booking.priority or 0), booking.number or 0


def _differ(what: str, stored: list[object], expected: list[object]) -> Wrong:
    if stored == expected:
        return
    if len(stored) != len(expected):
        yield f"{what}s: {len(stored)} stored, {len(expected)} expected: {stored} / {expected}"
        return
    for n, (one, other) in enumerate(zip(stored, expected, strict=True)):
        if one != other:
            yield f"{what} {n} is stored as {one}, expected {other}"


def _twice(keys: Iterator[object]) -> Wrong:
    yield from (key for key, times in Counter(keys).items() if times > 1)


def _above(counts: Mapping[Any, int], most: int | None) -> Wrong:
    if most is not None:
        yield from (f"{key}: {times}" for key, times in counts.items() if times > most)


def _unreleased(look: Look, pool: PoolRow) -> int:
    mine = [row for row in look.after.returned if row.pool_id == pool.id]
    return sum(row.places for row in mine if row.released_at is None)


def _capacity(look: Look, session: SessionRow) -> int:
    return sum(each.capacity for each in look.after.pools if each.session_id == session.id)
