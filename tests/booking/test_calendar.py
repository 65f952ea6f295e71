"""Is a base closed on its weekday, and on the day after a holiday that it was open on?"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.booking import calendar
from handlers.texts import say
from storage.models import Holiday, Terms

MONDAY, TUESDAY = 0, 1
DAY = timedelta(days=1)


def days_off(first: date, last: date, name: str) -> list[Holiday]:
    """A holiday of several days."""
    count = (last - first).days + 1
    return [Holiday(day=first + DAY * number, name=name) for number in range(count)]


# National Day of 2026 runs from a Thursday to the Wednesday after; the Saturday after is worked.
OCTOBER = {
    each.day: each
    for each in (
        *days_off(date(2026, 10, 1), date(2026, 10, 7), "国庆节"),
        Holiday(day=date(2026, 10, 10), name="国庆节", is_worked=True),
    )
}


def told(day: date, *closed: int, holidays: dict[date, Holiday] = OCTOBER, **terms: bool) -> str:
    """Why a base is closed, in words; "" when it is open."""
    why = calendar.is_closed(day, closed, Terms(**terms), holidays)
    return "" if why is None else say(why, "en")


def test_a_closed_weekday_is_closed_and_another_is_open() -> None:
    assert told(date(2026, 10, 12), MONDAY) == "its weekly day off"
    assert told(date(2026, 10, 13), MONDAY) == ""
    assert told(date(2026, 10, 12)) == ""


def test_a_closed_weekday_that_is_a_holiday_is_open_and_the_day_after_it_all_is_closed() -> None:
    assert told(date(2026, 10, 5), MONDAY) == ""
    assert told(date(2026, 10, 7), MONDAY) == ""
    assert told(date(2026, 10, 8), MONDAY) == "its day off instead of Mon 5 Oct, 国庆节"
    assert told(date(2026, 10, 9), MONDAY) == ""


def test_two_closed_weekdays_in_a_holiday_are_one_day_off_after_it() -> None:
    assert told(date(2026, 10, 6), MONDAY, TUESDAY) == ""
    assert told(date(2026, 10, 8), MONDAY, TUESDAY) == "its day off instead of Tue 6 Oct, 国庆节"
    assert told(date(2026, 10, 9), MONDAY, TUESDAY) == ""


def test_a_worked_weekend_day_is_no_holiday() -> None:
    assert told(date(2026, 10, 10), 5) == "its weekly day off"


def test_a_base_that_keeps_its_weekday_keeps_it_on_holidays() -> None:
    assert told(date(2026, 10, 5), MONDAY, open_on_holidays=False) == "its weekly day off"
    assert told(date(2026, 10, 8), MONDAY, open_on_holidays=False) == ""


def test_where_no_holiday_is_known_only_the_weekday_counts() -> None:
    assert told(date(2026, 10, 5), MONDAY, holidays={}) == "its weekly day off"
    assert told(date(2026, 10, 8), MONDAY, holidays={}) == ""


def test_the_years_of_which_nothing_is_known_are_named_once() -> None:
    days = [date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2)]
    assert calendar.years_unknown(days, OCTOBER) == [2027]
    assert calendar.years_unknown(days, {}) == [2026, 2027]
    assert calendar.years_unknown([], {}) == []


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 6), max_size=3), st.integers(0, 40))
def test_no_holiday_is_closed_and_a_base_is_never_closed_without_a_reason(
    off: set[int], closed: set[int], number: int
) -> None:
    first = date(2026, 9, 21)
    known = {first + DAY * each: Holiday(day=first + DAY * each, name="节") for each in off}
    day = first + DAY * number
    why = calendar.is_closed(day, closed, Terms(), known)
    if number in off or not closed:
        assert why is None
    elif day.weekday() in closed:
        assert why is not None


@pytest.mark.parametrize("weekday", range(7))
def test_of_every_week_with_a_holiday_one_day_is_closed(weekday: int) -> None:
    week = [date(2026, 10, 1) + DAY * each for each in range(7 + 1)]  # the holiday, and a day more
    assert [day for day in week if told(day, weekday)] == [date(2026, 10, 8)]
