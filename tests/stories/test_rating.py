"""Is who was there asked once how it was, and does the base see it without a name?"""

from typing import Any

import pytest

from handlers.booking import rating
from handlers.texts import say
from storage import ratings
from storage.models import Booking, BookingState, Rating, Session
from tests.stories.queues import SHOW, add_show, books, somebody
from tests.stories.test_called_off import coordinator
from tests.stories.town import Town


@pytest.fixture
def show(town: Town) -> Town:
    """The town with the show of eight places, on Saturday from five to six."""
    add_show(town, capacity=8, hour=17)
    return town


def came(town: Town, *numbers: int) -> None:
    """Families were checked in, by the number of their visit."""
    for number in numbers:
        visit = town.rows(Booking)[number]
        town.changes(visit, state=BookingState.CHECKED_IN, heads=visit.adults)


def seen_by_base(town: Town) -> Any:
    """What the base sees of the show."""
    session = town.rows(Session)[-1].public_id
    rated = town.database.read_and_wait(lambda db: ratings.of_session(db, session))
    told = rating.told(rated)
    return told and say(told, "en")


def test_who_was_there_is_asked_two_hours_after(show: Town, channel: str) -> None:
    li = books(show, "li", 2, channel)
    came(show, 0)
    show.time_passes(days=6, hours=9, minutes=59)
    li.was_told_nothing()
    show.time_passes(minutes=1)
    li.was_told("How was your visit?", SHOW, "★★★★★").taps("★★★★★").sees("Thank you.")
    li.was_told("Would you like to tell the base more?").taps("Add a line")
    li.says("孩子还想再来").sees("Thank you. It is passed on.")
    show.time_passes(hours=1)
    li.was_told_nothing()
    [kept] = show.rows(Rating)
    assert (kept.stars, kept.words) == (5, "孩子还想再来")


def test_the_base_sees_stars_and_words_but_no_name(show: Town) -> None:
    li, wang = books(show, "li", 2), books(show, "wang", 2)
    came(show, 0, 1)
    show.time_passes(days=6, hours=10)
    li.was_told("How was your visit?").taps("★★★★★")
    wang.was_told("How was your visit?").taps("★★★★")
    li.was_told("tell the base more?").taps("Add a line").says("很好")
    assert seen_by_base(show) == "4.5 of 5 stars, from 2 families\n“很好”"


def test_the_desk_sees_it_with_the_session(show: Town) -> None:
    li, chen = books(show, "li", 2), coordinator(show)
    came(show, 0)
    show.time_passes(days=6, hours=10)
    li.was_told("How was your visit?").taps("★★★★")
    chen.says("/today").taps("星河").taps(f"17:00 {SHOW}").sees("4.0 of 5 stars, from 1 family")


def test_the_line_can_be_left_out(show: Town) -> None:
    li = books(show, "li", 2)
    came(show, 0)
    show.time_passes(days=6, hours=10)
    li.was_told("How was your visit?").taps("★★★")
    li.was_told("tell the base more?").taps("Add a line").taps("Skip").does_not_see("passed on")
    assert seen_by_base(show) == "3.0 of 5 stars, from 1 family"


def test_stars_may_be_given_anew_while_a_booking_is_under_way(show: Town) -> None:
    li = books(show, "li", 2)
    came(show, 0)
    show.time_passes(days=6, hours=10)
    li.was_told("How was your visit?")
    tokens = {each.label: each.token for each in li.choices}
    li.says("book").sees("Which base")
    li.taps_token(tokens["★"]).sees("Thank you.", "Which base")
    li.taps_token(tokens["★★★★"]).sees("Thank you.")
    assert [each.stars for each in show.rows(Rating)] == [4]


def test_who_was_not_there_is_not_asked_and_cannot_rate(show: Town) -> None:
    li = books(show, "li", 2)
    show.time_passes(days=6, hours=10)
    li.says("hello")
    show.time_passes(hours=1)
    li.was_told_nothing()
    [visit] = show.rows(Booking)
    li.says(f"/rate {visit.public_id} 5").sees("Only who was there can rate a visit.")
    somebody(show, "wang").says(f"/rate {visit.public_id} 5").sees("no longer among your details")
    assert show.rows(Rating) == []


def test_at_night_nobody_is_asked_but_in_the_morning(town: Town) -> None:
    add_show(town)  # until eight: two hours after, the quiet hours begin
    li = books(town, "li", 2)
    came(town, 0)
    town.time_passes(days=6, hours=12)
    li.was_told_nothing()
    town.time_passes(hours=10)
    li.was_told("How was your visit?")


def test_what_is_long_over_is_not_asked_of(show: Town) -> None:
    li = books(show, "li", 2)
    came(show, 0)
    show.time_passes(days=9)
    li.was_told_nothing()


@pytest.mark.parametrize("given", ["", "x", "{visit}", "{visit} 0", "{visit} 6", "{visit} 五"])
def test_anything_else_is_no_rating(show: Town, given: str) -> None:
    li = books(show, "li", 2)
    came(show, 0)
    [visit] = show.rows(Booking)
    li.says(f"/rate {given.format(visit=visit.public_id)}").does_not_see("Thank you")
    assert show.rows(Rating) == []
