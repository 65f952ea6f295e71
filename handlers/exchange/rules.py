"""Which base, course and session does a row describe, and can there be such a session?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from handlers.booking import calendar, published
from handlers.booking.published import Release
from handlers.exchange.rows import BaseRow, CourseRow, SessionRow
from handlers.exchange.terms import terms_of
from handlers.texts import Day, Text, _
from storage.models import Audience, Base, Course, Holiday, Policy, Session

Fault = tuple[str, Text]  # the field to mend, and why


@dataclass(frozen=True, slots=True)
class Host:
    """A base with the policy that its sessions are made under."""

    base: Base
    policy: Policy


def base_of(row: BaseRow, zone: str) -> Base:
    """The base of a row without faults, with no id yet. Empty cells take the usual value."""
    return Base(
        public_id="",
        time_zone=zone,
        **_given(
            name=row.name,
            kind=row.kind,
            district=row.district,
            address=row.address,
            phone=row.phone,
            closed_weekdays=row.closed_weekdays,
            note=row.note,
        ),
    )


def policy_of(row: BaseRow, now: datetime) -> Policy:
    """The rules of a base's row, as a first version. Empty cells take the usual value."""
    return Policy(
        base_id=0,
        version=1,
        effective_from=now,
        terms=terms_of(row),
    )


def course_of(row: CourseRow) -> Course:
    """The course of a row without faults, with no id yet. Empty cells take the usual value."""
    return Course(
        public_id="",
        **_given(
            name=row.name,
            subject=row.subject,
            min_age=row.min_age,
            max_age=row.max_age,
            audience=row.audience,
            minutes=row.minutes,
            note=row.note,
        ),
    )


def session_of(row: SessionRow, host: Host, course: Course) -> Session:
    """The session of a row without faults. Empty cells follow the course and the base's policy."""
    assert row.day
    assert row.starts
    zone, policy = ZoneInfo(host.base.time_zone), host.policy
    ends = row.ends or _later(row.starts, course.minutes)
    assert ends
    audience = row.audience or course.audience
    cancel_rule = row.cancel_rule or policy.terms.cancel_rule
    return Session(
        public_id="",
        base_id=host.base.id or 0,
        course_id=course.id or 0,
        local_date=row.day,
        starts_at=published.instant(row.day, row.starts, zone),
        ends_at=published.instant(row.day, ends, zone),
        release_at=_release_at(row, policy, zone),
        cancel_until=published.cancel_until(cancel_rule, row.day, row.starts, zone),
        policy_version=policy.version,
        audience=audience,
        **_by_default(row, host, course, audience),
        **_given(
            code=row.code,
            capacity=row.capacity,
            room=row.room,
            waiting_max=row.waiting_max,
            docents_needed=row.docents_needed,
            price_fen=row.price_fen,
            note=row.note,
        ),
    )


def course_faults(row: CourseRow) -> Iterator[Fault]:
    """What contradicts itself in a course."""
    yield from _age_faults(row.min_age, row.max_age, None)


def session_faults(row: SessionRow, host: Host | None, course: Course | None) -> Iterator[Fault]:
    """What contradicts itself, the base or the course, as far as they are known."""
    if row.starts and "ends" not in row.wrong:
        yield from _end_faults(row.starts, row.ends, course)
    yield from _age_faults(row.min_age, row.max_age, course)
    if row.capacity is not None and (row.priority_places or 0) > row.capacity:
        yield "priority_places", _("it is more than there are places")
    if row.starts and host and "release" not in row.wrong:
        release = _release(row, host.policy)
        if release.days_ahead == 0 and release.at > row.starts:
            yield "release", _("booking would open after the session has begun")


def day_faults(
    row: SessionRow, host: Host | None, holidays: Mapping[date, Holiday]
) -> Iterator[Fault]:
    """Whether the base is closed that day, as far as its holidays are known."""
    if host is None or row.day is None:
        return
    base, terms = host.base, host.policy.terms
    why = calendar.is_closed(row.day, base.closed_weekdays, terms, holidays)
    if why is not None:
        yield (
            "day",
            _("{base} is closed on {day}: {why}", base=base.name, day=Day(row.day), why=why),
        )


def _end_faults(starts: time, ends: time | None, course: Course | None) -> Iterator[Fault]:
    if ends is not None and ends <= starts:
        yield "ends", _("it does not end after it starts")
    if ends is None and course and _later(starts, course.minutes) is None:
        yield "ends", _("the course would go on past midnight; say when it ends")


def _age_faults(least: int | None, most: int | None, course: Course | None) -> Iterator[Fault]:
    typed = "min_age" if most is None else "max_age"
    if course is not None:
        least, most = _or(least, course.min_age), _or(most, course.max_age)
    if least is not None and most is not None and least > most:
        yield typed, _("the lowest age is above the highest")


def _by_default(row: SessionRow, host: Host, course: Course, audience: Audience) -> dict[str, Any]:
    """The fields whose empty cell is answered by the course or the policy."""
    shares = host.policy.terms.pool_split
    assert row.capacity is not None
    return {
        "party_max": host.policy.terms.party_max,
        "min_age": course.min_age,
        "max_age": course.max_age,
        "is_accompanied": audience is Audience.FAMILY,
        "priority_places": row.capacity * shares[2] // 100,
    } | _given(
        party_max=row.party_max,
        min_age=row.min_age,
        max_age=row.max_age,
        is_accompanied=row.is_accompanied,
        priority_places=row.priority_places,
    )


def _release(row: SessionRow, policy: Policy) -> Release:
    return row.release or Release(policy.terms.release_days_ahead, policy.terms.release_time)


def _release_at(row: SessionRow, policy: Policy, zone: ZoneInfo) -> datetime:
    """When booking opens: by the row, or by the base, which may name one day for all."""
    assert row.day
    terms = policy.terms
    fixed = terms.release_on if terms.release_mode == "fixed" else None
    if row.release is None and fixed is not None and fixed <= row.day:
        return published.instant(fixed, terms.release_time, zone)
    return published.release_at(_release(row, policy), row.day, zone)


def _later(starts: time, minutes: int) -> time | None:
    """The time `minutes` after `starts`; None when that is another day."""
    total = starts.hour * 60 + starts.minute + minutes
    return time(total // 60, total % 60) if total < 24 * 60 else None


def _or(number: int | None, default: int) -> int:
    return default if number is None else number


def _given(**values: Any) -> dict[str, Any]:
    return {field: value for field, value in values.items() if value is not None}
