"""Is only a visit struck that nobody came to, once, where the desk is used?"""

from datetime import timedelta
from typing import Any

import pytest

from handlers.desk import actions, noshows
from handlers.desk.actions import Scan
from storage import strikes
from storage.db import Db
from storage.models import (
    Appeal,
    Booking,
    BookingChild,
    BookingState,
    EndedBy,
    Outbox,
    Policy,
    Session,
    SessionState,
    Step,
    Strike,
    StrikeKind,
    Terms,
)
from tests.builders import a_booking, a_child, a_parent, a_session
from tests.desk.door import KEY, TEN, Door
from tests.stored import change, pool_of, rows

CLOSED = TEN + timedelta(minutes=31)


class Missed(Door):
    """A door through which one party came, and another did not."""

    def __init__(self, db: Db, **fields: Any) -> None:
        super().__init__(db, **fields)
        self.missing = a_parent(db, ["豆豆"])
        child = a_child(db, self.missing.speaker.family_id)
        self.missing_id = a_booking(
            db, self.session_id, self.missing, code="BBBB3333", child_ids=[child]
        )

    def somebody_comes(self) -> None:
        actions.sync(self.desk(), [self.scan()], KEY)

    def closes(self, **later: float) -> int:
        """Have the job look after the door closed."""
        now = CLOSED + timedelta(**later)
        batches = noshows.due(self.db, now)
        return sum(noshows.miss(self.db, ids, now, "en") for ids in batches)

    def texts(self) -> list[str]:
        return [str(each.payload["text"]) for each in rows(self.db, Outbox)]


@pytest.fixture
def door(db: Db) -> Missed:
    missed = Missed(db)
    missed.somebody_comes()
    return missed


def state(db: Db, booking_id: int) -> BookingState:
    return next(each.state for each in rows(db, Booking) if each.id == booking_id)


def test_who_does_not_come_is_struck_once_and_told_kindly(db: Db, door: Missed) -> None:
    assert door.closes() == 1
    assert door.closes(minutes=1) == 0
    [strike] = rows(db, Strike)
    assert (strike.booking_id, strike.kind, strike.appeal) == (
        door.missing_id,
        StrikeKind.NO_SHOW,
        Appeal.NONE,
    )
    booking = next(each for each in rows(db, Booking) if each.id == door.missing_id)
    assert (booking.state, booking.ended_by) == (BookingState.NO_SHOW, EndedBy.CLOCK)
    assert [each.is_live for each in rows(db, BookingChild)] == [False]
    [text] = door.texts()
    assert "We missed you on Sat 28 Nov at 10:00" in text
    assert "tell us until Sat 12 Dec" in text
    assert "New visits" not in text


def test_the_places_of_a_missed_visit_are_counted_no_longer(db: Db, door: Missed) -> None:
    before = pool_of(db, door.session_id).confirmed
    door.closes()
    assert pool_of(db, door.session_id).confirmed == before - 2


def test_whoever_came_is_not_struck(db: Db, door: Missed) -> None:
    door.closes()
    assert door.visit.state is BookingState.CHECKED_IN


def test_nobody_is_struck_while_the_door_is_open(db: Db, door: Missed) -> None:
    assert door.closes(minutes=-1) == 0


def test_a_visit_keeps_the_door_it_was_booked_with(db: Db) -> None:
    door = Missed(db, last_entry_minutes=0)
    door.somebody_comes()
    shorter = Terms(entry_closes_minutes=5, last_entry_minutes=0)
    db.insert(Policy(base_id=door.base_id, version=2, effective_from=TEN, terms=shorter))
    change(db, rows(db, Session)[0], policy_version=2)
    assert door.closes(minutes=-20) == 0
    assert door.closes() == 1


def test_a_base_that_checks_nobody_in_strikes_nobody(db: Db) -> None:
    door = Missed(db)
    assert door.closes() == 0
    door.somebody_comes()
    actions.undo(door.desk(), door.visit.public_id, "wrong code")
    assert door.closes() == 0
    assert rows(db, Strike) == []


def test_a_check_in_of_another_day_does_not_count_as_using_the_desk(db: Db, door: Missed) -> None:
    tomorrow = a_session(db, base_id=door.base_id, local_date=TEN.date() + timedelta(days=1))
    visit = a_booking(db, tomorrow, door.missing)
    door.closes(days=1)
    assert state(db, visit) is BookingState.CONFIRMED


def test_a_session_the_base_called_off_strikes_nobody(db: Db, door: Missed) -> None:
    batches = noshows.due(db, CLOSED)
    change(db, rows(db, Session)[0], state=SessionState.CANCELLED)
    assert noshows.due(db, CLOSED) == []
    assert [noshows.miss(db, ids, CLOSED, "en") for ids in batches] == [0]
    assert rows(db, Strike) == []


def test_whoever_came_since_the_job_looked_is_not_struck(db: Db, door: Missed) -> None:
    batches = noshows.due(db, CLOSED)
    late = Scan("late", "BBBB3333", CLOSED, is_late_welcome=True)
    actions.sync(door.desk(CLOSED), [late], KEY)
    assert [noshows.miss(db, ids, CLOSED, "en") for ids in batches] == [0]


def test_many_who_missed_come_in_batches(db: Db, door: Missed) -> None:
    for _each in range(noshows.BATCH):
        change(db, rows(db, Session)[0], capacity=200)
        parent = a_parent(db)
        a_booking(db, a_session(db, base_id=door.base_id), parent)
    assert [len(ids) for ids in noshows.due(db, CLOSED)] == [noshows.BATCH, 1]
    assert door.closes() == noshows.BATCH + 1


def test_at_the_step_of_the_ladder_the_family_hears_until_when(db: Db) -> None:
    door = Missed(db, ladder=(Step(strikes=1, days=30),))
    door.somebody_comes()
    door.closes()
    assert "New visits there can be booked again from Mon 28 Dec." in door.texts()[0]


def test_whoever_comes_after_all_is_let_in_and_nothing_counts(db: Db, door: Missed) -> None:
    door.closes()
    late = Scan("late", "BBBB3333", CLOSED, is_late_welcome=True)
    [result] = actions.sync(door.desk(CLOSED + timedelta(minutes=5)), [late], KEY)
    assert result.inside == 2
    assert state(db, door.missing_id) is BookingState.NO_SHOW
    assert [each.appeal for each in rows(db, Strike)] == [Appeal.GRANTED]
    assert "does not count against you any more" in door.texts()[-1]


def test_a_device_that_was_offline_proves_that_they_came(db: Db, door: Missed) -> None:
    door.closes()
    scan = Scan("offline", "BBBB3333", TEN)
    for _again in range(2):
        [result] = actions.sync(door.desk(CLOSED + timedelta(hours=5)), [scan], KEY)
        assert (result.why, result.inside) == (None, 2)
    assert [each.appeal for each in rows(db, Strike)] == [Appeal.GRANTED]
    assert len(door.texts()) == 2


def test_a_visit_is_struck_once_whatever_for(db: Db, door: Missed) -> None:
    assert strikes.add(db, door.missing_id, StrikeKind.LATE_CANCEL, TEN)
    assert not strikes.add(db, door.missing_id, StrikeKind.NO_SHOW, TEN)
    door.closes()
    assert [each.kind for each in rows(db, Strike)] == [StrikeKind.LATE_CANCEL]
