"""What changes when a family tells, corrects or erases its details? On both databases."""

from datetime import date

import pytest

from handlers.here import Here
from handlers.messages import Refused
from handlers.profile import actions, consent
from handlers.profile.actions import NotThere
from handlers.profile.consent import ConsentMissing
from storage import outbox, people
from storage.db import Db
from storage.models import (
    Booking,
    BookingChild,
    BookingState,
    Chat,
    Child,
    Consent,
    Conversation,
    Family,
    Inbox,
    Outbox,
    Person,
)
from tests.builders import NOW, a_booking, a_consent, a_parent, a_session, here, later
from tests.stored import pool_of, rows


def nicknames(db: Db) -> list[str]:
    return [each.nickname for each in rows(db, Child)]


def the_child(db: Db, nickname: str) -> str:
    return next(each.public_id for each in rows(db, Child) if each.nickname == nickname)


def say_to(parent: Here, text: str, *labels: str) -> None:
    """Keep a message in the parent's chat, with choices and what was said to get it."""
    choices = [{"label": label, "token": "k1:0", "value": "豆豆"} for label in labels]
    prompt = {"name": "who", "kind": "choose", "choices": choices, "optional": False}
    message = {"text": text, "attachments": [], "prompt": prompt, "said": text, "number": 1}
    inbox_id = parent.db.insert(
        Inbox(channel="web", event_id=text, at=NOW, dead_words=text, dead_error="ValueError")
    )
    outbox.reply(parent.db, parent.speaker.chat_id, inbox_id, [message], NOW, is_shown=True)


# Children


def test_a_child_is_added_with_consent_only(db: Db) -> None:
    parent = a_parent(db)
    with pytest.raises(ConsentMissing):
        actions.add_child(parent, "豆豆", {"birth_month": "2018-05"})
    a_consent(db, parent.speaker.person_id)
    actions.add_child(parent, "豆豆", {"birth_month": "2018-05"})
    actions.add_child(parent, "苗苗", {"grade": 0})
    first, second = rows(db, Child)
    assert (first.birth_month, first.grade, first.grade_year) == ("2018-05", None, None)
    assert (second.birth_month, second.grade, second.grade_year) == (None, 0, 2026)


def test_a_child_told_again_is_not_kept_twice(db: Db) -> None:
    parent = a_parent(db, ["豆豆"])
    actions.add_child(parent, "豆豆", {"birth_month": "2018-05"})
    assert nicknames(db) == ["豆豆"]
    with pytest.raises(Refused, match="in your family already"):
        actions.add_child(parent, "豆豆", {"birth_month": "2018-06"})


def test_a_family_has_at_most_eight_children(db: Db) -> None:
    parent = a_parent(db, list("一二三四五六七八"))
    with pytest.raises(Refused, match="at most"):
        actions.add_child(parent, "九", {"grade": 1})


def test_the_school_year_of_a_grade_is_that_of_china(db: Db) -> None:
    in_august = here(db, now=NOW.replace(month=8, day=31, hour=15))  # 23:00 in Shanghai
    a_consent(db, in_august.speaker.person_id)
    actions.add_child(in_august, "豆豆", {"grade": 1})
    actions.add_child(later(in_august, hours=1), "苗苗", {"grade": 1})
    assert [each.grade_year for each in rows(db, Child)] == [2025, 2026]


def test_a_child_is_renamed_and_corrected(db: Db) -> None:
    parent = a_parent(db, ["豆豆", "苗苗"])
    child = the_child(db, "豆豆")
    actions.rename_child(parent, child, "小豆")
    actions.rename_child(parent, child, "小豆")  # to the name it has: nothing is wrong with that
    actions.correct_age(parent, child, {"grade": 3})
    first = next(each for each in rows(db, Child) if each.public_id == child)
    assert (first.nickname, first.birth_month, first.grade, first.grade_year) == (
        "小豆", None, 3, 2026,
    )  # fmt: skip
    actions.correct_age(parent, child, {"birth_month": "2017-01"})
    first = next(each for each in rows(db, Child) if each.public_id == child)
    assert (first.birth_month, first.grade, first.grade_year) == ("2017-01", None, None)
    with pytest.raises(Refused, match="in your family already"):
        actions.rename_child(parent, child, "苗苗")


def test_another_familys_child_reads_as_not_there(db: Db) -> None:
    a_parent(db, ["豆豆"])
    child, stranger = the_child(db, "豆豆"), here(db)
    with pytest.raises(NotThere):
        actions.rename_child(stranger, child, "小豆")
    with pytest.raises(NotThere):
        actions.correct_age(stranger, child, {"grade": 1})
    with pytest.raises(NotThere):
        actions.remove_child(stranger, child)
    assert nicknames(db) == ["豆豆"]


def test_a_removed_child_leaves_numbers_and_no_name(db: Db) -> None:
    parent = a_parent(db, ["豆豆", "苗苗"])
    session = a_session(db)
    children = [each.id for each in rows(db, Child)]
    a_booking(db, session, parent, child_ids=children)
    say_to(parent, "豆豆和苗苗来吗？", "豆豆 + 1", "苗苗")
    actions.remove_child(parent, the_child(db, "豆豆"))
    assert nicknames(db) == ["苗苗"]
    assert [link.child_id for link in rows(db, BookingChild)] == children[1:]
    [booking] = rows(db, Booking)
    assert (booking.state, booking.children) == (BookingState.CONFIRMED, 2)
    assert pool_of(db, session).confirmed == 3
    [message] = [each.payload for each in rows(db, Outbox)]
    assert (message["text"], message["said"]) == ("…和苗苗来吗？", "…和苗苗来吗？")
    assert [each["label"] for each in message["prompt"]["choices"]] == ["… + 1", "苗苗"]
    assert {each["value"] for each in message["prompt"]["choices"]} == {"豆豆"}  # no words: kept
    assert [each.dead_words for each in rows(db, Inbox)] == [None]


def test_messages_of_others_keep_their_names(db: Db) -> None:
    other = a_parent(db, ["豆豆"], address="wang")
    say_to(other, "豆豆")
    parent = a_parent(db, ["豆豆"])
    own = next(each for each in rows(db, Child) if each.family_id == parent.speaker.family_id)
    actions.remove_child(parent, own.public_id)
    assert [each.payload["text"] for each in rows(db, Outbox)] == ["豆豆"]
    assert [each.dead_words for each in rows(db, Inbox)] == ["豆豆"]


# Consent


def test_withdrawn_consent_erases_the_children_it_covered(db: Db) -> None:
    parent = a_parent(db, ["豆豆", "苗苗"])
    a_booking(db, a_session(db), parent, child_ids=[each.id for each in rows(db, Child)])
    say_to(parent, "豆豆和苗苗来吗？")
    db.insert(
        Conversation(
            person_id=parent.speaker.person_id,
            chat_id=parent.speaker.chat_id,
            name="booking",
            answers={"child.1.name": {"value": "豆豆", "shown": "豆豆"}},
            prompt={"name": "who"},
            touched_at=NOW,
        )
    )
    actions.withdraw(parent)
    assert (rows(db, Child), rows(db, BookingChild)) == ([], [])
    assert [each.payload["text"] for each in rows(db, Outbox)] == ["…和…来吗？"]
    [conversation] = rows(db, Conversation)
    assert (conversation.answers, conversation.prompt, conversation.name) == ({}, None, None)
    assert [(each.is_given, each.version) for each in rows(db, Consent)] == [
        (True, consent.VERSION),
        (False, consent.VERSION),
    ]
    assert [each.children for each in rows(db, Booking)] == [2]


# Everything


def test_deleting_everything_cancels_visits_and_leaves_nobody(db: Db) -> None:
    parent = a_parent(db, ["豆豆"])
    ahead, begun = a_session(db), a_session(db, local_date=date(2026, 11, 22), hour=10)
    past = a_session(db, local_date=date(2026, 11, 14))
    for session in (ahead, begun, past):
        a_booking(db, session, parent, child_ids=[1])
    say_to(parent, "豆豆")
    people.speak(db, parent.speaker.person_id, "en")
    assert actions.erase(parent) == 1
    assert [pool_of(db, each).confirmed for each in (ahead, begun, past)] == [0, 2, 2]
    assert [each.state for each in sorted(rows(db, Booking), key=lambda each: each.id or 0)] == [
        BookingState.CANCELLED,
        BookingState.CONFIRMED,
        BookingState.CONFIRMED,
    ]
    assert (rows(db, Child), rows(db, BookingChild), rows(db, Outbox)) == ([], [], [])
    assert [each.dead_words for each in rows(db, Inbox)] == [None]
    me = parent.speaker
    assert {each.family_id for each in rows(db, Booking)}.isdisjoint({me.family_id})
    assert {each.person_id for each in rows(db, Booking)}.isdisjoint({me.person_id})
    assert {each.person_id for each in rows(db, Consent)}.isdisjoint({me.person_id})
    assert [each.locale for each in rows(db, Person)] == [None, None]
    assert len(rows(db, Family)) == 2
    assert [each.person_id for each in rows(db, Chat)] == [me.person_id]


def test_deleting_everything_leaves_other_families_alone(db: Db) -> None:
    other = a_parent(db, ["苗苗"], address="wang")
    session = a_session(db)
    a_booking(db, session, other, child_ids=[1])
    say_to(other, "苗苗")
    actions.erase(a_parent(db, ["豆豆"]))
    assert nicknames(db) == ["苗苗"]
    assert len(rows(db, Outbox)) == 1
    assert [each.family_id for each in rows(db, Booking)] == [other.speaker.family_id]
    assert pool_of(db, session).confirmed == 2


def test_an_erased_family_books_again_as_a_new_one(db: Db) -> None:
    parent = a_parent(db, ["豆豆"])
    session = a_session(db)
    a_booking(db, session, parent)
    actions.erase(parent)
    assert people.consent(db, parent.speaker.family_id, "children") is None
    a_booking(db, session, parent)  # the visit that was cancelled is nobody's now
    assert pool_of(db, session).confirmed == 1


def test_the_language_switches_to_and_fro(db: Db) -> None:
    parent = a_parent(db, locale="zh_CN")
    assert actions.switch_language(parent) == "en"
    assert rows(db, Person)[0].locale == "en"
    spoken = here(
        db,
        locale="en",
        person_id=parent.speaker.person_id,
        family_id=parent.speaker.family_id,
        chat_id=parent.speaker.chat_id,
    )
    assert actions.switch_language(spoken) == "zh_CN"
