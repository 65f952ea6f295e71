"""Does a refused workbook come back so that its author can mend it?"""

from io import BytesIO

import openpyxl
import pytest

from handlers.exchange import actions, returned, sheets
from handlers.exchange.problems import Unfit
from storage.database import Database
from tests.builders import NOW
from tests.exchange.workbooks import (
    SESSION,
    WITH_ERRORS,
    Formula,
    a_workbook,
    a_zip,
    cells_of,
    parts_of,
)


def marked(database: Database, workbook: bytes, locale: str = "zh_CN") -> bytes:
    """The workbook with its errors."""
    given = sheets.read(workbook)
    with pytest.raises(Unfit) as unfit:
        database.write_and_wait(lambda db: actions.take_in(db, given, "Asia/Shanghai", NOW))
    return returned.with_errors(given.as_given, unfit.value.problems, locale)


def test_every_wrong_row_says_why_in_a_last_column(sqlite_database: Database) -> None:
    rows = cells_of(marked(sqlite_database, WITH_ERRORS.read_bytes(), "en"), "场次")
    assert rows[0][-1] == "错误"
    said = {number: row[-1] for number, row in enumerate(rows, 1) if row[-1] and number > 1}
    assert sorted(said) == list(range(1284, 1296))
    assert (
        said[1289]
        == "开始: 9点 is not a time of day like 09:30\n结束: 10点半 is not a time of day like 09:30"
    )
    assert rows[1295][0] == "X-13"


def test_every_row_and_cell_is_where_it_was(sqlite_database: Database) -> None:
    given = sheets.read(WITH_ERRORS.read_bytes()).as_given
    back = marked(sqlite_database, WITH_ERRORS.read_bytes())
    for sheet in given:
        rows = cells_of(back, sheet.name)
        assert len(rows) == len(sheet.rows)
    assert rows[1][:8] == [
        "ZKG-1128-1A",
        "中国科技馆",
        "常设展厅参观",
        "2026-11-28",
        "09:30",
        "12:30",
        "主展厅",
        "2500",
    ]
    assert rows[1293][0] == '=HYPERLINK("http://x","a")'


def test_the_marked_workbook_can_be_mended_and_given_again(sqlite_database: Database) -> None:
    workbook = a_workbook(sessions=[{**SESSION, "名额": "五十"}, {**SESSION, "场次编号": "A-2"}])
    first = marked(sqlite_database, workbook)
    second = marked(sqlite_database, first)
    assert cells_of(second, "场次") == cells_of(first, "场次")  # one column 错误, not two
    mended = openpyxl.load_workbook(BytesIO(second))
    mended["场次"]["H2"] = 50
    buffer = BytesIO()
    mended.save(buffer)
    given = sheets.read(buffer.getvalue())
    taken = sqlite_database.write_and_wait(
        lambda db: actions.take_in(db, given, "Asia/Shanghai", NOW)
    )
    assert taken.sessions.new == 2


def test_what_begins_like_a_formula_stays_text_when_it_is_edited(sqlite_database: Database) -> None:
    back = marked(sqlite_database, WITH_ERRORS.read_bytes())
    cell = openpyxl.load_workbook(BytesIO(back))["场次"]["A1294"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_the_wrong_cells_are_coloured_and_the_first_wrong_sheet_is_open(
    sqlite_database: Database,
) -> None:
    back = openpyxl.load_workbook(BytesIO(marked(sqlite_database, WITH_ERRORS.read_bytes())))
    assert back.active is not None
    assert back.active.title == "场次"
    assert back["场次"]["H1290"].fill.fgColor.rgb == "FFFFE0E0"
    assert back["场次"]["H1289"].fill.fgColor.rgb != "FFFFE0E0"


def test_a_formula_comes_back_as_the_value_it_had(sqlite_database: Database) -> None:
    workbook = a_workbook(sessions=[{**SESSION, "名额": Formula("=3+4")}])
    rows = cells_of(marked(sqlite_database, workbook), "场次")
    assert rows[1][7] == "7"
    assert rows[1][-1] == "名额: it holds a formula; keep only its value" or "公式" in rows[1][-1]


def test_a_row_that_is_only_a_formula_is_marked_too(sqlite_database: Database) -> None:
    parts = parts_of(a_workbook())
    sheet = "xl/worksheets/sheet3.xml"
    row = b'<row r="5"><c r="H5"><f>A1</f></c></row></sheetData>'
    parts[sheet] = parts[sheet].replace(b"</sheetData>", row)
    rows = cells_of(marked(sqlite_database, a_zip(parts)), "场次")
    assert rows[4][-1]
