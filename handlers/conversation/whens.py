"""Which days, and which part of them, did a person speak of?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from unicodedata import normalize

from handlers.conversation.dates import days_of
from handlers.conversation.hours import Hours, hours_of
from handlers.conversation.numbers import plainly

_WHEN_MAX = 40  # characters; what is longer says more than when
_PIECES_MAX = 14  # "on Saturday the 5th of December 2026 at half past two" has so many words
_SENTENCE_MAX = 100
# What has none of these names no hours: most words, which need not be parted in every way.
_HOURS_SIGN = re.compile(r"[点时:午早晚夜晨]|am|pm|\.m|clock|noon|night|morning|evening|midday")
# What may stand between a day and its hours, on either side.
_JOINT = re.compile(r"^(?:的|那天|at|inthe|on)+|(?:的|那天|(?<!s)at|inthe|(?<!no)on|of|the)+$")
_GREETING = re.compile(
    r"(?:早上|上午|中午|下午|晚上)好|早安|晚安|good ?(?:morning|afternoon|evening)"
)
_AROUND = re.compile(r"(?:on|the|for|就|那)*(.+?)")
_ENDS_EARLIER = frozenset({",", "的", ".", "the", "at", "in", "on"})
_THIS_PART = {"今": "今天", "明": "明天", "this": "today"}
# A sentence in pieces: a number or word as a whole, anything else by itself.
_PIECE = re.compile(
    r"\d{1,4}(?:[-/.:]\d{1,2}){1,2}(?:am|pm)?|\d+(?:st|nd|rd|th|am|pm)?"
    r"|a\.m\.|p\.m\.|[a-z']+|[^\s]"
)
# Only a piece that begins so can begin a day or an hour; "may", alone, is a word like others.
_BEGINS = re.compile(
    r"[\d一二三四五六七八九十两零〇今明后大周星礼下这本上中早晚清傍午夜再过双元妇植劳青儿建教国圣平跨]"
    r"|the|on|at|in|next|this|coming|after|before|from|half|a|an|noon|midday|morning|afternoon"
    r"|evening|night|today|tonight|tomorrow|tmr|day|xmas|christmas|new|children|teacher|national"
    r"|weekend|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun"
    r"|one|two|three|four|five|six|seven|eight|nine|ten"
)


@dataclass(frozen=True, slots=True)
class When:
    """Days, earliest first, and the hours of each; no days: any, no hours: the whole day."""

    days: tuple[date, ...] = ()
    hours: Hours | None = None


def when_of(words: str, today: date, locale: str) -> When | None:
    """What the words mean when they say when and nothing else. No day is before `today`."""
    typed = plainly(words).replace(",", "").replace("’", "'").strip(".!?。~")
    around = _AROUND.fullmatch(typed) if 0 < len(typed) <= _WHEN_MAX else None
    return _when(around[1], today, locale) if around else None


def whens_in(words: str, today: date, locale: str) -> tuple[When, str]:
    """Everything a sentence says of when, and the rest of it, "|" where something was taken out.

    Of several days any may be meant; of several hours the last counts.
    """
    typed = normalize("NFKC", words[:_SENTENCE_MAX]).casefold().replace("’", "'")
    pieces = _PIECE.findall(_GREETING.sub("", typed))
    found: list[When] = []
    rest: list[str] = []
    at = 0
    while at < len(pieces):
        size, when = _longest(pieces[at : at + _PIECES_MAX], today, locale)
        if when is None:
            rest.append(pieces[at])
        else:
            found.append(when)
            rest.append("|")
        at += size
    days = sorted({day for when in found for day in when.days})
    hours = [when.hours for when in found if when.hours is not None]
    return When(tuple(days), hours[-1] if hours else None), _joined(rest)


def _longest(pieces: Sequence[str], today: date, locale: str) -> tuple[int, When | None]:
    """How many of the pieces say when, from the first on, and what they say."""
    if _BEGINS.match(pieces[0]):
        for size in range(len(pieces), 0, -1):
            part = pieces[:size]
            if part[-1] in _ENDS_EARLIER or (size == 1 and part[0] in "早晚"):
                continue
            when = when_of(_joined(part), today, locale)
            if when is not None:
                return size, when
    return 1, None


def _when(typed: str, today: date, locale: str) -> When | None:
    if days := days_of(typed, today, locale):
        return When(tuple(days))
    if hours := hours_of(typed):
        is_today = typed.startswith("tonight")
        return When((today,) if is_today else (), hours)
    if not _HOURS_SIGN.search(typed):
        return None
    for first, second in _halves(typed):
        for day, part in ((first, second), (second, first)):
            hours = hours_of(part) if _HOURS_SIGN.search(part) else None
            if hours and (days := days_of(_THIS_PART.get(day, day), today, locale)):
                return When(tuple(days), hours)
    return None


def _halves(typed: str) -> Iterator[tuple[str, str]]:
    """Every way to part the words in two, without what joins them."""
    for at in range(1, len(typed)):
        yield _JOINT.sub("", typed[:at].strip()), _JOINT.sub("", typed[at:].strip())


def _joined(pieces: Sequence[str]) -> str:
    """Pieces as a sentence again: words of letters stand apart."""
    sentence = ""
    for piece in pieces:
        apart = sentence and (sentence[-1].isascii() or piece[0].isascii())
        sentence += f" {piece}" if apart else piece
    return sentence
