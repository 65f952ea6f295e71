"""How old is a child on a day, and may a family add one?"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias

from handlers.texts import Text, _

CHILDREN_MAX = 8  # of a family; more are a class, or a machine
SCHOOL_STARTS = 9  # September: the school year is named after the year it starts in
FIRST_GRADE_AGE = 6  # full years on 31 August, by the Compulsory Education Law, article 11
KINDERGARTEN_YEARS = 3


@dataclass(frozen=True, slots=True)
class Yes:
    """They may."""


@dataclass(frozen=True, slots=True)
class No:
    """They may not; why, and where it can be said, what would do."""

    why: Text


Verdict: TypeAlias = Yes | No
YES = Yes()


class Born(NamedTuple):
    """The first and the last day a child can be born on, as far as was told."""

    earliest: date
    latest: date


class Ages(NamedTuple):
    """How old a child is, in whole years, at least and at most."""

    youngest: int
    oldest: int


def born_in(month: str) -> Born:
    """The days of a month like "2018-05"."""
    year, number = (int(part) for part in month.split("-"))
    return Born(date(year, number, 1), date(year, number, monthrange(year, number)[1]))


def born_of_grade(grade: int, school_year: int) -> Born:
    """When a child in this grade (0: kindergarten) in that school year was most likely born."""
    if grade == 0:
        first, years = school_year - FIRST_GRADE_AGE, KINDERGARTEN_YEARS
    else:
        first, years = school_year - FIRST_GRADE_AGE - grade, 1
    return Born(date(first, SCHOOL_STARTS, 1), date(first + years, SCHOOL_STARTS - 1, 31))


def born(birth_month: str | None, grade: int | None, grade_year: int | None) -> Born:
    """When a child was born, by the month told, else by the grade."""
    if birth_month is not None:
        return born_in(birth_month)
    assert grade is not None
    assert grade_year is not None
    return born_of_grade(grade, grade_year)


def school_year(day: date) -> int:
    """The year in which the school year of a day started."""
    return day.year if day.month >= SCHOOL_STARTS else day.year - 1


def ages_on(child: Born, day: date) -> Ages:
    """How old a child is on a day: whoever asks takes the age that lets the child come."""
    return Ages(_years(child.latest, day), _years(child.earliest, day))


def may_add(nicknames: Sequence[str], nickname: str) -> Verdict:
    """Whether a family with children of these names may add one of this name."""
    if nickname in nicknames:
        return No(taken_already(nickname))
    if len(nicknames) >= CHILDREN_MAX:
        return No(_("A family can have at most {most} children here.", most=CHILDREN_MAX))
    return YES


def taken_already(nickname: str) -> Text:
    """Why a child cannot be called like another one of the family."""
    return _(
        "There is a {child} in your family already. Please use another nickname.", child=nickname
    )


def _years(born_on: date, day: date) -> int:
    has_birthday_ahead = (day.month, day.day) < (born_on.month, born_on.day)
    return max(0, day.year - born_on.year - has_birthday_ahead)
