"""Which two may be joined, and what is said to those who may not?"""

from collections.abc import Sequence

import pytest

from handlers.linking.rules import PEOPLE_MAX, Consent, Side, may_join, same
from handlers.profile.rules import CHILDREN_MAX, YES, No
from handlers.texts import Text, plain, say
from storage.people import OfFamily


def child(nickname: str, month: str | None = "2018-05", grade: int | None = None) -> OfFamily:
    """A child as it is kept."""
    return OfFamily(1, "", nickname, month, grade, 2026 if grade is not None else None)


def side(
    family: int, *, people: int = 1, children: Sequence[OfFamily] = (), consent: Consent = "none"
) -> Side:
    """One of the two families."""
    return Side(family, people, children, consent)


def why_not(giver: Side, other: Side, both: Text | None = None, *, household: bool = False) -> str:
    """Why they may not be joined; "" when they may."""
    verdict = may_join(giver, other, both, is_household=household)
    return say(verdict.why, "en") if isinstance(verdict, No) else ""


def test_strangers_may_be_joined() -> None:
    assert may_join(side(1), side(2), None, is_household=False) is YES
    assert may_join(side(1), side(2), None, is_household=True) is YES


def test_chats_within_a_household_may_be_linked_but_not_shared_again() -> None:
    assert why_not(side(1, people=2), side(1, people=2)) == ""
    assert "share a household already" in why_not(side(1), side(1), household=True)


def test_nobody_brings_a_household_along() -> None:
    for household in (True, False):
        assert "leave it first" in why_not(side(1), side(2, people=2), household=household)
        assert why_not(side(1, people=2), side(2), household=household) == ""


def test_a_household_is_no_crowd() -> None:
    assert "at most 4 people" in why_not(side(1, people=PEOPLE_MAX), side(2), household=True)
    assert why_not(side(1, people=PEOPLE_MAX), side(2)) == ""


def test_two_visits_to_one_session_are_named() -> None:
    assert "Both have this visit: Saturday." in why_not(side(1), side(2), plain("Saturday"))


@pytest.mark.parametrize(
    ("one", "other", "is_fine"),
    [
        ("given", "given", True),
        ("given", "none", True),
        ("refused", "none", True),
        ("refused", "refused", True),
        ("given", "refused", False),
        ("refused", "given", False),
    ],
)
def test_who_refused_has_not_agreed(one: Consent, other: Consent, is_fine: bool) -> None:
    told = why_not(side(1, consent=one), side(2, consent=other))
    assert ("decide the same in both" not in told) is is_fine


def test_too_many_children_are_refused_and_the_same_child_counts_once() -> None:
    many = [child(f"kid {n}") for n in range(CHILDREN_MAX)]
    assert "9 children" in why_not(side(1, children=many), side(2, children=[child("小星")]))
    assert why_not(side(1, children=many), side(2, children=many[:3])) == ""


def test_a_child_is_the_same_by_nickname_and_age_one_for_one() -> None:
    mine = [child("豆豆"), child("小星", None, 3), child("阿明")]
    theirs = [
        child("豆豆"), child("豆豆"), child("小星", None, 3), child("阿明", "2017-01"),
        child("小星"),
    ]  # fmt: skip
    found = same(side(1, children=mine), side(2, children=theirs))
    assert found == [(theirs[0], mine[0]), (theirs[2], mine[1])]
