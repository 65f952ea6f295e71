"""Which buttons stand below a message in Telegram, and in which rows?

A button's data are the choice's token; IDLE is the data of a button that only fills a place, such
as a day of the month that cannot be chosen: a tap on it says nothing.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date

from handlers.messages import Choice, Prompt
from handlers.texts import Month, _, say

IDLE = "."

Button = dict[str, str]
Rows = list[list[Button]]

ROW_MAX = 3
DIGITS_ROW_MAX = 5  # of numbers
GRID_FROM = 9  # days; fewer are better as buttons that say how many places are left
GRID_DAYS_MAX = 70  # as many as fit without a calendar, where they lie too far apart for one
BUTTONS_MAX = 100  # Telegram takes no more
_SHARE = _("Share my phone number")
# What fits side by side on a narrow phone, a Chinese character counted as two.
_WIDTH_OF_DIGITS, _WIDTH_OF_THREE, _WIDTH_OF_TWO = 3, 9, 17
_WEEK = 7


def inline(prompt: Prompt, locale: str) -> Rows:
    """The buttons of a question: what can be chosen, below it in a row where to go from here."""
    ways = [each for each in prompt.choices if each.value.startswith("@")]
    chosen = [each for each in prompt.choices if not each.value.startswith("@")]
    if prompt.kind == "date" and len(chosen) >= GRID_FROM:
        rows = _days(chosen, locale, BUTTONS_MAX - len(ways))
    else:
        rows = _in_rows(chosen)
    return [*rows, *_in_rows(ways, is_navigation=True)]


def contact(prompt: Prompt, locale: str) -> dict[str, Any]:
    """A keyboard in place of the phone's own: share the number, or say one of the choices."""
    share: list[list[Any]] = [[{"text": say(_SHARE, locale), "request_contact": True}]]
    ways = [[{"text": each["text"]} for each in row] for row in _in_rows(prompt.choices)]
    return {"keyboard": share + ways, "resize_keyboard": True, "one_time_keyboard": True}


def _in_rows(choices: Sequence[Choice], *, is_navigation: bool = False) -> Rows:
    """Short labels two or three in a row, long ones alone; of two rows none is much shorter."""
    widest = max((_width(each.label) for each in choices), default=0)
    most = ROW_MAX if widest <= _WIDTH_OF_THREE else 2 if widest <= _WIDTH_OF_TWO else 1
    if is_navigation and widest <= _WIDTH_OF_TWO:
        most = ROW_MAX
    if widest <= _WIDTH_OF_DIGITS:
        most = DIGITS_ROW_MAX
    if most == ROW_MAX and len(choices) in (2, 4):
        most = 2
    buttons = [_button(each.label, each.token) for each in choices]
    return [buttons[at : at + most] for at in range(0, len(buttons), most)]


def _days(choices: Sequence[Choice], locale: str, most: int) -> Rows:
    """The days as the months they lie in; where that is too much, one after the other."""
    tokens = {date.fromisoformat(each.value): each.token for each in choices}
    months = sorted({day.replace(day=1) for day in tokens})
    rows = _weekdays(min(tokens), locale)
    for month in months:
        rows.append([_button(say(Month(f"{month:%Y-%m}"), locale), IDLE)])
        rows += _weeks(month, tokens)
    if sum(map(len, rows)) <= most:
        return rows
    return _one_after_the_other(sorted(tokens)[:GRID_DAYS_MAX], tokens)


def _weekdays(day: date, locale: str) -> Rows:
    monday = day - timedelta(days=day.weekday())
    week = [monday + timedelta(days=each) for each in range(_WEEK)]
    return [[_button(format_date(each, "EEEEE", locale=locale), IDLE) for each in week]]


def _weeks(month: date, tokens: dict[date, str]) -> Rows:
    """The weeks of a month in which a day can be chosen."""
    monday = month - timedelta(days=month.weekday())
    rows = []
    while (monday.year, monday.month) <= (month.year, month.month):
        week = [monday + timedelta(days=each) for each in range(_WEEK)]
        here = [each if each.month == month.month and each in tokens else None for each in week]
        if any(here):
            rows.append(
                [_button(str(each.day), tokens[each]) if each else _button("·", IDLE)
                 for each in here]
            )  # fmt: skip
        monday += timedelta(days=_WEEK)
    return rows


def _one_after_the_other(days: Sequence[date], tokens: dict[date, str]) -> Rows:
    buttons = [_button(f"{day.month}/{day.day}", tokens[day]) for day in days]
    return [buttons[at : at + 5] for at in range(0, len(buttons), 5)]


def _button(label: str, token: str) -> Button:
    return {"text": label, "callback_data": token}


def _width(label: str) -> int:
    return sum(1 if each < "\u2e80" else 2 for each in label)
