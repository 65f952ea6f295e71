"""What do a base's published rules mean: "前7日09:00", "当日10:30/15:00", "70/20/5/5"?"""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

NO_RETURNS = "不可取消"
NOON = time(12)

_CLOCK = r"([01]?\d|2[0-3]):([0-5]\d)"
_DAYS_AHEAD = r"(?:前(\d{1,3}|[一二两三四五六七八九十])[日天]|当[日天])"
_RELEASE = re.compile(_DAYS_AHEAD + _CLOCK)
_RETURNS = re.compile(rf"{_DAYS_AHEAD}{_CLOCK}(?:/{_CLOCK})?")
_SHARES = re.compile(r"(\d{1,3})/(\d{1,3})/(\d{1,3})/(\d{1,3})")
_NUMERALS = {"两": 2} | {numeral: n for n, numeral in enumerate("一二三四五六七八九十", 1)}


class Release(NamedTuple):
    """When places can be booked: so many days before, at this time of the base."""

    days_ahead: int
    at: time


class Returns(NamedTuple):
    """Until when a visit can be cancelled, by whether the session starts before noon."""

    days_ahead: int
    morning: time
    afternoon: time


def read_release(words: str) -> Release:
    """A rule like "前7日09:00" or "当日07:00". Raises ValueError."""
    found = _RELEASE.fullmatch(bare(words))
    if found is None:
        raise ValueError(words)
    return Release(_days(found[1]), time(int(found[2]), int(found[3])))


def read_returns(words: str) -> Returns | None:
    """A rule like "前1日20:00" or "当日10:30/15:00"; None for "不可取消". Raises ValueError."""
    words = bare(words)
    if words == NO_RETURNS:
        return None
    found = _RETURNS.fullmatch(words)
    if found is None:
        raise ValueError(words)
    morning = time(int(found[2]), int(found[3]))
    afternoon = time(int(found[4]), int(found[5])) if found[4] else morning
    return Returns(_days(found[1]), morning, afternoon)


def read_shares(words: str) -> tuple[int, ...]:
    """Per cent for families, groups, the green channel and walk-in. Raises ValueError."""
    found = _SHARES.fullmatch(bare(words))
    shares = tuple(int(share) for share in found.groups()) if found else ()
    if sum(shares) != 100:
        raise ValueError(words)
    return shares


def release_at(release: Release, day: date, zone: ZoneInfo) -> datetime:
    """From when a session on `day` can be booked."""
    return instant(day - timedelta(days=release.days_ahead), release.at, zone)


def cancel_until(rule: str, day: date, starts: time, zone: ZoneInfo) -> datetime | None:
    """Until when a visit to a session can be cancelled; None: never."""
    returns = read_returns(rule)
    if returns is None:
        return None
    at = returns.morning if starts < NOON else returns.afternoon
    return instant(day - timedelta(days=returns.days_ahead), at, zone)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A wall time of a place as an instant in UTC."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def bare(words: str) -> str:
    """A rule as it is kept: half-width, without spaces."""
    return "".join(unicodedata.normalize("NFKC", words).split())


def _days(words: str | None) -> int:
    if words is None:
        return 0
    return _NUMERALS[words] if words in _NUMERALS else int(words)
