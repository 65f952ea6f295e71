"""Is a family told, once, when its base calls a session off or moves it, and what would do?"""

from datetime import date

import pytest

from handlers.booking import called_off
from handlers.conversation.testing import Person, Stage
from handlers.menu import MENU
from storage import audit, roles
from storage.database import Database
from storage.models import (
    Booking,
    BookingState,
    Chat,
    Duty,
    EndedBy,
    Offer,
    OfferState,
    Pool,
    Session,
    SessionState,
    Strike,
)
from tests.builders import NOW
from tests.exchange.imports import take
from tests.exchange.workbooks import a_workbook
from tests.stories import town as towns
from tests.stories.queues import SHOW, add_show, books, cancels, somebody, waits
from tests.stories.town import Town

SHEET = {
    "场次编号": "B-1", "基地": "科技馆", "课程": "机器人", "日期": date(2026, 11, 28),
    "开始": "10:00", "结束": "11:00", "地点": "一号厅", "名额": 10, "候补上限": 5,
    "面向": "不限", "开放预约": "前30日08:00", "截止取消": "前1日20:00",
}  # fmt: skip
OTHER = {**SHEET, "场次编号": "B-2", "开始": "14:00", "结束": "15:00"}


def calls_off(town: Town, reason: str = "weather") -> bool:
    """The base calls the show off."""
    session = town.rows(Session)[-1]
    return town.database.write_and_wait(
        lambda db: called_off.call_off(db, session.id, reason, now=town.stage.now, locale="zh_CN")
    )


def coordinator(town: Town, name: str = "chen", duty: Duty = Duty.COORDINATOR) -> Person:
    """Somebody who coordinates every base, or has another duty there."""
    person = somebody(town, name).says("hello")
    [chat] = [each for each in town.rows(Chat) if each.address == name]
    town.database.write_and_wait(lambda db: roles.grant(db, chat.person_id, duty, None, NOW))
    return person


@pytest.fixture
def show(town: Town) -> Town:
    """The town with the show of four places."""
    add_show(town)
    return town


@pytest.fixture
def office(sqlite_database: Database) -> Town:
    """A base whose timetable came from a sheet: two sessions on Saturday."""
    imports(sqlite_database, SHEET, OTHER)
    return Town(sqlite_database, Stage(sqlite_database.write_and_wait, MENU, NOW))


def imports(database: Database, *rows: dict[str, object]) -> list[str]:
    """The office brings its sheet in; which sessions it is told of."""
    sheet = a_workbook(bases=[{"基地": "科技馆"}], courses=[{"课程": "机器人"}], sessions=rows)
    return take(database, sheet).disturbed


def comes(town: Town, name: str, hour: str = "10:00", channel: str = "web") -> Person:
    """Somebody books one of the sheet's sessions for two."""
    person = somebody(town, name, channel).says("book").taps("Sat 28 Nov", hour, "Adults only")
    return person.says("2").taps("Confirm").sees("Your visit is booked.")


def test_everybody_concerned_is_told_once_with_the_reason(database: Database) -> None:
    town = towns.build(database)
    add_show(town)
    li, wang, zhao = books(town, "li", 2), books(town, "wang", 2), waits(town, "zhao", 3)
    assert calls_off(town)
    for person in (li, wang):
        person.was_told("The base has cancelled your visit.", SHOW, "Reason: The weather")
        person.was_told_nothing()
    zhao.was_told("cancelled a session that you waited for", SHOW).was_told_nothing()
    assert not calls_off(town)
    assert {each.state for each in town.rows(Booking)} == {BookingState.CANCELLED}
    assert {each.ended_by for each in town.rows(Booking)} == {EndedBy.BASE}
    assert town.rows(Strike) == []
    pool, session = town.rows(Pool)[-1], town.rows(Session)[-1]
    assert (pool.held, pool.offered, pool.confirmed, pool.waiting) == (0, 0, 0, 0)
    assert (session.state, session.sequence) == (SessionState.CANCELLED, 1)
    assert session.cancelled_because == "weather"
    steps = town.database.read_and_wait(lambda db: audit.of(db, "session", session.id))
    assert [each.action for each in steps] == ["call_off"]


def test_an_offer_ends_with_its_session(show: Town) -> None:
    li, wang = books(show, "li", 4), waits(show, "wang", 4)
    cancels(li)
    wang.was_told("Places have come free")
    [token] = [each.token for each in wang.choices if each.label == "Yes, we will come"]
    calls_off(show)
    wang.was_told("cancelled a session that you waited for")
    wang.taps_token(token).sees("These places have gone")
    assert [each.state for each in show.rows(Offer)] == [OfferState.REVOKED]


def test_nobody_can_book_what_is_off_nor_is_reminded(show: Town) -> None:
    li = books(show, "li", 2)
    calls_off(show)
    li.was_told("cancelled your visit")
    somebody(show, "wang").says("book").taps("星河", "Sat 28 Nov").does_not_see(SHOW)
    show.time_passes(days=5, hours=8)
    li.was_told_nothing()


def test_another_session_is_one_tap_and_a_yes_away(office: Town, channel: str) -> None:
    li = comes(office, "li", channel=channel)
    office.database.write_and_wait(
        lambda db: called_off.call_off(db, 1, "", now=NOW, locale="zh_CN")
    )
    li.was_told("These have places for all of you:").taps("Sat 28 Nov 14:00–15:00 机器人")
    li.sees("Please check your visit.", "For 2 adults", "14:00–15:00 机器人").taps("Confirm")
    li.sees("Your visit is booked.", "14:00–15:00")


def test_a_sheet_with_a_cancelled_row_calls_the_session_off(office: Town) -> None:
    li, wang = comes(office, "li"), comes(office, "wang", "14:00")
    off = {**SHEET, "状态": "取消", "备注": "设备检修"}
    assert imports(office.database, off, OTHER) == ["B-1"]
    li.was_told("The base has cancelled your visit.", "Reason: 设备检修", "14:00–15:00")
    wang.was_told_nothing()
    assert imports(office.database, off, OTHER) == []
    li.was_told_nothing()
    assert office.rows(Session)[0].sequence == 1


def test_a_sheet_with_another_time_moves_the_visit(office: Town, channel: str) -> None:
    li = comes(office, "li", channel=channel)
    later = {**SHEET, "开始": "16:00", "结束": "17:00", "地点": "二号厅"}
    assert imports(office.database, later, OTHER) == ["B-1"]
    li.was_told(
        "The base has moved your visit.", "It was: Sat 28 Nov · 10:00 · 一号厅",
        "Sat 28 Nov 16:00 机器人, 科技馆", "二号厅", "Your ticket is still good.",
    )  # fmt: skip
    assert imports(office.database, later, OTHER) == []
    li.was_told_nothing()
    li.says("my visits").sees("Sat 28 Nov, 16:00–17:00", "二号厅")


def test_whom_the_new_time_does_not_suit_may_cancel_whenever(office: Town, channel: str) -> None:
    li = comes(office, "li", channel=channel)
    imports(office.database, {**SHEET, "开始": "12:00", "结束": "13:00"}, OTHER)
    office.stage.later(days=5, hours=23)  # long after cancelling was free
    li.was_told("The base has moved your visit.").taps("We cannot come then")
    li.sees("The visit is cancelled")
    assert office.rows(Strike) == []
    [visit] = office.rows(Booking)
    assert (visit.state, visit.ended_by) == (BookingState.CANCELLED, EndedBy.BASE)


def test_what_was_never_moved_is_not_cancelled_that_way(office: Town) -> None:
    li = comes(office, "li")
    [visit] = office.rows(Booking)
    li.says(f"/coming {visit.public_id} moved").sees("This visit was not moved.")
    assert [each.state for each in office.rows(Booking)] == [BookingState.CONFIRMED]


def test_after_a_move_families_are_reminded_of_the_new_time(office: Town) -> None:
    li = comes(office, "li")
    office.time_passes(days=5, hours=8)
    li.was_told("Your visit is tomorrow:", "10:00–11:00")
    imports(office.database, {**SHEET, "日期": date(2026, 11, 29)}, OTHER)
    li.was_told("The base has moved your visit.")
    office.time_passes(days=1)
    li.was_told("Your visit is tomorrow:", "Sun 29 Nov, 10:00–11:00")


def test_a_coordinator_calls_a_session_off_in_chat(office: Town, channel: str) -> None:
    li, chen = comes(office, "li", channel=channel), coordinator(office)
    chen.says("/calloff B-1").sees("B-1", "Sat 28 Nov 10:00", "1 family is told at once.")
    chen.taps("The weather").sees("Shall this session be called off?").taps("Confirm")
    chen.sees("The session is called off, and everybody concerned is told.")
    li.was_told("The base has cancelled your visit.", "Reason: The weather")
    chen.says("/calloff B-1").sees("This session is called off already.")


def test_a_code_is_read_in_any_case_and_nobody_booked_is_said(office: Town) -> None:
    coordinator(office).says("/calloff b-1").sees("B-1", "No family has booked it.")


def test_a_desk_is_told_who_may_call_a_session_off(office: Town) -> None:
    for words in ("/calloff B-1", "/calloff B-9", "/calloff"):
        desk = coordinator(office, f"desk {words}", Duty.DESK).says(words)
        desk.sees("Only a coordinator of the base").does_not_see("B-1")


def test_a_coordinator_finds_the_session_in_a_list(office: Town) -> None:
    chen = coordinator(office).says("/calloff").sees("B-1", "B-2").taps("B-2")
    chen.says("讲师生病").taps("Confirm").sees("The session is called off")
    assert office.rows(Session)[1].cancelled_because == "讲师生病"


def test_a_coordinator_calls_off_what_the_desk_shows(office: Town) -> None:
    li, chen = comes(office, "li"), coordinator(office)
    office.stage.later(days=5, hours=22)  # Saturday at eight
    chen.says("/today").taps("10:00 机器人", "Call this session off").sees("1 family is told")
    chen.taps("Somebody is ill", "Confirm").sees("The session is called off")
    li.was_told("The base has cancelled your visit.", "Reason: Somebody is ill")


@pytest.mark.parametrize("words", ["/calloff B-1", "/calloff B-9", "/calloff"])
def test_nobody_else_calls_a_session_off(office: Town, words: str) -> None:
    somebody(office, "wang").says(words).sees("This is for the desk of a base.")
    assert office.rows(Session)[0].state is SessionState.PUBLISHED
