"""Do places of the green channel and of groups get to their families first, and back in time?"""

from datetime import timedelta

import pytest

from handlers.booking import actions, flowing, options
from handlers.booking.actions import SessionFull
from handlers.booking.party import Guests
from handlers.here import Here
from handlers.texts import say
from storage.db import Db
from storage.models import (
    Audit,
    Booking,
    Family,
    Pool,
    PoolName,
    Session,
    SessionState,
)
from tests.builders import NOW, SATURDAY, a_base, a_family, a_session, at, here
from tests.stored import change, rows

STARTS = at(SATURDAY, 10)
FLOWS = STARTS - timedelta(hours=72)
FAMILY, PRIORITY, GROUP = PoolName.FAMILY, PoolName.PRIORITY, PoolName.GROUP


def a_pool(db: Db, session: int, name: PoolName = PRIORITY, capacity: int = 4) -> int:
    """A pool of a session that flows to families three days before."""
    return db.insert(
        Pool(session_id=session, name=name, capacity=capacity, flows_to=FAMILY, flows_at=FLOWS)
    )


def sizes(db: Db) -> dict[str, int]:
    return {str(each.name): each.capacity for each in rows(db, Pool)}


def of_green_channel(db: Db) -> Here:
    return here(db, family_id=a_family(db, priority=1))


def session_of(db: Db) -> str:
    return rows(db, Session)[0].public_id


def book(someone: Here, adults: int = 1) -> PoolName:
    """Book; of which pool the places are."""
    with someone.db.savepoint():
        actions.book(someone, session_of(someone.db), Guests(adults))
    newest = max(rows(someone.db, Booking), key=lambda each: each.id or 0)
    return next(each.name for each in rows(someone.db, Pool) if each.id == newest.pool_id)


def test_what_is_unused_flows_at_its_hour_once_and_is_written_down(db: Db) -> None:
    pool = a_pool(db, a_session(db, capacity=40))
    flowing.flow(db, FLOWS - timedelta(microseconds=1), "en")
    assert sizes(db) == {"family": 40, "priority": 4}
    for _again in range(2):
        flowing.flow(db, FLOWS, "en")
        assert sizes(db) == {"family": 44, "priority": 0}
    [entry] = rows(db, Audit)
    assert (entry.kind, entry.object_id, entry.action) == ("pool", pool, "flow")
    assert (entry.before, entry.after, entry.reason) == ("4", "0", "4 priority → family")


def test_what_is_used_or_promised_stays_and_follows_when_it_comes_free(db: Db) -> None:
    a_pool(db, a_session(db, capacity=40), capacity=9)
    [pool] = [each for each in rows(db, Pool) if each.name is PRIORITY]
    change(db, pool, held=1, offered=2, confirmed=3)
    flowing.flow(db, FLOWS, "en")
    assert sizes(db) == {"family": 43, "priority": 6}
    change(db, pool, confirmed=1)
    flowing.flow(db, FLOWS + timedelta(hours=1), "en")
    assert sizes(db) == {"family": 45, "priority": 4}
    [kept] = [each for each in rows(db, Pool) if each.name is PRIORITY]
    assert kept.flowed_at == FLOWS


def test_nothing_flows_in_a_session_that_began_or_was_cancelled(db: Db) -> None:
    a_pool(db, a_session(db, capacity=40))
    flowing.flow(db, STARTS, "en")
    change(db, rows(db, Session)[0], state=SessionState.CANCELLED)
    flowing.flow(db, FLOWS, "en")
    assert sizes(db) == {"family": 40, "priority": 4}


def test_a_target_that_is_not_there_is_made(db: Db) -> None:
    session = a_session(db, capacity=40)
    db.insert(Pool(session_id=session, name=PRIORITY, capacity=4, flows_to=GROUP, flows_at=FLOWS))
    flowing.flow(db, FLOWS, "en")
    assert sizes(db) == {"family": 40, "priority": 0, "group": 4}


def test_a_family_of_the_green_channel_has_its_places_first(db: Db) -> None:
    a_pool(db, a_session(db, capacity=40), capacity=3)
    assert book(of_green_channel(db), 2) is PRIORITY
    assert book(of_green_channel(db), 2) is FAMILY  # one pool for one party
    assert book(of_green_channel(db), 1) is PRIORITY
    assert book(here(db), 1) is FAMILY


def test_in_a_session_that_is_full_for_others_the_green_channel_still_comes(db: Db) -> None:
    base = a_base(db)
    a_pool(db, a_session(db, base_id=base, capacity=4, taken=4))
    green, other = of_green_channel(db), here(db)
    with pytest.raises(SessionFull) as full:
        book(other)
    assert say(full.value.text, "en").startswith("This session is full.")
    with pytest.raises(SessionFull) as full:
        book(green, 5)
    assert say(full.value.text, "en").startswith(
        "Only 4 places are left in this session; you need 5."
    )
    assert book(green, 4) is PRIORITY


def test_each_family_sees_the_places_it_can_have(db: Db) -> None:
    session = a_session(db, capacity=4, taken=3)
    a_pool(db, session)
    public_id = options.places(here(db))[0].value
    told = {
        name: [
            say(options.open_days(someone, public_id)[0].note, "en"),
            say(options.sessions(someone, public_id, SATURDAY)[0].note, "en"),
        ]
        for name, someone in (("green", of_green_channel(db)), ("other", here(db)))
    }
    assert told == {"green": ["5 left", "4 left"], "other": ["1 left", "1 left"]}
    assert {each.priority for each in rows(db, Family)} == {0, 1}


def test_a_session_that_no_longer_takes_bookings_is_not_offered(db: Db) -> None:
    a_session(db, base_id=a_base(db, closes_minutes=60), hour=10)
    a_session(db, base_id=rows(db, Session)[0].base_id, hour=14)
    someone = here(db, now=STARTS - timedelta(minutes=30))
    public_id = options.places(someone)[0].value
    found = options.sessions(someone, public_id, SATURDAY)
    assert [say(each.label, "en")[:5] for each in found] == ["14:00"]
    assert someone.now > NOW
