"""What has to become of visits, waiting lists and offers, said as simply as it can be?

Nothing here is shared with what is tested but the names of states and the terms of a base. Pools
are not counted but summed, the queue is a sorted list, and time is walked through in minutes.
"""

from dataclasses import dataclass, field
from datetime import datetime

from storage.models import BookingState, EndedBy, OfferState, StrikeKind, Terms
from tests.invariants.records import (
    CANCELLED,
    CHECKED_IN,
    CONFIRMED,
    COUNTED,
    DAY,
    EXPIRED,
    LIVE,
    MINUTE,
    MOVED,
    NO_SHOW,
    OFFERED,
    WAITING,
    Back,
    Base,
    Offer,
    Party,
    Scan,
    Slot,
    Strike,
    Visit,
)


@dataclass
class Model:
    """Everything there is. What is asked of it answers whether it is done or refused."""

    base: Base
    now: datetime
    slots: list[Slot]
    priority: dict[int, int]  # of families
    heard: dict[int, list[datetime]]  # of families: when each of their chats last said something
    visits: list[Visit] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    returned: list[Back] = field(default_factory=list)
    strikes: list[Strike] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)

    @property
    def terms(self) -> Terms:
        return self.base.terms

    # What is there

    def confirmed(self, slot: Slot) -> int:
        return sum(v.places for v in self.visits if v.slot is slot and v.state in COUNTED)

    def offered(self, slot: Slot) -> int:
        return sum(o.places for o in self.live_offers() if o.visit.slot is slot)

    def held(self, slot: Slot) -> int:
        return slot.kept + self.unreleased(slot)

    def unreleased(self, slot: Slot) -> int:
        return sum(b.places for b in self.returned if b.visit.slot is slot and not b.is_released)

    def free(self, slot: Slot) -> int:
        return slot.capacity - self.confirmed(slot) - self.offered(slot) - self.held(slot)

    def queue(self, slot: Slot) -> list[Visit]:
        waiting = [v for v in self.visits if v.slot is slot and v.state is WAITING]
        return sorted(waiting, key=lambda v: (-v.priority, v.number))

    def live_offers(self) -> list[Offer]:
        return [offer for offer in self.offers if offer.state is OfferState.LIVE]

    # What families do

    def book(self, party: Party, slot: Slot) -> bool:
        if not (
            self._bookable(party.family, slot)
            and self._may_come(party)
            and self._may_come_again(party, slot)
            and self._places(party) <= self.free(slot)
        ):
            return False
        self._add(party, slot, CONFIRMED)
        self._pass_over(slot)
        return True

    def join(self, party: Party, slot: Slot, *, takes_fewer: bool) -> bool:
        lists = [
            v for v in self.visits if v.family == party.family and v.state in (WAITING, OFFERED)
        ]
        if not (
            self._bookable(party.family, slot)
            and self._may_come(party)
            and self._may_come_again(party, slot)
            and self._places(party) > self.free(slot)
            and self.offer_until(slot) is not None
            and len(self.queue(slot)) < slot.waiting_max
            and len(lists) < self.terms.wait_max
        ):
            return False
        visit = self._add(party, slot, WAITING)
        visit.wanted = visit.least = visit.places
        if takes_fewer:
            one = max(1, self.terms.min_adults) if party.children else 1
            visit.least = min(one + len(party.children), visit.places)
        visit.priority = self.priority[party.family]
        visit.number = self._next_number(slot)
        self._settle(slot)
        return True

    def cancel(self, visit: Visit) -> bool:
        if visit.state in (WAITING, OFFERED):
            for offer in self.live_offers():
                if offer.visit is visit:
                    offer.state = OfferState.REVOKED
            self._end(visit, CANCELLED, EndedBy.FAMILY)
            self._settle(visit.slot)
            return True
        until = visit.slot.cancel_until
        if visit.state is not CONFIRMED or until is None or self.now >= visit.slot.starts:
            return False
        is_late = self.now > until
        if is_late and self.terms.late_cancel == "refused":
            return False
        self._end(visit, CANCELLED, EndedBy.LATE if is_late else EndedBy.FAMILY)
        if is_late:
            self.strikes.append(Strike(visit, StrikeKind.LATE_CANCEL, self.now))
        self._give_back(visit, visit.places)
        return True

    def move(self, visit: Visit, slot: Slot) -> bool:
        party = Party(visit.family, visit.adults, visit.children)
        if not (
            self._may_change(visit)
            and self._bookable(visit.family, slot)
            and self._may_come(party)
            and self._may_come_again(party, slot, besides=visit)
            and self._places(party) <= self.free(slot)
        ):
            return False
        self._end(visit, MOVED, EndedBy.FAMILY)
        new = self._add(party, slot, CONFIRMED)
        new.moved_from, new.changes = visit, visit.changes + 1
        self._pass_over(slot)
        self._give_back(visit, visit.places)
        return True

    def change_party(self, visit: Visit, adults: int, children: tuple[int, ...]) -> bool:
        party = Party(visit.family, adults, children)
        more = self._places(party) - visit.places
        if not (
            self._may_change(visit)
            and self._may_come(party)
            and not self._too_often(party, visit.slot, besides=visit)
            and more <= max(self.free(visit.slot), 0)
        ):
            return False
        visit.adults, visit.children, visit.places = adults, children, self._places(party)
        visit.changes += 1
        if more > 0:
            self._pass_over(visit.slot)
        if more < 0:
            self._give_back(visit, -more)
        return True

    def accept(self, offer: Offer) -> bool:
        visit = offer.visit
        party = Party(visit.family, visit.adults, visit.children)
        if (
            offer.state is not OfferState.LIVE
            or self.now >= offer.until
            or not self._may_come_again(party, visit.slot)
        ):
            return False
        offer.state = OfferState.ACCEPTED
        visit.state, visit.was_booked = CONFIRMED, True
        visit.adults -= visit.wanted - offer.places  # children come in any case
        visit.places = offer.places
        return True

    def decline(self, offer: Offer) -> bool:
        if offer.state is not OfferState.LIVE:
            return False
        offer.state = OfferState.DECLINED
        self._end(offer.visit, CANCELLED, EndedBy.FAMILY)
        self._settle(offer.visit.slot)
        return True

    # What the base does

    def scan(self, key: str, visit: Visit, heads: int, at: datetime) -> None:
        """A device at the door counts so many of a party, perhaps late, perhaps again."""
        day = at.astimezone(self.base.zone).date()
        opens = visit.slot.starts - MINUTE * self.terms.entry_opens_minutes
        if (
            any(each.key == key for each in self.scans)
            or visit.slot.is_cancelled
            or visit.state not in (CONFIRMED, CHECKED_IN, NO_SHOW)
            or day != visit.slot.day
            or not opens <= at <= self.door_closes(visit.slot)
        ):
            return
        self.scans.append(Scan(at, key, visit, heads))
        if visit.state is CONFIRMED:
            visit.state = CHECKED_IN
        self._count(visit)
        for strike in self.strikes:
            if strike.visit is visit and visit.state is NO_SHOW:
                strike.is_excused = True

    def undo(self, visit: Visit) -> None:
        """The last who came in are out again."""
        left = visit.adults + visit.children_count
        last: list[Scan] = []
        for each in self._scans_of(visit):
            last = [each] if left > 0 else [*last, each]
            left -= each.heads
        for each in last:
            each.is_undone = True
        self._count(visit)
        if last and visit.heads == 0 and visit.state is CHECKED_IN:
            visit.state = CONFIRMED

    def call_off(self, slot: Slot) -> None:
        """The base calls a session off: who is inside was there, all others are not."""
        if slot.is_cancelled:
            return
        slot.is_cancelled, slot.kept = True, 0
        for visit in self.visits:
            if visit.slot is slot and visit.state in (WAITING, OFFERED, CONFIRMED):
                self._end(visit, CANCELLED, EndedBy.BASE)
        for offer in self.live_offers():
            if offer.visit.slot is slot:
                offer.state = OfferState.REVOKED
        for back in self.returned:
            back.is_released = back.is_released or back.visit.slot is slot

    def resize(self, slot: Slot, capacity: int) -> list[tuple[Visit, int]] | None:
        """The base makes a session larger or smaller; None when that is done.

        Below what is taken, nothing is: then who would have to go, the newest first, with places.
        """
        surplus = slot.capacity - self.free(slot) - capacity
        if surplus > 0:
            going: list[tuple[Visit, int]] = []
            for visit in reversed(self.visits):
                places = self.promised(visit) if visit.slot is slot else 0
                if places and surplus > sum(each for _visit, each in going):
                    going.append((visit, places))
            return going
        has_grown, slot.capacity = capacity > slot.capacity, capacity
        if has_grown and self.queue(slot):
            self._settle(slot)
        return None

    def promised(self, visit: Visit) -> int:
        """How many places somebody has, or is offered, who is not there yet."""
        offered = [offer.places for offer in self.live_offers() if offer.visit is visit]
        return visit.places if visit.state is CONFIRMED else sum(offered)

    def note_missed(self) -> None:
        """Who did not come when the door closed has missed the visit, where a desk was at work."""
        busy = {
            scan.visit.slot.day
            for scan in self.scans
            if not scan.is_undone and scan.visit.state is CHECKED_IN
        }
        days = (self.now - 3 * DAY).date(), (self.now + DAY).date()
        for slot in self.slots:
            is_over = self.door_closes(slot) < self.now and days[0] <= slot.day <= days[1]
            for visit in self.visits:
                is_missed = visit.slot is slot and visit.state is CONFIRMED
                if is_missed and is_over and slot.day in busy and not slot.is_cancelled:
                    self._end(visit, NO_SHOW, EndedBy.CLOCK)
                    self.strikes.append(Strike(visit, StrikeKind.NO_SHOW, self.now))

    def door_closes(self, slot: Slot) -> datetime:
        """Until when a party is let in."""
        closes = slot.starts + MINUTE * self.terms.entry_closes_minutes
        return max(slot.starts, min(closes, slot.ends - MINUTE * self.terms.last_entry_minutes))

    def _scans_of(self, visit: Visit) -> list[Scan]:
        mine = [each for each in self.scans if each.visit is visit and not each.is_undone]
        return sorted(mine, key=lambda each: (each.at, each.key))

    def _count(self, visit: Visit) -> None:
        heads = sum(each.heads for each in self._scans_of(visit))
        visit.heads = min(heads, visit.adults + visit.children_count)

    # What happens by itself

    def deliver(self) -> None:
        """Everything that waits is sent, but what is no longer true."""
        for offer in self.offers:
            offer.is_told = offer.is_told or self.now < offer.until

    def keep_queues(self) -> None:
        """What is due on waiting lists."""
        over = [o for o in self.live_offers() if o.until <= self.now]
        back = [b for b in self.returned if not b.is_released and b.release_at <= self.now]
        closed = [s for s in self.slots if self.queue(s) and self.now >= self.closing(s)]
        stalled = [s for s in self.slots if self._is_stalled(s)]
        for offer in sorted(over, key=lambda o: o.until):
            self._expire(offer)
        for each in sorted(back, key=lambda b: b.release_at):
            each.is_released = True
            self._settle(each.visit.slot)
        for slot in closed:
            for visit in self.queue(slot):
                self._end(visit, EXPIRED, EndedBy.CLOCK)
            slot.kept = 0
        for slot in stalled:
            self._settle(slot)

    def hear(self, family: int, chat: int) -> None:
        """A family said something in one of its chats."""
        self.heard[family][chat] = self.now

    def closing(self, slot: Slot) -> datetime:
        """When a waiting list ends: at the latest when booking does."""
        return slot.starts - MINUTE * max(self.terms.wait_cutoff_minutes, self.terms.closes_minutes)

    def offer_until(self, slot: Slot) -> datetime | None:
        """Until when an offer made now stands; None when it is too late for one."""
        soon = slot.starts - self.now <= DAY
        minutes = self.terms.offer_minutes_soon if soon else self.terms.offer_minutes
        at, awake = self.now, 0
        while awake < minutes and at <= self.closing(slot):
            awake += not self.base.is_quiet(at)
            at += MINUTE
        if at > self.closing(slot):
            at = self.closing(slot)
            while self.base.is_quiet(at - MINUTE):
                at -= MINUTE
        return at if at - self.now >= MINUTE * min(10, minutes) else None

    def _expire(self, offer: Offer) -> None:
        visit, slot = offer.visit, offer.visit.slot
        offer.state = OfferState.EXPIRED if offer.is_told else OfferState.REVOKED
        may_wait = visit.offers < self.terms.offers_max or not offer.is_told
        if self.now < self.closing(slot) and may_wait:
            visit.state = WAITING
            if offer.is_told:
                visit.number, visit.bypassed = self._next_number(slot), 0
            else:
                visit.offers -= 1
        else:
            self._end(visit, EXPIRED, EndedBy.CLOCK)
        self._settle(slot)

    def _settle(self, slot: Slot) -> None:
        """Offer what is free to whoever waits, or keep it for who was passed over enough."""
        slot.kept = 0
        if not self.queue(slot):
            return
        until = self.offer_until(slot)
        if until is None or slot.is_cancelled:
            return
        passed: list[Visit] = []
        for visit in filter(self.may_be_asked, self.queue(slot)):
            free = self.free(slot)
            if free <= 0:
                return
            if visit.least > free:
                passed.append(visit)
            else:
                self.offers.append(Offer(visit, min(visit.wanted, free), self.now, until))
                visit.state = OFFERED
                visit.offers += 1
                for each in passed:
                    each.bypassed += 1
            if any(each.bypassed >= self.terms.bypass_max for each in passed):
                slot.kept = self.free(slot)
                return

    def is_reachable(self, visit: Visit) -> bool:
        """Whether a chat is left in which not two offers in a row went unsent."""
        unsent = [
            offer.made_at
            for offer in self.offers
            if offer.visit is visit and offer.state is OfferState.REVOKED
        ]
        return any(sum(at >= heard for at in unsent) < 2 for heard in self.heard[visit.family])

    def may_be_asked(self, visit: Visit) -> bool:
        return self.is_reachable(visit) and not self.is_banned(visit.family)

    def could_be_asked(self, visit: Visit) -> bool:
        """Whether it always could: no strike kept its family away, and offers were told."""
        revoked = [o for o in self.offers if o.visit is visit and o.state is OfferState.REVOKED]
        return len(revoked) < 2 and all(s.visit.family != visit.family for s in self.strikes)

    def _is_stalled(self, slot: Slot) -> bool:
        """Whether places are there for somebody who waits, or kept for nobody."""
        queue, free = self.queue(slot), self.free(slot) + slot.kept
        fits = any(visit.least <= free and self.is_reachable(visit) for visit in queue)
        return (
            self.now < slot.starts and not slot.is_cancelled and (fits if queue else slot.kept > 0)
        )

    def _pass_over(self, slot: Slot) -> None:
        """Somebody who did not wait took places."""
        for visit in self.queue(slot):
            visit.bypassed += 1
        self._settle(slot)

    def _give_back(self, visit: Visit, places: int) -> None:
        release_at = self.now
        if self.terms.returns == "daily" and self.terms.returns_time is not None:
            today = self.now.astimezone(self.base.zone).date()
            hours = [self.base.wall(today + DAY * n, self.terms.returns_time) for n in range(2)]
            next_hour = min(hour for hour in hours if hour > self.now)
            if next_hour < self.closing(visit.slot):
                release_at = next_hour
        self.returned.append(Back(visit, places, release_at, release_at == self.now))
        self._settle(visit.slot)

    # What is allowed

    def _bookable(self, family: int, slot: Slot) -> bool:
        closes = slot.starts - MINUTE * self.terms.closes_minutes
        is_there = any(
            v.family == family and v.slot is slot and v.state in LIVE for v in self.visits
        )
        return not slot.is_cancelled and slot.release_at <= self.now < closes and not is_there

    def _may_come(self, party: Party) -> bool:
        children, terms = len(party.children), self.terms
        if children > terms.children_max or not 0 < children + party.adults <= terms.party_max:
            return False
        if children == 0:
            return terms.min_children == 0 and terms.capacity_counts == "all"
        most = terms.max_adults_per_child
        is_crowded = most is not None and party.adults > children * most
        return party.adults >= max(1, terms.min_adults) and not is_crowded

    def _may_come_again(self, party: Party, slot: Slot, besides: Visit | None = None) -> bool:
        mine = [v for v in self.visits if v.family == party.family and v is not besides]
        counted = [v for v in mine if v.state in COUNTED]
        active = sum(v.slot.ends > self.now for v in counted)
        on_day = sum(v.slot.day == slot.day for v in counted)
        gave_up = [v for v in mine if v.was_booked and v.state is CANCELLED]
        has_cancelled = any(
            v.slot.day == slot.day and v.ended_by is not EndedBy.BASE for v in gave_up
        )
        terms = self.terms
        return not (
            self.is_banned(party.family)
            or (terms.visits_active is not None and active >= terms.visits_active)
            or (terms.visits_per_day is not None and on_day >= terms.visits_per_day)
            or (has_cancelled and not terms.rebook_same_day)
            or self._too_often(party, slot, besides)
        )

    def _too_often(self, party: Party, slot: Slot, besides: Visit | None = None) -> bool:
        a_day, a_month = self.terms.visits_per_child_day, self.terms.visits_per_child_30_days
        for child in party.children:
            days = [
                v.slot.day
                for v in self.visits
                if v.family == party.family
                and v is not besides
                and v.state in COUNTED
                and child in v.children
            ]
            if a_day is not None and days.count(slot.day) >= a_day:
                return True
            for back in range(30):
                first = slot.day - DAY * back
                in_month = sum(first <= day < first + DAY * 30 for day in days)
                if a_month is not None and in_month >= a_month:
                    return True
        return False

    def is_banned(self, family: int) -> bool:
        """Whether the ladder keeps a family away: each strike by those of the window before it."""
        mine = [each for each in self.strikes if each.visit.family == family]
        times = [each.at for each in mine if not each.is_excused]
        window = DAY * self.terms.strike_window_days
        for at in times:
            count = sum(at - window < other <= at for other in times)
            days = [step.days for step in self.terms.ladder if step.strikes <= count]
            if days and self.now < at + DAY * days[-1]:
                return True
        return False

    def _may_change(self, visit: Visit) -> bool:
        until = visit.slot.cancel_until
        if self.base.change is not None:
            until = self.base.wall(visit.slot.day - DAY * self.base.change[0], self.base.change[1])
        return (
            visit.state is CONFIRMED
            and until is not None
            and self.now < visit.slot.starts
            and self.now <= until
            and visit.changes < self.terms.change_max
        )

    def _places(self, party: Party) -> int:
        counts_all = self.terms.capacity_counts == "all"
        return len(party.children) + (party.adults if counts_all else 0)

    def _add(self, party: Party, slot: Slot, state: BookingState) -> Visit:
        visit = Visit(party.family, slot, party.adults, party.children, state, self._places(party))
        visit.was_booked = state is CONFIRMED
        self.visits.append(visit)
        return visit

    def _end(self, visit: Visit, state: BookingState, by: EndedBy) -> None:
        visit.state, visit.ended_by = state, by

    def _next_number(self, slot: Slot) -> int:
        return 1 + max((v.number for v in self.visits if v.slot is slot), default=0)
