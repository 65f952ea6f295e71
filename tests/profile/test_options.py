"""What is a family told of its own details? On both databases."""

import pytest

from handlers.here import Here
from handlers.profile import options
from handlers.profile.actions import NotThere
from handlers.profile.words import facts, lines, texts_of
from handlers.texts import say
from storage.db import Db
from storage.models import BookingState, Child
from storage.people import Known
from tests.builders import (
    a_base,
    a_booking,
    a_child,
    a_consent,
    a_course,
    a_parent,
    a_session,
    here,
)
from tests.stored import rows


def told(parent: Here) -> list[str]:
    return [say(each, "en") for each in texts_of(options.everything(parent))]


def values(parent: Here) -> list[str]:
    return [each.value for each in options.details(parent)]


def test_the_children_come_first_then_what_can_be_done(db: Db) -> None:
    parent = a_parent(db, ["豆豆"])
    child = rows(db, Child)[0].public_id
    assert values(parent) == [child, "add", "data", "withdraw", "erase"]


def test_only_consent_that_holds_can_be_withdrawn(db: Db) -> None:
    assert values(a_parent(db)) == ["add", "data", "erase"]
    refused = a_parent(db)
    a_consent(db, refused.speaker.person_id, is_given=False)
    assert values(refused) == ["add", "data", "erase"]


def test_after_the_eighth_child_none_is_added(db: Db) -> None:
    assert "add" not in values(a_parent(db, list("一二三四五六七八")))


def test_a_child_is_called_by_its_nickname_within_its_family(db: Db) -> None:
    parent = a_parent(db, ["豆豆", "苗苗"])
    second = rows(db, Child)[1].public_id
    assert options.nickname_of(parent, second) == "苗苗"
    with pytest.raises(NotThere):
        options.nickname_of(here(db), second)


def test_a_newcomer_is_told_how_little_is_kept(db: Db) -> None:
    assert told(a_parent(db)) == [
        "Language: English",
        "Chat: web chat, since Sun 22 Nov, 0 messages",
        "Consent to keep details of children: never asked",
    ]


def test_a_refusal_is_told_with_its_day(db: Db) -> None:
    parent = a_parent(db, channel="fax", locale="zh_CN")
    a_consent(db, parent.speaker.person_id, is_given=False)
    assert "Language: 中文" in told(parent)
    assert "Consent to keep details of children: refused or withdrawn on Sun 22 Nov" in told(parent)


def test_a_chat_on_a_channel_without_a_name_is_told_by_its_word(db: Db) -> None:
    parent = a_parent(db)
    from_chat = options._chat(Known("fax", parent.now, 1))
    assert say(from_chat, "en") == "Chat: fax, since Sun 22 Nov, 1 message"


def test_children_and_visits_are_told_each_on_a_line(db: Db) -> None:
    parent = a_parent(db)
    a_child(
        db, parent.speaker.family_id, nickname="苗苗", birth_month=None, grade=0, grade_year=2026
    )
    session = a_session(db, base_id=a_base(db, name="科技馆"), course_id=a_course(db, name="展厅"))
    a_booking(db, session, parent, state=BookingState.CANCELLED)
    a_booking(db, session, parent, adults=2)
    assert told(parent)[-3:] == [
        "Child: 苗苗 · Kindergarten",
        "Visit: Sat 28 Nov · 科技馆 · 展厅 · 1 place · cancelled",
        "Visit: Sat 28 Nov · 科技馆 · 展厅 · 2 places",
    ]


def test_of_many_visits_the_newest_are_told_and_the_others_counted(db: Db) -> None:
    parent = a_parent(db)
    for _each in range(12):
        a_booking(db, a_session(db), parent)
    lines_told = told(parent)
    assert len([line for line in lines_told if line.startswith("Visit: ")]) == 10
    assert lines_told[-1] == "and 2 older visits"


def test_nothing_laid_out_is_nothing_said() -> None:
    assert say(lines(), "zh_CN") == say(facts(), "zh_CN") == ""
    assert say(lines("一", 2, facts("三", "四")), "zh_CN") == "一\n2\n三 · 四"
