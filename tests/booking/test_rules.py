"""Does each rule say yes and no where it should, with its reason?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.booking import rules
from handlers.booking.rules import Child, Party, Session
from handlers.profile.rules import YES, Born, No, Verdict, born_in
from handlers.texts import say
from storage.models import Audience
from tests.builders import SATURDAY, at

STARTS = at(SATURDAY, 10)
RELEASED = at(date(2026, 11, 21), 9)
BEFORE = at(date(2026, 11, 22), 10)


def a_session(**fields: Any) -> Session:
    defaults: dict[str, Any] = {
        "audience": Audience.PUBLIC,
        "day": SATURDAY,
        "starts_at": STARTS,
        "zone": "Asia/Shanghai",
        "release_at": RELEASED,
        "is_cancelled": False,
        "min_age": 0,
        "max_age": 99,
        "is_accompanied": False,
        "party_max": 5,
        "children_max": 3,
    }
    return Session(**{**defaults, **fields})


def a_child(month: str = "2018-05", nickname: str = "小明") -> Child:
    return Child(nickname, born_in(month))


def children(count: int) -> tuple[Child, ...]:
    return tuple(a_child(nickname=f"孩子{n}") for n in range(count))


def why(verdict: Verdict, locale: str = "en") -> str:
    """The reason; "" when it is a yes."""
    return say(verdict.why, locale) if isinstance(verdict, No) else ""


# Is it open?


def test_a_released_session_that_has_not_begun_is_open() -> None:
    assert rules.is_open(a_session(), BEFORE) is YES


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (RELEASED - timedelta(microseconds=1), "can be booked from Sat 21 Nov 09:00"),
        (RELEASED, ""),
        (STARTS - timedelta(microseconds=1), ""),
        (STARTS, "has begun"),
        (STARTS + timedelta(days=1), "has begun"),
    ],
)
def test_a_session_is_open_from_its_release_until_it_begins(moment: datetime, told: str) -> None:
    reason = why(rules.is_open(a_session(), moment))
    assert told in reason
    assert bool(told) == bool(reason)


def test_the_release_is_told_in_the_time_of_the_base() -> None:
    session = a_session(release_at=datetime(2026, 11, 23, 17, 30, tzinfo=UTC))
    assert why(rules.is_open(session, BEFORE)) == (
        "Places in this session can be booked from Tue 24 Nov 01:30."
    )


def test_a_session_the_base_called_off_is_not_open() -> None:
    session = a_session(is_cancelled=True)
    assert why(rules.is_open(session, BEFORE)).startswith("The base has cancelled this session.")


def test_a_family_books_a_session_once() -> None:
    assert rules.may_book(a_session(), BEFORE, has_visit=False) is YES
    assert why(rules.may_book(a_session(), BEFORE, has_visit=True)).startswith(
        "You have booked this session already."
    )


def test_a_session_that_is_not_open_cannot_be_booked() -> None:
    assert why(rules.may_book(a_session(), STARTS, has_visit=False)).startswith(
        "This session has begun."
    )


def test_families_do_not_book_sessions_of_school_classes() -> None:
    session = a_session(audience=Audience.CLASS)
    told = "This session is for school classes. Please choose another one."
    assert why(rules.may_book(session, BEFORE, has_visit=False)) == told
    assert why(rules.may_come(session, Party(children(1), 1))) == told


# Are they of the right age?


@pytest.mark.parametrize(
    ("month", "low", "high", "told"),
    [
        (
            "2018-11",
            8,
            14,
            "",
        ),  # eight in the month of the visit: any day of it may be the birthday
        ("2018-12", 8, 14, "This session is for ages 8–14; 小明 will be 7 years old that day."),
        ("2020-05", 8, 14, "This session is for ages 8–14; 小明 will be 6 years old that day."),
        ("2011-12", 8, 14, ""),
        ("2011-11", 8, 14, ""),  # 15 perhaps, or 14 still
        ("2011-10", 8, 14, "This session is for ages 8–14; 小明 will be 15 years old that day."),
        ("2025-12", 3, 99, "This session is for ages 3 and up; 小明 will be 0 years old that day."),
        (
            "2025-11",
            3,
            98,
            "This session is for ages 3 and up; 小明 will be 0 to 1 years old that day.",
        ),
        ("2025-10", 2, 98, "This session is for ages 2 and up; 小明 will be 1 year old that day."),
        ("1920-01", 3, 98, ""),
        (
            "1920-01",
            0,
            97,
            "This session is for ages up to 97; 小明 will be 106 years old that day.",
        ),
        ("2026-11", 0, 99, ""),
        ("2026-11", 0, 5, ""),
    ],
)
def test_age_counts_on_the_day_of_the_visit(month: str, low: int, high: int, told: str) -> None:
    session = a_session(min_age=low, max_age=high)
    assert why(rules.may_attend(session, a_child(month))) == told


def test_the_reason_is_told_in_chinese_as_a_sentence() -> None:
    session = a_session(min_age=8, max_age=14)
    reason = why(rules.may_attend(session, a_child("2020-05")), "zh_CN")
    assert "小明" in reason
    assert "{" not in reason


@given(
    born=st.dates(date(1990, 1, 1), date(2026, 11, 1)),
    day=st.dates(date(2026, 11, 1), date(2028, 12, 31)),
    low=st.integers(0, 30),
    high=st.integers(0, 99),
)
def test_a_child_whose_real_birthday_fits_is_never_turned_away(
    born: date, day: date, low: int, high: int
) -> None:
    age = sum(1 for year in range(born.year + 1, day.year + 1) if birthday(born, year) <= day)
    session = a_session(day=day, min_age=low, max_age=high)
    fits = low <= age and (age <= high or high >= 98)
    verdict = rules.may_attend(session, Child("小明", born_in(f"{born:%Y-%m}")))
    if fits:
        assert verdict is YES
    told_exactly = rules.may_attend(session, Child("小明", Born(born, born)))
    assert (told_exactly is YES) == fits


def birthday(born: date, year: int) -> date:
    """The birthday in a year; of a 29 February, 1 March where there is none."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


# Is it meant for them, and are they few enough?

CLASSES = "This session is for school classes. Please choose another one."
NO_CHILD = "This session is for families: at least one child comes along."
NO_ADULT = "This session is for families: at least one adult comes along."
ONLY_CHILDREN = "This session is for children only: adults take no place in it."
A_CHILD = "This session is for children only. Please choose at least one child."
WITH_ADULT = "Children need an adult with them in this session."
NOBODY = "Please choose at least one person."


@pytest.mark.parametrize(
    ("audience", "is_accompanied", "coming", "adults", "told"),
    [
        (Audience.CLASS, False, 0, 0, CLASSES),
        (Audience.CLASS, False, 2, 1, CLASSES),
        (Audience.FAMILY, True, 1, 1, ""),
        (Audience.FAMILY, False, 2, 1, ""),
        (Audience.FAMILY, True, 0, 0, NO_CHILD),
        (Audience.FAMILY, True, 0, 2, NO_CHILD),
        (Audience.FAMILY, True, 1, 0, NO_ADULT),
        (Audience.FAMILY, False, 1, 0, NO_ADULT),
        (Audience.STUDENT_ONLY, False, 2, 0, ""),
        (Audience.STUDENT_ONLY, True, 1, 0, ""),  # no adult takes a place: who brings them, waits
        (Audience.STUDENT_ONLY, False, 1, 1, ONLY_CHILDREN),
        (Audience.STUDENT_ONLY, False, 0, 1, ONLY_CHILDREN),
        (Audience.STUDENT_ONLY, False, 0, 0, A_CHILD),
        (Audience.PUBLIC, False, 0, 1, ""),
        (Audience.PUBLIC, False, 1, 0, ""),
        (Audience.PUBLIC, True, 1, 0, WITH_ADULT),
        (Audience.PUBLIC, True, 1, 1, ""),
        (Audience.PUBLIC, True, 0, 1, ""),
        (Audience.PUBLIC, False, 0, 0, NOBODY),
    ],
)
def test_a_session_takes_those_it_is_for(
    audience: Audience, is_accompanied: bool, coming: int, adults: int, told: str
) -> None:
    session = a_session(audience=audience, is_accompanied=is_accompanied)
    assert why(rules.may_come(session, Party(children(coming), adults))) == told


@pytest.mark.parametrize(
    ("coming", "adults", "told"),
    [
        (3, 2, ""),
        (4, 1, "One visit here takes at most 3 children."),
        (3, 3, "One visit here takes at most 5 people; you are 6."),
        (0, 5, ""),
        (0, 6, "One visit here takes at most 5 people; you are 6."),
    ],
)
def test_a_party_too_large_is_refused_with_its_reason(coming: int, adults: int, told: str) -> None:
    assert why(rules.may_come(a_session(), Party(children(coming), adults))) == told


def test_limits_of_one_are_said_in_the_singular() -> None:
    session = a_session(party_max=1, children_max=1)
    assert why(rules.may_come(session, Party(children(2), 0))) == (
        "One visit here takes at most 1 child."
    )
    assert why(rules.may_come(session, Party(children(1), 1))) == (
        "One visit here takes at most 1 person; you are 2."
    )


def test_one_child_of_the_wrong_age_keeps_the_party_out() -> None:
    session = a_session(min_age=8, max_age=14)
    party = Party((a_child("2016-01", "大宝"), a_child("2021-01", "小宝")), 1)
    assert "小宝 will be 5 years old" in why(rules.may_come(session, party))
    assert rules.may_come(session, replace(party, children=party.children[:1])) is YES


def test_a_party_takes_a_place_each_where_adults_count() -> None:
    party = Party(children(2), 3)
    assert rules.places(a_session(), party) == 5
    assert rules.places(a_session(counts_adults=False), party) == 2


@pytest.mark.parametrize(
    ("audience", "is_accompanied", "coming", "allowed"),
    [
        (Audience.PUBLIC, False, 1, range(1, 5)),
        (Audience.PUBLIC, True, 1, range(1, 5)),
        (Audience.PUBLIC, False, 0, range(1, 6)),  # somebody has to come
        (Audience.FAMILY, False, 1, range(1, 5)),
        (Audience.STUDENT_ONLY, False, 2, range(1)),
    ],
)
def test_how_many_adults_may_come_along(
    audience: Audience, is_accompanied: bool, coming: int, allowed: range
) -> None:
    session = a_session(audience=audience, is_accompanied=is_accompanied, party_max=5)
    assert rules.adults_allowed(session, coming) == allowed


def test_children_old_enough_need_no_adult_where_the_session_asks_for_none() -> None:
    assert rules.adults_allowed(a_session(), 1, may_be_alone=True) == range(5)
    assert rules.adults_allowed(a_session(is_accompanied=True), 1, may_be_alone=True).start == 1
    family = a_session(audience=Audience.FAMILY)
    assert rules.adults_allowed(family, 1, may_be_alone=True).start == 1


sessions = st.builds(
    a_session,
    audience=st.sampled_from([Audience.PUBLIC, Audience.FAMILY, Audience.STUDENT_ONLY]),
    is_accompanied=st.booleans(),
    party_max=st.integers(1, 9),
    children_max=st.integers(0, 9),
    min_adults=st.integers(0, 3),
    max_adults_per_child=st.none() | st.integers(0, 3),
    min_children=st.integers(0, 2),
    alone_from=st.sampled_from([0, 8, 9, 18]),
    counts_adults=st.booleans(),
)


@given(session=sessions, coming=st.integers(0, 10), adults=st.integers(0, 10))
def test_the_adults_offered_are_exactly_those_that_may_come(
    session: Session, coming: int, adults: int
) -> None:
    may_come = rules.may_come(session, Party(children(coming), adults)) is YES
    may_be_alone = all(rules.may_come_alone(session, child) for child in children(coming))
    offered = adults in rules.adults_allowed(session, coming, may_be_alone=may_be_alone)
    needs_child = session.audience is not Audience.PUBLIC
    if coming > session.children_max or (needs_child and coming == 0):
        assert not may_come
    elif session.audience is Audience.STUDENT_ONLY:
        assert offered == (adults == 0)
        assert may_come == (offered and coming <= session.party_max)
    else:
        assert may_come == offered


@given(session=sessions)
def test_no_party_is_smaller_than_the_smallest(session: Session) -> None:
    parties = [
        Party(tuple(a_child(month) for _each in range(coming)), adults)
        for month in ("2018-05", "2009-05")
        for coming in range(10)
        for adults in range(10)
    ]
    sizes = [
        rules.places(session, party) for party in parties if rules.may_come(session, party) is YES
    ]
    if sizes:
        assert min(sizes) == rules.smallest_party(session)


# What a base's terms ask of a party


@pytest.mark.parametrize(
    ("coming", "adults", "told"),
    [
        (1, 2, ""),
        (1, 3, "Here at most 2 adults come with each child."),
        (2, 3, ""),
        (0, 3, ""),
    ],
)
def test_only_so_many_adults_come_with_each_child(coming: int, adults: int, told: str) -> None:
    session = a_session(max_adults_per_child=2)
    assert why(rules.may_come(session, Party(children(coming), adults))) == told


def test_a_child_below_the_age_does_not_come_alone() -> None:
    session = a_session(alone_from=14)
    young, old = a_child("2018-05", "小明"), a_child("2012-10", "大壮")
    told = "Children under 14 come here with an adult, so 小明 cannot come alone."
    assert why(rules.may_come(session, Party((young,), 0))) == told
    assert why(rules.may_come(session, Party((old, young), 0))) == told
    assert rules.may_come(session, Party((old,), 0)) is YES
    assert rules.may_come(session, Party((young,), 1)) is YES
    school_age = a_session(alone_from=14, audience=Audience.STUDENT_ONLY)
    assert rules.may_come(school_age, Party((young,), 0)) is YES  # tutors look after them


def test_an_age_that_no_child_has_means_that_no_child_comes_alone() -> None:
    session = a_session(alone_from=18)
    assert why(rules.may_come(session, Party(children(1), 0))) == WITH_ADULT


def test_whose_birth_month_leaves_it_open_may_come_alone() -> None:
    assert rules.may_come_alone(a_session(alone_from=14), a_child("2012-11"))
    assert not rules.may_come_alone(a_session(alone_from=14), a_child("2012-12"))


def test_a_base_may_ask_for_more_than_one_adult() -> None:
    session = a_session(min_adults=2, alone_from=14)
    told = "Children come here with at least 2 adults."
    assert why(rules.may_come(session, Party(children(1), 1))) == told
    assert rules.may_come(session, Party(children(1), 2)) is YES


def test_where_adults_come_for_children_none_comes_alone() -> None:
    told = "Adults come here with children: please bring at least 1 child."
    assert why(rules.may_come(a_session(min_children=1), Party((), 2))) == told
    assert why(rules.may_come(a_session(counts_adults=False), Party((), 2))) == told
    assert rules.may_come(a_session(min_children=1), Party(children(1), 2)) is YES


def test_everybody_has_to_be_as_old_as_the_base_asks() -> None:
    session = a_session(companion_min_age=9)
    told = "Everybody who comes here is 9 or older; 小明 will be 8 years old that day."
    assert why(rules.may_come(session, Party((a_child("2018-05"),), 1))) == told
    assert rules.may_come(session, Party((a_child("2017-05"),), 1)) is YES


def test_booking_ends_some_time_before_the_session() -> None:
    session = a_session(closes_minutes=60)
    closes = STARTS - timedelta(hours=1)
    assert rules.is_open(session, closes - timedelta(microseconds=1)) is YES
    assert why(rules.is_open(session, closes)) == (
        "Booking for this session ended on Sat 28 Nov at 09:00. Please choose a later one."
    )


# Which ages are said?


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0, 99, None),
        (0, 98, None),
        (0, 97, "ages up to 97"),
        (1, 98, "ages 1 and up"),
        (1, 97, "ages 1–97"),
        (8, 14, "ages 8–14"),
    ],
)
def test_a_limit_from_98_on_is_no_limit(low: int, high: int, told: str | None) -> None:
    limits = rules.ages_of(a_session(min_age=low, max_age=high))
    assert (limits and say(limits, "en")) == told
