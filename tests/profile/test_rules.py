"""How old is a child taken to be, and when is one child too many?"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.profile import rules
from handlers.profile.rules import YES, Ages, Born, No
from handlers.texts import say


@pytest.mark.parametrize(
    ("month", "earliest", "latest"),
    [
        ("2018-05", date(2018, 5, 1), date(2018, 5, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2021-02", date(2021, 2, 1), date(2021, 2, 28)),
        ("2020-12", date(2020, 12, 1), date(2020, 12, 31)),
    ],
)
def test_a_month_is_any_of_its_days(month: str, earliest: date, latest: date) -> None:
    assert rules.born_in(month) == Born(earliest, latest)


@pytest.mark.parametrize(
    ("grade", "earliest", "latest"),
    [
        (0, date(2020, 9, 1), date(2023, 8, 31)),
        (1, date(2019, 9, 1), date(2020, 8, 31)),
        (2, date(2018, 9, 1), date(2019, 8, 31)),
        (12, date(2008, 9, 1), date(2009, 8, 31)),
    ],
)
def test_a_grade_is_a_school_year_of_birthdays(grade: int, earliest: date, latest: date) -> None:
    assert rules.born_of_grade(grade, 2026) == Born(earliest, latest)


def test_first_graders_are_six_when_school_starts() -> None:
    born = rules.born_of_grade(1, 2026)
    assert rules.ages_on(born, date(2026, 8, 31)) == Ages(6, 6)
    assert rules.ages_on(born, date(2027, 8, 31)) == Ages(7, 7)
    assert rules.ages_on(born, date(2026, 12, 1)) == Ages(6, 7)


def test_a_grade_told_last_year_has_grown_a_year_older() -> None:
    assert rules.born(None, 2, 2025) == rules.born(None, 3, 2026)


def test_a_month_that_was_told_counts_more_than_a_grade() -> None:
    assert rules.born("2018-05", 1, 2026) == rules.born_in("2018-05")


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2026, 8, 31), 2025),
        (date(2026, 9, 1), 2026),
        (date(2026, 12, 31), 2026),
        (date(2027, 1, 1), 2026),
    ],
)
def test_the_school_year_starts_in_september(day: date, year: int) -> None:
    assert rules.school_year(day) == year


@pytest.mark.parametrize(
    ("month", "day", "ages"),
    [
        ("2018-05", date(2026, 4, 30), Ages(7, 7)),
        ("2018-05", date(2026, 5, 1), Ages(7, 8)),
        ("2018-05", date(2026, 5, 30), Ages(7, 8)),
        ("2018-05", date(2026, 5, 31), Ages(8, 8)),
        ("2020-02", date(2027, 2, 28), Ages(6, 7)),
        ("2020-02", date(2027, 3, 1), Ages(7, 7)),
        ("2026-11", date(2026, 11, 1), Ages(0, 0)),
        ("2026-11", date(2026, 11, 30), Ages(0, 0)),
    ],
)
def test_ages_are_counted_in_whole_years(month: str, day: date, ages: Ages) -> None:
    assert rules.ages_on(rules.born_in(month), day) == ages


@given(st.dates(date(2000, 1, 1), date(2026, 11, 22)), st.dates(date(2026, 11, 22)))
def test_the_real_age_lies_between_the_two(born: date, day: date) -> None:
    real = rules.ages_on(Born(born, born), day).oldest
    month = rules.ages_on(rules.born_in(f"{born:%Y-%m}"), day)
    assert month.youngest <= real <= month.oldest
    assert month.oldest - month.youngest <= 1


def test_a_family_may_add_children_up_to_eight() -> None:
    seven = [f"孩子{n}" for n in range(7)]
    assert rules.may_add(seven, "豆豆") is YES
    verdict = rules.may_add([*seven, "孩子7"], "豆豆")
    assert isinstance(verdict, No)
    assert say(verdict.why, "en") == "A family can have at most 8 children here."


def test_two_children_of_a_family_are_called_differently() -> None:
    verdict = rules.may_add(["豆豆"], "豆豆")
    assert isinstance(verdict, No)
    assert say(verdict.why, "en") == (
        "There is a 豆豆 in your family already. Please use another nickname."
    )
