"""Who is next on the waiting list, and until when does an offer stand?

First come, first served, a higher priority before. A party that does not fit lets others pass, but
only so often: then whatever comes free is kept for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from storage.models import Terms

SOON = timedelta(hours=24)  # before a session; offers are shorter then
MOMENT = timedelta(microseconds=1)
SHORTEST = timedelta(minutes=10)  # an offer that stands for less is none


class Listed(Protocol):
    """What has to be known of a session with a waiting list; a `storage.venues.Offered` does."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def time_zone(self) -> str: ...

    @property
    def terms(self) -> Terms: ...

    @property
    def waiting_max(self) -> int: ...

    @property
    def waiting(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A party that waits."""

    key: int  # by which whoever asks knows it again
    places: int
    least: int  # the fewest it would take
    bypassed: int  # times that places went to somebody behind it


@dataclass(frozen=True, slots=True)
class Share:
    """Places for a party."""

    key: int
    places: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of free places; those neither offered nor kept are everybody's."""

    offers: tuple[Share, ...]
    bypassed: dict[int, int]  # by key: how often it was passed over just now
    kept: int


def plan(free: int, queue: Sequence[Entry], bypass_max: int) -> Plan:
    """Who of a queue is offered free places. None is passed over more than `bypass_max` times."""
    offers: list[Share] = []
    passed: dict[int, int] = {}
    first_bypassed = {entry.key: entry.bypassed for entry in queue}
    for entry in queue:
        if free <= 0:
            break
        if entry.least > free:
            passed[entry.key] = 0
        else:
            share = min(entry.places, free)
            offers.append(Share(entry.key, share))
            free -= share
            passed = {key: times + 1 for key, times in passed.items()}
        if any(first_bypassed[key] + times >= bypass_max for key, times in passed.items()):
            return Plan(tuple(offers), _counted(passed), max(free, 0))
    return Plan(tuple(offers), _counted(passed), 0)


def is_open(session: Listed, now: datetime) -> bool:
    """Whether one more party can wait for places of a session."""
    until = stands_until(now, session.starts_at, session.terms, session.time_zone)
    return session.waiting < session.waiting_max and until is not None


def stands_until(now: datetime, starts_at: datetime, terms: Terms, zone: str) -> datetime | None:
    """Until when an offer made now can be taken; None when it is too late to make one.

    The clock stands still in quiet hours, and the list closes some time before the session.
    """
    minutes = terms.offer_minutes_soon if starts_at - now <= SOON else terms.offer_minutes
    until = _awake_after(now, timedelta(minutes=minutes), terms, zone)
    closes_at = closing(starts_at, terms)
    if until > closes_at:
        # Closing just as people wake is closing while they sleep.
        last = last_awake(closes_at - MOMENT, terms, zone)
        until = closes_at if last == closes_at - MOMENT else last
    return until if until - now >= min(SHORTEST, timedelta(minutes=minutes)) else None


def closing(starts_at: datetime, terms: Terms) -> datetime:
    """When a session's waiting list closes: at the latest when booking does."""
    return starts_at - timedelta(minutes=max(terms.wait_cutoff_minutes, terms.closes_minutes))


def released_at(now: datetime, starts_at: datetime, terms: Terms, zone: str) -> datetime:
    """From when places that come back now can be had again: at once, or at the base's hour."""
    if terms.returns == "now" or terms.returns_time is None:
        return now
    at = _next(terms.returns_time, now, zone)
    return at if at < closing(starts_at, terms) else now


def _awake_after(now: datetime, length: timedelta, terms: Terms, zone: str) -> datetime:
    """The moment when so much time has passed outside the quiet hours."""
    at = now
    if terms.quiet_from == terms.quiet_until:
        return now + length
    while True:
        if is_quiet(at, terms, zone):
            at = _next(terms.quiet_until, at, zone)
        quiet_at = _next(terms.quiet_from, at, zone)
        if at + length <= quiet_at:
            return at + length
        length -= quiet_at - at
        at = quiet_at


def next_awake(at: datetime, terms: Terms, zone: str) -> datetime:
    """`at`, or when the quiet hours end that it lies in."""
    return _next(terms.quiet_until, at, zone) if is_quiet(at, terms, zone) else at


def last_awake(at: datetime, terms: Terms, zone: str) -> datetime:
    """`at`, or the moment before it when the quiet hours began that it lies in."""
    if not is_quiet(at, terms, zone):
        return at
    began = at.astimezone(ZoneInfo(zone)).replace(
        hour=terms.quiet_from.hour, minute=terms.quiet_from.minute, second=0, microsecond=0
    )
    if began > at:
        began -= timedelta(days=1)
    return began.astimezone(UTC)


def is_quiet(at: datetime, terms: Terms, zone: str) -> bool:
    """Whether the quiet hours have begun and not ended."""
    clock = at.astimezone(ZoneInfo(zone)).time()
    if terms.quiet_from <= terms.quiet_until:
        return terms.quiet_from <= clock < terms.quiet_until
    return clock >= terms.quiet_from or clock < terms.quiet_until


def _next(clock: time, after: datetime, zone: str) -> datetime:
    """The next time that the clock at a place shows this, later than `after`."""
    local = after.astimezone(ZoneInfo(zone))
    at = datetime.combine(local.date(), clock, ZoneInfo(zone))
    if at <= after:
        at = datetime.combine(local.date() + timedelta(days=1), clock, ZoneInfo(zone))
    return at.astimezone(UTC)


def _counted(passed: dict[int, int]) -> dict[int, int]:
    return {key: times for key, times in passed.items() if times}
