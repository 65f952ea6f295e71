"""Is what was acknowledged stored, once, and did the talk go on where it stood?"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass
class Exchange:
    """Something said, and the answer once there is one."""

    event_id: str
    body: dict[str, str]
    answer: bytes | None = None


class Booked(NamedTuple):
    """A booking as it is stored."""

    address: str  # of the visitor's chat
    code: str
    session: str
    state: str
    places: int


class Pool(NamedTuple):
    """A session's places as they are stored."""

    session: str
    capacity: int
    taken: int


@dataclass(frozen=True)
class Ledger:
    """What the database holds."""

    bookings: Sequence[Booked]
    pools: Sequence[Pool]
    events: Mapping[str, int]  # heard, by address
    dead_letters: int = 0


@dataclass(frozen=True)
class Told:
    """What a visitor came away with."""

    address: str
    session: str
    code: str  # "": none
    is_refused: bool
    events: int  # said, each counted once
    places: int = 2


@dataclass(frozen=True)
class Course:
    """The questions of a booking that nothing interrupted, and those of one that was."""

    expected: Sequence[str]
    asked: Sequence[str]
    is_booked: bool = field(default=False)


def messages(answer: bytes | None) -> list[dict[str, Any]]:
    """The messages of an answer; none before there is one."""
    return list(json.loads(answer)["messages"]) if answer else []


def words(answer: bytes | None) -> str:
    """All the words of an answer."""
    return "\n".join(message["text"] for message in messages(answer))


def prompt(answer: bytes | None) -> dict[str, Any] | None:
    """The question that an answer leaves open."""
    found = messages(answer)
    return found[-1]["prompt"] if found else None


def history(exchanges: Sequence[Exchange], stored: Sequence[Mapping[str, Any]]) -> list[str]:
    """Complaints unless a chat's history is the answers acknowledged, in their order, each once.

    After them may stand the answer to what was said last, if it was committed and never arrived.
    """
    acknowledged = [each for exchange in exchanges for each in messages(exchange.answer)]
    seen = [{name: each[name] for name in each if name != "at"} for each in stored]
    who = exchanges[0].event_id if exchanges else "nobody"
    complaints = []
    if seen[: len(acknowledged)] != acknowledged:
        lost = [each["id"] for each in acknowledged if each not in seen]
        complaints.append(f"{who}: acknowledged and not in the history as it was: {lost}")
    if [each["id"] for each in seen] != list(range(1, len(seen) + 1)):
        complaints.append(f"{who}: the history is numbered {[each['id'] for each in seen]}")
    more = seen[len(acknowledged) :]
    if more and (not exchanges or exchanges[-1].answer is not None):
        complaints.append(f"{who}: {len(more)} messages answer nothing that was said")
    return complaints


def repeated(exchange: Exchange, again: bytes) -> list[str]:
    """Complaints unless the same event got the same answer."""
    if exchange.answer == again:
        return []
    return [f"{exchange.event_id}: {exchange.answer!r} and, repeated, {again!r}"]


def course(course: Course) -> list[str]:
    """Complaints when a question was asked again, left out, or out of turn."""
    asked, expected = list(course.asked), list(course.expected)
    if course.is_booked:
        return [] if asked == expected else [f"asked {asked}, not {expected}"]
    while asked and asked[-1] == "session" and asked.count("session") > 1:
        asked.pop()  # asked again because the session is full
    return [] if asked == expected[: len(asked)] else [f"asked {asked}, not as {expected}"]


def ledger(ledger: Ledger, people: Sequence[Told]) -> list[str]:
    """Complaints when a visit is missing, there twice, or a session's places do not add up."""
    complaints = _pools(ledger)
    by_address: dict[str, list[Booked]] = {}
    for booked in ledger.bookings:
        by_address.setdefault(booked.address, []).append(booked)
    left = {pool.session: pool.capacity - pool.taken for pool in ledger.pools}
    for one in people:
        found = by_address.pop(one.address, [])
        wanted = [Booked(one.address, one.code, one.session, "confirmed", one.places)]
        if found != (wanted if one.code else []):
            complaints.append(f"told {one}, stored {found}")
        if one.is_refused and left[one.session] >= one.places:
            complaints.append(f"refused with {left[one.session]} places left: {one}")
        if ledger.events.get(one.address, 0) != one.events:
            complaints.append(f"heard {ledger.events.get(one.address, 0)} events: {one}")
    complaints += [f"nobody was told of {each}" for each in by_address.values()]
    if ledger.dead_letters:
        complaints.append(f"{ledger.dead_letters} turns met a bug")
    return complaints


def _pools(ledger: Ledger) -> list[str]:
    complaints = []
    booked: Counter[str] = Counter()
    for each in ledger.bookings:
        if each.state == "confirmed":
            booked[each.session] += each.places
    for pool in ledger.pools:
        if pool.taken > pool.capacity:
            complaints.append(f"oversold: {pool}")
        if pool.taken != booked[pool.session]:
            complaints.append(f"{booked[pool.session]} places are booked, counted are {pool}")
    return complaints
