"""Who is offered to come to a session? On both databases."""

import pytest

from handlers.booking import actions, guests, words
from handlers.booking.actions import SessionClosed, SessionFull
from handlers.here import Here
from handlers.texts import say
from storage.db import Db
from storage.models import Audience, Child, Session
from tests.booking.shown import session_of, shown
from tests.builders import (
    a_base,
    a_booking,
    a_child,
    a_consent,
    a_parent,
    a_session,
)
from tests.stored import rows


def facts(parent: Here, session: int) -> guests.Facts:
    stored = guests.party_facts(parent, session_of(parent.db, session))
    return guests.facts_of(stored)


def parties(parent: Here, session: int) -> list[str]:
    return shown(guests.parties(parent, session_of(parent.db, session)))


def test_the_facts_of_a_session_and_a_family_survive_json(db: Db) -> None:
    parent = a_parent(db, ["小明"])
    a_child(db, parent.speaker.family_id, nickname="小宝", birth_month="2024-01")
    base = a_base(db, name="科技馆", phone="023-1")
    session = a_session(db, base_id=base, min_age=4, price_fen=100, taken=36)
    found = facts(parent, session)
    offered = actions.bookable(parent, session_of(db, session))
    assert found.session == words.rules_of(offered)
    assert (found.places_left, found.places, found.price_fen) == (4, 4, 100)
    assert (found.base, found.phone, found.consent) == ("科技馆", "023-1", "given")
    assert (found.children, found.nicknames) == (1, ["小明", "小宝"])
    assert found.is_public
    assert found.asks_who
    assert [say(reason, "en") for reason in found.reasons()] == [
        "This session is for ages 4 and up; 小宝 will be 2 years old that day."
    ]


def test_a_new_family_is_not_asked_who_where_only_children_can_come(db: Db) -> None:
    assert not facts(a_parent(db), a_session(db, audience=Audience.FAMILY)).asks_who
    assert facts(a_parent(db), a_session(db)).asks_who
    refused = a_parent(db)
    a_consent(db, refused.speaker.person_id, is_given=False)
    assert facts(refused, a_session(db, audience=Audience.FAMILY)).asks_who


def test_a_session_without_room_for_anybody_is_refused_before_who_is_asked(db: Db) -> None:
    family = a_session(db, audience=Audience.FAMILY, capacity=5, taken=4)
    with pytest.raises(SessionFull) as full:
        facts(a_parent(db), family)
    assert "Only 1 place is left in this session; you need 2." in say(full.value.text, "en")
    with pytest.raises(SessionClosed):
        facts(a_parent(db), a_session(db, audience=Audience.CLASS))


def test_who_comes_is_one_tap(db: Db) -> None:
    parent = a_parent(db, ["小明", "小红"])
    session = a_session(db)
    assert parties(parent, session) == [
        "小明 + 1 adult",
        "小红 + 1 adult",
        "小明 and 小红 + 1 adult",
        "Adults only",
        "Someone else…",
    ]


def test_the_party_of_last_time_comes_first_and_once(db: Db) -> None:
    parent = a_parent(db, ["小明", "小红"])
    ming = rows(db, Child)[0].id
    a_booking(db, a_session(db), parent, adults=2, child_ids=[ming])
    assert parties(parent, a_session(db))[:2] == [
        "小明 + 2 adults · as last time",
        "小明 + 1 adult",
    ]
    a_booking(db, a_session(db), parent, adults=1, child_ids=[ming])
    offered = parties(parent, a_session(db))
    assert offered[:2] == ["小明 + 1 adult · as last time", "小红 + 1 adult"]


def test_a_party_of_last_time_that_no_longer_fits_is_left_out(db: Db) -> None:
    parent = a_parent(db, ["小明"])
    ming = rows(db, Child)[0].id
    a_booking(db, a_session(db), parent, adults=3, child_ids=[ming])
    alone = a_session(db, audience=Audience.STUDENT_ONLY)
    assert parties(parent, alone) == ["小明", "Someone else…"]
    narrow = a_session(db, audience=Audience.FAMILY, capacity=3)
    assert parties(parent, narrow) == ["小明 + 1 adult", "Someone else…"]
    grown = a_session(db, min_age=10)
    assert parties(parent, grown) == ["Adults only", "Someone else…"]


def test_adults_of_last_time_are_no_party_of_children(db: Db) -> None:
    parent = a_parent(db, ["小明"])
    a_booking(db, a_session(db), parent, adults=2)
    assert parties(parent, a_session(db))[0] == "小明 + 1 adult"


def test_more_children_than_a_visit_takes_are_not_offered_together(db: Db) -> None:
    parent = a_parent(db, ["一", "二", "三", "四"])
    offered = parties(parent, a_session(db, audience=Audience.FAMILY))
    assert offered == [*(f"{name} + 1 adult" for name in "一二三四"), "Someone else…"]


def test_a_family_without_children_says_whether_it_brings_one(db: Db) -> None:
    assert parties(a_parent(db), a_session(db)) == ["With a child", "Adults only"]


def test_who_refused_consent_can_read_it_again(db: Db) -> None:
    parent = a_parent(db)
    a_consent(db, parent.speaker.person_id, is_given=False)
    again = "With a child: read again what is kept"
    assert parties(parent, a_session(db)) == ["Adults only", again]
    assert parties(parent, a_session(db, audience=Audience.FAMILY)) == [again]


def test_a_full_family_of_the_wrong_age_has_nobody_else_to_bring(db: Db) -> None:
    parent = a_parent(db, [str(n) for n in "一二三四五六七八"])
    assert parties(parent, a_session(db, audience=Audience.FAMILY, min_age=12)) == []
    assert "Someone else…" in parties(parent, a_session(db))


def children(parent: Here, session: int) -> list[str]:
    return shown(guests.children(parent, session_of(parent.db, session)))


def test_children_who_may_come_are_offered_and_one_more(db: Db) -> None:
    parent = a_parent(db, ["小明"])
    a_child(db, parent.speaker.family_id, nickname="小宝", birth_month="2024-01")
    a_child(
        db, parent.speaker.family_id, nickname="小红", birth_month=None, grade=2, grade_year=2026
    )
    session = a_session(db, min_age=4)
    assert children(parent, session) == ["小明 · May 2018", "小红 · Grade 2", "another child"]


def test_an_eighth_child_is_the_last(db: Db) -> None:
    parent = a_parent(db, [str(n) for n in "一二三四五六七八"])
    assert "another child" not in children(parent, a_session(db))


def test_where_adults_come_for_children_nobody_is_offered_to_come_without(db: Db) -> None:
    parent = a_parent(db, ["小明"])
    a_session(db, base_id=a_base(db, min_children=1))
    values = [each.value for each in guests.parties(parent, rows(db, Session)[0].public_id)]
    assert guests.ADULTS_ONLY not in values
    assert len(values) == 2  # the child with an adult, someone else


def test_who_may_come_without_an_adult_is_known(db: Db) -> None:
    parent = a_parent(db, ["小明"])
    a_child(db, parent.speaker.family_id, nickname="大壮", birth_month="2012-05")
    a_session(db)
    session = rows(db, Session)[0].public_id
    found = guests.facts_of(guests.party_facts(parent, session))
    grown = [each.public_id for each in rows(db, Child) if each.nickname == "大壮"]
    assert list(found.grown) == grown


def test_whoever_may_book_nothing_here_is_told_when_the_session_is_chosen(db: Db) -> None:
    parent = a_parent(db)
    base = a_base(db)
    a_booking(db, a_session(db, base_id=base), parent)
    a_session(db, base_id=base, hour=14)
    with pytest.raises(SessionClosed, match=r"You have .+ visit here on"):
        guests.party_facts(parent, rows(db, Session)[1].public_id)
