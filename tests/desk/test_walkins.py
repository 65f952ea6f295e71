"""Do walk-ins take places that are free, and give them back when it was wrong?"""

from typing import Any

import pytest

from handlers.desk import actions, options, walkins
from handlers.desk.staff import NotStaff, desk_of
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile.words import texts_of
from handlers.texts import say
from storage import audit, checkins
from storage.db import Db
from storage.models import Booking, BookingState, Pool, PoolName, Session, SessionState
from tests.builders import a_parent, later
from tests.desk.door import TEN, Door, a_role, at_ten
from tests.stored import change, rows


class Counter(Door):
    """A door with walk-ins before it: seven places for families, three of them taken."""

    def __init__(self, db: Db, walk_in: int = 0, **fields: Any) -> None:
        super().__init__(db, **fields)
        session = next(each for each in rows(db, Session) if each.id == self.session_id)
        self.session = session.public_id
        change(db, rows(db, Pool)[0], capacity=7)
        if walk_in:
            db.insert(Pool(session_id=self.session_id, name=PoolName.WALK_IN, capacity=walk_in))
        someone = at_ten(a_parent(db))
        a_role(db, someone.speaker.person_id, self.base_id)
        self.here: Here = someone

    def lets_in(self, adults: int, children: int = 0) -> list[str]:
        done = walkins.walk_in(self.here, self.session, adults, children)
        return [say(each, "en") for each in texts_of(done)]

    def taken(self) -> dict[str, int]:
        return {each.name.value: each.confirmed for each in rows(self.db, Pool)}

    def walk_ins(self) -> list[Booking]:
        return [each for each in rows(self.db, Booking) if each.channel == checkins.WALK_IN]


def test_without_a_pool_of_their_own_walk_ins_take_what_families_left(db: Db) -> None:
    counter = Counter(db)
    assert walkins.room(counter.here, counter.session) == 4
    [told] = counter.lets_in(1, 2)
    assert told.startswith("Checked in.")
    assert told.endswith("3 of 3 inside")
    assert counter.taken() == {"family": 6}
    [visit] = counter.walk_ins()
    assert (visit.state, visit.heads, visit.adults, visit.children) == (
        BookingState.CHECKED_IN,
        3,
        1,
        2,
    )
    assert visit.id is not None
    noted = [each.action for each in audit.of(db, "booking", visit.id)]
    assert noted == ["walk_in", "check_in"]


def test_their_own_pool_is_drawn_on_first(db: Db) -> None:
    counter = Counter(db, walk_in=2)
    counter.lets_in(2)
    assert counter.taken() == {"family": 3, "walk_in": 2}


def test_a_party_may_take_from_both(db: Db) -> None:
    counter = Counter(db, walk_in=2)
    assert len(counter.lets_in(1, 2)) == 2
    assert counter.taken() == {"family": 4, "walk_in": 2}
    assert sum(each.heads for each in counter.walk_ins()) == 3


def test_no_more_walk_ins_than_places(db: Db) -> None:
    counter = Counter(db, walk_in=1)
    with pytest.raises(Refused, match="So many places are not free"):
        counter.lets_in(6)
    assert counter.taken() == {"family": 3, "walk_in": 0}
    assert counter.walk_ins() == []
    counter.lets_in(5)
    assert walkins.room(counter.here, counter.session) == 0


def test_where_only_children_count_adults_take_no_place(db: Db) -> None:
    counter = Counter(db, capacity_counts="children")
    counter.lets_in(4, 4)
    assert counter.taken() == {"family": 7}


def test_an_undone_walk_in_gives_its_places_back(db: Db) -> None:
    counter = Counter(db)
    counter.lets_in(2, 1)
    [visit] = counter.walk_ins()
    result = actions.undo(desk_of(counter.here), visit.public_id, "left again")
    assert (result.inside, counter.taken()) == (0, {"family": 3})
    [visit] = counter.walk_ins()
    assert visit.state is BookingState.CANCELLED
    assert visit.id is not None
    noted = [(each.action, each.after) for each in audit.of(db, "booking", visit.id)][2:]
    assert noted == [("undo_check_in", "confirmed"), ("cancel", "cancelled")]
    actions.undo(desk_of(counter.here), visit.public_id, "again")
    assert counter.taken() == {"family": 3}


@pytest.mark.parametrize("minutes", [-31, 31])
def test_walk_ins_come_in_while_the_door_is_open(db: Db, minutes: int) -> None:
    counter = Counter(db)
    counter.here = later(counter.here, minutes=minutes)
    with pytest.raises(Refused, match="while the door"):
        counter.lets_in(1)


def test_nobody_walks_into_a_session_that_is_called_off(db: Db) -> None:
    counter = Counter(db)
    change(db, rows(db, Session)[0], state=SessionState.CANCELLED)
    with pytest.raises(Refused, match="cancelled this session"):
        counter.lets_in(1)


def test_a_party_of_nobody_is_none(db: Db) -> None:
    with pytest.raises(Refused, match="at least one person"):
        Counter(db).lets_in(0)


def test_only_the_desk_of_the_base_lets_walk_ins_in(db: Db) -> None:
    counter = Counter(db)
    counter.here = at_ten(a_parent(db))
    with pytest.raises(NotStaff):
        counter.lets_in(1)


def test_the_session_shows_who_is_where(db: Db) -> None:
    counter = Counter(db)
    counter.lets_in(2)
    [card] = texts_of([options.session_card(counter.here, counter.session)])
    assert say(card, "en").endswith("5/40 booked · 2 inside · 1 party missing (3)")
    parties = options.parties(counter.here, counter.session)
    assert [say(each.label, "en") for each in parties] == [
        "K7MW-2QRT",
        "Let a walk-in in",
        "Undo a check-in",
        "All sessions",
    ]
    [inside] = options.inside(counter.here, counter.session)
    assert say(inside.note, "en") == "2 of 2 inside"
    assert counter.here.now == TEN
