"""When is a family reminded, whenever its session starts and whichever hours are quiet?"""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from handlers.booking import reminders, waitlist
from storage.models import Terms
from tests.builders import SATURDAY, at

ZONE = "Asia/Shanghai"
USUAL = Terms()
starts = st.integers(0, 24 * 60 - 1).map(
    lambda minutes: datetime(2026, 11, 27, 16, tzinfo=UTC) + timedelta(minutes=minutes)
)
quiet_hours = st.builds(
    lambda begins, hours: Terms(quiet_from=time(begins), quiet_until=time((begins + hours) % 24)),
    st.integers(0, 23),
    st.integers(0, 20),
)


def test_the_evening_before_and_two_hours_before() -> None:
    first, second = reminders.moments(at(SATURDAY, 14), USUAL, ZONE)
    assert first == at(SATURDAY - timedelta(days=1), 18)
    assert second == at(SATURDAY, 12)


def test_a_morning_session_is_told_of_before_the_night() -> None:
    _first, second = reminders.moments(at(SATURDAY, 9), USUAL, ZONE)
    assert second == at(SATURDAY - timedelta(days=1), 21, 30)


@given(starts, quiet_hours)
def test_nothing_is_said_in_the_quiet_hours(starts_at: datetime, terms: Terms) -> None:
    for moment in reminders.moments(starts_at, terms, ZONE):
        assert not waitlist.is_quiet(moment, terms, ZONE)
        assert moment < starts_at
    for hours in range(49):
        now = starts_at - timedelta(hours=hours)
        if waitlist.is_quiet(now, terms, ZONE):
            assert reminders.which(starts_at, terms, ZONE, now) == 0


@given(starts, quiet_hours, st.integers(0, 48 * 60))
def test_each_is_due_from_its_moment_until_it_is_too_late(
    starts_at: datetime, terms: Terms, minutes: int
) -> None:
    now = starts_at - timedelta(minutes=minutes)
    number = reminders.which(starts_at, terms, ZONE, now)
    first, second = reminders.moments(starts_at, terms, ZONE)
    if now < min(first, second) or now >= starts_at - reminders.TOO_LATE:
        assert number == 0
    elif not waitlist.is_quiet(now, terms, ZONE):
        assert number == (now >= first) + (now >= second)
