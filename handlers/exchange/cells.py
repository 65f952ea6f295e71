"""What does one cell say? A reader takes a cell that is not empty and raises Wrong.

People type the same thing in many ways: full-width digits, a date as text, a number as text; and a
date whose format was lost is a number of days. What could mean two things is not guessed.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias, TypeVar

from handlers.booking import published
from handlers.exchange.problems import Cell, Wrong, as_typed, is_plain, shown
from handlers.texts import _
from storage.models import Audience

T = TypeVar("T")
Reader: TypeAlias = Callable[[Cell], T]

DAY_ZERO = date(1899, 12, 30)  # Excel's day 0: it counts a 29 February 1900 that never was
YEARS = range(2000, 2100)
NUMBER_DIGITS_MAX = 12

_INVISIBLE = dict.fromkeys(
    map(ord, "\u200b\u2060\ufeff")
)  # comes along from web pages, means nothing
_WHOLE = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.0+)?", re.ASCII)
_YUAN = re.compile(r"[¥￥]?(\d{1,7}(?:\.\d{1,2})?)元?", re.ASCII)
_DAY = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})/(\d{1,2})/(\d{1,2})|(\d{4})\.(\d{1,2})\.(\d{1,2})"
    r"|(\d{4})年(\d{1,2})月(\d{1,2})[日号]|(\d{4})(\d{2})(\d{2})",
    re.ASCII,
)
_DAY_WITHOUT_YEAR = re.compile(r"\d{1,2}(?:月\d{1,2}[日号]?|[-/.]\d{1,2})", re.ASCII)
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::00)?", re.ASCII)
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)?([一二三四五六日天])")
_WEEKDAYS = {"天": 6} | {name: number for number, name in enumerate("一二三四五六日")}

_YES = {"是", "yes", "y", "true", "√"}
_NO = {"否", "no", "n", "false", "×"}
_AUDIENCES = {
    "亲子": Audience.FAMILY,
    "学生专场": Audience.STUDENT_ONLY,
    "班级": Audience.CLASS,
    "不限": Audience.PUBLIC,
} | {audience.value: audience for audience in Audience}


def tidy(cell: Cell) -> str:
    """A cell's words without what surrounds them; "" is an empty cell."""
    return as_typed(cell).translate(_INVISIBLE).strip()


def symbols(cell: Cell) -> str:
    """A cell's words with full-width digits and punctuation made plain."""
    words = tidy(cell)
    if words.isascii():
        return words
    return "".join(each if _is_raised(each) else _plain(each) for each in words).strip()


def line(longest: int) -> Reader[str]:
    """A reader of one line of words, as they were written."""

    def read(cell: Cell) -> str:
        words = unicodedata.normalize("NFC", tidy(cell))
        _check_words(words, longest)
        return words

    return read


def note(cell: Cell) -> str:
    """Words of several lines, kept as one line of at most 500 characters."""
    words = " ".join(unicodedata.normalize("NFC", tidy(cell)).split())
    _check_words(words, 500)
    return words


def code(cell: Cell) -> str:
    """A 场次编号. One that begins as a formula does would become one in somebody's Excel."""
    words = symbols(cell)
    if words.startswith(("=", "+", "-", "@")):
        raise Wrong(_("{value} begins like a formula", value=shown(words)))
    _check_words(words, 40)
    return words


def whole(low: int, high: int) -> Reader[int]:
    """A reader of whole numbers from `low` to `high`."""

    def read(cell: Cell) -> int:
        number = _whole(cell)
        if number is None:
            raise Wrong(_("{value} is not a whole number", value=shown(cell)))
        if not low <= number <= high:
            raise Wrong(
                _(
                    "{value} is not between {low} and {high}",
                    value=shown(cell),
                    low=low,
                    high=high,
                )
            )
        return number

    return read


def yuan(cell: Cell) -> int:
    """A price in fen."""
    words = symbols(cell).replace(" ", "")
    if words == "免费":
        return 0
    found = None if isinstance(cell, bool) else _YUAN.fullmatch(words)
    if found is None:
        raise Wrong(_("{value} is not a price in yuan", value=shown(cell)))
    return int(Decimal(found[1]) * 100)


def yes_or_no(cell: Cell) -> bool:
    """是 or 否."""
    if isinstance(cell, bool):
        return cell
    words = symbols(cell).casefold()
    if words in _YES or words in _NO:
        return words in _YES
    raise Wrong(_("{value} is neither 是 nor 否", value=shown(cell)))


def off_or_worked(cell: Cell) -> bool:
    """休 or 班: whether a day is worked."""
    words = symbols(cell)
    if words in ("休", "班"):
        return words == "班"
    raise Wrong(_("{value} is neither 休 nor 班", value=shown(cell)))


def day(cell: Cell) -> date:
    """A calendar day with its year, whether Excel knows it for a date or not."""
    match cell:
        case bool() | timedelta():
            found = None
        case datetime():
            found = cell.date() if cell.time() == time() else None
        case date():
            found = cell
        case float() | int() if _is_day_number(cell):
            found = DAY_ZERO + timedelta(days=int(cell))
        case _:
            found = _day_in_words(cell)
    if found is None or found.year not in YEARS:
        raise Wrong(_("{value} is not a date", value=shown(cell)))
    return found


def clock(cell: Cell) -> time:
    """A time of day to the minute."""
    found: time | None = None
    match cell:
        case bool() | datetime():
            pass
        case time():
            found = _minutes(cell.hour * 60 + cell.minute + cell.second / 60)
        case timedelta():
            found = _minutes(cell.total_seconds() / 60)
        case float() | int():
            found = _minutes(cell * 24 * 60) if 0 < cell < 1 else None
        case _:
            words = _CLOCK.fullmatch(symbols(cell).replace(" ", ""))
            found = time(int(words[1]), int(words[2])) if words else None
    if found is None:
        raise Wrong(_("{value} is not a time of day like 09:30", value=shown(cell)))
    return found


def weekdays(cell: Cell) -> list[int]:
    """Days of the week, Monday is 0: "一,二"; "无" for none."""
    words = symbols(cell)
    if words == "无":
        return []
    found = set()
    for part in re.split(r"[,、;/\s]+", words):
        weekday = _WEEKDAY.fullmatch(part)
        if weekday is None:
            raise Wrong(_("{value} is not a list of weekdays like 一,二", value=shown(cell)))
        found.add(_WEEKDAYS[weekday[1]])
    return sorted(found)


def audience(cell: Cell) -> Audience:
    """亲子, 学生专场, 班级 or 不限."""
    found = _AUDIENCES.get(symbols(cell).casefold())
    if found is None:
        raise Wrong(_("{value} is none of 亲子, 学生专场, 班级, 不限", value=shown(cell)))
    return found


def release(cell: Cell) -> published.Release:
    """When booking opens."""
    try:
        return published.read_release(tidy(cell))
    except ValueError:
        raise Wrong(_("{value} is not understood; write 前7日09:00", value=shown(cell))) from None


def cancel_rule(cell: Cell) -> str:
    """Until when a visit can be cancelled, as published."""
    try:
        published.read_returns(tidy(cell))
    except ValueError:
        raise Wrong(
            _(
                "{value} is not understood; write 前1日20:00, 当日09:30 or 不可取消",
                value=shown(cell),
            )
        ) from None
    return published.bare(tidy(cell))


def shares(cell: Cell) -> str:
    """Per cent for each kind of visitor, together 100."""
    try:
        published.read_shares(tidy(cell))
    except ValueError:
        raise Wrong(
            _("{value} is not four shares that make 100, like 70/20/5/5", value=shown(cell))
        ) from None
    return published.bare(tidy(cell))


def _is_raised(character: str) -> bool:
    """Whether a character is no digit of the number it stands at: 10² is not 102."""
    return unicodedata.decomposition(character).startswith(("<super>", "<sub>", "<fraction>"))


def _plain(character: str) -> str:
    return unicodedata.normalize("NFKC", character)


def _check_words(words: str, longest: int) -> None:
    if not all(is_plain(each) for each in words):
        raise Wrong(_("{value} has characters that cannot be shown", value=shown(words)))
    if len(words) > longest:
        raise Wrong(_("it is longer than {n} characters", n=longest))


def _whole(cell: Cell) -> int | None:
    match cell:
        case bool():
            return None
        case float() | int():
            return int(cell) if math.isfinite(cell) and float(cell).is_integer() else None
        case str():
            words = symbols(cell)
            if len(words) > NUMBER_DIGITS_MAX or not _WHOLE.fullmatch(words):
                return None
            return int(words.partition(".")[0].replace(",", ""))
        case _:
            return None


def _is_day_number(cell: float) -> bool:
    """Whether a bare number counts days, as a date does that lost its format."""
    first, last = date(YEARS.start, 1, 1), date(YEARS.stop, 1, 1)
    return (first - DAY_ZERO).days <= cell < (last - DAY_ZERO).days and float(cell).is_integer()


def _day_in_words(cell: Cell) -> date | None:
    words = symbols(cell).replace(" ", "").removesuffix("00:00:00").removesuffix("T")
    found = _DAY.fullmatch(words)
    if found is None:
        if _DAY_WITHOUT_YEAR.fullmatch(words):
            raise Wrong(_("{value} has no year; write 2026-12-05", value=shown(cell)))
        return None
    year, month, day_of_month = (int(part) for part in found.groups() if part)
    try:
        return date(year, month, day_of_month)
    except ValueError:
        raise Wrong(_("there is no {value} in the calendar", value=shown(cell))) from None


def _minutes(minutes: float) -> time | None:
    """A time from minutes since midnight; None past midnight, or between two minutes."""
    total = round(minutes)
    # Excel keeps 09:30 as 0.395833333, so a little is forgiven.
    if abs(minutes - total) > 0.02 or not 0 <= total < 24 * 60:
        return None
    return time(total // 60, total % 60)
