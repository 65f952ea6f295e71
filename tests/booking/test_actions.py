"""What happens when a family books, and when it cancels? On both databases."""

from datetime import date, timedelta
from typing import Any

import pytest

from handlers.booking import actions, changes, words
from handlers.booking.actions import SessionClosed, SessionFull
from handlers.booking.party import Guests, NewChild
from handlers.booking.rules import Party
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile.actions import NotThere
from handlers.profile.consent import ConsentMissing
from handlers.texts import say
from storage import transitions
from storage.db import Db
from storage.models import (
    Audience,
    Booking,
    BookingChild,
    BookingState,
    Child,
    Session,
    SessionState,
)
from tests.builders import (
    SATURDAY,
    a_base,
    a_booking,
    a_child,
    a_consent,
    a_course,
    a_parent,
    a_session,
    at,
    here,
    later,
)
from tests.stored import change, pool_of, rows

SUNDAY = SATURDAY + timedelta(days=1)


def session_id(db: Db, number: int) -> str:
    """The public id of a session."""
    return next(each.public_id for each in rows(db, Session) if each.id == number)


def child_ids(db: Db, parent: Here) -> tuple[str, ...]:
    family = parent.speaker.family_id
    return tuple(each.public_id for each in rows(db, Child) if each.family_id == family)


def book(parent: Here, session: int, adults: int = 1, **guests: Any) -> str:
    """Book, as the engine would: undone when it refuses; the card in English."""
    with parent.db.savepoint():
        booked = actions.book(parent, session_id(parent.db, session), Guests(adults, **guests))
    return say(words.retold(booked)[0], "en")


def refusal(parent: Here, session: int, adults: int = 1, **guests: Any) -> str:
    """Why a booking is refused; nothing may have been written."""
    before = [rows(parent.db, model) for model in (Booking, Child, BookingChild)]
    with pytest.raises(Refused) as refused:
        book(parent, session, adults, **guests)
    assert before == [rows(parent.db, model) for model in (Booking, Child, BookingChild)]
    return say(refused.value.text, "en")


def test_a_visit_is_stored_and_its_places_are_taken(db: Db) -> None:
    parent = a_parent(db, ["小明", "小红"], channel="telegram")
    session = a_session(db, taken=3)
    book(parent, session, 2, children=child_ids(db, parent))
    [booking] = rows(db, Booking)
    assert (booking.adults, booking.children, booking.state) == (2, 2, BookingState.CONFIRMED)
    assert (booking.family_id, booking.person_id) == (
        parent.speaker.family_id,
        parent.speaker.person_id,
    )
    assert (booking.channel, booking.policy_version) == ("telegram", 1)
    assert booking.created_at == booking.changed_at == parent.now
    assert pool_of(db, session).confirmed == 7
    assert {link.child_id for link in rows(db, BookingChild)} == {
        each.id for each in rows(db, Child)
    }


def test_the_card_says_what_when_where_who_the_code_and_how_to_cancel(db: Db) -> None:
    base = a_base(db, name="重庆科技馆", address="江北城文星门街7号")
    course = a_course(db, name="天象厅")
    session = a_session(
        db, base_id=base, course_id=course, room="二楼", price_fen=1250, is_accompanied=True
    )
    parent = a_parent(db, ["小明"])
    card = book(parent, session, 1, children=child_ids(db, parent))
    [booking] = rows(db, Booking)
    assert card.splitlines() == [
        "Your visit is booked.",
        "天象厅",
        "Sat 28 Nov, 10:00–11:00",
        "重庆科技馆 · 二楼 · 江北城文星门街7号",
        "1 adult and 1 child",
        "¥25 in all, paid at the base",
        f"Code: {booking.code[:4]}-{booking.code[4:]}",
        "To cancel, type “my visits” before Fri 27 Nov 20:00.",
    ]


def test_the_card_carries_the_ticket_its_code_and_the_calendar(db: Db) -> None:
    parent = a_parent(db)
    booked = actions.book(parent, session_id(db, a_session(db)), Guests(1))
    [booking] = rows(db, Booking)
    files = words.retold(booked)[1]
    assert [(each.kind, each.url) for each in files] == [
        ("image", f"/tickets/{booking.public_id}/qr.png"),
        ("link", f"/tickets/{booking.public_id}"),
        ("file", f"/tickets/{booking.public_id}.ics"),
    ]


def test_a_code_that_is_taken_is_not_given_again(db: Db) -> None:
    first = a_parent(db)
    session = a_session(db)
    a_booking(db, session, first, code="AAAAAAAA")
    new = transitions.New("f" * 32, session, pool_of(db, session).id or 0, 0, 0, 1, 0, 1, "web")
    other = here(db).speaker
    new = new._replace(family_id=other.family_id, person_id=other.person_id)
    assert transitions.add(db, new, "AAAAAAAA", first.now) is None
    assert transitions.add(db, new, "BBBBBBBB", first.now) is not None


# New children


def test_new_children_are_kept_with_the_visit(db: Db) -> None:
    parent = a_parent(db)
    a_consent(db, parent.speaker.person_id)
    ming = NewChild("小明", {"birth_month": "2018-05"})
    hong = NewChild("小红", {"grade": 2})
    book(parent, a_session(db), 1, new_children=(ming, hong))
    first, second = rows(db, Child)
    assert (first.nickname, first.birth_month, first.grade) == ("小明", "2018-05", None)
    assert (second.nickname, second.birth_month) == ("小红", None)
    assert (second.grade, second.grade_year) == (2, 2026)
    assert len(rows(db, BookingChild)) == 2


def test_a_child_told_again_is_the_one_that_is_known(db: Db) -> None:
    parent = a_parent(db, ["小明"])
    book(parent, a_session(db), new_children=(NewChild("小明", {"birth_month": "2018-05"}),))
    assert len(rows(db, Child)) == 1


def test_the_same_child_does_not_come_twice(db: Db) -> None:
    parent = a_parent(db, ["小明"])
    known = child_ids(db, parent)
    twice = (NewChild("小明", {"birth_month": "2018-05"}),)
    told = refusal(parent, a_session(db), children=known, new_children=twice)
    assert told == "The same child is in your party twice."


def test_another_child_of_the_same_nickname_is_refused(db: Db) -> None:
    parent = a_parent(db, ["小明"])
    told = refusal(parent, a_session(db), new_children=(NewChild("小明", {"grade": 1}),))
    assert told.startswith("There is a 小明 in your family already.")


def test_no_child_is_kept_without_consent(db: Db) -> None:
    parent = a_parent(db)
    session = a_session(db)
    ming = NewChild("小明", {"birth_month": "2018-05"})
    assert refusal(parent, session, new_children=(ming,)) == (
        "Nothing of a child is kept without your consent."
    )
    a_consent(db, parent.speaker.person_id, is_given=False)
    with pytest.raises(ConsentMissing):
        book(parent, session, new_children=(ming,))
    book(parent, session)  # adults alone need none
    assert rows(db, Child) == []


def test_another_familys_child_reads_as_not_there(db: Db) -> None:
    parent = a_parent(db, ["小明"])
    stranger = a_child(db, here(db).speaker.family_id)
    public = next(each.public_id for each in rows(db, Child) if each.id == stranger)
    session = a_session(db)
    with pytest.raises(NotThere):
        book(parent, session, children=(public,))
    with pytest.raises(NotThere):
        book(parent, session, children=("0" * 32,))


# What is refused


def test_a_party_the_session_is_not_for_is_refused(db: Db) -> None:
    parent = a_parent(db, ["小明"])
    family = a_session(db, audience=Audience.FAMILY)
    grown = a_session(db, min_age=9, max_age=14)
    children = child_ids(db, parent)
    assert "at least one child" in refusal(parent, family)
    assert "at least one adult" in refusal(parent, family, 0, children=children)
    assert "ages 9–14; 小明 will be 8 years old" in refusal(parent, grown, children=children)


def test_the_smaller_limit_of_session_and_policy_holds(db: Db) -> None:
    parent = a_parent(db)
    strict_base = a_base(db, party_max=2)
    strict_session = a_session(db, party_max=2)
    for session in (a_session(db, base_id=strict_base), strict_session):
        assert refusal(parent, session, 3) == ("One visit here takes at most 2 people; you are 3.")


def test_a_session_that_is_not_there_is_refused(db: Db) -> None:
    with pytest.raises(SessionClosed, match="no longer offered"):
        actions.book(a_parent(db), "0" * 32, Guests(1))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"release_at": at(date(2026, 11, 23), 9)}, "can be booked from Mon 23 Nov 09:00"),
        ({"local_date": date(2026, 11, 22), "hour": 10}, "This session has begun."),
        ({"state": SessionState.CANCELLED}, "The base has cancelled this session."),
        ({"audience": Audience.CLASS}, "This session is for school classes."),
    ],
)
def test_a_session_that_is_not_open_is_refused(db: Db, fields: dict[str, Any], told: str) -> None:
    parent = a_parent(db)
    session = a_session(db, **fields)
    with pytest.raises(SessionClosed):
        book(parent, session)
    assert told in refusal(parent, session)


def test_a_family_has_one_live_visit_to_a_session(db: Db) -> None:
    parent = a_parent(db)
    session = a_session(db)
    book(parent, session)
    with pytest.raises(SessionClosed, match="booked this session already"):
        book(parent, session)
    assert pool_of(db, session).confirmed == 1
    changes.cancel(parent, rows(db, Booking)[0].public_id)
    book(parent, session)
    assert pool_of(db, session).confirmed == 1


def test_a_visit_booked_between_looking_and_booking_stands_in_the_way(db: Db) -> None:
    parent = a_parent(db)
    session = a_session(db)
    offered = actions.bookable(parent, session_id(db, session))
    book(parent, session)
    party = Party((), 1)
    with pytest.raises(SessionClosed, match="booked this session already"):
        actions.store(parent, offered, party, [], BookingState.CONFIRMED)


# Full


def test_a_party_larger_than_the_places_left_is_told_where_it_fits(db: Db) -> None:
    parent = a_parent(db)
    base = a_base(db, name="科技馆", district="渝中区")
    near = a_base(db, name="天文馆", district="渝中区")
    far = a_base(db, name="别处", district="江北区")
    stars, robots = a_course(db, name="星空"), a_course(db, name="机器人")
    wanted = a_session(db, base_id=base, course_id=stars, capacity=40, taken=39)
    a_session(db, base_id=base, course_id=stars, hour=14, capacity=2, taken=1)  # too few there too
    a_session(db, base_id=base, course_id=robots, hour=12, capacity=9)
    a_session(db, base_id=near, course_id=stars, hour=9, capacity=9)
    a_session(db, base_id=far, course_id=stars, hour=9, capacity=9)
    a_session(db, base_id=near, course_id=robots, hour=9, capacity=9)
    a_session(db, base_id=base, course_id=stars, local_date=SUNDAY, capacity=7, taken=2)
    assert refusal(parent, wanted, 2).splitlines() == [
        "Only 1 place is left in this session; you need 2.",
        "These have places for you:",
        "Sun 29 Nov 10:00–11:00 星空 · 5 left",
        "天文馆, Sat 28 Nov 09:00–10:00 星空 · 9 left",
        "Sat 28 Nov 12:00–13:00 机器人 · 9 left",
    ]
    assert pool_of(db, wanted).confirmed == 39


def test_a_full_session_with_nothing_else_says_so(db: Db) -> None:
    parent = a_parent(db)
    session = a_session(db, capacity=4, taken=4)
    with pytest.raises(SessionFull):
        book(parent, session)
    assert refusal(parent, session).splitlines() == [
        "This session is full.",
        "There is no other session with so many places at the moment.",
    ]


def test_bases_without_a_district_are_not_taken_for_neighbours(db: Db) -> None:
    parent = a_parent(db)
    course = a_course(db)
    full = a_session(db, course_id=course, capacity=1, taken=1)
    a_session(db, course_id=course)
    assert "no other session" in refusal(parent, full)


def test_the_last_places_can_be_booked(db: Db) -> None:
    session = a_session(db, capacity=4, taken=2)
    book(a_parent(db), session, 2)
    assert pool_of(db, session).confirmed == 4


def test_places_that_are_held_or_offered_are_not_given_away(db: Db) -> None:
    session = a_session(db, capacity=4, taken=1)
    change(db, pool_of(db, session), held=1, offered=1)
    assert "Only 1 place is left" in refusal(a_parent(db), session, 2)
    book(a_parent(db), session, 1)


# Cancelling


def booked(db: Db, **fields: Any) -> tuple[Here, str, int]:
    """Somebody with a visit of two, its public id, and the id of its session."""
    parent = a_parent(db, ["小明"])
    session = a_session(db, **fields)
    book(parent, session, 1, children=child_ids(db, parent))
    return parent, rows(db, Booking)[0].public_id, session


def test_cancelling_gives_the_places_back_once(db: Db) -> None:
    parent, visit, session = booked(db, taken=5)
    assert pool_of(db, session).confirmed == 7
    soon = later(parent, hours=1)
    changes.cancel(soon, visit)
    assert pool_of(db, session).confirmed == 5
    with pytest.raises(Refused, match="no longer booked"):
        changes.cancel(soon, visit)
    assert pool_of(db, session).confirmed == 5
    [booking] = rows(db, Booking)
    assert (booking.state, booking.changed_at) == (BookingState.CANCELLED, soon.now)
    assert [link.is_live for link in rows(db, BookingChild)] == [False]


def test_a_visit_is_not_cancelled_after_its_deadline(db: Db) -> None:
    strict = a_base(db, late_cancel="refused")
    parent, visit, session = booked(db, base_id=strict)
    with pytest.raises(Refused) as refused:
        changes.cancel(later(parent, days=5, hours=11), visit)
    assert say(refused.value.text, "en") == "This visit could be cancelled until Fri 27 Nov 20:00."
    assert pool_of(db, session).confirmed == 2


def test_a_base_that_takes_no_returns_takes_none(db: Db) -> None:
    parent, visit, _session = booked(db, cancel_until=None)
    with pytest.raises(Refused, match="takes no places back"):
        changes.cancel(parent, visit)


def test_another_familys_visit_reads_as_not_there(db: Db) -> None:
    _parent, visit, session = booked(db)
    with pytest.raises(NotThere):
        changes.cancel(here(db), visit)
    with pytest.raises(NotThere):
        changes.cancel(here(db), "0" * 32)
    assert pool_of(db, session).confirmed == 2
