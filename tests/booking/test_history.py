"""Is every visit counted that a limit has to count, and no other, on both databases?"""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from handlers.booking import actions
from handlers.booking.party import Guests
from handlers.here import Here
from handlers.messages import Refused
from handlers.texts import say
from storage.database import Database
from storage.db import Db
from storage.models import Appeal, BookingState, Child, EndedBy, Session, Strike, StrikeKind
from tests.booking import limit_race
from tests.booking.waiting import accepts, cancels, joins, offers
from tests.builders import NOW, SATURDAY, a_base, a_booking, a_child, a_parent, a_session, later
from tests.stored import rows

ROOT = Path(__file__).parent.parent.parent
SUNDAY = SATURDAY + timedelta(days=1)
ACTIVE = "You hold 1 visit here already"
OF_DAY = "You have 1 visit here on Sat 28 Nov already"


def refusal(parent: Here, session: int, children: tuple[str, ...] = ()) -> str:
    """Why one more visit is refused; "" when it is booked."""
    public_id = next(each.public_id for each in rows(parent.db, Session) if each.id == session)
    try:
        with parent.db.savepoint():
            actions.book(parent, public_id, Guests(1, children))
    except Refused as refused:
        return say(refused.text, "en")
    return ""


def a_strike(db: Db, booking: int, base: int, parent: Here, **fields: Any) -> None:
    usual = {"kind": StrikeKind.NO_SHOW, "at": NOW - timedelta(days=1)}
    who = {"booking_id": booking, "base_id": base, "family_id": parent.speaker.family_id}
    db.insert(Strike(**{**usual, **who, **fields}))


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (BookingState.HELD, ACTIVE),
        (BookingState.CONFIRMED, ACTIVE),
        (BookingState.CHECKED_IN, ACTIVE),
        (BookingState.WAITING, ""),
        (BookingState.OFFERED, ""),
        (BookingState.CANCELLED, ""),
        (BookingState.MOVED, ""),
        (BookingState.NO_SHOW, ""),
    ],
)
def test_only_visits_that_are_booked_count_as_active(
    db: Db, state: BookingState, told: str
) -> None:
    base, parent = a_base(db, visits_active=1), a_parent(db)
    a_booking(db, a_session(db, base_id=base), parent, state=state)
    assert refusal(parent, a_session(db, base_id=base, local_date=SUNDAY)).startswith(told)


def test_other_families_other_bases_and_past_visits_do_not_count(db: Db) -> None:
    base, parent = a_base(db, visits_active=1), a_parent(db)
    a_booking(db, a_session(db, base_id=base), a_parent(db))
    a_booking(db, a_session(db), parent)
    a_booking(db, a_session(db, base_id=base, local_date=NOW.date(), hour=8), parent)
    assert refusal(parent, a_session(db, base_id=base, local_date=SUNDAY)) == ""


def test_a_day_is_counted_with_what_is_over_already(db: Db) -> None:
    base, parent = a_base(db), a_parent(db)
    a_booking(db, a_session(db, base_id=base, hour=8), parent, state=BookingState.CHECKED_IN)
    saturday_noon = later(parent, days=6, hours=2)
    afternoon = a_session(db, base_id=base, hour=14)
    assert refusal(saturday_noon, afternoon).startswith(OF_DAY)
    assert refusal(parent, a_session(db, base_id=base, local_date=SUNDAY)) == ""


@pytest.mark.parametrize(
    ("state", "ended_by", "is_refused"),
    [
        (BookingState.CANCELLED, EndedBy.FAMILY, True),
        (BookingState.CANCELLED, EndedBy.LATE, True),
        (BookingState.CANCELLED, None, True),
        (BookingState.CANCELLED, EndedBy.BASE, False),
        (BookingState.MOVED, EndedBy.FAMILY, False),
    ],
)
def test_only_what_the_family_cancelled_keeps_it_from_that_day(
    db: Db, state: BookingState, ended_by: EndedBy | None, is_refused: bool
) -> None:
    base, parent = a_base(db, rebook_same_day=False), a_parent(db)
    a_booking(db, a_session(db, base_id=base), parent, state=state, ended_by=ended_by)
    told = refusal(parent, a_session(db, base_id=base, hour=14))
    assert told.startswith("You cancelled a visit of Sat 28 Nov" if is_refused else "")
    assert bool(told) == is_refused
    assert refusal(parent, a_session(db, base_id=base, local_date=SUNDAY)) == ""


def test_who_left_a_waiting_list_has_cancelled_no_visit(db: Db) -> None:
    base, parent = a_base(db, rebook_same_day=False), replace(a_parent(db), home_locale="en")
    full = a_session(db, base_id=base, capacity=2, taken=2, waiting_max=1)
    afternoon = a_session(db, base_id=base, hour=14)
    joins(parent, full, 2)
    cancels(parent)
    assert refusal(parent, afternoon) == ""


def test_who_cancels_what_was_offered_and_taken_has_cancelled_a_visit(db: Db) -> None:
    base, parent = a_base(db, rebook_same_day=False), replace(a_parent(db), home_locale="en")
    full = a_session(db, base_id=base, capacity=2, waiting_max=1)
    other = a_parent(db)
    a_booking(db, full, other, adults=2)
    joins(parent, full, 2)
    cancels(other)
    accepts(parent, offers(db)[0])
    cancels(parent)
    assert refusal(parent, a_session(db, base_id=base, hour=14)).startswith("You cancelled a visit")


def test_each_child_is_counted_by_itself(db: Db) -> None:
    base = a_base(db, visits_per_day=None, visits_active=None)
    parent = a_parent(db, ["小明"])
    hong = a_child(db, parent.speaker.family_id, nickname="小红")
    ids = {each.nickname: each.public_id for each in rows(db, Child)}
    a_booking(db, a_session(db, base_id=base), parent, child_ids=[hong])
    afternoon = a_session(db, base_id=base, hour=14)
    assert refusal(parent, afternoon, (ids["小红"],)).startswith("小红 has a visit here on Sat")
    assert refusal(parent, afternoon, (ids["小明"],)) == ""


def test_strikes_keep_a_family_away_unless_they_were_taken_back(db: Db) -> None:
    base, parent = a_base(db), a_parent(db)
    for number in range(3):
        visit = a_booking(db, a_session(db, base_id=base), parent, state=BookingState.NO_SHOW)
        appeal = Appeal.GRANTED if number == 2 else Appeal.REFUSED
        a_strike(db, visit, base, parent, appeal=appeal)
    sunday = a_session(db, base_id=base, local_date=SUNDAY)
    assert refusal(parent, sunday) == ""
    visit = a_booking(db, a_session(db, base_id=base), parent, state=BookingState.NO_SHOW)
    a_strike(db, visit, base, parent)
    next_day = SUNDAY + timedelta(days=1)
    told = refusal(parent, a_session(db, base_id=base, local_date=next_day))
    assert told.startswith("You missed 3 visits here, so you can book again from Mon 21 Dec")
    assert refusal(parent, a_session(db)) == ""  # elsewhere


def test_a_family_that_books_everywhere_at_once_gets_what_it_may(database: Database) -> None:
    assert limit_race.run(database) == {
        "booked": limit_race.ALLOWED,
        "refused": limit_race.SESSIONS - limit_race.ALLOWED,
        "visits": limit_race.ALLOWED,
    }


@pytest.mark.parametrize("faults", ["", "family_lock"])
def test_without_the_lock_the_same_race_goes_past_the_limit(
    postgres_database: Database, faults: str
) -> None:
    url = postgres_database.engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-m", "tests.booking.limit_race", url],
        cwd=ROOT,
        env={**os.environ, "KEPU_TEST_FAULTS": faults},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["booked"] == found["visits"]
    assert (found["visits"] > limit_race.ALLOWED) == bool(faults)
