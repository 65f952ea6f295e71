"""Which columns do the sheets have, and what do their rows say?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from handlers.exchange import cells, term_cells, terms, workbook
from handlers.exchange.problems import Cell, Problem, Wrong
from handlers.exchange.rows import BaseRow, CourseRow, HolidayRow, Row, SessionRow
from handlers.exchange.workbook import Sheet
from handlers.messages import Refused
from handlers.texts import Text, _

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the field of the row it fills, its title, how a cell is read."""

    field: str
    title: str
    read: cells.Reader[Any]
    is_needed: bool = False  # an empty cell is wrong
    is_term: bool = False  # the sheet may lack it; what it says is in the row's `terms`
    is_optional: bool = False  # the sheet may lack it


@dataclass(frozen=True, slots=True)
class Layout(Generic[R]):
    """A sheet as it has to be."""

    name: str
    row: type[R]
    columns: tuple[Column, ...]


BASES = Layout(
    "基地",
    BaseRow,
    (
        Column("name", "基地", cells.line(80), is_needed=True),
        Column("kind", "类型", cells.line(40)),
        Column("district", "地区", cells.line(80)),
        Column("address", "地址", cells.line(200)),
        Column("phone", "电话", cells.line(40)),
        Column("closed_weekdays", "闭馆日", cells.weekdays),
        Column("release_days_ahead", "放票提前天数", cells.whole(0, 365)),
        Column("release_time", "放票时间", cells.clock),
        Column("party_max", "每单人数上限", cells.whole(1, 100)),
        Column("children_max", "每单儿童上限", cells.whole(1, 100)),
        Column("cancel_rule", "截止取消", cells.cancel_rule),
        Column("no_shows_allowed", "爽约次数", cells.whole(0, 100)),
        Column("ban_days", "禁约天数", cells.whole(0, 3650)),
        Column("pool_split", "家庭/团体/绿色通道/现场 名额比例", cells.shares),
        Column("note", "说明", cells.note),
        *(Column(term.field, term.title, term.read, is_term=True) for term in terms.COLUMNS),
    ),
)
COURSES = Layout(
    "课程",
    CourseRow,
    (
        Column("name", "课程", cells.line(80), is_needed=True),
        Column("subject", "学科", cells.line(40)),
        Column("min_age", "最小年龄", cells.whole(0, 120)),
        Column("max_age", "最大年龄", cells.whole(0, 120)),
        Column("audience", "面向", cells.audience),
        Column("minutes", "时长(分钟)", cells.whole(1, 24 * 60)),
        Column("note", "说明", cells.note),
    ),
)
SESSIONS = Layout(
    "场次",
    SessionRow,
    (
        Column("code", "场次编号", cells.code, is_needed=True),
        Column("base", "基地", cells.line(80), is_needed=True),
        Column("course", "课程", cells.line(80), is_needed=True),
        Column("day", "日期", cells.day, is_needed=True),
        Column("starts", "开始", cells.clock, is_needed=True),
        Column("ends", "结束", cells.clock),
        Column("room", "地点", cells.line(80)),
        Column("capacity", "名额", cells.whole(1, 100_000), is_needed=True),
        Column("party_max", "每单上限", cells.whole(1, 100)),
        Column("waiting_max", "候补上限", cells.whole(0, 100_000)),
        Column("audience", "面向", cells.audience),
        Column("min_age", "最小年龄", cells.whole(0, 120)),
        Column("max_age", "最大年龄", cells.whole(0, 120)),
        Column("is_accompanied", "需家长陪同", cells.yes_or_no),
        Column("release", "开放预约", cells.release),
        Column("cancel_rule", "截止取消", cells.cancel_rule),
        Column("priority_places", "绿色通道名额", cells.whole(0, 100_000)),
        Column("docents_needed", "讲解员数", cells.whole(0, 1000)),
        Column("price_fen", "价格(元)", cells.yuan),
        Column("note", "备注", cells.note),
        Column("is_off", "状态", term_cells.called_off, is_optional=True),
    ),
)
HOLIDAYS = Layout(
    "节假日",
    HolidayRow,
    (
        Column("day", "日期", cells.day, is_needed=True),
        Column("name", "名称", cells.line(40)),
        Column("is_worked", "休/班", cells.off_or_worked, is_needed=True),
    ),
)
TIMETABLE = (BASES.name, COURSES.name, SESSIONS.name)
NAMES = (*TIMETABLE, HOLIDAYS.name)


@dataclass(frozen=True, slots=True)
class Reading(Generic[R]):
    """The rows of one sheet, and what is wrong in its cells."""

    layout: Layout[R]
    places: Mapping[str, int]  # of each field's column, from 0
    rows: Sequence[R]
    problems: Sequence[Problem]

    def problem(self, row: R, field: str, what: Text) -> Problem:
        """A problem of a row that its cells alone do not show."""
        return _problem(self.layout, self.places, row.number, field, what)


@dataclass(frozen=True, slots=True)
class Sheets:
    """A whole workbook, read."""

    bases: Reading[BaseRow]
    courses: Reading[CourseRow]
    sessions: Reading[SessionRow]
    holidays: Reading[HolidayRow]
    as_given: Sequence[Sheet]


def read(data: bytes) -> Sheets:
    """Read a file's sheets: the timetable's three, the holidays, or both.

    Raises Refused with one line when it is no such workbook.
    """
    given = workbook.read(data, TIMETABLE, HOLIDAYS.name)
    return Sheets(
        _reading(given.get(BASES.name), BASES),
        _reading(given.get(COURSES.name), COURSES),
        _reading(given.get(SESSIONS.name), SESSIONS),
        _reading(given.get(HOLIDAYS.name), HOLIDAYS),
        [given[name] for name in NAMES if name in given],
    )


def _reading(sheet: Sheet | None, layout: Layout[R]) -> Reading[R]:
    """Every row that is not empty; none of a sheet that is not there."""
    if sheet is None:
        return Reading(layout, {}, (), ())
    places = _places(sheet, layout)
    rows: list[R] = []
    problems: list[Problem] = []
    for number in range(2, sheet.last_row + 2):
        found = _row(sheet, layout, places, number)
        if found is not None:
            row, wrong = found
            rows.append(row)
            problems += wrong
    return Reading(layout, places, rows, problems)


def _row(
    sheet: Sheet, layout: Layout[R], places: Mapping[str, int], number: int
) -> tuple[R, list[Problem]] | None:
    """A row and what is wrong with it; None when all its cells are empty."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    is_empty = True
    for column in layout.columns:
        if column.field not in places:
            continue
        place = (number - 1, places[column.field])
        try:
            cell = _cell(sheet, place)
            if cells.tidy(cell):
                is_empty = False
                values[column.field] = column.read(cell)
            elif column.is_needed:
                raise Wrong(_("this cell must not be empty"))
        except Wrong as wrong:
            is_empty = is_empty and not _is_marked(sheet, place)
            problems.append(_problem(layout, places, number, column.field, wrong.text))
    return None if is_empty else (_made(layout, number, values, problems), problems)


def _made(
    layout: Layout[R], number: int, values: Mapping[str, Any], problems: Sequence[Problem]
) -> R:
    """A row of what its cells say."""
    titles = {problem.column for problem in problems}
    wrong = frozenset(column.field for column in layout.columns if column.title in titles)
    terms_said = {each.field for each in layout.columns if each.is_term and each.field in values}
    fields = {each.field: values.get(each.field) for each in layout.columns if not each.is_term}
    if terms_said:
        fields["terms"] = {field: values[field] for field in terms_said}
    return layout.row(number=number, wrong=wrong, **fields)


def _cell(sheet: Sheet, place: tuple[int, int]) -> Cell:
    if place in sheet.formulas:
        raise Wrong(_("it holds a formula; keep only its value"))
    if place in sheet.errors:
        raise Wrong(_("it holds the error {value}", value=sheet.errors[place]))
    row = sheet.rows[place[0]] if place[0] < len(sheet.rows) else ()
    return row[place[1]] if place[1] < len(row) else ""


def _is_marked(sheet: Sheet, place: tuple[int, int]) -> bool:
    return place in sheet.formulas or place in sheet.errors


def _places(sheet: Sheet, layout: Layout[R]) -> dict[str, int]:
    titles = list(_titles(sheet))
    counts = {column.title: titles.count(_title(column.title)) for column in layout.columns}
    needed = [each.title for each in layout.columns if not (each.is_term or each.is_optional)]
    missing = "、".join(title for title in needed if counts[title] == 0)
    if missing:
        text = _("The sheet {name} has no column called {names}.", name=layout.name, names=missing)
        raise Refused(text)
    double = "、".join(title for title, count in counts.items() if count > 1)
    if double:
        text = _(
            "The sheet {name} has more than one column called {names}.",
            name=layout.name,
            names=double,
        )
        raise Refused(text)
    return {
        column.field: titles.index(_title(column.title))
        for column in layout.columns
        if counts[column.title]
    }


def _titles(sheet: Sheet) -> Iterator[str]:
    for cell in sheet.rows[0] if sheet.rows else ():
        yield _title(cells.symbols(cell))


def _title(words: str) -> str:
    """A title without spaces and line breaks: people wrap long ones."""
    return "".join(words.split())


def _problem(
    layout: Layout[R], places: Mapping[str, int], number: int, field: str, what: Text
) -> Problem:
    title = next(column.title for column in layout.columns if column.field == field)
    return Problem(layout.name, number, title, places[field], what)
