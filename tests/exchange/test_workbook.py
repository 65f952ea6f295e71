"""Is a file that is no timetable, or a trap, refused in one line before it is read?"""

import re
import struct
import tracemalloc
import zlib
from datetime import date, time
from pathlib import Path

import pytest

from handlers.exchange import sheets, workbook
from handlers.exchange.package import FILE_MAX_BYTES, PARTS_MAX
from handlers.exchange.sheets import TIMETABLE
from handlers.messages import Refused
from handlers.texts import say
from tests.exchange.workbooks import (
    SCHEDULE,
    SESSION,
    WITH_ERRORS,
    Failure,
    Formula,
    a_workbook,
    a_zip,
    parts_of,
)

NOT_A_WORKBOOK = "The file is not an Excel workbook (.xlsx), or it is damaged."
TOO_MUCH = "The file unpacks to far more than a timetable; it is not opened."
SHEET = "xl/worksheets/sheet3.xml"


def refusal(data: bytes) -> str:
    """Why a file is not read."""
    with pytest.raises(Refused) as refused:
        sheets.read(data)
    return say(refused.value.text, "en")


def with_cells(cells: bytes) -> bytes:
    """A workbook whose third sheet has these rows behind its own."""
    parts = parts_of(a_workbook())
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", cells + b"</sheetData>")
    return a_zip(parts)


@pytest.mark.parametrize("path", [SCHEDULE, WITH_ERRORS])
def test_a_real_timetable_is_opened(path: Path) -> None:
    found = workbook.read(path.read_bytes(), TIMETABLE)
    assert list(found) == ["基地", "课程", "场次"]
    assert found["基地"].rows[1][0] == "中国科技馆"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no workbook",
        b"PK\x03\x04 broken",
        b"\x00" * 1000,
        a_zip({}),
        a_zip({"a.xml": b"<a/>"}),
        a_zip({"xl/workbook.xml": b"<broken"}),
        SCHEDULE.read_bytes()[:50_000],
    ],
)
def test_a_file_that_is_no_workbook_is_refused(data: bytes) -> None:
    assert refusal(data) == NOT_A_WORKBOOK


def test_a_password_is_named_as_the_reason() -> None:
    # A workbook with a password is no zip but a compound file, as the old .xls was.
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000
    assert refusal(data).startswith("The file has a password or is of the old .xls kind")


def test_a_file_too_large_is_refused() -> None:
    assert refusal(b"PK" + b"\x00" * FILE_MAX_BYTES) == "The file is larger than 5 MB."


def test_a_zip_with_a_part_that_has_a_password_is_refused() -> None:
    data = bytearray(a_workbook())
    for found in re.finditer(b"PK\x01\x02", bytes(data)):
        data[found.start() + 8] |= 1  # says: encrypted
    for found in re.finditer(b"PK\x03\x04", bytes(data)):
        data[found.start() + 6] |= 1
    assert refusal(bytes(data)) == NOT_A_WORKBOOK


def test_a_zip_of_too_many_parts_is_refused() -> None:
    parts = parts_of(a_workbook()) | {f"xl/{n}.xml": b"<a/>" for n in range(PARTS_MAX)}
    assert refusal(a_zip(parts)) == TOO_MUCH


def test_a_zip_bomb_is_refused_without_being_unpacked() -> None:
    bomb = a_workbook(sessions=[SESSION])
    parts = parts_of(bomb)
    parts[SHEET] += b" " * 40_000_000
    packed = a_zip(parts)
    del parts
    assert len(packed) < 100_000
    tracemalloc.start()
    try:
        assert refusal(packed) == TOO_MUCH
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_a_bomb_of_many_small_parts_is_refused_for_their_sum() -> None:
    parts = parts_of(a_workbook())
    parts |= {f"xl/{number}.xml": b" " * 1_000_000 for number in range(60)}
    assert refusal(a_zip(parts)) == TOO_MUCH


def test_a_zip_that_lies_about_its_sizes_gets_no_further() -> None:
    """A reader that believes the deflated stream, not the header, would unpack all of it."""
    parts = parts_of(a_workbook())
    honest = parts[SHEET]
    parts[SHEET] = honest + b" " * 30_000_000
    lie = bytearray(a_zip(parts))
    real, said = struct.pack("<L", len(parts[SHEET])), struct.pack("<L", len(honest))
    crc = struct.pack("<L", zlib.crc32(parts[SHEET])), struct.pack("<L", zlib.crc32(honest))
    data = bytes(lie).replace(real, said).replace(*crc)
    read = sheets.read(data)  # what was unpacked by its header is all that anybody sees
    assert [row.code for row in read.sessions.rows] == ["A-1"]


def test_definitions_in_the_xml_are_refused() -> None:
    parts = parts_of(a_workbook())
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    parts[SHEET] = parts[SHEET].replace(b"<worksheet", bomb + b"<worksheet", 1)
    assert refusal(a_zip(parts)) == NOT_A_WORKBOOK


def test_ten_thousand_rows_are_read_and_one_more_is_refused() -> None:
    rows = [{**SESSION, "场次编号": f"A-{number}"} for number in range(10_001)]
    assert len(sheets.read(a_workbook(sessions=rows[:-1])).sessions.rows) == 10_000
    assert refusal(a_workbook(sessions=rows)) == "The sheet 场次 has more than 10,000 rows."


def test_a_cell_far_away_is_refused_before_room_is_made_for_it() -> None:
    far = b'<row r="9"><c r="XFD9"><v>1</v></c></row>'
    assert refusal(with_cells(far)) == "The sheet 场次 has more than 100 columns."
    low = b'<row r="1048576"><c r="a1048576"><v>1</v></c></row>'
    assert refusal(with_cells(low)) == "The sheet 场次 has more than 10,000 rows."


@pytest.mark.parametrize(
    "cells",
    [
        b'<row r="0x9"><c><v>1</v></c></row>',
        b'<row r="9"><c r="9A"><v>1</v></c></row>',
        b'<row r="9"><c r="A0009999999"><v>1</v></c></row>',
    ],
)
def test_a_place_that_is_no_place_is_refused(cells: bytes) -> None:
    assert refusal(with_cells(cells)) == NOT_A_WORKBOOK


def test_a_cell_without_a_place_is_the_next_one() -> None:
    cells = b'<row><c/><c t="e"><v>#N/A</v></c></row>'
    cells += b'<row><c t="inlineStr"><is><t>B-2</t></is></c></row>'
    read = sheets.read(with_cells(cells)).sessions
    assert [problem.cell for problem in read.problems][:2] == ["A3", "B3"]
    assert [row.code for row in read.rows] == ["A-1", None, "B-2"]


def test_pictures_in_a_workbook_are_passed_over() -> None:
    parts = parts_of(a_workbook()) | {"xl/media/image1.png": b"\x00" * 3_000_000}
    assert sheets.read(a_zip(parts)).sessions.rows[0].code == "A-1"


def test_a_part_that_only_the_reader_of_cells_opens_may_be_broken_too() -> None:
    parts = parts_of(a_workbook()) | {"xl/sharedStrings.xml": b"<sst><si><t>broken"}
    assert refusal(a_zip(parts)) == NOT_A_WORKBOOK


def test_a_missing_sheet_is_named() -> None:
    parts = parts_of(a_workbook())
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace("课程".encode(), b"Kurse")
    assert refusal(a_zip(parts)) == "The workbook has no sheet called 课程."


def test_missing_columns_are_named() -> None:
    data = a_workbook(titles=lambda names: [each for each in names if each not in ("名额", "开始")])
    assert refusal(data) == "The sheet 场次 has no column called 开始、名额."


def test_a_column_that_is_there_twice_is_named() -> None:
    data = a_workbook(titles=lambda names: [*names, names[0]])
    assert refusal(data) == "The sheet 基地 has more than one column called 基地."


def test_columns_may_come_in_any_order_among_others_with_wrapped_titles() -> None:
    def titles(names: list[str]) -> list[str]:
        return ["我的备忘", *reversed(names)]

    assert sheets.read(a_workbook(titles=titles)).sessions.rows[0].code == "A-1"
    parts = parts_of(a_workbook())
    parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace(
        "价格(元)".encode(), "价格\n（元）".encode()
    )
    assert sheets.read(a_zip(parts)).sessions.rows[0].capacity == 20


def test_a_formula_is_refused_though_it_has_a_value() -> None:
    row = {**SESSION, "场次编号": Formula('=HYPERLINK("http://x","A-1")'), "名额": Formula("=3+4")}
    problems = sheets.read(a_workbook(sessions=[row])).sessions.problems
    said = [(problem.cell, say(problem.what, "en")) for problem in problems]
    assert said == [
        ("A2", "it holds a formula; keep only its value"),
        ("H2", "it holds a formula; keep only its value"),
    ]


def test_an_error_of_excels_is_named_with_its_cell() -> None:
    row = {**SESSION, "名额": Failure("#N/A")}
    parts = parts_of(a_workbook(sessions=[row]))
    parts[SHEET] = re.sub(b"<f>.*?</f>", b"", parts[SHEET])  # pasted as a value
    (problem,) = sheets.read(a_zip(parts)).sessions.problems
    assert (problem.cell, say(problem.what, "en")) == ("H2", "it holds the error #N/A")


def test_empty_rows_are_passed_over_and_rows_keep_the_numbers_excel_shows() -> None:
    rows = [{}, SESSION, {"场次编号": "  "}, {}, {**SESSION, "场次编号": "A-2"}]
    read = sheets.read(a_workbook(sessions=rows)).sessions
    assert [(row.number, row.code) for row in read.rows] == [(3, "A-1"), (6, "A-2")]
    assert not read.problems


def test_the_cells_of_a_row_are_read_by_type() -> None:
    row = {**SESSION, "备注": "铃", "价格(元)": 19.9, "需家长陪同": True, "开始": 0.375}
    (found,) = sheets.read(a_workbook(sessions=[row])).sessions.rows
    assert (found.day, found.starts, found.capacity) == (date(2026, 12, 5), time(9), 20)
    assert (found.note, found.price_fen, found.is_accompanied) == ("铃", 1990, True)
    assert (found.room, found.audience, found.wrong) == (None, None, frozenset())
