"""Do public holidays come in, and does a session stand only where its base is open?

`holidays-2026.xlsx` is the State Council's notice of 4 November 2025 on the holidays of 2026
(国务院办公厅关于2026年部分节假日安排的通知): 33 days off, and six weekend days that are worked.
"""

from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest

from handlers.exchange import sheets
from handlers.exchange.actions import Tally
from handlers.messages import Refused
from handlers.texts import say
from storage import holidays
from storage.database import Database
from tests.exchange.imports import refused, take
from tests.exchange.workbooks import BASE, DATA, SCHEDULE, SESSION, Row, a_workbook

HOLIDAYS = (DATA / "holidays-2026.xlsx").read_bytes()
OFF: Row = {"日期": date(2026, 12, 7), "名称": "馆庆", "休/班": "休"}


def test_a_workbook_with_only_the_holidays_is_taken_in_and_changes_nothing_twice(
    database: Database,
) -> None:
    nothing = Tally(0, 0, 0)
    taken = take(database, HOLIDAYS)
    assert (taken.bases, taken.sessions, taken.holidays) == (nothing, nothing, Tally(39, 0, 0))
    assert take(database, HOLIDAYS).holidays == Tally(0, 0, 39)
    known = database.read_and_wait(holidays.known)
    worked = [day for day, each in known.items() if each.is_worked]
    assert worked == [
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9),
        date(2026, 9, 20), date(2026, 10, 10),
    ]  # fmt: skip
    assert {day.weekday() for day in worked} == {5, 6}
    first = date(2026, 2, 15)
    assert [known[first + timedelta(days=n)].name for n in range(9)] == ["春节"] * 9


def test_a_year_without_holidays_is_named_and_nothing_is_guessed(database: Database) -> None:
    assert take(database, a_workbook()).unknown_years == [2026]
    assert take(database, HOLIDAYS).unknown_years == []
    assert take(database, a_workbook()).unknown_years == []
    assert take(database, SCHEDULE.read_bytes()).unknown_years == [2027]


def test_a_holiday_opens_a_closed_weekday_and_closes_the_day_after(
    sqlite_database: Database,
) -> None:
    monday = [{**SESSION, "日期": "2026-12-07"}]
    tuesday = [{**SESSION, "日期": "2026-12-08"}]
    assert refused(sqlite_database, a_workbook(sessions=monday)) == [
        "场次, row 2, 日期 (D2): 江边科技馆 is closed on Mon 7 Dec: its weekly day off"
    ]
    assert take(sqlite_database, a_workbook(sessions=monday, holidays=[OFF])).sessions.new == 1
    assert refused(sqlite_database, a_workbook(sessions=tuesday)) == [
        "场次, row 2, 日期 (D2): 江边科技馆 is closed on Tue 8 Dec: "
        "its day off instead of Mon 7 Dec, 馆庆"
    ]


def test_a_base_may_keep_its_weekday_on_holidays(sqlite_database: Database) -> None:
    strict = [{**BASE, "节假日照常开放": "否"}]
    monday = [{**SESSION, "日期": "2026-12-07"}]
    assert len(refused(sqlite_database, a_workbook(strict, sessions=monday, holidays=[OFF]))) == 1


def test_a_day_may_change_its_name_and_kind(sqlite_database: Database) -> None:
    take(sqlite_database, a_workbook(holidays=[OFF]))
    other = {**OFF, "名称": "调休", "休/班": "班"}
    assert take(sqlite_database, a_workbook(holidays=[other])).holidays == Tally(0, 1, 0)
    [day] = sqlite_database.read_and_wait(holidays.known).values()
    assert (day.name, day.is_worked) == ("调休", True)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([{**OFF, "休/班": "半天"}], "节假日, row 2, 休/班 (C2): 半天 is neither 休 nor 班"),
        ([{**OFF, "日期": ""}], "节假日, row 2, 日期 (A2): this cell must not be empty"),
        ([OFF, OFF], "节假日, row 3, 日期 (A3): 2026-12-07 is already in row 2"),
    ],
)
def test_a_wrong_day_is_named(sqlite_database: Database, rows: list[Row], why: str) -> None:
    assert refused(sqlite_database, a_workbook(holidays=rows)) == [why]


def test_a_workbook_of_holidays_and_half_a_timetable_is_refused() -> None:
    opened = openpyxl.load_workbook(BytesIO(a_workbook(holidays=[OFF])))
    del opened["课程"]
    buffer = BytesIO()
    opened.save(buffer)
    with pytest.raises(Refused) as failure:
        sheets.read(buffer.getvalue())
    assert say(failure.value.text, "en") == "The workbook has no sheet called 课程."
