"""How does a workbook go back to its author, with what is wrong beside each row?"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from handlers.exchange.cells import symbols
from handlers.exchange.problems import Problem, as_typed
from handlers.exchange.workbook import Sheet
from handlers.texts import _, say

COLUMN = "错误"
AS_TEXT = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
FORMULA_SIGNS = ("=", "+", "-", "@")
TEXT_MAX = 32_767  # characters that a cell of Excel holds

Formats = Mapping[str, Any]


def with_errors(given: Sequence[Sheet], problems: Sequence[Problem], locale: str) -> bytes:
    """The sheets as an .xlsx, every row where it was, with one more column.

    Every cell is text, so nothing is a formula or a link, whatever it begins with. The file can be
    mended and given again: the column is not read.
    """
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, AS_TEXT) as workbook:
        formats = _formats(workbook)
        pages = [(workbook.add_worksheet(sheet.name), sheet) for sheet in given]
        for page, sheet in pages:
            _write(
                page,
                sheet,
                [each for each in problems if each.sheet == sheet.name],
                formats,
                locale,
            )
        for page, sheet in reversed(pages):
            if any(problem.sheet == sheet.name for problem in problems):
                page.activate()
    return buffer.getvalue()


def _formats(workbook: Any) -> Formats:
    wrong = {"bg_color": "#FFE0E0"}
    return {
        "title": workbook.add_format({"bold": True, "bg_color": "#E3F2E8"}),
        "wrong": workbook.add_format(wrong),
        "said": workbook.add_format({"font_color": "#B00020"}),
        # As if typed after a ': else the next edit of the cell would make it a formula.
        "quoted": workbook.add_format({"quote_prefix": True}),
        "wrong quoted": workbook.add_format({**wrong, "quote_prefix": True}),
    }


def _write(
    page: Any, sheet: Sheet, problems: Sequence[Problem], formats: Formats, locale: str
) -> None:
    wrong = {(problem.row - 1, problem.place) for problem in problems}
    said = _said(problems, locale)
    column = _error_column(sheet)
    for number in range(max(len(sheet.rows), sheet.last_row + 1)):
        row = sheet.rows[number] if number < len(sheet.rows) else ()
        for place in range(max(len(row), column)):
            words = as_typed(row[place]) if place < len(row) else ""
            style = _style(number, words, is_wrong=(number, place) in wrong)
            if place != column and (words or style):
                page.write_string(number, place, words, formats.get(style))
        if number in said:
            page.write_string(number, column, said[number], formats["said"])
    page.write_string(0, column, COLUMN, formats["title"])
    page.set_column(0, max(column - 1, 0), 14)
    page.set_column(column, column, 60)
    page.freeze_panes(1, 0)
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _style(number: int, words: str, *, is_wrong: bool) -> str:
    if number == 0:
        return "title"
    parts = [
        "wrong" if is_wrong else "",
        "quoted" if words.startswith(FORMULA_SIGNS) else "",
    ]
    return " ".join(filter(None, parts))


def _said(problems: Sequence[Problem], locale: str) -> dict[int, str]:
    """What is wrong in each row, by its number from 0."""
    lines: dict[int, list[str]] = {}
    for problem in problems:
        words = _("{column}: {what}", column=problem.column, what=problem.what)
        lines.setdefault(problem.row - 1, []).append(say(words, locale))
    return {number: "\n".join(each)[:TEXT_MAX] for number, each in lines.items()}


def _error_column(sheet: Sheet) -> int:
    """Where the column goes: where a returned sheet has it already, else after the last."""
    titles = [symbols(title) for title in sheet.rows[0]]
    return titles.index(COLUMN) if COLUMN in titles else max(map(len, sheet.rows))
