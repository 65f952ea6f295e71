"""Can a family change its visit: another session, other people, or not at all, even late?"""

from typing import Any

from handlers.conversation.testing import Person
from storage.database import Database
from storage.models import Booking, BookingState, EndedBy, Pool, Strike, StrikeKind
from tests.stories import town as towns
from tests.stories.queues import SHOW, add_show, books, pool_of_show, somebody, to_show, waits
from tests.stories.town import CODE, Town


def known(town: Town, channel: str = "web") -> Person:
    """Somebody who comes with 小明 on Saturday at ten, and now reads English."""
    parent = town.known_family(channel).says("language")
    return parent.says("my visits").sees("Sat 28 Nov, 10:00–11:00")


def strolls(town: Town, channel: str = "web") -> Person:
    """Somebody who comes to the garden on Saturday, where a late cancellation counts."""
    person = somebody(town, "li", channel).says("book").taps("绿谷", "Sat 28 Nov", "09:00")
    return person.taps("Adults only").says("2").taps("Confirm").sees("Your visit is booked.")


def states(town: Town) -> list[Any]:
    """The states of all visits, the oldest first."""
    return [each.state for each in town.rows(Booking)]


def test_a_visit_is_moved_to_another_session(town: Town, channel: str) -> None:
    parent = known(town, channel)
    [old] = CODE.findall(parent.seen)[:1]
    parent.taps("Move to another session").sees("To which day?", "Sat 28 Nov", "Sun 29 Nov")
    parent.taps("Sun 29 Nov").sees("10:00–11:00 星空剧场").taps("10:00")
    parent.sees("Shall the visit be moved?", "Day: Sun 29 Nov").taps("Confirm")
    parent.sees("Your visit is moved. The ticket has a new code.", "Sun 29 Nov, 10:00–11:00")
    assert CODE.findall(parent.seen)[0] != old
    assert states(town) == [BookingState.MOVED, BookingState.CONFIRMED]
    assert [pool.confirmed for pool in town.rows(Pool)][:4] == [0, 6, 8, 2]


def test_only_sessions_that_fit_the_whole_party_are_offered(town: Town) -> None:
    parent = known(town).taps("Move to another session").taps("Sat 28 Nov")
    parent.sees("14:00–15:00").does_not_see("10:00–11:00", "16:00–17:00")


def test_a_session_that_filled_up_leaves_the_old_visit_as_it_was(town: Town) -> None:
    parent = known(town).taps("Move to another session").taps("Sat 28 Nov", "14:00")
    town.changes(town.rows(Pool)[1], confirmed=8)
    parent.taps("Confirm").sees("This session is full.", "To which day?")
    assert states(town) == [BookingState.CONFIRMED]


def test_a_brother_comes_along_as_well(town: Town, channel: str) -> None:
    parent = known(town, channel).taps("Change who comes").sees("Who is coming?")
    parent.taps("Someone else").ticks("小明", "another child").says("小红", "2017-03")
    parent.taps("No, that is all").says("2").sees("It is for 2 adults and 2 children then.")
    parent.taps("Confirm").sees("Your visit is changed.", "2 adults and 2 children")
    assert town.rows(Pool)[0].confirmed == 4


def test_a_party_cannot_grow_beyond_what_is_left_and_its_own_places(town: Town) -> None:
    parent = known(town)
    town.changes(town.rows(Pool)[0], confirmed=8)
    parent.taps("Change who comes", "Someone else").ticks("小明")
    parent.sees("Only 2 places are left in this session.", "It is for 1 adult and 1 child then.")


def test_fewer_people_give_places_to_who_waits(town: Town) -> None:
    add_show(town)
    li, wang = books(town, "li", 4), waits(town, "wang", 2)
    li.says("my visits").taps("Change who comes").taps("Adults only").says("2").taps("Confirm")
    li.sees("Your visit is changed.", "2 adults")
    wang.was_told("Places have come free", "For 2 adults.").taps("Yes, we will come")
    assert (pool_of_show(town).confirmed, pool_of_show(town).waiting) == (4, 0)


def test_whoever_thinks_better_of_it_changes_nothing(town: Town, channel: str) -> None:
    parent = known(town, channel).taps("Change who comes", "Someone else").ticks("小明")
    parent.says("2").taps("Stop here").sees("Nothing was changed.")
    parent.says("my visits").sees("1 adult and 1 child")


def test_a_late_cancellation_is_warned_of_and_then_counts(database: Database) -> None:
    town = towns.build(database)
    li = strolls(town)
    town.stage.later(days=5, hours=11)
    li.says("my visits").sees("cancelled now, this visit counts as missed")
    li.taps("Cancel this visit").sees(
        "Shall this visit be cancelled?",
        "Cancelling was free until Fri 27 Nov 19:00: cancelled now, this visit counts as missed.",
    )
    assert town.rows(Strike) == []
    li.taps("Confirm").sees("The visit is cancelled")
    [visit] = town.rows(Booking)
    [strike] = town.rows(Strike)
    assert (visit.state, visit.ended_by) == (BookingState.CANCELLED, EndedBy.LATE)
    assert strike.kind is StrikeKind.LATE_CANCEL


def test_nobody_is_struck_who_was_not_warned(town: Town) -> None:
    li = strolls(town)
    town.stage.later(days=5, hours=8, minutes=59)
    li.says("my visits").taps("Cancel this visit").does_not_see("counts as missed")
    town.stage.later(minutes=5)
    li.taps("Confirm").sees("cancelled now, this visit counts as missed.", "anything else")
    assert town.rows(Strike) == []
    assert states(town) == [BookingState.CONFIRMED]


def test_in_time_nothing_counts(town: Town) -> None:
    li = strolls(town).says("my visits").taps("Cancel this visit").does_not_see("missed")
    li.taps("Confirm").sees("The visit is cancelled")
    assert town.rows(Strike) == []


def test_a_visit_changed_too_often_says_so(town: Town) -> None:
    add_show(town)
    li = to_show(somebody(town, "li"), 2).taps("Confirm")
    for count in (3, 2):
        li.says("my visits").taps("Change who comes", "Adults only").says(str(count))
        li.taps("Confirm").sees("Your visit is changed.")
    li.says("my visits").sees("can be changed 2 times, and this one has been.")
    li.sees(SHOW).does_not_see("Change who comes", "Move to another session")
