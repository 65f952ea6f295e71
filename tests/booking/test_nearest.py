"""Which sessions are suggested in place of another?"""

from datetime import timedelta
from typing import Any

from handlers.booking import nearest
from handlers.booking.nearest import Candidate
from handlers.booking.rules import Party
from storage.models import Audience
from tests.booking.test_rules import BEFORE, STARTS, a_session, children


def a_candidate(key: int = 1, hours: float = 24, **fields: Any) -> Candidate:
    left = fields.pop("places_left", 10)
    same = {"is_same_course": True, "is_same_base": True}
    same |= {name: fields.pop(name) for name in (*same,) if name in fields}
    starts_at = STARTS + timedelta(hours=hours)
    return Candidate(a_session(starts_at=starts_at, **fields), key, left, **same)


def keys(*candidates: Candidate, party: Party | None = None) -> list[int]:
    return [each.key for each in nearest.nearest(candidates, a_session(), party, BEFORE)]


def test_the_same_course_comes_first_then_the_same_base_then_the_nearest() -> None:
    assert keys(
        a_candidate(1, hours=1, is_same_course=False),
        a_candidate(2, hours=1, is_same_base=False),
        a_candidate(3, hours=48),
        a_candidate(4, hours=-24),
    ) == [4, 3, 2]


def test_of_two_that_are_as_near_the_earlier_comes_first() -> None:
    assert keys(a_candidate(1, hours=24), a_candidate(2, hours=-24)) == [2, 1]


def test_at_most_three_are_suggested() -> None:
    assert keys(*(a_candidate(n, hours=n) for n in range(1, 9))) == [1, 2, 3]


def test_only_what_has_places_for_all_is_suggested() -> None:
    party = Party(children(2), 1)
    assert keys(a_candidate(1, places_left=2), a_candidate(2, places_left=3), party=party) == [2]
    assert keys(a_candidate(1, places_left=0), a_candidate(2, places_left=1)) == [2]
    assert keys(
        a_candidate(1, places_left=1, audience=Audience.FAMILY),
        a_candidate(2, places_left=2, audience=Audience.FAMILY),
    ) == [2]


def test_only_what_the_party_may_visit_now_is_suggested() -> None:
    party = Party(children(1), 1)
    assert keys(
        a_candidate(1, release_at=BEFORE + timedelta(hours=1)),
        a_candidate(2, min_age=9),
        a_candidate(3, audience=Audience.CLASS),
        a_candidate(4, audience=Audience.STUDENT_ONLY),
        a_candidate(5, is_cancelled=True),
        a_candidate(6, hours=200),
        party=party,
    ) == [6]
