"""What does a row of each sheet say, once its cells are read?

A field is None when its cell is empty, or when the cell is wrong: then `wrong` has its name.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from handlers.booking.published import Release
from storage.models import Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of any sheet."""

    number: int  # as Excel counts
    wrong: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRow(Row):
    """基地: a base and its booking rules."""

    name: str | None
    kind: str | None
    district: str | None
    address: str | None
    phone: str | None
    closed_weekdays: list[int] | None
    release_days_ahead: int | None
    release_time: time | None
    party_max: int | None
    children_max: int | None
    cancel_rule: str | None
    no_shows_allowed: int | None
    ban_days: int | None
    pool_split: str | None
    note: str | None
    terms: Mapping[str, Any] = field(default_factory=dict)  # what optional columns say, by term


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRow(Row):
    """课程: what is taught or shown."""

    name: str | None
    subject: str | None
    min_age: int | None
    max_age: int | None
    audience: Audience | None
    minutes: int | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow(Row):
    """场次: a time slot of a course at a base."""

    code: str | None
    base: str | None
    course: str | None
    day: date | None
    starts: time | None
    ends: time | None
    room: str | None
    capacity: int | None
    party_max: int | None
    waiting_max: int | None
    audience: Audience | None
    min_age: int | None
    max_age: int | None
    is_accompanied: bool | None
    release: Release | None
    cancel_rule: str | None
    priority_places: int | None
    docents_needed: int | None
    price_fen: int | None
    note: str | None
    is_off: bool | None = None  # the base has called it off, for the reason in `note`


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRow(Row):
    """节假日: a day that is off, or a weekend day that is worked."""

    day: date | None
    name: str | None
    is_worked: bool | None


def key(name: str) -> str:
    """What the spellings of one name share: width, case and spaces do not tell names apart."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
