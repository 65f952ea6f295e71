"""Is a base closed on a day, by its weekdays and the public holidays?"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from handlers.texts import Day, Text, _
from storage.models import Holiday, Terms

DAY = timedelta(days=1)


def is_closed(
    day: date, closed_weekdays: Collection[int], terms: Terms, holidays: Mapping[date, Holiday]
) -> Text | None:
    """Why a base is closed on a day; None when it is open.

    A closed weekday that is a public holiday is open, and the first day after it that is no
    holiday is closed instead. Of a year without any holidays nothing is known, so nothing is moved.
    """
    is_closed_weekday = day.weekday() in closed_weekdays
    if not terms.open_on_holidays:
        return _weekly() if is_closed_weekday else None
    if _is_off(day, holidays):
        return None
    if is_closed_weekday:
        return _weekly()
    before = day - DAY
    while _is_off(before, holidays):
        if before.weekday() in closed_weekdays:
            name = holidays[before].name
            return _("its day off instead of {day}, {name}", day=Day(before), name=name)
        before -= DAY
    return None


def years_unknown(days: Collection[date], holidays: Collection[date]) -> list[int]:
    """The years of `days` of which no holiday is known, in order."""
    return sorted({day.year for day in days} - {day.year for day in holidays})


def _is_off(day: date, holidays: Mapping[date, Holiday]) -> bool:
    return day in holidays and not holidays[day].is_worked


def _weekly() -> Text:
    return _("its weekly day off")
