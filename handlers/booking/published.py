"""What do a base's published rules mean: "前7日09:00", "当日10:30/15:00", "儿童占名额"?"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from storage.models import Step

NO_RETURNS = "不可取消"
NOON = time(12)

_CLOCK = r"([01]?\d|2[0-3]):([0-5]\d)"
_DAYS_AHEAD = r"(?:前(\d{1,3}|[一二两三四五六七八九十])[日天]|当[日天])"
_RELEASE = re.compile(_DAYS_AHEAD + _CLOCK)
_RETURNS = re.compile(rf"{_DAYS_AHEAD}{_CLOCK}(?:/{_CLOCK})?")
_SHARES = re.compile(r"(\d{1,3})/(\d{1,3})/(\d{1,3})/(\d{1,3})")
_NUMERAL = "[一二两三四五六七八九十]"
_SPAN = rf"(?:\d{{1,4}}|半|{_NUMERAL})(?:个?月|[天日周年])"
_STEP = rf"(\d{{1,2}}|{_NUMERAL})次(?:禁约)?({_SPAN})"
_STEPS = re.compile(rf"{_STEP}(?:[、,;]{_STEP})*")
_SPAN_DAYS = {"天": 1, "日": 1, "周": 7, "月": 30, "年": 365}
NEVER_ALONE_AGE = 18  # from which on nobody is a child
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


def read_ladder(words: str) -> tuple[Step, ...]:
    """What missing visits brings: "1次一周、2次一月、3次一年". Raises ValueError."""
    words = bare(words)
    if _STEPS.fullmatch(words) is None:
        raise ValueError(words)
    steps = [Step(strikes=_number(n), days=_span(span)) for n, span in re.findall(_STEP, words)]
    return tuple(sorted(steps, key=lambda step: step.strikes))


def read_note(words: str) -> dict[str, Any]:
    """The terms that a base's 说明 tells in phrases known from real venues; the rest is for people.

    A phrase counts only as a whole: what is said otherwise is not guessed at.
    """
    words = bare(words)
    terms: dict[str, Any] = {}
    for phrase, meaning in _PHRASES:
        found = phrase.search(words)
        if found is not None:
            terms |= meaning(found)
    return terms


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
    return 0 if words is None else _number(words)


def _number(words: str) -> int:
    return _NUMERALS[words] if words in _NUMERALS else int(words)


def _span(words: str) -> int:
    """How many days "一周", "30天" or "半年" are."""
    days = _SPAN_DAYS[words[-1]]
    number = words[:-1].removesuffix("个")
    return days // 2 if number == "半" else _number(number) * days


def _clock(hour: str, minute: str) -> time:
    return time(int(hour), int(minute))


_Meaning = Callable[[re.Match[str]], dict[str, Any]]
_PHRASES: tuple[tuple[re.Pattern[str], _Meaning], ...] = (
    (
        re.compile(rf"退票(?:次日|每日|每天|当日){_CLOCK}(?:再放|重新放)"),
        lambda found: {"returns": "daily", "returns_time": _clock(found[1], found[2])},
    ),
    (
        re.compile(r"每名儿童(\d)[—–~至到-]+(\d)[位名个]成人"),
        lambda found: {"min_adults": int(found[1]), "max_adults_per_child": int(found[2])},
    ),
    (
        re.compile(r"不可单独入馆"),
        lambda _: {"unaccompanied_age": NEVER_ALONE_AGE, "min_children": 1},
    ),
    (re.compile(rf"爽约({_STEPS.pattern})"), lambda found: {"ladder": read_ladder(found[1])}),
    (re.compile(r"同行人须满(\d{1,2})岁"), lambda found: {"companion_min_age": int(found[1])}),
    (re.compile(r"联系人须满(\d{1,2})岁"), lambda found: {"contact_min_age": int(found[1])}),
    (
        re.compile(r"团体[≥>]=?(\d{1,4})人提前(\d{1,3})[日天]"),
        lambda found: {"group_min": int(found[1]), "group_lead_days": int(found[2])},
    ),
    (re.compile(r"团体每场[≤<]=?(\d{1,5})人"), lambda found: {"group_batch_max": int(found[1])}),
    (re.compile(r"每位观众本人证件|儿童凭证件号"), lambda _: {"documents": "all"}),
    (re.compile(r"(?<!仅)儿童占名额"), lambda _: {"capacity_counts": "all"}),
    (re.compile(r"仅儿童占名额|成人不占名额"), lambda _: {"capacity_counts": "children"}),
)
