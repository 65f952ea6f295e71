"""Can a family wait for places, and does the first that fits get those that come free?"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.database import Database
from storage.models import Booking, BookingState, Pool
from tests.stories import town as towns
from tests.stories.queues import (
    SHOW,
    add_show,
    books,
    cancels,
    pool_of_show,
    somebody,
    to_show,
    waits,
)
from tests.stories.test_linking import link
from tests.stories.town import Town


@pytest.fixture
def full(town: Town) -> Town:
    """The town with a show of four places, all booked by li."""
    add_show(town)
    return town


def test_a_full_session_is_waited_for_in_one_tap(full: Town, channel: str) -> None:
    books(full, "li", 4)
    wang = somebody(full, "wang", channel).says("book").taps("星河", "Sat 28 Nov")
    wang.sees(f"19:00–20:00 {SHOW} · full · waiting list").taps("19:00")
    wang.taps("Adults only").says("2").sees(
        "This session is full.", "Nobody is waiting for it yet."
    )
    wang.taps("Join the waiting list").sees(
        "You are on the waiting list:", "You are first in line.", "we write to you here"
    )
    assert pool_of_show(full).waiting == 1


def test_full_sessions_stand_last_and_say_who_waits(full: Town) -> None:
    books(full, "li", 4)
    waits(full, "wang", 2)
    zhao = somebody(full, "zhao").says("book").taps("星河", "Sat 28 Nov")
    labels = [each.label for each in zhao.choices if each.value[:1] != "@"]
    assert labels[-1] == f"19:00–20:00 {SHOW} · full · waiting list (1 family)"
    assert labels[0].startswith("10:00")


def test_a_day_that_is_full_can_be_waited_for(town: Town) -> None:
    add_show(town)
    books(town, "li", 4)
    for pool in town.rows(Pool)[:3]:
        town.changes(pool, confirmed=pool.capacity)
    wang = somebody(town, "wang").says("book").taps("星河").sees("Sat 28 Nov · full · waiting list")
    wang.taps("Sat 28 Nov", "19:00", "Adults only").says("1")
    wang.taps("Join the waiting list").sees("You are first in line.")


def test_who_does_not_want_to_wait_takes_the_nearest_session(full: Town, channel: str) -> None:
    books(full, "li", 4)
    wang = somebody(full, "wang", channel).says("book").taps("星河", "Sat 28 Nov", "10:00")
    wang.taps("I agree").says("小明", "2018-05").taps("No, that is all").says("1").says("stop here")
    wang.says("book").taps("星河", "Sat 28 Nov", "19:00", "With a child").says("小明", "2018-05")
    wang.taps("No, that is all").says("1").taps("Sun 29 Nov instead, 10:00")
    wang.sees("Please check your visit.", "Instead: Sun 29 Nov instead").taps("Confirm")
    wang.sees("Your visit is booked.", "Sun 29 Nov, 10:00–11:00")
    assert pool_of_show(full).waiting == 0


def test_a_party_too_large_for_what_is_left_may_wait_or_take_fewer(full: Town) -> None:
    books(full, "li", 2)
    wang = to_show(somebody(full, "wang"), 4)
    wang.sees("Only 2 places are left in this session; you need 4.")
    wang.taps("Join; fewer adults are fine").sees("You are on the waiting list:")
    wang.was_told("Places have come free", "For 2 adults only").taps("Yes, we will come")
    wang.sees("Your visit is booked.", "2 adults")


def test_fewer_adults_are_no_choice_for_one(full: Town) -> None:
    books(full, "li", 4)
    to_show(somebody(full, "wang"), 1).sees("Join the waiting list").does_not_see("fewer adults")


def test_a_second_child_is_asked_for_though_one_place_is_left(full: Town) -> None:
    books(full, "li", 2)
    wang = somebody(full, "wang").says("book").taps("星河", "Sat 28 Nov", "19:00", "With a child")
    wang.taps("I agree").says("小明", "2018-05").taps("Yes, one more").says("小红", "2017-03")
    wang.taps("No, that is all").says("1").sees("Only 2 places are left", "you need 3")
    wang.taps("Join the waiting list").sees("You are first in line.")
    assert [each.children for each in full.rows(Booking)] == [0, 2]


def test_places_lost_at_the_last_moment_can_be_waited_for(full: Town) -> None:
    wang = to_show(somebody(full, "wang"), 2).sees("Please check your visit.")
    books(full, "li", 4)
    wang.taps("Confirm").sees("This session is full.", "full · waiting list").taps("19:00")
    wang.taps("Join the waiting list").sees("You are first in line.")


def test_places_found_free_when_joining_are_booked_instead(full: Town) -> None:
    li = books(full, "li", 4)
    wang = to_show(somebody(full, "wang"), 2)
    cancels(li)
    wang.taps("Join the waiting list").sees("There are places for you now").taps("19:00")
    wang.taps("Confirm").sees("Your visit is booked.")


def test_a_cancelled_party_of_four_becomes_an_offer_to_the_first_that_fits(
    database: Database,
) -> None:
    town = towns.build(database)
    add_show(town)
    li = books(town, "li", 4)
    wang, zhao = waits(town, "wang", 4), waits(town, "zhao", 2)
    cancels(li)
    zhao.was_told_nothing()
    wang.was_told("Places have come free, and you are next:", SHOW, "For 4 adults.")
    wang.taps("Yes, we will come").sees("Your visit is booked.", "4 adults")
    pool = pool_of_show(town)
    assert (pool.offered, pool.confirmed, pool.waiting) == (0, 4, 1)


def test_an_offer_is_taken_by_a_word_on_every_channel(full: Town, channel: str) -> None:
    li, wang = books(full, "li", 4), waits(full, "wang", 4, channel)
    cancels(li)
    wang.was_told("Places have come free").says("要").sees("Your visit is booked.")


def test_an_offer_declined_goes_on_to_the_next(full: Town, channel: str) -> None:
    li, wang, zhao = books(full, "li", 4), waits(full, "wang", 4, channel), waits(full, "zhao", 3)
    cancels(li)
    wang.was_told("Places have come free").taps("No, thank you").sees("go to the next family")
    zhao.was_told("Places have come free", "For 3 adults.")


def test_when_the_first_is_silent_the_next_family_is_asked(full: Town) -> None:
    li, wang, zhao = books(full, "li", 4), waits(full, "wang", 4), waits(full, "zhao", 4)
    cancels(li)
    wang.was_told("They are kept for you until Sun 22 Nov 12:00.")
    full.time_passes(hours=2)
    wang.was_told("We did not hear from you in time", "You are still on the waiting list.")
    zhao.was_told("Places have come free").taps("Yes, we will come").sees("Your visit is booked.")
    wang.says("要").sees("No places are offered to you at the moment.")


def test_an_offer_does_not_end_in_the_quiet_hours(full: Town) -> None:
    li, wang, zhao = books(full, "li", 4), waits(full, "wang", 4), waits(full, "zhao", 4)
    full.time_passes(hours=11)  # nine in the evening: an hour of the two is left before quiet
    cancels(li)
    wang.was_told("They are kept for you until Mon 23 Nov 09:00.")
    full.time_passes(hours=10, minutes=59)
    zhao.was_told_nothing()
    wang.taps("Yes, we will come").sees("Your visit is booked.")


def test_of_two_linked_channels_answering_at_once_the_first_wins(database: Database) -> None:
    town = towns.build(database)
    add_show(town)
    li, wang = books(town, "li", 4), waits(town, "wang", 4)
    phone = somebody(town, "wang-phone", "telegram")
    link(wang, phone)
    phone.was_told("Your chats are one now")
    cancels(li)
    for each in (wang, phone):
        each.was_told("Places have come free")
    with ThreadPoolExecutor() as at_once:
        answers = [at_once.submit(each.taps, "Yes, we will come") for each in (wang, phone)]
    seen = sorted((answer.result().seen for answer in answers), key=lambda seen: "booked." in seen)
    assert "You have taken these places already." in seen[0]
    assert "Your visit is booked." in seen[1]
    assert pool_of_show(town).confirmed == 4


def test_waiting_shows_under_my_visits_and_can_be_left(full: Town, channel: str) -> None:
    books(full, "li", 4)
    waits(full, "zhao", 2)
    wang = waits(full, "wang", 2, channel)
    wang.says("my visits").sees("1 family is before you.", "on the waiting list")
    wang.taps("Leave the waiting list").taps("Confirm").sees("You have left the waiting list.")
    assert BookingState.CANCELLED in [each.state for each in full.rows(Booking)]
    assert pool_of_show(full).waiting == 1
