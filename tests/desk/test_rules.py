"""Who may come in, and how many are counted, whatever the order?"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.desk import rules
from handlers.desk.rules import Noted, Refusal, Why
from handlers.texts import say
from storage.models import Appeal, BookingState, SessionState, Terms
from tests.builders import NOW, SATURDAY, at

TEN, NOON = at(SATURDAY, 10), at(SATURDAY, 12)


@dataclass(frozen=True)
class Visit:
    """A visit to a session from ten to twelve on a Saturday."""

    base_id: int = 1
    base: str = "天文馆"
    state: BookingState = BookingState.CONFIRMED
    session_state: SessionState = SessionState.PUBLISHED
    starts_at: datetime = TEN
    ends_at: datetime = NOON
    time_zone: str = "Asia/Shanghai"
    terms: Terms = field(default_factory=Terms)


def refused(visit: Visit = Visit(), when: datetime = TEN, **named: object) -> Refusal | None:
    return rules.may_enter(visit, {1, 2}, when, **named)  # type: ignore[arg-type]  # keywords of it


def why(visit: Visit = Visit(), when: datetime = TEN) -> tuple[Why, str]:
    found = refused(visit, when)
    assert found is not None
    return found.why, say(found.text, "en")


# The code


@pytest.mark.parametrize(
    "typed",
    ["K7MW2QRT", "K7MW-2QRT", "k7mw 2qrt", "Ｋ７ｍｗ－２ＱＲＴ", " k7mw—2qrt。", "K7 MW 2Q RT"],
)
def test_a_code_is_read_however_it_is_written(typed: str) -> None:
    assert rules.code_of(typed) == "K7MW2QRT"


@pytest.mark.parametrize("typed", ["", "K7MW", "K7MW2QRT9", "K7MW-2QR0", "早上好", "1234567890"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert rules.code_of(typed) is None


# The door


@pytest.mark.parametrize("minutes", [-30, 0, 30])
def test_a_party_comes_in_while_the_door_is_open(minutes: int) -> None:
    assert refused(when=TEN + timedelta(minutes=minutes)) is None


def test_before_the_door_opens_the_hour_is_told() -> None:
    early = TEN - timedelta(minutes=31)
    assert why(when=early) == (Why.TOO_EARLY, "It is too early: the door opens at 09:30.")


def test_after_it_closed_the_desk_may_let_them_in_anyway() -> None:
    late = TEN + timedelta(minutes=31)
    assert why(when=late) == (Why.TOO_LATE, "It is too late: the door closed at 10:30.")
    assert refused(when=late, is_late_welcome=True) is None
    assert refused(when=TEN - timedelta(hours=1), is_late_welcome=True) is not None


def test_the_base_says_how_long_the_door_is_open() -> None:
    visit = Visit(terms=Terms(entry_opens_minutes=60, entry_closes_minutes=0))
    assert refused(visit, TEN - timedelta(minutes=60)) is None
    assert why(visit, TEN + timedelta(minutes=1))[0] is Why.TOO_LATE


def test_a_visit_of_another_day_says_which() -> None:
    assert why(when=TEN + timedelta(days=1)) == (
        Why.OTHER_DAY,
        "This visit is on Sat 28 Nov, 10:00.",
    )


def test_a_visit_to_another_base_says_which() -> None:
    text = "This visit is to 天文馆, not to your base."
    assert why(Visit(base_id=3)) == (Why.OTHER_BASE, text)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (BookingState.CANCELLED, Why.CANCELLED),
        (BookingState.MOVED, Why.MOVED),
        (BookingState.WAITING, Why.UNCONFIRMED),
        (BookingState.OFFERED, Why.UNCONFIRMED),
        (BookingState.HELD, Why.UNCONFIRMED),
        (BookingState.EXPIRED, Why.EXPIRED),
    ],
)
def test_only_a_booked_visit_comes_in(state: BookingState, expected: Why) -> None:
    assert why(Visit(state=state))[0] is expected


@pytest.mark.parametrize(
    "state", [BookingState.CONFIRMED, BookingState.CHECKED_IN, BookingState.NO_SHOW]
)
def test_a_booked_visit_comes_in(state: BookingState) -> None:
    assert refused(Visit(state=state)) is None


def test_a_moved_visit_says_where_to() -> None:
    found = refused(Visit(state=BookingState.MOVED), moved_to=TEN + timedelta(days=1, hours=4))
    assert found is not None
    assert say(found.text, "en") == "This visit was moved to Sun 29 Nov, 14:00."


def test_a_session_the_base_called_off_has_no_door() -> None:
    assert why(Visit(session_state=SessionState.CANCELLED))[0] is Why.CALLED_OFF


# Heads

scans = st.lists(
    st.builds(
        Noted,
        at=st.integers(0, 5).map(lambda n: NOW + timedelta(minutes=n)),
        scan_id=st.sampled_from("abcdefgh"),
        heads=st.integers(1, 9),
    ),
    unique_by=lambda each: each.scan_id,
)


@given(scans=scans, people=st.integers(1, 6), data=st.data())
def test_scans_give_the_same_in_whatever_order_they_come(
    scans: list[Noted], people: int, data: st.DataObject
) -> None:
    shares = rules.counted(scans, people)
    shuffled = data.draw(st.permutations(scans))
    assert rules.counted(shuffled, people) == shares
    assert sum(shares.values()) == min(people, sum(each.heads for each in scans))
    assert all(0 <= shares[each.scan_id] <= each.heads for each in scans)


@given(scans=scans, people=st.integers(1, 6))
def test_undoing_again_and_again_leaves_nobody_inside(scans: list[Noted], people: int) -> None:
    left = scans
    for _each in scans:
        before = sum(rules.counted(left, people).values())
        last = rules.last_of(left, people)
        left = [each for each in left if each.scan_id not in last]
        assert sum(rules.counted(left, people).values()) < before or not before
    assert left == []


def test_the_earliest_scan_is_counted_first() -> None:
    early, late = Noted(NOW, "z", 2), Noted(NOW + timedelta(minutes=1), "a", 2)
    assert rules.counted([late, early], 3) == {"z": 2, "a": 1}
    assert rules.last_of([late, early], 3) == ["a"]


@given(adults=st.integers(0, 9), children=st.integers(0, 9), places=st.integers(0, 18))
def test_a_party_is_split_without_losing_anybody(adults: int, children: int, places: int) -> None:
    a, c = rules.split(adults, children, places, are_all_counted=True)
    assert a + c == min(places, adults + children)
    assert (a <= adults, c <= children) == (True, True)
    assert rules.split(adults, children, places, are_all_counted=False) == (
        adults,
        min(children, places),
    )


# Objections


@pytest.mark.parametrize("appeal", [Appeal.OPEN, Appeal.GRANTED, Appeal.REFUSED])
def test_a_family_objects_once(appeal: Appeal) -> None:
    assert rules.may_object(appeal, NOW, "Asia/Shanghai", NOW) is not None


def test_a_family_objects_in_time() -> None:
    assert rules.may_object(Appeal.NONE, NOW, "Asia/Shanghai", NOW) is None
    late = rules.may_object(Appeal.NONE, NOW, "Asia/Shanghai", NOW + timedelta(seconds=1))
    assert late is not None
    assert say(late, "en") == "You could object until Sun 22 Nov."


def test_the_rules_need_no_more_of_a_visit_than_they_say() -> None:
    assert refused(replace(Visit(), base="")) is None
