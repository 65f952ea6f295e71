"""Is everything found that stands against a workbook, and nothing else?"""

import pytest

from handlers.exchange.actions import Taken, Tally
from storage.database import Database
from storage.models import Base
from tests.exchange.imports import one, refused, take
from tests.exchange.workbooks import (
    BASE,
    COURSE,
    SCHEDULE,
    SESSION,
    WITH_ERRORS,
    Row,
    a_workbook,
)


def test_twelve_wrong_rows_are_named_and_the_untidy_one_is_taken(database: Database) -> None:
    take(database, SCHEDULE.read_bytes())
    said = refused(database, WITH_ERRORS.read_bytes())
    rows = [f"场次, row {number}," for number in range(1284, 1296)]
    assert all(any(line.startswith(row) for line in said) for row in rows)
    assert not [line for line in said if "row 1296" in line]
    assert said == refused(database, WITH_ERRORS.read_bytes())


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"基地": "江边"}, "场次, row 2, 基地 (B2): there is no base called 江边"),
        ({"课程": "电"}, "场次, row 2, 课程 (C2): there is no course called 电"),
        ({"结束": "08:00"}, "场次, row 2, 结束 (F2): it does not end after it starts"),
        (
            {"日期": "2026-12-07"},
            "场次, row 2, 日期 (D2): 江边科技馆 is closed on Mon 7 Dec: its weekly day off",
        ),
        ({"名额": "五十"}, "场次, row 2, 名额 (H2): 五十 is not a whole number"),
        ({"场次编号": ""}, "场次, row 2, 场次编号 (A2): this cell must not be empty"),
    ],
)
def test_a_wrong_row_is_named_by_sheet_row_and_column(
    sqlite_database: Database, cells: Row, why: str
) -> None:
    assert refused(sqlite_database, a_workbook(sessions=[{**SESSION, **cells}])) == [why]


def test_everything_wrong_is_told_at_once_from_top_to_bottom(sqlite_database: Database) -> None:
    workbook = a_workbook(
        bases=[{**BASE, "每单人数上限": 0}, BASE],
        courses=[COURSE, {**COURSE, "面向": "大家"}, {"学科": "物理"}],
        sessions=[
            {**SESSION, "名额": 0, "基地": "无"},
            {**SESSION, "日期": "12月5日", "结束": "九点"},
        ],
    )
    found = [line.partition("): ")[0] for line in refused(sqlite_database, workbook)]
    assert found == [
        "基地, row 2, 每单人数上限 (I2",
        "基地, row 3, 基地 (A3",
        "课程, row 3, 课程 (A3",
        "课程, row 3, 面向 (E3",
        "课程, row 4, 课程 (A4",
        "场次, row 2, 基地 (B2",
        "场次, row 2, 名额 (H2",
        "场次, row 3, 场次编号 (A3",
        "场次, row 3, 日期 (D3",
        "场次, row 3, 结束 (F3",
    ]


def test_a_session_at_a_base_or_course_whose_row_is_wrong_is_not_blamed(
    sqlite_database: Database,
) -> None:
    workbook = a_workbook(
        bases=[{**BASE, "放票时间": "九点"}], courses=[{**COURSE, "最小年龄": 99, "最大年龄": 3}]
    )
    said = refused(sqlite_database, workbook)
    assert [line.partition(",")[0] for line in said] == ["基地", "课程"]


def test_the_second_row_of_a_code_is_the_wrong_one(sqlite_database: Database) -> None:
    other = {**SESSION, "场次编号": "Ａ－１", "开始": "11:00", "结束": "12:00"}
    said = refused(sqlite_database, a_workbook(sessions=[SESSION, other]))
    assert said == ["场次, row 3, 场次编号 (A3): A-1 is already in row 2"]


def test_names_are_found_however_they_are_spelt(database: Database) -> None:
    take(database, a_workbook(bases=[{**BASE, "基地": "江边科技馆（新馆）"}], sessions=[]))
    spelt = {**SESSION, "基地": " 江边科技馆(新馆) ", "课程": "电 与 磁"}
    taken = take(
        database, a_workbook(bases=[{**BASE, "基地": "江边科技馆(新馆)"}], sessions=[spelt])
    )
    assert (taken.bases, taken.sessions) == (Tally(0, 0, 1), Tally(1, 0, 0))
    assert one(database, Base).name == "江边科技馆（新馆）"


def test_bases_and_courses_of_an_earlier_workbook_are_known(database: Database) -> None:
    take(database, a_workbook(sessions=[]))
    taken = take(database, a_workbook(bases=[], courses=[]))
    nothing = Tally(0, 0, 0)
    assert taken == Taken(nothing, nothing, Tally(1, 0, 0), [], nothing, [2026])
