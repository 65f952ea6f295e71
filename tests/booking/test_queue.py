"""What happens on a waiting list: who is offered places, who gets them, who goes on waiting?"""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from handlers.booking import queue
from handlers.booking.party import Guests
from handlers.booking.queue import PlacesFree
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile.actions import NotThere
from storage import audit
from storage.db import Db
from storage.models import BookingState, Chat, Family, OfferState, Pool, PoolName, Returned
from tests.booking.shown import session_of
from tests.booking.waiting import (
    accepts,
    cancels,
    delivered,
    joins,
    offers,
    refused,
    somebody,
    time_comes,
    told,
    visit_of,
)
from tests.builders import (
    NOW,
    SATURDAY,
    a_base,
    a_booking,
    a_chat,
    a_family,
    a_session,
    at,
    here,
    later,
)
from tests.stored import change, pool_of, rows


@pytest.fixture
def full(db: Db) -> tuple[int, Here]:
    """A session of four places, all taken by one family."""
    session = a_session(db, capacity=4, waiting_max=9)
    family = somebody(db)
    a_booking(db, session, family, adults=4)
    return session, family


def counts(db: Db, session: int) -> tuple[int, int, int, int]:
    pool = pool_of(db, session)
    return pool.held, pool.offered, pool.confirmed, pool.waiting


def test_a_freed_party_of_four_becomes_an_offer_to_the_first_that_fits(
    db: Db, full: tuple[int, Here]
) -> None:
    session, family = full
    li, wang = somebody(db), somebody(db)
    assert "You are first in line." in joins(li, session, 4)
    assert "1 family is before you." in joins(wang, session, 2)
    cancels(family)
    assert counts(db, session) == (0, 4, 0, 1)
    assert "For 4 adults." in told(li)[0]
    assert told(wang) == []
    [offer] = offers(db)
    assert "Your visit is booked." in accepts(li, offer)
    assert counts(db, session) == (0, 0, 4, 1)
    assert visit_of(li).state is BookingState.CONFIRMED


def test_two_who_fit_together_are_both_offered_places(db: Db, full: tuple[int, Here]) -> None:
    session, family = full
    li, wang = somebody(db), somebody(db)
    joins(li, session, 3)
    joins(wang, session, 1)
    cancels(family)
    assert [offer.places for offer in offers(db)] == [3, 1]


def test_an_offer_is_taken_once(db: Db, full: tuple[int, Here]) -> None:
    session, family = full
    li = somebody(db)
    joins(li, session, 2)
    cancels(family)
    [offer] = offers(db)
    accepts(li, offer)
    with pytest.raises(Refused) as no:
        accepts(li, offer)
    assert "You have taken these places already." in refused(no.value.text)
    assert counts(db, session) == (0, 0, 2, 0)


def test_nobody_else_can_take_an_offer(db: Db, full: tuple[int, Here]) -> None:
    session, family = full
    joins(somebody(db), session, 2)
    cancels(family)
    with pytest.raises(NotThere):
        accepts(somebody(db), offers(db)[0])


def test_an_offer_is_told_in_every_chat_of_the_family(db: Db, full: tuple[int, Here]) -> None:
    session, family = full
    li = somebody(db)
    other = a_chat(db, person_id=li.speaker.person_id, channel="telegram")
    joins(li, session, 2)
    cancels(family)
    assert len(told(li)) == 1
    assert len(told(replace(li, speaker=replace(li.speaker, chat_id=other)))) == 1


def test_who_declines_leaves_the_list_and_the_next_is_asked(db: Db, full: tuple[int, Here]) -> None:
    session, family = full
    li, wang = somebody(db), somebody(db)
    joins(li, session, 4)
    joins(wang, session, 3)
    cancels(family)
    queue.decline(li, offers(db)[0].public_id)
    assert visit_of(li).state is BookingState.CANCELLED
    [offer] = offers(db)
    assert offer.places == 3
    assert counts(db, session) == (0, 3, 0, 0)


def test_silence_sends_a_family_to_the_end_once(db: Db, full: tuple[int, Here]) -> None:
    session, family = full
    li, wang = somebody(db), somebody(db)
    joins(li, session, 4)
    joins(wang, session, 4)
    cancels(family)
    delivered(db)
    time_comes(db, NOW + timedelta(hours=2))
    assert visit_of(li).state is BookingState.WAITING
    assert visit_of(wang).state is BookingState.OFFERED
    assert "You are still on the waiting list." in told(li)[-1]
    delivered(db)
    time_comes(db, NOW + timedelta(hours=4))
    assert visit_of(li).state is BookingState.OFFERED
    delivered(db)
    time_comes(db, NOW + timedelta(hours=6))
    assert visit_of(li).state is BookingState.EXPIRED
    assert "The waiting list has ended without places for you" in told(li)[-1]


def test_an_offer_whose_time_is_over_cannot_be_taken_however_late_the_job(
    db: Db, full: tuple[int, Here]
) -> None:
    session, family = full
    li = somebody(db)
    joins(li, session, 2)
    cancels(family)
    with pytest.raises(Refused) as no:
        accepts(later(li, hours=2), offers(db)[0])
    assert "have gone to the next family" in refused(no.value.text)


def test_an_offer_nobody_was_told_of_is_made_again_and_does_not_count(
    db: Db, full: tuple[int, Here]
) -> None:
    session, family = full
    li, wang = somebody(db), somebody(db)
    joins(li, session, 4)
    joins(wang, session, 4)
    cancels(family)
    time_comes(db, NOW + timedelta(hours=2))
    assert visit_of(li).state is BookingState.OFFERED
    assert visit_of(wang).state is BookingState.WAITING
    assert len(offers(db, OfferState.REVOKED)) == 1


def test_a_chat_linked_after_the_offer_was_not_told_of_it(db: Db, full: tuple[int, Here]) -> None:
    session, family = full
    li = somebody(db)
    joins(li, session, 4)
    cancels(family)
    a_chat(db, person_id=li.speaker.person_id, channel="telegram")
    time_comes(db, NOW + timedelta(hours=2))
    assert len(offers(db, OfferState.REVOKED)) == 1


def test_who_cannot_be_reached_is_not_offered_places(db: Db, full: tuple[int, Here]) -> None:
    session, family = full
    li, wang = somebody(db), somebody(db)
    joins(li, session, 4)
    joins(wang, session, 2)
    [chat] = [row for row in rows(db, Chat) if row.id == li.speaker.chat_id]
    change(db, chat, is_reachable=False)
    cancels(family)
    assert visit_of(li).state is BookingState.WAITING
    assert visit_of(wang).state is BookingState.OFFERED


def test_the_green_channel_goes_first(db: Db, full: tuple[int, Here]) -> None:
    session, family = full
    li, wang = somebody(db), somebody(db)
    joins(li, session, 4)
    [green] = [row for row in rows(db, Family) if row.id == wang.speaker.family_id]
    change(db, green, priority=1)
    assert "You are first in line." in joins(wang, session, 4)
    cancels(family)
    assert visit_of(wang).state is BookingState.OFFERED


def test_a_smaller_offer_takes_fewer_along(db: Db) -> None:
    session = a_session(db, capacity=4, waiting_max=9)
    two, three = somebody(db), somebody(db)
    a_booking(db, session, two, adults=2)
    a_booking(db, session, three, adults=2)
    li = somebody(db)
    joins(li, session, 4, takes_fewer=True)
    cancels(two)
    assert "For 2 adults only: 2 places are free, you asked for 4." in told(li)[0]
    assert "2 adults" in accepts(li, offers(db)[0])
    assert visit_of(li).adults == 2
    assert counts(db, session) == (0, 0, 4, 0)


def test_leaving_the_list_lets_the_next_one_go_on(db: Db, full: tuple[int, Here]) -> None:
    session, family = full
    li, wang = somebody(db), somebody(db)
    joins(li, session, 4)
    joins(wang, session, 4)
    cancels(family)
    cancels(li)
    assert visit_of(li).state is BookingState.CANCELLED
    assert visit_of(wang).state is BookingState.OFFERED
    assert counts(db, session) == (0, 4, 0, 0)


def test_nobody_waits_where_there_are_places(db: Db) -> None:
    session = a_session(db, capacity=4, waiting_max=9)
    with pytest.raises(queue.PlacesFree):
        joins(somebody(db), session, 4)


def test_a_full_list_says_so(db: Db) -> None:
    session = a_session(db, capacity=1, taken=1, waiting_max=1)
    joins(somebody(db), session, 1)
    with pytest.raises(Refused) as no:
        joins(somebody(db), session, 1)
    assert refused(no.value.text) == "The waiting list of this session is full."


def test_a_family_waits_in_so_many_sessions_only(db: Db) -> None:
    base = a_base(db, wait_max=1)
    first, second = (
        a_session(db, base_id=base, capacity=1, taken=1, waiting_max=1, hour=hour)
        for hour in (10, 14)
    )
    li = somebody(db)
    joins(li, first, 1)
    with pytest.raises(Refused) as no:
        joins(li, second, 1)
    assert "You are on 1 waiting list already." in refused(no.value.text)


def test_the_list_closes_some_time_before_the_session(db: Db, full: tuple[int, Here]) -> None:
    session, _family = full
    li = somebody(db)
    joins(li, session, 4)
    time_comes(db, at(SATURDAY, 8))
    assert visit_of(li).state is BookingState.EXPIRED
    assert counts(db, session) == (0, 0, 4, 0)
    with pytest.raises(Refused):
        queue.join(replace(somebody(db), now=at(SATURDAY, 8)), session_of(db, session), Guests(1))


def test_places_that_come_back_wait_for_the_bases_hour(db: Db) -> None:
    base = a_base(db, returns="daily", returns_time=time(9, 30))
    session = a_session(db, base_id=base, capacity=2, waiting_max=9)
    family, li = somebody(db), somebody(db)
    a_booking(db, session, family, adults=2)
    joins(li, session, 2)
    cancels(family)
    assert counts(db, session) == (2, 0, 0, 1)
    assert offers(db) == []
    time_comes(db, NOW + timedelta(hours=24))
    assert counts(db, session) == (0, 2, 0, 0)
    [back] = rows(db, Returned)
    assert back.released_at == NOW + timedelta(hours=24)


def test_after_being_passed_over_so_often_places_are_kept(db: Db) -> None:
    base = a_base(db, bypass_max=1)
    session = a_session(db, base_id=base, capacity=3, waiting_max=9)
    three = [somebody(db) for _each in range(3)]
    for each in three:
        a_booking(db, session, each, adults=1)
    li, wang, zhao = somebody(db), somebody(db), somebody(db)
    joins(li, session, 2)
    joins(wang, session, 1)
    joins(zhao, session, 1)
    cancels(three[0])
    accepts(wang, offers(db)[0])
    cancels(three[1])
    assert offers(db) == []
    assert counts(db, session) == (1, 0, 2, 2)
    cancels(three[2])
    assert visit_of(li).state is BookingState.OFFERED
    assert counts(db, session) == (0, 2, 1, 1)


def test_every_step_is_written_down(db: Db, full: tuple[int, Here]) -> None:
    session, family = full
    li = somebody(db)
    joins(li, session, 4)
    cancels(family)
    accepts(li, offers(db)[0])
    steps = audit.of(db, "booking", visit_of(li).id or 0)
    assert [(each.action, each.after) for each in steps] == [
        ("book", "waiting"),
        ("offer", "offered"),
        ("accept", "confirmed"),
    ]
    audit.seal(db, NOW + timedelta(minutes=1))
    assert audit.broken_at(db) is None


def test_a_family_of_the_green_channel_does_not_wait_while_places_are_kept_for_it(
    db: Db, full: tuple[int, Here]
) -> None:
    session, _family = full
    db.insert(Pool(session_id=session, name=PoolName.PRIORITY, capacity=2))
    green = replace(here(db, family_id=a_family(db, priority=1)), home_locale="en")
    with pytest.raises(PlacesFree):
        joins(green, session, 2)
    assert "You are first in line." in joins(green, session, 3)
    assert "1 family is before you." in joins(somebody(db), session, 1)
