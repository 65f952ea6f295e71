"""How does a family book, told as the dialogue it sees?"""

from datetime import timedelta
from typing import Any

import pytest

from handlers.booking.flow import book_visit
from handlers.conversation.drive import drive_twice
from handlers.conversation.question import Answer
from handlers.conversation.testing import CHANNELS, Person, Stage
from handlers.menu import MENU
from handlers.profile.consent import VERSION
from storage.database import Database
from storage.db import Db
from storage.models import Audience, Booking, Child, Consent, Session
from tests.builders import NOW, SATURDAY, a_base, a_course, a_session
from tests.stored import change, pool_of, rows

SUNDAY = SATURDAY + timedelta(days=1)


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    """A base with a family session and one for everybody on Saturday, more on Sunday."""
    sqlite_database.write_and_wait(prepare)
    return Stage(sqlite_database.write_and_wait, MENU, NOW)


def prepare(db: Db) -> None:
    base = a_base(db, name="重庆科技馆", district="江北区", phone="023-1")
    other = a_base(db, name="上海天文馆", district="浦东新区")
    stars, hall = a_course(db, name="星空"), a_course(db, name="展厅")
    family = {"audience": Audience.FAMILY, "min_age": 4, "max_age": 12, "is_accompanied": True}
    a_session(db, base_id=base, course_id=stars, price_fen=2000, **family)
    a_session(db, base_id=base, course_id=hall, hour=14)
    a_session(db, base_id=base, course_id=stars, local_date=SUNDAY, **family)
    a_session(db, base_id=base, course_id=hall, local_date=SUNDAY, hour=14)
    a_session(db, base_id=other, course_id=hall)


@pytest.fixture
def person(stage: Stage) -> Person:
    return stage.person("web", locale="en")


@pytest.fixture(params=sorted(CHANNELS))
def anybody(stage: Stage, request: pytest.FixtureRequest) -> Person:
    return stage.person(request.param, locale="en")


def to_session(person: Person, hour: str = "10:00", day: str = "Sat 28 Nov") -> Person:
    return person.says("预约").taps("重庆科技馆", day, hour)


def with_child(person: Person, nickname: str = "小明", age: str = "2018-05") -> Person:
    return person.taps("I agree").says(nickname, age).taps("No, that is all")


def to_confirm(person: Person) -> Person:
    return with_child(to_session(person)).says("1")


def know(person: Person) -> Person:
    """A family that has booked for 小明 before, Saturday 10:00."""
    return to_confirm(person).taps("Confirm")


def stored(stage: Stage, model: Any) -> list[Any]:
    found: list[Any] = stage.write(lambda db: rows(db, model))
    return found


# New families


def test_a_new_family_books_in_twelve_taps_on_every_channel(anybody: Person, stage: Stage) -> None:
    anybody.says("预约").sees("Which base").taps("重庆科技馆").sees("Sat 28 Nov · 80 left")
    anybody.taps("Sat 28 Nov").sees("10:00–11:00 星空 · 40 left · ¥20")
    anybody.taps("10:00").sees("To book for a child", "I agree", "I do not agree")
    anybody.taps("I agree").sees("nickname").says("小明").sees("In which month was 小明 born?")
    anybody.says("2018-05").sees("Is another child coming?").taps("No, that is all")
    anybody.sees("How many adults").says("1").sees(
        "For 1 adult and 1 child: ¥40 in all, paid at the base.",
        "Where: 重庆科技馆",
        "Day: Sat 28 Nov",
        "Session: 10:00–11:00 星空",
        "Child 1: 小明",
        "小明: May 2018",
        "Adults: 1",
    )
    anybody.taps("Confirm").sees("Your visit is booked.", "Open the ticket")
    assert anybody.taps_and_lines <= 12
    [booking] = stored(stage, Booking)
    assert (booking.adults, booking.children, booking.channel) == (1, 1, anybody.channel)


def test_children_are_kept_only_with_the_visit(person: Person, stage: Stage) -> None:
    to_confirm(person)
    assert stored(stage, Child) == []
    person.taps("Confirm")
    assert [each.nickname for each in stored(stage, Child)] == ["小明"]


def test_consent_is_kept_the_moment_it_is_given(person: Person, stage: Stage) -> None:
    to_session(person).taps("I agree")
    [consent] = stored(stage, Consent)
    assert (consent.is_given, consent.version, consent.channel) == (True, VERSION, "web")


def test_several_children_are_told_of_one_by_one(person: Person, stage: Stage) -> None:
    to_session(person).taps("I agree").says("小明", "2018-05").taps("Yes, one more")
    person.says("小明").sees("There is a 小明 in your family already").says("小红", "二年级")
    person.taps("Yes, one more").says("小宝", "2021-01").is_asked("adults")
    person.says("2").sees("Child 2: 小红", "小红: Grade 2", "Child 3: 小宝", "For 2 adults and 3")
    person.taps("Confirm").sees("booked")
    assert [each.nickname for each in stored(stage, Child)] == ["小明", "小红", "小宝"]


def test_a_child_of_the_wrong_age_is_told_before_anything_else_is_asked(person: Person) -> None:
    to_session(person).taps("I agree").says("小宝", "2024-01")
    person.sees("This session is for ages 4–12; 小宝 will be 2 years old that day.")
    person.is_asked("child.1.birth").taps("Back", "Back", "Back").is_asked("session")


def test_back_works_up_to_confirm_and_past_consent(person: Person) -> None:
    to_confirm(person)
    asked = ["adults", "child.1.more", "child.1.birth", "child.1.name", "consent"]
    for name in [*asked, "session", "day", "base"]:
        person.taps("Back").is_asked(name)


def test_a_change_of_session_keeps_the_children(person: Person) -> None:
    to_confirm(person).taps("Change").taps("Session").taps("14:00").is_asked("who")
    person.taps("With a child").sees("Session: 14:00–15:00 展厅", "Child 1: 小明")
    person.taps("Confirm").sees("booked", "14:00–15:00")


# Consent


def test_a_refusal_of_consent_ends_a_family_session_with_another_way(
    person: Person, stage: Stage
) -> None:
    to_session(person).taps("I do not agree").sees(
        "please ask at the desk: 重庆科技馆 · 023-1", "my details"
    )
    person.is_asked("menu")
    assert (stored(stage, Child), stored(stage, Booking)) == ([], [])
    assert [each.is_given for each in stored(stage, Consent)] == [False]


def test_a_refusal_leaves_public_sessions_to_adults(person: Person, stage: Stage) -> None:
    to_session(person, "14:00").taps("With a child", "I do not agree").sees("at the desk")
    person.is_asked("adults").says("2").sees("Adults: 2").does_not_see("With a child")
    person.taps("Confirm").sees("2 adults")
    assert stored(stage, Child) == []


def test_after_a_refusal_nobody_is_asked_again_who_does_not_ask(
    person: Person, stage: Stage
) -> None:
    to_session(person).taps("I do not agree")
    to_session(person, "14:00").is_asked("who").sees("With a child: read again what is kept")
    person.taps("Adults only").says("1").taps("Confirm").sees("booked")
    assert len(stored(stage, Consent)) == 1


def test_a_refusal_can_be_taken_back(person: Person, stage: Stage) -> None:
    to_session(person).taps("I do not agree")
    to_session(person).sees("at the desk").taps("With a child").sees("To book for a child")
    with_child(person).says("1").taps("Confirm").sees("booked")
    assert [each.is_given for each in stored(stage, Consent)] == [False, True]


def test_going_back_over_consent_notes_it_once(person: Person, stage: Stage) -> None:
    to_session(person).taps("I agree", "Back", "I agree")
    assert len(stored(stage, Consent)) == 1


def test_answering_consent_differently_holds_from_then_on(person: Person, stage: Stage) -> None:
    to_session(person).taps("I agree", "Back", "I do not agree").is_asked("menu")
    assert [each.is_given for each in stored(stage, Consent)] == [True, False]


# Known families


def test_a_known_family_books_in_six_taps(anybody: Person) -> None:
    know(anybody)
    anybody.taps_and_lines = 0
    to_session(anybody, day="Sun 29 Nov").sees("Who is coming?", "小明 + 1 adult · as last time")
    anybody.taps("小明 + 1 adult").sees("Who: 小明 + 1 adult", "For 1 adult and 1 child")
    anybody.taps("Confirm").sees("Your visit is booked.")
    assert anybody.taps_and_lines <= 6


def test_the_base_visited_before_comes_first(person: Person) -> None:
    assert person.says("预约").choices[0].label.startswith("上海天文馆")
    know(person).says("预约")
    again, base = (each.label for each in person.choices[:2])
    assert again.startswith("As last time · 重庆科技馆")
    assert base.startswith("重庆科技馆")


def test_someone_else_may_be_known_or_new(person: Person, stage: Stage) -> None:
    know(person)
    to_session(person, day="Sun 29 Nov").taps("Someone else…").is_asked("children")
    person.ticks("小明", "another child").says("小红", "grade 2").taps("No, that is all").says("2")
    person.sees("Children: 小明 and another child", "Child 1: 小红").taps("Confirm")
    person.sees("2 adults and 2 children")
    assert [each.nickname for each in stored(stage, Child)] == ["小明", "小红"]


def test_a_known_child_may_come_with_more_adults_than_last_time(person: Person) -> None:
    know(person)
    to_session(person, day="Sun 29 Nov").taps("Someone else…").ticks("小明").is_asked("adults")
    person.says("2").sees("Children: 小明", "For 2 adults and 1 child").taps("Confirm")
    person.sees("2 adults and 1 child")


def test_a_child_who_cannot_come_is_told_why(person: Person) -> None:
    know(person).says("/me").taps("Add a child").says("小宝", "2024-01")
    to_session(person, day="Sun 29 Nov").sees(
        "This session is for ages 4–12; 小宝 will be 2 years old that day."
    )
    person.does_not_see("小宝 + 1 adult")


def test_when_no_known_child_can_come_another_one_may(person: Person, stage: Stage) -> None:
    person.says("/me").taps("Add a child", "I agree").says("小宝", "2024-01")
    to_session(person).sees("小宝 will be 2 years old", "Someone else…").taps("Someone else…")
    person.is_asked("child.1.name").says("小明", "2018-05").taps("No, that is all").says("1")
    person.taps("Confirm").sees("booked")
    assert len(stored(stage, Child)) == 2


def test_adults_alone_visit_what_is_for_everybody(person: Person) -> None:
    to_session(person, "14:00").taps("Adults only").sees("How many adults").says("5")
    person.sees("Adults: 5", "For 5 adults, free of charge.").taps("Confirm").sees("5 adults")


# What changes meanwhile


def fill(stage: Stage, number: int, left: int = 0) -> None:
    """Have others take all but `left` places of a session."""

    def take(db: Db) -> None:
        pool = pool_of(db, number)
        change(db, pool, confirmed=pool.capacity - left)

    stage.write(take)


def test_a_session_that_filled_up_is_asked_again_with_the_nearest_that_fit(
    person: Person, stage: Stage
) -> None:
    to_confirm(person)
    fill(stage, 1, left=1)
    person.taps("Confirm").sees(
        "Only 1 place is left in this session; you need 2.",
        "Sun 29 Nov 10:00–11:00 星空 · 40 left",
    ).is_asked("session")
    assert stored(stage, Booking) == []
    fill(stage, 1)
    person.taps("14:00").taps("With a child").sees("14:00–15:00 展厅", "Child 1: 小明")
    person.taps("Confirm").sees("Your visit is booked.")
    assert len(stored(stage, Booking)) == 1


def test_a_session_that_ran_out_is_refused_before_who_is_asked(
    person: Person, stage: Stage
) -> None:
    person.says("预约").taps("重庆科技馆", "Sat 28 Nov")
    fill(stage, 1, left=1)
    person.taps("10:00").sees("Only 1 place is left in this session; you need 2.")
    person.is_asked("session")


def test_when_the_whole_day_is_full_another_one_can_be_taken(person: Person, stage: Stage) -> None:
    person.says("预约").taps("重庆科技馆", "Sat 28 Nov")
    fill(stage, 1)
    fill(stage, 2)
    person.taps("10:00").sees("This session is full.", "10:00–11:00 星空 · full")
    person.taps("Sun 29 Nov instead, 10:00").is_asked("consent")
    with_child(person).says("1").sees("Session: Sun 29 Nov instead, 10:00–11:00 星空")
    person.taps("Confirm").sees("Sun 29 Nov, 10:00–11:00")


def test_fewer_adults_are_offered_where_fewer_places_are_left(person: Person, stage: Stage) -> None:
    fill(stage, 1, left=3)
    with_child(to_session(person)).sees("1", "2").does_not_see("3\n")
    person.says("3").sees("from 1 to 2").says("2").taps("Confirm").sees("booked")


def test_what_has_only_one_answer_is_not_asked(person: Person, stage: Stage) -> None:
    fill(stage, 1, left=2)
    to_session(person).taps("I agree").says("小明", "2018-05").is_asked("confirm")
    person.sees("For 1 adult and 1 child").taps("Confirm").sees("booked")


def test_a_session_that_begins_meanwhile_cannot_be_booked(person: Person, stage: Stage) -> None:
    to_confirm(person)
    stage.later(days=6)
    person.taps("Confirm").sees("This session has begun.")
    assert stored(stage, Booking) == []


def test_a_party_the_new_session_does_not_take_is_told_so(person: Person, stage: Stage) -> None:
    to_session(person, "14:00").taps("Adults only").says("5")
    stage.write(lambda db: change(db, rows(db, Session)[1], party_max=2))
    person.taps("Confirm").sees("at most 2 people; you are 5").is_asked("confirm")
    person.taps("Change", "Adults").says("2").taps("Confirm").sees("2 adults")


def test_a_second_visit_to_a_session_is_refused_when_it_is_chosen(person: Person) -> None:
    know(person)
    to_session(person).sees("You have booked this session already.").is_asked("session")


# Only children, only one of something, many of something


def test_a_session_for_children_asks_for_no_adult(person: Person, stage: Stage) -> None:
    stage.write(
        lambda db: a_session(
            db, base_id=1, hour=9, audience=Audience.STUDENT_ONLY, course_id=1, min_age=8
        )
    )
    to_session(person, "09:00")
    with_child(person).sees("For 1 child, free of charge.").taps("Confirm").sees("1 child")


def test_the_only_base_is_taken_without_a_tap_and_shown(
    sqlite_database: Database,
) -> None:
    sqlite_database.write_and_wait(lambda db: a_session(db, base_id=a_base(db, name="唯一馆")))
    person = Stage(sqlite_database.write_and_wait, MENU, NOW).person("web", locale="en")
    person.says("预约").is_asked("day").taps("Sat 28 Nov", "10:00", "Adults only").says("1")
    person.sees("Where: 唯一馆").taps("Confirm").sees("唯一馆")


def test_many_bases_are_found_by_district(sqlite_database: Database) -> None:
    def many(db: Db) -> None:
        for number in range(10):
            a_session(db, base_id=a_base(db, name=f"馆{number}", district=f"区{number % 2}"))

    sqlite_database.write_and_wait(many)
    person = Stage(sqlite_database.write_and_wait, MENU, NOW).person("web", locale="en")
    person.says("预约").taps("区1").is_asked("base.there").taps("馆3", "Sat 28 Nov", "10:00")
    person.taps("Adults only").says("1").sees("Where: 区1", "Base: 馆3").taps("Confirm")
    person.sees("馆3")


def test_without_anything_to_book_the_reason_is_told(sqlite_database: Database) -> None:
    person = Stage(sqlite_database.write_and_wait, MENU, NOW).person("web", locale="en")
    person.says("预约").sees("No base has visits to offer").is_asked("menu")


# In Chinese


def test_the_dialogue_is_held_in_chinese_too(stage: Stage) -> None:
    person = stage.person("web", locale="zh_CN")
    person.says("预约").taps("重庆科技馆").taps_value("2026-11-28")
    person.taps("10:00").taps_value("agree").says("小明", "2018年5月").taps_value("no").says("一位")
    person.taps_value("@yes")
    [booking] = stored(stage, Booking)
    person.sees(f"{booking.code[:4]}-{booking.code[4:]}", "11月28日")


def test_the_flow_asks_the_same_when_it_is_run_again() -> None:
    answers = {"base": Answer("0" * 32), "day": Answer("2026-11-28")}
    assert [each.name for each, _ in drive_twice(book_visit, answers).asked] == ["base", "day"]
