"""Which workbooks does a test need? A sound one, every cell open to change."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from handlers.exchange.problems import Unfit
from handlers.exchange.sheets import BASES, COURSES, HOLIDAYS, SESSIONS, Layout
from handlers.texts import say

DATA = Path(__file__).parent.parent / "data"
SCHEDULE = DATA / "schedule.xlsx"
WITH_ERRORS = DATA / "schedule-with-errors.xlsx"

Row = Mapping[str, Any]

BASE: Row = {"基地": "江边科技馆", "闭馆日": "一", "放票提前天数": 7, "放票时间": "09:00"}
COURSE: Row = {"课程": "电与磁", "最小年龄": 6, "最大年龄": 14, "面向": "亲子", "时长(分钟)": 60}
SESSION: Row = {
    "场次编号": "A-1",
    "基地": "江边科技馆",
    "课程": "电与磁",
    "日期": date(2026, 12, 5),
    "开始": "09:00",
    "结束": "10:00",
    "名额": 20,
}


class Formula(str):
    """A cell that holds a formula; it was 7 when the file was saved."""


class Failure(str):
    """A cell that holds an error of Excel's."""


def a_workbook(
    bases: Sequence[Row] = (BASE,),
    courses: Sequence[Row] = (COURSE,),
    sessions: Sequence[Row] = (SESSION,),
    titles: Callable[[list[str]], list[str]] = list,
    holidays: Sequence[Row] = (),
) -> bytes:
    """An .xlsx with the three sheets; `titles` may change the titles of each.

    An optional column, and the sheet of holidays, are there when something is in them.
    """
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        layouts: list[tuple[Layout[Any], Sequence[Row]]] = [
            (BASES, bases),
            (COURSES, courses),
            (SESSIONS, sessions),
        ]
        if holidays:
            layouts.append((HOLIDAYS, holidays))
        for layout, rows in layouts:
            page = workbook.add_worksheet(layout.name)
            filled = {title for row in rows for title in row}
            columns = [
                each
                for each in layout.columns
                if not (each.is_term or each.is_optional) or each.title in filled
            ]
            names = titles([column.title for column in columns])
            page.write_row(0, 0, names)
            for number, row in enumerate(rows, 1):
                for title, value in row.items():
                    if title in names:
                        _write(page, number, names.index(title), value, day)
    return buffer.getvalue()


def a_zip(parts: Mapping[str, bytes]) -> bytes:
    """A zip of these parts, compressed."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return buffer.getvalue()


def parts_of(workbook: bytes) -> dict[str, bytes]:
    """The parts of a zip by name."""
    with zipfile.ZipFile(BytesIO(workbook)) as package:
        return {name: package.read(name) for name in package.namelist()}


def cells_of(workbook: bytes, sheet: str) -> list[list[Any]]:
    """The values of a written sheet. No cell of the workbook may hold a formula or a link."""
    opened = openpyxl.load_workbook(BytesIO(workbook))
    for page in opened.worksheets:
        for row in page.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.coordinate
                assert cell.hyperlink is None, cell.coordinate
    return [[cell.value for cell in row] for row in opened[sheet].iter_rows()]


def sentences(unfit: Unfit, locale: str = "en") -> list[str]:
    """Everything that is wrong, in words."""
    return [say(problem.sentence, locale) for problem in unfit.problems]


def _write(page: Any, number: int, place: int, value: Any, day: Any) -> None:
    match value:
        case Formula():
            page.write_formula(number, place, value, None, 7)
        case Failure():
            page.write_formula(number, place, "=NA()", None, value)
        case str():
            page.write_string(number, place, value)
        case date():
            page.write_datetime(number, place, value, day)
        case _:
            page.write(number, place, value)
