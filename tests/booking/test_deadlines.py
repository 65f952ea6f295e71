"""Until when may a visit be cancelled or changed, and when is the door open?"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from handlers.booking import deadlines
from handlers.profile.rules import YES, No, Verdict
from handlers.texts import say
from storage.models import Terms
from tests.builders import SATURDAY, at

STARTS = at(SATURDAY, 10)
BEFORE = at(date(2026, 11, 22), 10)
UNTIL = at(date(2026, 11, 27), 20)
MOMENT = timedelta(microseconds=1)
REFUSING = Terms(late_cancel="refused")
BEGUN = "The session has begun, so the visit can no longer be cancelled."


@dataclass(frozen=True)
class Visit:
    """A visit as far as its deadlines go."""

    cancel_until: datetime | None = UNTIL
    terms: Terms = field(default_factory=Terms)
    changes: int = 0
    starts_at: datetime = STARTS
    time_zone: str = "Asia/Shanghai"


def why(verdict: Verdict) -> str:
    """The reason; "" when it is a yes."""
    return say(verdict.why, "en") if isinstance(verdict, No) else ""


@pytest.mark.parametrize(
    ("until", "moment", "told"),
    [
        (UNTIL, BEFORE, ""),
        (UNTIL, UNTIL, ""),
        (UNTIL, UNTIL + MOMENT, "This visit could be cancelled until Fri 27 Nov 20:00."),
        (None, BEFORE, "This base takes no places back, so the visit cannot be cancelled here."),
        (None, STARTS, BEGUN),
        (STARTS + timedelta(hours=1), STARTS - MOMENT, ""),
        (STARTS + timedelta(hours=1), STARTS, BEGUN),
    ],
)
def test_where_late_is_refused_a_visit_can_be_cancelled_until_its_deadline(
    until: datetime | None, moment: datetime, told: str
) -> None:
    assert why(deadlines.may_cancel(Visit(until, REFUSING), moment)) == told


def test_where_late_counts_it_can_be_cancelled_until_it_begins_and_this_is_said_before() -> None:
    assert not deadlines.counts_as_no_show(Visit(), UNTIL)
    assert deadlines.late_warning(Visit(), UNTIL) is None
    late = UNTIL + MOMENT
    assert deadlines.may_cancel(Visit(), late) is YES
    assert deadlines.counts_as_no_show(Visit(), late)
    warning = deadlines.late_warning(Visit(), late)
    assert warning
    assert say(warning, "en") == (
        "Cancelling was free until Fri 27 Nov 20:00: cancelled now, this visit counts as missed."
    )
    assert why(deadlines.may_cancel(Visit(), STARTS)) == BEGUN


@pytest.mark.parametrize(
    ("visit", "moment", "told"),
    [
        (Visit(), UNTIL, []),
        (
            Visit(),
            UNTIL + MOMENT,
            [
                "Cancelling was free until Fri 27 Nov 20:00: "
                "a visit cancelled after it counts as missed."
            ],
        ),
        (
            Visit(UNTIL, REFUSING),
            UNTIL + MOMENT,
            ["This visit could be cancelled until Fri 27 Nov 20:00."],
        ),
    ],
)
def test_what_cancelling_would_cost_is_known_before_booking(
    visit: Visit, moment: datetime, told: list[str]
) -> None:
    assert [say(each, "en") for each in deadlines.once_booked(visit, moment)] == told


def test_what_cannot_be_cancelled_at_all_does_not_count_when_late() -> None:
    assert why(deadlines.may_cancel(Visit(None), BEFORE)).startswith("This base takes no places")
    assert not deadlines.counts_as_no_show(Visit(None), BEFORE)
    assert deadlines.late_warning(Visit(None), BEFORE) is None
    assert not deadlines.counts_as_no_show(Visit(UNTIL, REFUSING), STARTS)


@pytest.mark.parametrize(
    ("terms", "moment", "changes", "told"),
    [
        ({}, UNTIL, 0, ""),
        ({}, UNTIL + MOMENT, 0, "This visit could be changed until Fri 27 Nov 20:00."),
        ({"change_rule": "前2日12:00"}, at(date(2026, 11, 26), 12), 0, ""),
        (
            {"change_rule": "前2日12:00"},
            at(date(2026, 11, 26), 12) + MOMENT,
            0,
            "This visit could be changed until Thu 26 Nov 12:00.",
        ),
        ({"change_rule": "不可取消"}, BEFORE, 0, "Visits to this base cannot be changed."),
        ({"change_max": 0}, BEFORE, 0, "Visits to this base cannot be changed."),
        ({"change_max": 1}, BEFORE, 1, "A visit here can be changed once, and this one has been."),
        ({}, BEFORE, 1, ""),
        ({}, BEFORE, 2, "A visit here can be changed 2 times, and this one has been."),
        ({}, STARTS, 0, "The session has begun, so the visit can no longer be changed."),
    ],
)
def test_a_visit_can_be_changed_so_often_and_so_long(
    terms: dict[str, Any], moment: datetime, changes: int, told: str
) -> None:
    assert why(deadlines.may_change(Visit(UNTIL, Terms(**terms), changes), moment)) == told


def test_without_returns_a_visit_can_be_changed_only_by_a_rule_for_it() -> None:
    told = "Visits to this base cannot be changed."
    assert why(deadlines.may_change(Visit(None), BEFORE)) == told
    assert deadlines.may_change(Visit(None, Terms(change_rule="前1日20:00")), BEFORE) is YES


def test_the_door_is_open_around_the_start_and_not_just_before_the_end() -> None:
    terms = Terms(entry_opens_minutes=20, entry_closes_minutes=60, last_entry_minutes=30)
    minutes = timedelta(minutes=1)
    assert deadlines.door_opens(STARTS, terms) == STARTS - 20 * minutes
    assert deadlines.door_closes(STARTS, STARTS + 150 * minutes, terms) == STARTS + 60 * minutes
    assert deadlines.door_closes(STARTS, STARTS + 60 * minutes, terms) == STARTS + 30 * minutes
    assert deadlines.door_closes(STARTS, STARTS + 20 * minutes, terms) == STARTS
