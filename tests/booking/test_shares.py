"""Are a session's places divided to the last one, and is nobody's place given to another?"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.booking import shares
from storage.models import Audience, Pool, PoolName, Session, Terms
from tests.builders import NOW, SATURDAY, at

STARTS = at(SATURDAY, 10)
FAMILY, GROUP = PoolName.FAMILY, PoolName.GROUP
PRIORITY, WALK_IN = PoolName.PRIORITY, PoolName.WALK_IN


def a_session(
    capacity: int = 100, priority: int = 5, audience: Audience = Audience.PUBLIC
) -> Session:
    return Session(
        id=7, public_id="", code="S", base_id=1, course_id=1, local_date=SATURDAY,
        starts_at=STARTS, ends_at=STARTS, capacity=capacity, party_max=5, audience=audience,
        min_age=0, max_age=99, is_accompanied=False, release_at=NOW, priority_places=priority,
    )  # fmt: skip


def sizes(pools: list[Pool]) -> dict[str, int]:
    return {str(pool.name): pool.capacity for pool in pools}


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        (Audience.PUBLIC, {"family": 70, "group": 20, "priority": 5, "walk_in": 5}),
        (Audience.FAMILY, {"family": 90, "priority": 5, "walk_in": 5}),
        (Audience.STUDENT_ONLY, {"family": 90, "priority": 5, "walk_in": 5}),
        (Audience.CLASS, {"family": 0, "group": 95, "priority": 5}),
    ],
)
def test_groups_have_a_share_only_where_they_can_come(
    audience: Audience, expected: dict[str, int]
) -> None:
    assert sizes(shares.split(a_session(audience=audience), Terms())) == expected


def test_the_green_channel_has_what_the_sheet_gives_it() -> None:
    assert sizes(shares.split(a_session(priority=0), Terms())) == {
        "family": 75, "group": 20, "walk_in": 5,
    }  # fmt: skip
    assert sizes(shares.split(a_session(10, priority=10), Terms())) == {
        "family": 0, "priority": 10,
    }  # fmt: skip


def test_each_pool_flows_where_and_when_the_terms_say() -> None:
    terms = Terms(priority_flow_hours=24, group_flow_days=2)
    pools = {pool.name: pool for pool in shares.split(a_session(), terms)}
    assert (pools[PRIORITY].flows_to, pools[PRIORITY].flows_at) == (
        FAMILY,
        STARTS - timedelta(hours=24),
    )
    assert (pools[GROUP].flows_to, pools[GROUP].flows_at) == (FAMILY, STARTS - timedelta(days=2))
    assert [pools[name].flows_to for name in (FAMILY, WALK_IN)] == [None, None]
    classes = {pool.name: pool for pool in shares.split(a_session(audience=Audience.CLASS), terms)}
    assert (classes[PRIORITY].flows_to, classes[GROUP].flows_to) == (GROUP, None)


def test_growth_goes_to_the_pools_by_their_shares() -> None:
    kept = {pool.name: pool for pool in shares.split(a_session(100), Terms())}
    grown = shares.refit(a_session(200, priority=10), Terms(), kept)
    assert grown is not None
    assert sizes(grown) == {"family": 140, "group": 40, "priority": 10, "walk_in": 10}


def test_what_flowed_stays_flowed_but_for_what_is_used() -> None:
    kept = {pool.name: pool for pool in shares.split(a_session(100), Terms())}
    kept[PRIORITY].flowed_at, kept[PRIORITY].capacity, kept[PRIORITY].confirmed = NOW, 2, 2
    grown = shares.refit(a_session(200, priority=10), Terms(), kept)
    assert grown is not None
    assert sizes(grown) == {"family": 150, "group": 40, "priority": 2, "walk_in": 8}


def test_a_session_whose_places_were_all_families_is_divided_around_them() -> None:
    kept = {FAMILY: Pool(session_id=7, name=FAMILY, capacity=100, confirmed=85)}
    found = shares.refit(a_session(), Terms(), kept)
    assert found is not None
    assert sizes(found) == {"family": 85, "group": 10, "priority": 5, "walk_in": 0}


amounts = st.integers(0, 60)


@given(
    audience=st.sampled_from(Audience),
    capacity=st.integers(1, 200),
    priority=st.integers(0, 200),
    used=st.dictionaries(st.sampled_from(PoolName), st.tuples(amounts, amounts, amounts)),
    flowed=st.sets(st.sampled_from([GROUP, PRIORITY])),
)
def test_the_pools_are_the_capacity_and_nobody_who_has_a_place_loses_it(
    audience: Audience,
    capacity: int,
    priority: int,
    used: dict[PoolName, tuple[int, int, int]],
    flowed: set[PoolName],
) -> None:
    session = a_session(capacity, min(priority, capacity), audience)
    split = shares.split(session, Terms())
    assert sum(pool.capacity for pool in split) == capacity
    assert all(pool.capacity >= 0 for pool in split)
    kept = {
        name: Pool(
            session_id=7, name=name, capacity=sum(counts), held=counts[0], offered=counts[1],
            confirmed=counts[2], flowed_at=NOW if name in flowed else None,
        )
        for name, counts in used.items()
    }  # fmt: skip
    found = shares.refit(session, Terms(), kept)
    taken = sum(sum(counts) for counts in used.values())
    assert (found is None) == (taken > capacity)
    if found is not None:
        assert sum(pool.capacity for pool in found) == capacity
        assert {pool.name for pool in found} >= used.keys()
        assert all(pool.capacity >= sum(used.get(pool.name, (0,))) for pool in found)
