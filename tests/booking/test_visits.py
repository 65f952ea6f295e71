"""Which visits does a family see, and what is told of them? On both databases."""

from datetime import date
from typing import Any

import pytest

from handlers.booking import visits, words
from handlers.here import Here
from handlers.profile.actions import NotThere
from handlers.profile.words import texts_of
from handlers.texts import say
from storage.db import Db
from storage.models import Booking, BookingState, SessionState
from tests.booking.shown import shown
from tests.builders import (
    a_base,
    a_booking,
    a_course,
    a_parent,
    a_session,
    here,
    later,
)
from tests.stored import rows


def test_visits_ahead_are_offered_in_their_order(db: Db) -> None:
    parent = a_parent(db)
    base, course = a_base(db, name="科技馆"), a_course(db, name="星空")
    where = {"base_id": base, "course_id": course}
    a_booking(db, a_session(db, **where, hour=14), parent, code="BBBBBBBB")
    a_booking(db, a_session(db, **where), parent, code="AAAAAAAA")
    a_booking(db, a_session(db, **where, hour=12), parent, state=BookingState.CANCELLED)
    a_booking(db, a_session(db, **where), here(db))
    assert visits.overview(parent) == {"past": [], "ahead": 2, "missed": 0}
    assert shown(visits.visits_ahead(parent)) == [
        "Sat 28 Nov 10:00 星空, 科技馆 · AAAA-AAAA",
        "Sat 28 Nov 14:00 星空, 科技馆 · BBBB-BBBB",
    ]


def test_the_last_three_visits_are_told_with_what_became_of_them(db: Db) -> None:
    parent = a_parent(db)
    where = {"base_id": a_base(db, name="科技馆"), "course_id": a_course(db, name="星空")}
    states = [
        BookingState.NO_SHOW,
        BookingState.CHECKED_IN,
        BookingState.CANCELLED,
        BookingState.CONFIRMED,
    ]
    for day, state in enumerate(states, 10):
        session = a_session(db, **where, local_date=date(2026, 11, day))
        a_booking(db, session, parent, state=state)
    told = [say(each, "en") for each in texts_of(visits.overview(parent)["past"])]
    assert visits.overview(parent)["ahead"] == 0
    assert told == [
        "Fri 13 Nov 10:00 星空, 科技馆 · over",
        "Thu 12 Nov 10:00 星空, 科技馆 · cancelled",
        "Wed 11 Nov 10:00 星空, 科技馆 · visited",
    ]


def card(parent: Here) -> tuple[str, bool]:
    """The last line of the card of the only visit, and whether it can be cancelled."""
    shown_card = visits.visit_card(parent, rows(parent.db, Booking)[0].public_id)
    text = say(words.retold(shown_card)[0], "en")
    return text.splitlines()[-1], visits.CANCEL in shown_card["ways"]


@pytest.mark.parametrize(
    ("session", "booking", "hours", "told", "can_cancel"),
    [
        ({}, {}, 0, "To cancel, type “my visits” before Fri 27 Nov 20:00.", True),
        (
            {},
            {},
            131,
            "This visit could be cancelled until Fri 27 Nov 20:00. "
            "If you cannot come, please tell 023-1.",
            False,
        ),
        (
            {"cancel_until": None},
            {},
            0,
            "This base takes no places back, so the visit cannot be cancelled here. "
            "If you cannot come, please tell 023-1.",
            False,
        ),
        ({}, {"state": BookingState.CHECKED_IN}, 0, "State: visited", False),
        ({}, {}, 144, "State: booked", False),
        ({"state": SessionState.CANCELLED}, {}, 0, "The base has cancelled this session.", True),
    ],
)
def test_a_card_tells_how_a_visit_is_cancelled_or_why_not(
    db: Db,
    session: dict[str, Any],
    booking: dict[str, Any],
    hours: int,
    told: str,
    can_cancel: bool,
) -> None:
    parent = a_parent(db)
    base = a_base(db, phone="023-1", late_cancel="refused")
    a_booking(db, a_session(db, base_id=base, **session), parent, **booking)
    assert card(later(parent, hours=hours)) == (told, can_cancel)


def test_a_card_tells_what_cancelling_late_means(db: Db) -> None:
    parent = a_parent(db)
    a_booking(db, a_session(db), parent)
    shown_card = visits.visit_card(later(parent, hours=131), rows(db, Booking)[0].public_id)
    text = say(words.retold(shown_card)[0], "en")
    assert "cancelled now, this visit counts as missed." in text
    assert "This visit could be changed until Fri 27 Nov 20:00." in text
    assert visits.CANCEL in shown_card["ways"]
    assert visits.MOVE not in shown_card["ways"]


def test_without_a_telephone_the_base_itself_is_named(db: Db) -> None:
    parent = a_parent(db)
    a_booking(db, a_session(db, base_id=a_base(db, name="科技馆"), cancel_until=None), parent)
    assert card(parent)[0].endswith("please tell 科技馆.")


def test_another_familys_card_reads_as_not_there(db: Db) -> None:
    a_booking(db, a_session(db), here(db))
    with pytest.raises(NotThere):
        visits.visit_card(a_parent(db), rows(db, Booking)[0].public_id)
