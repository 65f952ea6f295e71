"""Is a family reminded when it helps, once, and does its answer count?"""

import pytest

from handlers.conversation.testing import Person
from storage.database import Database
from storage.models import (
    Booking,
    BookingState,
    EndedBy,
    Policy,
    Session,
    SessionState,
    Strike,
    Terms,
)
from tests.stories import town as towns
from tests.stories.queues import SHOW, add_show, books, cancels, pool_of_show, somebody, waits
from tests.stories.town import Town

FRIDAY_AT_SIX = {"days": 5, "hours": 8}  # from the Sunday at ten when the stories begin
TWO_HOURS_BEFORE = {"hours": 23}  # from then on: Saturday at five, for a show at seven


@pytest.fixture
def show(town: Town) -> Town:
    """The town with the show of four places."""
    add_show(town)
    return town


def strolls(town: Town) -> Person:
    """Somebody who comes to the garden on Saturday at nine."""
    person = somebody(town, "li").says("book").taps("绿谷", "Sat 28 Nov", "09:00")
    return person.taps("Adults only").says("2").taps("Confirm").sees("Your visit is booked.")


def test_a_family_is_reminded_the_evening_before_and_two_hours_before(
    show: Town, channel: str
) -> None:
    li = books(show, "li", 2, channel)
    show.time_passes(days=5, hours=7, minutes=59)
    li.was_told_nothing()
    show.time_passes(minutes=1)
    li.was_told("Your visit is tomorrow:", SHOW, "Sat 28 Nov, 19:00–20:00", "Are you coming?")
    show.time_passes(hours=22, minutes=59)
    li.was_told_nothing()
    show.time_passes(minutes=1)
    li.was_told("Your visit is today:", "19:00–20:00", "2 adults", "Open the ticket")


def test_each_reminder_is_said_once(show: Town) -> None:
    li = books(show, "li", 2)
    for _each in range(3):
        show.time_passes(**FRIDAY_AT_SIX)
        show.stage.later(**{name: -value for name, value in FRIDAY_AT_SIX.items()})
    li.was_told("Your visit is tomorrow:").was_told_nothing()
    assert [each.reminders for each in show.rows(Booking)] == [1]


def test_we_are_coming_is_kept(show: Town, channel: str) -> None:
    li = books(show, "li", 2, channel)
    show.time_passes(**FRIDAY_AT_SIX)
    li.was_told("Are you coming?").taps("We are coming").sees("looking forward to you")
    assert [each.is_coming for each in show.rows(Booking)] == [True]


def test_we_cannot_come_gives_the_places_to_who_waits(database: Database) -> None:
    town = towns.build(database)
    add_show(town)
    li, wang = books(town, "li", 4), waits(town, "wang", 3)
    town.time_passes(**FRIDAY_AT_SIX)
    li.was_told("Are you coming?").taps("We cannot come").sees("The visit is cancelled")
    wang.was_told("Places have come free", "For 3 adults.").taps("Yes, we will come")
    assert town.rows(Strike) == []
    assert pool_of_show(town).confirmed == 3


def test_cancelling_late_is_asked_once_more(show: Town, channel: str) -> None:
    show.changes(show.rows(Policy)[0], terms=Terms())
    li = books(show, "li", 2, channel)
    show.time_passes(**FRIDAY_AT_SIX)
    li.was_told("Your visit is tomorrow:")
    show.time_passes(**TWO_HOURS_BEFORE)
    li.was_told("this visit counts as missed").taps("We cannot come")
    li.sees("this visit counts as missed.")
    assert show.rows(Strike) == []
    li.was_told("cancelled all the same?").taps("Yes, cancel it").sees("The visit is cancelled")
    assert [each.ended_by for each in show.rows(Booking)] == [EndedBy.LATE]
    assert len(show.rows(Strike)) == 1


def test_in_the_quiet_hours_nobody_is_written_to_but_before_them(town: Town) -> None:
    li = strolls(town)
    town.time_passes(**FRIDAY_AT_SIX)
    li.was_told("Your visit is tomorrow:")
    town.time_passes(hours=3, minutes=29)
    li.was_told_nothing()
    town.time_passes(minutes=1)
    li.was_told("Your visit is tomorrow:")
    town.time_passes(hours=9, minutes=30)
    li.was_told_nothing()


def test_who_booked_after_the_evening_began_knows_it(show: Town) -> None:
    show.time_passes(days=5, hours=7, minutes=30)
    li = books(show, "li", 2)
    show.time_passes(minutes=40)
    li.was_told_nothing()
    show.time_passes(hours=22, minutes=50)
    li.was_told("Your visit is today:")


def test_after_a_downtime_only_what_still_helps_is_said(show: Town) -> None:
    li = books(show, "li", 2)
    show.time_passes(days=6, hours=8, minutes=15)  # an hour before, nothing was said so far
    li.was_told("Your visit is today:")
    li.was_told_nothing()


def test_half_an_hour_before_it_is_too_late(show: Town) -> None:
    li = books(show, "li", 2)
    show.time_passes(days=6, hours=8, minutes=31)
    li.was_told_nothing()


def test_nobody_is_reminded_of_what_is_off(show: Town) -> None:
    li, wang = books(show, "li", 2), books(show, "wang", 2)
    cancels(li)
    show.changes(show.rows(Session)[-1], state=SessionState.CANCELLED)
    show.time_passes(**FRIDAY_AT_SIX)
    li.was_told_nothing()
    wang.was_told_nothing()


def test_a_reminder_tells_the_session_as_it_is_now(show: Town) -> None:
    li = books(show, "li", 2)
    show.changes(show.rows(Session)[-1], room="二号厅")
    show.time_passes(**FRIDAY_AT_SIX)
    li.was_told("二号厅")


def test_an_answer_to_a_cancelled_visit_says_so(show: Town) -> None:
    li = books(show, "li", 2)
    show.time_passes(**FRIDAY_AT_SIX)
    li.was_told("Are you coming?")
    [token] = [each.token for each in li.choices if each.label == "We cannot come"]
    li.taps("We cannot come").sees("The visit is cancelled").taps_token(token)
    li.sees("This visit is no longer booked, so nothing was changed.")
    assert [each.state for each in show.rows(Booking)] == [BookingState.CANCELLED]


def test_nobody_answers_for_another_family(show: Town) -> None:
    books(show, "li", 2)
    [visit] = show.rows(Booking)
    somebody(show, "wang").says(f"/coming {visit.public_id} no").sees(
        "no longer among your details"
    )
    assert [each.state for each in show.rows(Booking)] == [BookingState.CONFIRMED]
