"""Does a waiting list go on by itself: who cannot be told, who is kept away, what nobody needs?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.booking import actions, changes
from handlers.booking.party import Guests
from handlers.here import Here
from handlers.messages import Refused
from storage import audit, bookings, leaving, strikes
from storage.chats import heard
from storage.db import Db
from storage.models import BookingState, Chat, Family, OfferState, Step, StrikeKind, Waiting
from tests.booking import sums
from tests.booking.shown import session_of
from tests.booking.waiting import (
    accepts,
    cancels,
    joins,
    offers,
    refused,
    somebody,
    time_comes,
    visit_of,
)
from tests.builders import NOW, SATURDAY, a_base, a_booking, a_session, later
from tests.stored import change, pool_of, rows

WAITING, OFFERED = BookingState.WAITING, BookingState.OFFERED


def full(db: Db, **terms: object) -> tuple[int, Here]:
    """A session of four places, all taken by one family."""
    session = a_session(db, base_id=a_base(db, **terms), capacity=4, waiting_max=9)
    family = somebody(db)
    a_booking(db, session, family, adults=4)
    return session, family


def reach(db: Db, who: Here, *, is_reachable: bool) -> None:
    [chat] = [row for row in rows(db, Chat) if row.id == who.speaker.chat_id]
    change(db, chat, is_reachable=is_reachable)


def give_up(who: Here) -> None:
    visit = bookings.by_id(who.db, visit_of(who).id or 0)
    assert visit is not None
    assert leaving.give_up(who.db, visit, who.now)


def test_whom_no_offer_reaches_lets_others_pass_until_they_speak(db: Db) -> None:
    session, family = full(db)
    li, wang = somebody(db), somebody(db)
    joins(li, session, 4)
    joins(wang, session, 4)
    cancels(later(family, minutes=1))
    for hours in (3, 6):
        time_comes(db, NOW + timedelta(hours=hours))
    assert (visit_of(li).state, visit_of(wang).state) == (WAITING, OFFERED)
    assert len(offers(db, OfferState.REVOKED)) == 2
    heard(db, li.speaker.chat_id, 0, NOW + timedelta(hours=7))
    cancels(later(wang, hours=7))
    assert visit_of(li).state is OFFERED


def test_who_can_be_reached_again_is_asked(db: Db) -> None:
    session, family = full(db)
    li = somebody(db)
    joins(li, session, 4)
    reach(db, li, is_reachable=False)
    cancels(family)
    time_comes(db, NOW + timedelta(minutes=1))
    assert visit_of(li).state is WAITING
    reach(db, li, is_reachable=True)
    time_comes(db, NOW + timedelta(minutes=2))
    assert visit_of(li).state is OFFERED
    assert sums.wrong(db) == []


def test_who_missed_visits_meanwhile_is_not_asked(db: Db) -> None:
    session, family = full(db, ladder=(Step(strikes=1, days=30),))
    li, wang = somebody(db), somebody(db)
    joins(li, session, 4)
    joins(wang, session, 4)
    assert strikes.add(db, visit_of(li).id or 0, StrikeKind.NO_SHOW, NOW)
    cancels(family)
    assert (visit_of(li).state, visit_of(wang).state) == (WAITING, OFFERED)


def test_who_booked_up_to_the_limit_meanwhile_cannot_take_an_offer(db: Db) -> None:
    base = a_base(db, visits_active=1)
    session = a_session(db, base_id=base, capacity=4, waiting_max=9)
    family, li = somebody(db), somebody(db)
    a_booking(db, session, family, adults=4)
    joins(li, session, 4)
    other = a_session(db, base_id=base, local_date=SATURDAY + timedelta(days=1))
    actions.book(li, session_of(db, other), Guests(1))
    cancels(family)
    [offer] = offers(db)
    with pytest.raises(Refused) as no:
        accepts(li, offer)
    assert "You hold 1 visit here already" in refused(no.value.text)
    assert [each.id for each in offers(db)] == [offer.id]
    cancels(li)  # the newest: the other visit
    assert "Your visit is booked." in accepts(li, offer)


def test_what_was_kept_for_an_erased_family_is_everybodys(db: Db) -> None:
    session = a_session(db, base_id=a_base(db, bypass_max=1), capacity=3, waiting_max=9)
    three = [somebody(db) for _each in range(3)]
    for each in three:
        a_booking(db, session, each)
    li, wang = somebody(db), somebody(db)
    joins(li, session, 2)
    joins(wang, session, 1)
    cancels(three[0])
    accepts(wang, offers(db)[0])
    cancels(three[1])
    assert pool_of(db, session).held == 1
    give_up(li)
    time_comes(db, NOW + timedelta(minutes=1))
    assert (pool_of(db, session).held, pool_of(db, session).waiting) == (0, 0)
    assert audit.of(db, "booking", visit_of(li).id or 0)[-1].action == "erase"


def test_who_moves_or_brings_more_passes_over_who_waits(db: Db) -> None:
    base = a_base(db)
    saturday = a_session(db, base_id=base, capacity=4, waiting_max=9)
    sunday = a_session(db, base_id=base, local_date=SATURDAY + timedelta(days=1))
    a_booking(db, saturday, somebody(db))
    wang, li = somebody(db), somebody(db)
    a_booking(db, sunday, wang)
    joins(li, saturday, 4)
    changes.move(wang, visit_of(wang).public_id, session_of(db, saturday))
    assert [each.bypassed for each in rows(db, Waiting)] == [1]
    changes.change_party(wang, visit_of(wang).public_id, Guests(2))
    assert [each.bypassed for each in rows(db, Waiting)] == [2]


def test_the_green_channel_is_offered_what_was_kept_for_somebody_behind(db: Db) -> None:
    session = a_session(db, base_id=a_base(db, bypass_max=1), capacity=2, waiting_max=9)
    two = [somebody(db), somebody(db)]
    for each in two:
        a_booking(db, session, each)
    li, wang, green = somebody(db), somebody(db), somebody(db)
    joins(li, session, 2)
    joins(wang, session, 1)
    cancels(two[0])
    cancels(wang)
    assert pool_of(db, session).held == 1
    green = replace(green, now=NOW + timedelta(minutes=1))
    [row] = [each for each in rows(db, Family) if each.id == green.speaker.family_id]
    change(db, row, priority=1)
    joins(green, session, 1)
    assert visit_of(green).state is OFFERED
    assert sums.wrong(db) == []
