"""What can happen to a base, in any order? People, clocks, jobs, lost answers and crashes."""

import zlib
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from handlers.messages import Incoming
from storage.models import Step, Terms
from tests.invariants import checks
from tests.invariants.checks import Look
from tests.invariants.model import Model
from tests.invariants.records import CHECKED_IN, CONFIRMED, LIVE, Base, Party, Slot, Visit
from tests.invariants.world import DONE, Event, World

T = TypeVar("T")
# So many children, people who talk, and its priority.
FAMILIES = (
    (2, 2, 0),
    (1, 1, 0),
    (0, 1, 0),
    (2, 1, 0),
    (1, 1, 1),
    (3, 1, 0),
    (0, 1, 0),
    (1, 1, 0),
    (0, 1, 0),
)
CHANNELS_KEPT = 20  # events that may be delivered again
# A zone, and the first day of its story: New York's clocks are set back on 1 November 2026.
PLACES = (
    (ZoneInfo("Asia/Shanghai"), date(2026, 11, 23)),
    (ZoneInfo("America/New_York"), date(2026, 10, 29)),
)
RULES = {
    "前1日20:00": (1, time(20)),
    "当日09:30": (0, time(9, 30)),
    "当日08:00": (0, time(8)),
    "前2日12:00": (2, time(12)),
    "不可取消": None,
}
LADDERS = ((Step(strikes=3, days=30),), (Step(strikes=1, days=1), Step(strikes=2, days=7)))


def one_of(*values: T) -> st.SearchStrategy[T]:
    """One of the values, each as likely as it is often here: hypothesis alone prefers the first."""
    scattered = st.integers(0, 2**32 - 1).map(lambda n: zlib.crc32(n.to_bytes(4, "big")))
    return scattered.map(lambda n: values[n % len(values)])


TERMS = st.fixed_dictionaries(
    {
        "bypass_max": one_of(1, 2, 3),
        "offers_max": one_of(1, 2),
        "offer_minutes": one_of(120, 60),
        "offer_minutes_soon": one_of(20, 60, 5),
        "quiet_from": one_of(time(22), time(22), time(0), time(12)),
        "quiet_until": one_of(time(8), time(8), time(0), time(13)),
        "returns": one_of("now", "now", "daily"),
        "returns_time": st.just(time(9, 30)),
        "late_cancel": one_of("strike", "strike", "refused"),
        "visits_active": one_of(None, None, 2, 1),
        "visits_per_day": one_of(None, None, 1),
        "visits_per_child_day": one_of(None, None, 1),
        "visits_per_child_30_days": one_of(None, None, 2, 1),
        "rebook_same_day": one_of(True, True, False),
        "change_max": one_of(0, 2, 9, 9),
        "wait_max": one_of(1, 2, 3),
        "wait_cutoff_minutes": one_of(120, 30),
        "closes_minutes": one_of(0, 60),
        "capacity_counts": one_of("all", "all", "all", "all", "children"),
        "cancel_rule": one_of(*RULES),
        "change_rule": one_of("", "当日09:30", "当日09:30", *RULES),
        "ladder": one_of(*LADDERS),
        "release_days_ahead": st.just(2),
        "pool_split": st.just((100, 0, 0, 0)),  # `pools_machine` has several pools
    }
)
NUMBER = one_of(*range(840))
SIZES = one_of(  # adults, and which children; most of them may come
    (2, ()), (1, (0,)), (1, ()), (2, (0,)), (1, (0, 1)), (3, ()), (2, (1,)), (1, (0, 1, 2)),
    (1, (1,)), (4, ()), (2, (0, 1)), (0, (0,)), (3, (0,)),
)  # fmt: skip
MINUTES = one_of(
    1, 1, 1, 5, 5, 5, 10, 15, 20, 20, 20, 25, 30, 60, 60, 61, 120, 121, 300, 720, 4320
)  # fmt: skip
WHAT = one_of(
    "book", "book", "book", "wait", "wait", "wait-fewer", "wait-fewer", "cancel", "cancel",
    "cancel", "move", "party", "yes", "yes", "yes", "no", "again", "crash", "restart", "tell",
    "tell", "jobs", "jobs", "time", "scan", "scan", "scan", "undo", "off",
    "size", "size",
)  # fmt: skip
Size = tuple[int, tuple[int, ...]]


class Machine(RuleBasedStateMachine):
    """Each rule is a step: done to Kepu and to the model, then everything is compared."""

    world: World  # set by the test, in a subclass of its own
    acknowledges_early = False  # planted: an event counts as heard before it is stored
    steps = 0  # of all examples

    @initialize(
        place=st.sampled_from(PLACES),
        terms=TERMS,
        ahead=one_of(1, 2),
        capacities=st.tuples(*[one_of(2, 3, 4, 5)] * 3),
        crowd=st.lists(st.tuples(NUMBER, SIZES, NUMBER), min_size=2, max_size=7),
        line=st.lists(st.tuples(NUMBER, SIZES, NUMBER), min_size=2, max_size=5),
    )
    def begin(
        self,
        place: tuple[ZoneInfo, date],
        terms: dict[str, Any],
        ahead: int,
        capacities: tuple[int, ...],
        crowd: list[tuple[int, Size, int]],
        line: list[tuple[int, Size, int]],
    ) -> None:
        zone, today = place
        changes = RULES.get(terms["change_rule"])
        if terms["change_rule"] in ("", "不可取消"):
            terms["change_rule"], changes = "", None
        base = Base(Terms(**terms), zone, RULES[terms["cancel_rule"]], changes)
        now = datetime.combine(today, time(9), zone).astimezone(UTC)
        slots = [
            self._slot(base, today + timedelta(days=days), time(hour), capacity)
            for days, hour, capacity in zip(
                (ahead, ahead, ahead + 1), (10, 15, 10), capacities, strict=True
            )
        ]
        self.world.lay_out(base, slots, FAMILIES, now)
        priority = {n: each[2] for n, each in enumerate(FAMILIES)}
        heard = {n: [now for _chat in each.chats] for n, each in enumerate(self.world.families)}
        self.model = Model(base, now, slots, priority, heard)
        self.events: list[Event] = []
        self.heard = 0
        self.complaints: list[str] = []
        self.sequences: dict[str, int] = {}  # of calendar entries
        self.stored = self.world.stored()
        for what, families in (("book", crowd), ("wait", line)):
            for family, size, slot in families:
                self._asks(what, family, size, slot, chat=0)
                self._check()

    @rule(what=WHAT, number=NUMBER, other=NUMBER, size=SIZES, chat=NUMBER, minutes=MINUTES)
    def step(self, what: str, number: int, other: int, size: Size, chat: int, minutes: int) -> None:
        """One thing happens. One rule for all: hypothesis would leave some out of most stories."""
        # Hypothesis likes to draw the same again, which here would be refused as done already.
        number, other, chat = (each + 11 * self.heard for each in (number, other, chat))
        match what:
            case "book" | "wait" | "wait-fewer":
                self._asks(what, number, size, other, chat)
            case "cancel" | "move" | "party" if self.model.visits:
                self._changes(what, number, other, size, chat)
            case "yes" | "no" if self.model.offers:
                self._answers(what, number, chat)
            case "again" if self.events:
                self._delivers_again(number)
            case "scan" | "undo" | "off" if self.model.visits:
                self._base_does(what, number, other, minutes)
            case "size":
                self._resizes(number, other)
            case "crash":
                self._dies(self._party(number, size), other, chat)
            case _:
                self._goes_on(what, minutes)
        self._check()

    def _base_does(self, what: str, number: int, other: int, minutes: int) -> None:
        """The door opens, parties are counted, check-ins undone, a session is called off."""
        visit, now = self._visit(number, other), self.model.now
        half_an_hour = timedelta(minutes=30)
        door = [
            each
            for each in self.model.visits
            if each.state in (CONFIRMED, CHECKED_IN)
            and each.slot.starts - half_an_hour <= now <= each.slot.ends
        ]
        if door and number % 6:
            visit = door[other % len(door)]
        if what == "off":
            if minutes % 4 == 1:  # seldom: little happens in a session afterwards
                self.world.call_off(self.model.slots.index(visit.slot), now)
                self.model.call_off(visit.slot)
        elif what == "undo":
            # Not in a session that was called off: whether such a visit is booked is not settled.
            came = [e for e in self.model.visits if e.heads and not e.slot.is_cancelled]
            if came:
                visit = came[other % len(came)]
                self.world.undo(self._public_id(visit), now)
                self.model.undo(visit)
        else:
            if now < visit.slot.starts and other % 7 == 0:  # it is time
                self.model.now = now = visit.slot.starts
            at = max(now - timedelta(minutes=minutes % 7), visit.slot.starts - timedelta(hours=1))
            key, heads = f"s{other % 40}", 1 + number % 3
            code = self.stored.bookings[self.model.visits.index(visit)].code
            known = [each.visit for each in self.model.scans if each.key == key]
            if known == [] or known == [visit]:
                self.world.scan(key, code, heads, min(at, now), now)
                self.model.scan(key, visit, heads, min(at, now))

    def _resizes(self, number: int, other: int) -> None:
        """A workbook brings in other places for a session, often one where some are offered."""
        model, capacity = self.model, 1 + number % 6
        offered = [each for each in model.slots if model.offered(each) and other % 3]
        slots = offered or model.slots
        slot = slots[other % len(slots)]
        told = self.world.resize(model.slots.index(slot), capacity, model.now)
        going = model.resize(slot, capacity)
        wanted = None
        if going is not None:
            rows = [(self.stored.bookings[model.visits.index(v)], p) for v, p in going]
            wanted = [f"{row.code[:4]}-{row.code[4:]} ({places})" for row, places in rows]
        if told != wanted:
            self.complaints.append(f"16. to {capacity}, who would have to go: {told}, not {wanted}")

    def _goes_on(self, what: str, minutes: int) -> None:
        """What nobody says: jobs, channels, a new process, or only time."""
        if what == "restart":
            if self.world.is_file:  # the other waits long for its connections, and keeps nothing
                self.world.restart()
        elif what == "tell":
            self.world.deliver(self.model.now)
            self.model.deliver()
            broken = self.world.seal(self.model.now)
            if broken is not None:
                self.complaints.append(f"22. the chain of the record holds: {broken}")
        else:
            self.model.now += timedelta(minutes=minutes)
        if what == "jobs":
            self.world.keep_queues(self.model.now)
            self.model.keep_queues()
            self._check()
            self.world.note_missed(self.model.now)
            self.model.note_missed()

    def _asks(self, what: str, number: int, size: Size, other: int, chat: int) -> None:
        """A family books, or wants to wait: mostly one that may, where it is not yet."""
        model, slots = self.model, self.model.slots
        open_now = [each for each in slots if each.release_at <= model.now < each.starts]
        full = [each for each in open_now if what != "book" and model.free(each) < 2]
        queued = [each for each in full if model.queue(each) and number % 3]
        found = slots if other % 9 == 0 else queued or full or open_now or slots
        slot = found[other % len(found)]
        there = [each.family for each in model.visits if each.slot is slot and each.state in LIVE]
        away = [n for n in range(len(FAMILIES)) if n not in there or other % 7 == 0]
        party = self._party(away[number % len(away)] if away else number, size)
        said = self._said(what, self.world.sessions[slots.index(slot)][1], party)
        incoming = self._incoming(party.family, chat, said)
        if what == "book":
            self._hears(incoming, self.model.book(party, slot))
        else:
            is_done = self.model.join(party, slot, takes_fewer=what == "wait-fewer")
            self._hears(incoming, is_done)

    def _changes(self, what: str, number: int, other: int, size: Size, chat: int) -> None:
        visit = self._visit(number, other)
        party, slots = self._party(visit.family, size), self.model.slots
        elsewhere = [n for n, each in enumerate(slots) if each is not visit.slot or number % 7 == 0]
        slot = elsewhere[chat % len(elsewhere)]
        said = f"/perform {what} {self._public_id(visit)}"
        if what == "cancel":
            incoming = self._incoming(visit.family, chat, said)
            self._hears(incoming, self.model.cancel(visit))
        elif what == "move":
            said = f"{said} {self.world.sessions[slot][1]}"
            incoming = self._incoming(visit.family, chat, said)
            self._hears(incoming, self.model.move(visit, self.model.slots[slot]))
        else:
            said = self._said(what, self._public_id(visit), party)
            incoming = self._incoming(visit.family, chat, said)
            is_done = self.model.change_party(visit, party.adults, party.children)
            self._hears(incoming, is_done)

    def _answers(self, what: str, number: int, chat: int) -> None:
        live = self.model.live_offers()
        found = live if live and number % 5 else self.model.offers
        offer = found[number % len(found)]
        public_id = self.stored.offers[self.model.offers.index(offer)].public_id
        incoming = self._incoming(offer.visit.family, chat, f"/offer {public_id} {what}")
        does = self.model.accept if what == "yes" else self.model.decline
        self._hears(incoming, does(offer))

    def _delivers_again(self, number: int) -> None:
        """A channel that saw no answer sends an event once more."""
        event = self.events[-1 - number % len(self.events)]
        answer = self.world.say(event.incoming)
        if answer != event.answer:
            self.complaints.append(f"5. the same event, the same answer: {answer}")

    def _dies(self, party: Party, other: int, chat: int) -> None:
        """The process dies before an answer is stored; mostly the event comes again."""
        where = other % len(self.model.slots)
        said = self._said("book", self.world.sessions[where][1], party)
        incoming = self._incoming(party.family, chat, said)
        self.world.say_and_die(incoming)
        if self.acknowledges_early:
            self.model.book(party, self.model.slots[where])
        self._check()
        if other % 5 and not self.acknowledges_early:
            self._hears(incoming, self.model.book(party, self.model.slots[where]))

    def teardown(self) -> None:
        self.world.clear()

    # How it is done

    def _incoming(self, family: int, chat: int, said: str) -> Incoming:
        self.model.now += timedelta(minutes=1)  # nobody says two things at once
        self.heard += 1
        chats = self.world.families[family].chats
        channel, address = chats[chat % len(chats)]
        return Incoming(channel, address, f"e{self.heard}", self.model.now, said)

    def _hears(self, incoming: Incoming, is_done: bool) -> None:
        answer = self.world.say(incoming)
        for number, family in enumerate(self.world.families):
            if (incoming.channel, incoming.address) in family.chats:
                chat = family.chats.index((incoming.channel, incoming.address))
                self.model.hear(number, chat)
        self.events = [*self.events[1 - CHANNELS_KEPT :], Event(incoming, answer)]
        if incoming.text.startswith("/perform"):
            told = answer[0].text.startswith(DONE)
            if told is not is_done:
                heard = f"{answer[0].text!r} to {incoming.text!r}"
                self.complaints.append(f"4. done as the rules say, or refused: {heard}")

    def _check(self) -> None:
        type(self).steps += 1
        before, self.stored = self.stored, self.world.stored()
        was = {each.id: each for each in before.bookings}
        changed = [e for e in self.stored.bookings if was.get(e.id, e).changed_at != e.changed_at]
        for row in [each for each in self.stored.bookings if each.id not in was] + changed:
            sequence = self.world.sequence(row.public_id)
            if sequence <= self.sequences.get(row.public_id, -1):
                self.complaints.append(f"24. a calendar entry's number rises: {sequence} of {row}")
            self.sequences[row.public_id] = sequence
        people = {each.id: each.chats for each in self.world.families}
        look = Look(self.stored, before, self.model.base, self.model.now, self.model, people)
        complaints = [*self.complaints, *checks.complaints(look)]
        assert not complaints, "\n".join(complaints)

    def _party(self, family: int, size: Size) -> Party:
        number, (adults, children) = family % len(FAMILIES), size
        there = len(self.world.families[number].children)
        return Party(number, adults, tuple(each for each in children if each < there))

    def _said(self, what: str, which: str, party: Party) -> str:
        kept = self.world.families[party.family].children
        children = [kept[each][1] for each in party.children]
        return " ".join(["/perform", what, which, str(party.adults), *children])

    def _visit(self, number: int, other: int) -> Visit:
        """Mostly one that can be changed, often one whose places somebody waits for."""
        visits = self.model.visits
        booked = [each for each in visits if each.state is CONFIRMED]
        wanted = [each for each in booked if self.model.queue(each.slot)]
        wanted = [each for each in wanted if len(self.model.queue(each.slot)) > 1] or wanted
        live = [each for each in visits if each.state in LIVE]
        found = [visits, live, booked, wanted, wanted][number % 5] or live or visits
        return found[other % len(found)]

    def _public_id(self, visit: Visit) -> str:
        return self.stored.bookings[self.model.visits.index(visit)].public_id

    def _slot(self, base: Base, day: date, at: time, capacity: int) -> Slot:
        starts = base.wall(day, at)
        return Slot(
            day=day,
            starts=starts,
            ends=starts + timedelta(hours=1),
            capacity=capacity,
            waiting_max=4,
            release_at=base.wall(
                day - timedelta(days=base.terms.release_days_ahead), base.terms.release_time
            ),
            cancel_until=base.cancel
            and base.wall(day - timedelta(days=base.cancel[0]), base.cancel[1]),
        )
