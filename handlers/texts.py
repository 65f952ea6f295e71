"""How does a sentence become words in somebody's language?

`_("Booked: {code}", code=code)` makes a `Text`: nothing is translated until it is said, so a flow
can be resumed in any language. The msgid is the whole English sentence. Values are plain words,
other Texts, or one of the small records below (a day, a time of day), which Babel writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LOCALES = ("zh_CN", "en")


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day, said as "Sat 5 Dec" or "12月5日 周六"."""

    date: date


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day at a place, said as "14:30"."""

    at: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a year: "2018-05", said as "May 2018" or "2018年5月"."""

    text: str


@dataclass(frozen=True, slots=True)
class Several:
    """Values said as a list: "A, B and C"."""

    values: "tuple[Value, ...]"


@dataclass(frozen=True)
class Text:
    """A sentence that is not yet in any language."""

    msgid: str
    plural: str = ""
    count: int | None = None
    values: "Mapping[str, Value]" = field(default_factory=dict)


Value: TypeAlias = "str | int | Text | Day | Clock | Month | Several"


def _(msgid: str, /, **values: Value) -> Text:
    """A sentence with named values."""
    return Text(msgid, values=values)


def ngettext(singular: str, plural: str, n: int, /, **values: Value) -> Text:
    """A sentence that depends on a number; `{n}` is the number itself."""
    return Text(singular, plural, n, {"n": n, **values})


def plain(words: str) -> Text:
    """People's or a base's own words, the same in every language."""
    return Text("{words}", values={"words": words})


def say(value: Value, locale: str) -> str:
    """The value in words. Raises KeyError when a sentence names a value it was not given."""
    match value:
        case str():
            return value
        case Text():
            return _sentence(value, locale)
        case int():
            return str(value) if 0 <= value < 1000 else _number(value, locale)
        case Day():
            return _day(value.date, locale)
        case Clock():
            return _clock(value.at, value.zone, locale)
        case Month():
            return _month(value.text, locale)
        case Several():
            return _list(tuple(say(each, locale) for each in value.values), locale)


def as_json(value: Value) -> Any:
    """A value as JSON, to be said later, perhaps in another language."""
    match value:
        case str() | int():
            return value
        case Day():
            return {"day": value.date.isoformat()}
        case Clock():
            return {"clock": value.at.isoformat(), "zone": value.zone}
        case Month():
            return {"month": value.text}
        case Several():
            return {"several": [as_json(each) for each in value.values]}
        case Text():
            return _text_json(value)


def _text_json(text: Text) -> Any:
    stored: dict[str, Any] = {"text": text.msgid}
    if text.count is not None:
        stored |= {"plural": text.plural, "count": text.count}
    if text.values:
        stored["values"] = {name: as_json(each) for name, each in text.values.items()}
    return stored


def from_json(stored: Any) -> Value:
    """A value stored by `as_json`."""
    if isinstance(stored, str | int):
        return stored
    if "text" in stored:
        values = {name: from_json(each) for name, each in stored.get("values", {}).items()}
        return Text(stored["text"], stored.get("plural", ""), stored.get("count"), values)
    match stored:
        case {"day": day}:
            return Day(date.fromisoformat(day))
        case {"clock": at, "zone": zone}:
            return Clock(datetime.fromisoformat(at), zone)
        case {"month": month}:
            return Month(month)
        case _:
            return Several(tuple(from_json(each) for each in stored["several"]))


@lru_cache(maxsize=256)
def known_locale(wanted: str, default: str) -> str:
    """The locale we speak that is nearest to `wanted` ("zh-Hans-CN", "en_GB"); else `default`."""
    if not wanted:
        return default
    found = negotiate_locale([wanted.replace("-", "_")], LOCALES, sep="_")
    if found:
        return found
    language = wanted.replace("-", "_").split("_")[0].lower()
    return next((each for each in LOCALES if each.split("_")[0] == language), default)


@lru_cache
def catalogue(locale: str) -> NullTranslations:
    """The translations of `locale`, read from its .po; English is the msgids themselves."""
    try:
        source = files("locales").joinpath(locale, "LC_MESSAGES", "kepu.po").open("rb")
    except FileNotFoundError:
        return NullTranslations()
    compiled = BytesIO()
    with source:
        write_mo(compiled, read_po(source, locale=locale))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _sentence(text: Text, locale: str) -> str:
    if text.count is None:
        template = catalogue(locale).gettext(text.msgid)
    else:
        template = catalogue(locale).ngettext(text.msgid, text.plural, text.count)
    if not text.values:
        return template
    return template.format(**{name: say(value, locale) for name, value in text.values.items()})


# Babel looks a locale up anew for every call that names it by a string, which takes 250 µs.
_locale = lru_cache(maxsize=16)(Locale.parse)


@lru_cache(maxsize=4096)
def _number(number: int, locale: str) -> str:
    return format_decimal(number, locale=_locale(locale))


@lru_cache(maxsize=1024)
def _list(words: tuple[str, ...], locale: str) -> str:
    return format_list(words, locale=_locale(locale))


@lru_cache(maxsize=4096)
def _day(day: date, locale: str) -> str:
    if locale.startswith("zh"):
        return format_date(day, "M月d日 EEE", locale=_locale(locale))
    words = format_skeleton("MMMEd", day, locale=_locale("en_GB" if locale == "en" else locale))
    return words.replace(",", "")


@lru_cache(maxsize=4096)
def _clock(at: datetime, zone: str, locale: str) -> str:
    return format_time(at.astimezone(ZoneInfo(zone)), "HH:mm", locale=_locale(locale))


@lru_cache(maxsize=1024)
def _month(text: str, locale: str) -> str:
    year, month = text.split("-")
    return format_skeleton("yMMMM", date(int(year), int(month), 1), locale=_locale(locale))
