"""Is a visitor held to so many messages a minute, and nobody else with them?"""

from hypothesis import given
from hypothesis import strategies as st

from bot.limits import FORGOTTEN_AT, WINDOW_SECONDS, Limits


def test_as_many_as_a_minute_allows_may_come_at_once() -> None:
    limits = Limits(per_minute=3)
    assert [limits.take("li", 1000.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert limits.take("li", 1000.0) == 20.0


def test_after_the_wait_that_was_told_one_more_is_taken() -> None:
    limits = Limits(per_minute=3)
    for _ in range(3):
        limits.take("li", 0.0)
    wait = limits.take("li", 5.0)
    assert wait == 15.0
    assert limits.take("li", 5.0 + wait) == 0.0
    assert limits.take("li", 5.0 + wait) == 20.0


def test_a_refused_message_costs_nothing() -> None:
    limits = Limits(per_minute=1)
    limits.take("li", 0.0)
    for moment in range(1, 60):
        assert limits.take("li", float(moment)) > 0
    assert limits.take("li", 60.0) == 0.0


def test_visitors_do_not_share_a_bucket() -> None:
    limits = Limits(per_minute=1)
    assert limits.take("li", 0.0) == 0.0
    assert limits.take("wang", 0.0) == 0.0


def test_full_buckets_are_forgotten() -> None:
    limits = Limits(per_minute=60)
    for number in range(10 * FORGOTTEN_AT):
        limits.take(str(number), number / 10)
    assert len(limits) <= 2 * FORGOTTEN_AT


@given(st.integers(1, 30), st.lists(st.floats(0, 20), max_size=150))
def test_no_minute_has_more_than_two_buckets_full_and_no_limit_is_below_its_rate(
    per_minute: int, gaps: list[float]
) -> None:
    limits, moment, taken = Limits(per_minute), 0.0, []
    for gap in gaps:
        moment += gap
        if limits.take("li", moment) == 0.0:
            taken.append(moment)
    for start in taken:
        within = [each for each in taken if start <= each < start + WINDOW_SECONDS]
        assert len(within) <= 2 * per_minute
    assert len(taken) >= min(len(gaps), per_minute)
