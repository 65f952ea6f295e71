"""How often may a family come, and what does missing visits bring?"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.booking import limits
from handlers.booking.limits import History
from handlers.profile.rules import YES, No
from handlers.texts import say
from storage.models import Step, Terms
from tests.builders import NOW, SATURDAY

GRADED = Terms(
    ladder=(Step(strikes=1, days=7), Step(strikes=2, days=30), Step(strikes=3, days=365))
)


def told(terms: Terms, locale: str = "en", **history: Any) -> str:
    """Why a family with such a history may not come on Saturday; "" when it may."""
    verdict = limits.may_come_again(terms, History(**history), SATURDAY, "Asia/Shanghai", NOW)
    return say(verdict.why, locale) if isinstance(verdict, No) else ""


def ago(*days: float) -> list[datetime]:
    return [NOW - timedelta(days=each) for each in days]


def test_a_family_without_a_history_may_come() -> None:
    assert limits.may_come_again(Terms(), History(), SATURDAY, "Asia/Shanghai", NOW) is YES


def test_who_holds_as_many_visits_as_allowed_is_told_the_way_on() -> None:
    assert told(Terms(visits_active=2), active=1) == ""
    assert told(Terms(visits_active=2), active=2) == (
        "You hold 2 visits here already; cancel or move one first: “my visits”."
    )
    assert told(Terms(visits_active=1), active=1) == (
        "You hold 1 visit here already; cancel or move it first: “my visits”."
    )
    assert told(Terms(visits_active=None), active=99) == ""


def test_a_family_comes_so_often_a_day() -> None:
    assert told(Terms(), on_day=1) == (
        "You have 1 visit here on Sat 28 Nov already; choose another day, or move it: “my visits”."
    )
    assert told(Terms(visits_per_day=2), on_day=1) == ""
    assert told(Terms(visits_per_day=None), on_day=9) == ""


def test_a_day_that_was_cancelled_is_gone_only_where_the_base_says_so() -> None:
    assert told(Terms(), has_cancelled=True) == ""
    assert told(Terms(rebook_same_day=False)) == ""
    assert told(Terms(rebook_same_day=False), has_cancelled=True) == (
        "You cancelled a visit of Sat 28 Nov, and this base gives no other on that day. "
        "Please choose another day."
    )


def test_a_child_comes_so_often_a_day() -> None:
    twice = {"小明": [SATURDAY], "小红": [SATURDAY + timedelta(days=1)]}
    why = "小明 has a visit here on Sat 28 Nov already. Please choose another day."
    assert told(Terms(), of_children=twice) == why
    assert told(Terms(visits_per_child_day=2), of_children=twice) == ""
    assert told(Terms(visits_per_child_day=None), of_children=twice) == ""


@pytest.mark.parametrize(
    ("offsets", "is_refused"),
    [
        ([-29, -1], True),
        ([-30, -1], False),
        ([-1, 28], True),  # together with Saturday three within thirty days
        ([-15, 15], False),
        ([1, 29], True),
        ([1, 30], False),
    ],
)
def test_a_child_comes_so_often_in_any_thirty_days(offsets: list[int], is_refused: bool) -> None:
    days = {"小明": [SATURDAY + timedelta(days=each) for each in offsets]}
    why = told(Terms(visits_per_child_30_days=2), of_children=days)
    expected = "A child may come here 2 times in 30 days, and 小明 does already."
    assert why == (expected if is_refused else "")


@given(st.lists(st.integers(-29, 29), max_size=8), st.integers(1, 4))
def test_with_one_more_visit_no_thirty_days_have_too_many(offsets: list[int], most: int) -> None:
    days = [SATURDAY + timedelta(days=each) for each in offsets]
    terms = Terms(visits_per_child_30_days=most, visits_per_child_day=None)
    full = [*days, SATURDAY]
    around = [SATURDAY - timedelta(days=each) for each in range(30)]
    fullest = max(sum(first <= each < first + limits.MONTH for each in full) for first in around)
    assert (told(terms, of_children={"小明": days}) == "") == (fullest <= most)


# What missing visits brings


@pytest.mark.parametrize(
    ("strikes", "days"),
    [([], 0), ([5], 0), ([5, 4], 0), ([5, 4, 1], 29), ([40, 39, 31], 0), ([9, 8, 7, 1], 29)],
)
def test_three_missed_visits_keep_a_family_away_for_thirty_days(
    strikes: list[float], days: int
) -> None:
    until = limits.banned_until(ago(*strikes), Terms(), NOW)
    assert until == (NOW + timedelta(days=days) if days else None)


@pytest.mark.parametrize(
    ("strikes", "days"),
    [([1], 6), ([8], 0), ([20, 2], 28), ([40, 31], 0), ([300, 200, 5], 360), ([400, 1], 6)],
)
def test_a_graded_ladder_grows_with_each_missed_visit(strikes: list[float], days: int) -> None:
    until = limits.banned_until(ago(*strikes), GRADED, NOW)
    assert until == (NOW + timedelta(days=days) if days else None)


def test_strikes_before_the_window_do_not_count() -> None:
    assert limits.banned_until(ago(366, 365, 1), Terms(), NOW) is None
    assert limits.banned_until(ago(364, 363, 1), Terms(), NOW) is not None
    assert limits.banned_until(ago(3, 2, 1), Terms(ladder=()), NOW) is None


def test_whoever_is_kept_away_is_told_why_until_when_and_what_to_do() -> None:
    why = (
        "You missed 3 visits here, so you can book again from Mon 21 Dec 10:00. "
        "If that is not right, type “my visits”."
    )
    assert told(Terms(), strikes=ago(5, 4, 1)) == why
    assert told(Terms(), strikes=ago(5, 4)) == ""


def test_a_ban_ends_at_the_moment_it_says() -> None:
    terms = Terms(ladder=(Step(strikes=1, days=7),))
    moment = timedelta(microseconds=1)
    assert limits.banned_until(ago(7), terms, NOW - moment) == NOW
    assert limits.banned_until(ago(7), terms, NOW) is None
    assert date(2026, 11, 22) == NOW.date()


def test_a_ban_that_ends_far_away_names_its_year() -> None:
    terms = Terms(ladder=(Step(strikes=1, days=365),))
    assert "again from 2027-11-21 10:00." in told(terms, strikes=ago(1))
