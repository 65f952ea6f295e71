"""Is the waiting list fair, and does an offer stand as long as it should?"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.booking.waitlist import (
    Entry,
    Plan,
    Share,
    closing,
    plan,
    released_at,
    stands_until,
)
from storage.models import Terms

ZONE = "Asia/Shanghai"
USUAL = Terms()


def entry(key: int, places: int, least: int | None = None, bypassed: int = 0) -> Entry:
    return Entry(key, places, places if least is None else least, bypassed)


def at(words: str) -> datetime:
    """A time in Shanghai: "12-05 10:00"."""
    return datetime.fromisoformat(f"2026-{words}:00+08:00").astimezone(UTC)


def test_the_first_who_fits_is_offered_places() -> None:
    found = plan(4, [entry(1, 4), entry(2, 1)], bypass_max=3)
    assert found == Plan((Share(1, 4),), {}, kept=0)


def test_who_does_not_fit_lets_others_pass_and_it_is_counted() -> None:
    found = plan(2, [entry(1, 4), entry(2, 2), entry(3, 1)], bypass_max=3)
    assert found == Plan((Share(2, 2),), {1: 1}, kept=0)


def test_after_so_many_times_places_are_kept_for_who_does_not_fit() -> None:
    assert plan(2, [entry(1, 4, bypassed=3), entry(2, 2)], bypass_max=3) == Plan((), {}, kept=2)


def test_being_passed_over_twice_in_one_go_counts_twice() -> None:
    queue = [entry(1, 4, bypassed=1), entry(2, 1), entry(3, 1), entry(4, 1)]
    found = plan(3, queue, bypass_max=3)
    assert found == Plan((Share(2, 1), Share(3, 1)), {1: 2}, kept=1)


def test_a_party_that_takes_fewer_gets_what_there_is() -> None:
    assert plan(3, [entry(1, 4, least=2)], bypass_max=3).offers == (Share(1, 3),)
    assert plan(1, [entry(1, 4, least=2)], bypass_max=3).offers == ()


def test_free_places_nobody_can_use_are_everybodys() -> None:
    assert plan(1, [entry(1, 2)], bypass_max=3) == Plan((), {}, kept=0)


entries = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(0, 3)), max_size=8
).map(
    lambda rows: [
        Entry(key, max(a, b), min(a, b), bypassed) for key, (a, b, bypassed) in enumerate(rows)
    ]
)


@given(free=st.integers(0, 12), queue=entries, bypass_max=st.integers(0, 3))
def test_a_plan_never_gives_what_is_not_there_and_passes_nobody_too_often(
    free: int, queue: list[Entry], bypass_max: int
) -> None:
    found = plan(free, queue, bypass_max)
    given_away = sum(share.places for share in found.offers)
    assert given_away + found.kept <= free
    by_key = {each.key: each for each in queue}
    for share in found.offers:
        assert by_key[share.key].least <= share.places <= by_key[share.key].places
    for key, times in found.bypassed.items():
        assert by_key[key].bypassed + times <= max(bypass_max, by_key[key].bypassed)
    offered = {share.key for share in found.offers}
    left = free - given_away - found.kept
    if not found.kept:
        waiting = [each for each in queue if each.key not in offered]
        assert all(each.least > left for each in waiting), "somebody who fits was left out"


@pytest.mark.parametrize(
    ("now", "starts", "until"),
    [
        ("12-05 10:00", "12-12 10:00", "12-05 12:00"),
        ("12-05 10:00", "12-06 09:00", "12-05 10:20"),  # within a day: shorter
        ("12-05 21:00", "12-12 10:00", "12-06 09:00"),  # the clock stands still from 22 to 8
        ("12-05 23:30", "12-12 10:00", "12-06 10:00"),
        ("12-05 22:00", "12-12 10:00", "12-06 10:00"),
        ("12-05 20:00", "12-12 10:00", "12-05 22:00"),
        ("12-05 21:50", "12-06 09:00", "12-05 22:00"),  # the list closes at 7, when people sleep
        ("12-05 10:00", "12-05 12:10", "12-05 10:10"),  # what is left until the list closes
    ],
)
def test_an_offer_stands_for_waking_hours_only(now: str, starts: str, until: str) -> None:
    assert stands_until(at(now), at(starts), USUAL, ZONE) == at(until)


@pytest.mark.parametrize(
    ("now", "starts"),
    [
        ("12-05 10:05", "12-05 12:10"),
        ("12-05 23:00", "12-06 09:00"),
        ("12-05 23:00", "12-06 10:00"),  # the list closes at 8, just when people wake
    ],
)
def test_too_late_to_offer_anything(now: str, starts: str) -> None:
    assert stands_until(at(now), at(starts), USUAL, ZONE) is None


def test_a_waiting_list_closes_when_booking_does_or_earlier() -> None:
    starts = at("12-12 10:00")
    assert closing(starts, Terms(closes_minutes=300)) == at("12-12 05:00")
    assert closing(starts, Terms(closes_minutes=60)) == at("12-12 08:00")


def test_without_quiet_hours_the_clock_never_stands_still() -> None:
    terms = Terms(quiet_from=time(0), quiet_until=time(0))
    assert stands_until(at("12-05 23:00"), at("12-12 10:00"), terms, ZONE) == at("12-06 01:00")


moments = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(
    now=moments,
    ahead=st.integers(0, 60 * 24 * 9),
    quiet=st.tuples(st.times(), st.times()),
    zone=st.sampled_from([ZONE, "America/New_York", "Asia/Kolkata"]),
)
def test_no_offer_ends_in_quiet_hours_or_after_the_list_closed(
    now: datetime, ahead: int, quiet: tuple[time, time], zone: str
) -> None:
    first, last = (each.replace(second=0, microsecond=0) for each in quiet)
    terms = Terms(quiet_from=first, quiet_until=last)
    starts_at = now + timedelta(minutes=ahead)
    until = stands_until(now, starts_at, terms, zone)
    if until is None:
        return
    assert now < until <= starts_at - timedelta(minutes=terms.wait_cutoff_minutes)
    clock = until.astimezone(ZoneInfo(zone)).time().replace(second=0, microsecond=0)
    if first < last:
        assert not first < clock < last
    elif first > last:
        assert not (clock > first)
        assert not (clock < last)


def test_returned_places_wait_for_the_bases_hour() -> None:
    terms = Terms(returns="daily", returns_time=time(9, 30))
    starts = at("12-12 10:00")
    assert released_at(at("12-05 20:00"), starts, terms, ZONE) == at("12-06 09:30")
    assert released_at(at("12-05 09:00"), starts, terms, ZONE) == at("12-05 09:30")
    assert released_at(at("12-12 07:00"), starts, terms, ZONE) == at("12-12 07:00")
    assert released_at(at("12-05 20:00"), starts, USUAL, ZONE) == at("12-05 20:00")
