"""Which month of which year did a person type?"""

import re
from unicodedata import normalize

from handlers.conversation.numbers import number_of

LONGEST = 60  # characters; longer words name nothing, and cost time to match
_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_TAIL = r"\s*(?:出?生)?的?"
_YEAR = re.compile(rf"(\d{{4}}|[〇零一二三四五六七八九]{{4}})\s*年?{_TAIL}")
# A day may follow: people type the whole date of birth. It is not kept.
_CHINESE = re.compile(
    r"(\d{4}|\d{2}|[〇零一二三四五六七八九]{4}|[〇零一二三四五六七八九]{2})\s*年\s*"
    rf"(\d{{1,2}}|[一二三四五六七八九十]{{1,2}})\s*(?:月份?(?:\s*\S{{1,3}}\s*[日号])?)?{_TAIL}"
)
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.,\s]\s*(\d{1,2})(?:\s*[-/.,\s]\s*\d{1,2})?")
_MONTH_FIRST = re.compile(r"(\d{1,2})\s*[-/.,\s]\s*(\d{4})")
_UNBROKEN = re.compile(r"(\d{4})(\d{2})(?:\d{2})?")
_ENGLISH = re.compile(
    r"(?:\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>[a-z]{3,9})\.?"
    r"(?:\s+\d{1,2}(?:st|nd|rd|th)?)?,?\s*(?P<year>\d{4})"
    r"|(?P<first>\d{4}),?\s*(?P<then>[a-z]{3,9})\.?"
)


def month_of(words: str) -> str | None:
    """The month as "2018-05"; None when the words name none. Two digits before 年 are 20…."""
    text = normalize("NFKC", words[:LONGEST]).strip().casefold()
    if found := _CHINESE.fullmatch(text):
        year = found[1].translate(_DIGITS)
        return _month(int(year) if len(year) == 4 else 2000 + int(year), number_of(found[2]))
    if found := _YEAR_FIRST.fullmatch(text) or _UNBROKEN.fullmatch(text):
        return _month(int(found[1]), int(found[2]))
    if found := _MONTH_FIRST.fullmatch(text):
        return _month(int(found[2]), int(found[1]))
    if found := _ENGLISH.fullmatch(text):
        return _month(int(found["year"] or found["first"]), _named(found["month"] or found["then"]))
    return None


def is_only_year(words: str) -> bool:
    """Whether a year was typed without its month."""
    return _YEAR.fullmatch(normalize("NFKC", words[:LONGEST]).strip()) is not None


def _month(year: int, month: int | None) -> str | None:
    if month is None or not 1 <= month <= 12 or year == 0:
        return None
    return f"{year:04}-{month:02}"


def _named(word: str) -> int | None:
    return next((n for n, name in enumerate(_NAMES, 1) if name.startswith(word)), None)
