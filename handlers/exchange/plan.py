"""What would a workbook change, and what stands against it? Nothing is written here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, TypeAlias, TypeVar

from handlers.booking import calendar, shares
from handlers.exchange import rules
from handlers.exchange.problems import Problem
from handlers.exchange.rows import BaseRow, CourseRow, HolidayRow, Row, SessionRow, key
from handlers.exchange.rules import Fault, Host
from handlers.exchange.sheets import NAMES, Reading, Sheets
from handlers.texts import Text, _, ngettext
from storage import holidays, timetable
from storage.db import Db
from storage.models import Base, Course, Holiday, Policy, Pool, Session, SessionState
from storage.timetable import Kept

REASON_MAX = 200  # characters that families read

R = TypeVar("R", bound=Row)
T = TypeVar("T")
Stored: TypeAlias = "Base | Policy | Course | Session | Holiday"


@dataclass(slots=True)
class Changes(Generic[T]):
    """What one sheet changes."""

    new: list[T] = field(default_factory=list)
    changed: list[T] = field(default_factory=list)
    same: int = 0
    known: dict[str, T | None] = field(default_factory=dict)  # by key; None: its row is wrong
    problems: list[Problem] = field(default_factory=list)

    def sort_in(self, wanted: T, *, is_same: bool) -> None:
        """Count what is stored already."""
        if is_same:
            self.same += 1
        else:
            self.changed.append(wanted)


@dataclass(slots=True)
class Slot:
    """A session as the sheet has it, and as it is stored."""

    row: SessionRow
    session: Session
    host: Host
    course: Course
    kept: Kept | None

    @property
    def is_called_off(self) -> bool:
        """Whether the sheet cancels a session that took place so far."""
        is_on = self.kept is not None and self.kept.session.state is SessionState.PUBLISHED
        return is_on and bool(self.row.is_off)

    @property
    def pools(self) -> list[Pool] | None:
        """The pools it is to have; None when more of its places are taken than there would be."""
        terms = self.host.policy.terms
        if self.kept is None:
            return shares.split(self.session, terms)
        return shares.refit(self.session, terms, {pool.name: pool for pool in self.kept.pools})


@dataclass(frozen=True, slots=True)
class Plan:
    """What a whole workbook changes."""

    bases: Changes[Host]
    courses: Changes[Course]
    sessions: Changes[Slot]
    holidays: Changes[Holiday]
    unknown_years: list[int]  # of sessions; no holiday of theirs is known
    problems: list[Problem]  # as the sheets have them, from top to bottom


def draw(db: Db, sheets: Sheets, zone: str, now: datetime) -> Plan:
    """Compare the sheets with what is stored. Bases that are new are in `zone`."""
    bases = _bases(db, sheets.bases, zone, now)
    courses = _courses(db, sheets.courses)
    days, off = _holidays(db, sheets.holidays)
    sessions = _sessions(db, sheets.sessions, bases.known, courses.known, off)
    problems = [
        *sheets.bases.problems,
        *sheets.courses.problems,
        *sheets.sessions.problems,
        *sheets.holidays.problems,
        *bases.problems,
        *courses.problems,
        *sessions.problems,
        *days.problems,
    ]
    problems.sort(key=lambda each: (NAMES.index(each.sheet), each.row, each.place))
    unknown = calendar.years_unknown([row.day for row in sheets.sessions.rows if row.day], off)
    return Plan(bases, courses, sessions, days, unknown, problems)


def _holidays(db: Db, reading: Reading[HolidayRow]) -> tuple[Changes[Holiday], dict[date, Holiday]]:
    """What the sheet changes, and all days that are then known."""
    stored = holidays.known(db)
    changes, known = Changes[Holiday](), dict(stored)
    firsts = _named(reading, "day", lambda row: row.day.isoformat() if row.day else None, changes)
    for row, _day in firsts:
        if row.wrong:
            continue
        assert row.day
        wanted = Holiday(day=row.day, name=row.name or "", is_worked=bool(row.is_worked))
        kept = stored.get(row.day)
        if kept is None:
            changes.new.append(wanted)
        else:
            changes.sort_in(wanted, is_same=_is_same(wanted, kept))
        known[row.day] = wanted
    return changes, known


def _bases(db: Db, reading: Reading[BaseRow], zone: str, now: datetime) -> Changes[Host]:
    stored = _stored_hosts(db, now)
    changes = Changes[Host](known=dict(stored))
    for row, name in _named(reading, "name", lambda row: row.name, changes):
        if row.wrong:
            changes.known[name] = None
            continue
        wanted = Host(rules.base_of(row, zone), rules.policy_of(row, now))
        kept = stored.get(name)
        if kept is None:
            changes.new.append(wanted)
        else:
            wanted = _succeeding(wanted, kept)
            is_same = wanted.policy is kept.policy and _is_same(wanted.base, kept.base)
            changes.sort_in(wanted, is_same=is_same)
        changes.known[name] = wanted
    return changes


def _stored_hosts(db: Db, now: datetime) -> dict[str, Host]:
    policies = {policy.base_id: policy for policy in timetable.policies(db)}
    hosts: dict[str, Host] = {}
    for base in timetable.bases(db):
        assert base.id
        none_yet = Policy(base_id=base.id, version=base.policy_version - 1, effective_from=now)
        hosts[key(base.name)] = Host(base, policies.get(base.id, none_yet))
    return hosts


def _succeeding(wanted: Host, kept: Host) -> Host:
    """The stored base as the sheet wants it: other rules are a new version, the old one stays.

    The zone stays too: KEPU_TIMEZONE missing from one shell must not move every session.
    """
    policy = kept.policy
    if policy.id is None or not _is_same(
        wanted.policy, policy, "id", "base_id", "version", "effective_from"
    ):
        policy = wanted.policy
        policy.base_id, policy.version = kept.policy.base_id, kept.policy.version + 1
    base = wanted.base
    for kept_field in ("id", "public_id", "name", "time_zone", "is_demo"):
        setattr(base, kept_field, getattr(kept.base, kept_field))
    base.policy_version = policy.version
    return Host(base, policy)


def _courses(db: Db, reading: Reading[CourseRow]) -> Changes[Course]:
    stored = {key(course.name): course for course in timetable.courses(db)}
    changes = Changes[Course](known=dict(stored))
    for row, name in _named(reading, "name", lambda row: row.name, changes):
        faults = list(rules.course_faults(row))
        changes.problems += [reading.problem(row, *fault) for fault in faults]
        if row.wrong or faults:
            changes.known[name] = None
            continue
        wanted = changes.known[name] = rules.course_of(row)
        kept = stored.get(name)
        if kept is None:
            changes.new.append(wanted)
        else:
            wanted.id, wanted.public_id, wanted.name = kept.id, kept.public_id, kept.name
            changes.sort_in(wanted, is_same=_is_same(wanted, kept))
    return changes


def _sessions(
    db: Db,
    reading: Reading[SessionRow],
    hosts: Mapping[str, Host | None],
    courses: Mapping[str, Course | None],
    off: Mapping[date, Holiday],
) -> Changes[Slot]:
    stored = {kept.session.code: kept for kept in timetable.sessions(db)}
    changes = Changes[Slot]()
    firsts = {row.number for row, _code in _named(reading, "code", lambda row: row.code, changes)}
    for row in reading.rows:
        host, course = hosts.get(key(row.base or "")), courses.get(key(row.course or ""))
        kept = stored.get(row.code or "")
        faults = [
            *_unknown(row, hosts, courses),
            *rules.session_faults(row, host, course),
            *rules.day_faults(row, host, off),
            *_cut(db, row, kept),
        ]
        changes.problems += [reading.problem(row, *fault) for fault in faults]
        if host and course and row.number in firsts and not (row.wrong or faults):
            _add_slot(changes, Slot(row, rules.session_of(row, host, course), host, course, kept))
    return changes


def _add_slot(changes: Changes[Slot], slot: Slot) -> None:
    if slot.kept is None:
        if slot.row.is_off:
            slot.session.state = SessionState.CANCELLED
            slot.session.cancelled_because = (slot.row.note or "")[:REASON_MAX]
        changes.new.append(slot)
        return
    slot.session.id = slot.kept.session.id
    is_same = _is_same(slot.session, slot.kept.session, "public_id", *timetable.KEPT_OF_SESSION)
    changes.sort_in(slot, is_same=is_same and not slot.is_called_off)


def _named(
    reading: Reading[R], field_: str, name_of: Callable[[R], str | None], changes: Changes[T]
) -> Iterator[tuple[R, str]]:
    """Each row that has a name or code, with its key, once: the second of its kind is a problem."""
    first: dict[str, int] = {}
    for row in reading.rows:
        name = name_of(row)
        if name is None:
            continue
        found = key(name) if field_ == "name" else name
        if found in first:
            what = _("{name} is already in row {row}", name=name, row=str(first[found]))
            changes.problems.append(reading.problem(row, field_, what))
        else:
            first[found] = row.number
            yield row, found


def _unknown(
    row: SessionRow, hosts: Mapping[str, Host | None], courses: Mapping[str, Course | None]
) -> Iterator[Fault]:
    if row.base and key(row.base) not in hosts:
        yield "base", _("there is no base called {name}", name=row.base)
    if row.course and key(row.course) not in courses:
        yield "course", _("there is no course called {name}", name=row.course)


def _cut(db: Db, row: SessionRow, kept: Kept | None) -> Iterator[Fault]:
    if kept and row.capacity is not None and row.capacity < kept.taken:
        yield "capacity", taken_already(db, kept.session.id or 0, kept.taken, row.capacity)


def taken_already(db: Db, session_id: int, taken: int, wanted: int) -> Text:
    """Why a session cannot have so few places, and which bookings would have to go for it."""
    going: list[str] = []
    surplus = taken - wanted
    for booking in timetable.newest_bookings(db, session_id):
        if surplus > 0:
            going.append(f"{booking.code[:4]}-{booking.code[4:]} ({booking.places})")
            surplus -= booking.places
    if not going:
        return ngettext("{n} place is booked already", "{n} places are booked already", taken)
    return ngettext(
        "{n} place is booked already; what would have to go, the newest first: {codes}",
        "{n} places are booked already; what would have to go, the newest first: {codes}",
        taken,
        codes=", ".join(going),
    )


def _is_same(one: Stored, other: Stored, *left_out: str) -> bool:
    return one.model_dump(exclude=set(left_out)) == other.model_dump(exclude=set(left_out))
