"""How does a workbook get into the database, all of it or nothing?"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from handlers.booking import called_off, returns
from handlers.booking.called_off import Times
from handlers.exchange import plan
from handlers.exchange.plan import Changes, Plan, Slot
from handlers.exchange.problems import Unfit
from handlers.exchange.rules import Host
from handlers.exchange.sheets import Sheets
from handlers.texts import _
from storage import holidays, timetable
from storage.db import Db
from storage.models import Course, Session, SessionState

T = TypeVar("T")

MOVES = ("base_id", "course_id", "starts_at", "ends_at", "room")  # what visitors must be told


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of a sheet are new, changed, or as they were."""

    new: int
    changed: int
    same: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did, or would do."""

    bases: Tally
    courses: Tally
    sessions: Tally
    disturbed: list[str]  # codes of sessions that are booked and whose time or place changed
    holidays: Tally = Tally(0, 0, 0)
    unknown_years: list[int] = field(default_factory=list)  # of sessions: no holiday is known


def take_in(db: Db, sheets: Sheets, zone: str, now: datetime, *, is_trial: bool = False) -> Taken:
    """Bring the sheets in; bases that are new are in `zone`. `is_trial` writes nothing.

    Raises Unfit with every problem, from top to bottom, before anything is written.
    """
    timetable.lock(db)
    found = plan.draw(db, sheets, zone, now)
    if found.problems:
        raise Unfit(found.problems)
    if not is_trial:
        store(db, found, sheets, now)
    disturbed = [slot.session.code for slot in found.sessions.changed if _is_disturbed(slot)]
    return Taken(
        _tally(found.bases),
        _tally(found.courses),
        _tally(found.sessions),
        disturbed,
        _tally(found.holidays),
        found.unknown_years,
    )


def store(db: Db, found: Plan, sheets: Sheets, now: datetime, locale: str = "zh_CN") -> None:
    """Write a plan without problems. Raises Unfit when it has been overtaken by bookings.

    `locale`: in which families are told of places they waited for, when they named no language.
    """
    holidays.put(db, (*found.holidays.new, *found.holidays.changed))
    _store_bases(db, found.bases)
    _store_courses(db, found.courses)
    for pool_id in _store_sessions(db, found.sessions, sheets):
        returns.places_came(db, pool_id, now, locale)
    for slot in found.sessions.changed:
        _tell_families(db, slot, now, locale)


def _store_bases(db: Db, changes: Changes[Host]) -> None:
    for host in changes.new:
        host.base.id = timetable.add(db, host.base)
    for host in changes.changed:
        timetable.change_base(db, host.base)
    for host in (*changes.new, *changes.changed):
        if host.policy.id is None:  # an old version is never changed
            assert host.base.id
            host.policy.base_id = host.base.id
            timetable.add(db, host.policy)


def _store_courses(db: Db, changes: Changes[Course]) -> None:
    for course in changes.new:
        course.id = timetable.add(db, course)
    for course in changes.changed:
        timetable.change_course(db, course)


def _store_sessions(db: Db, changes: Changes[Slot], sheets: Sheets) -> list[int]:
    """Store sessions and pools; the ids of pools that grew while somebody waits for places."""
    new = [_placed(slot) for slot in changes.new]
    timetable.add_sessions(db, new, [slot.pools or [] for slot in changes.new])
    # In the order of their ids: two that change the same rows cannot wait for each other.
    changed = sorted(changes.changed, key=lambda slot: slot.session.id or 0)
    timetable.change_sessions(db, [_placed(slot) for slot in changed])
    grown: list[int] = []
    for slot in changed:
        grown += _store_pools(db, slot, sheets)
    return grown


def _tell_families(db: Db, slot: Slot, now: datetime, locale: str) -> None:
    """Call a session off, or tell of its new time and place; of what is over, nobody is told."""
    assert slot.kept
    assert slot.session.id
    was = slot.kept.session
    if slot.is_called_off:
        reason = (slot.row.note or "")[: plan.REASON_MAX]
        called_off.call_off(db, slot.session.id, reason, now=now, locale=locale)
    elif was.state is SessionState.PUBLISHED and _is_moved(slot) and was.ends_at > now:
        times = Times(was.starts_at, was.ends_at, was.room)
        called_off.moved(db, slot.session.id, times, now=now, locale=locale)


def _store_pools(db: Db, slot: Slot, sheets: Sheets) -> list[int]:
    assert slot.session.id
    assert slot.kept
    kept = {pool.name: pool for pool in slot.kept.pools}
    for pool in slot.pools or []:
        if not timetable.change_pool(db, kept.get(pool.name), pool):
            # Booked since the plan was drawn: raising undoes the whole import.
            what = _("more places than that are booked already")
            raise Unfit([sheets.sessions.problem(slot.row, "capacity", what)])
    return [
        kept[pool.name].id or 0
        for pool in slot.pools or []
        if pool.name in kept
        and kept[pool.name].waiting
        and kept[pool.name].capacity < pool.capacity
    ]


def _placed(slot: Slot) -> Session:
    """The session at its base and course, whose ids are known only once they are stored."""
    assert slot.host.base.id
    assert slot.course.id
    slot.session.base_id, slot.session.course_id = slot.host.base.id, slot.course.id
    return slot.session


def _is_disturbed(slot: Slot) -> bool:
    assert slot.kept
    return slot.kept.taken > 0 and (slot.is_called_off or _is_moved(slot))


def _is_moved(slot: Slot) -> bool:
    assert slot.kept
    was = slot.kept.session
    return any(getattr(slot.session, field) != getattr(was, field) for field in MOVES)


def _tally(changes: Changes[T]) -> Tally:
    return Tally(len(changes.new), len(changes.changed), changes.same)
