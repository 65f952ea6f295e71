"""What is in the cells of a workbook's sheets?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from posixpath import join, normpath

from python_calamine import CalamineError, CalamineWorkbook

from handlers.exchange.package import not_a_workbook, pack, unpack, walk
from handlers.exchange.problems import Cell
from handlers.messages import Refused
from handlers.texts import _

ROWS_MAX = 10_000  # below the titles
COLUMNS_MAX = 100

_PLACE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")
_ROW = re.compile(r"[1-9][0-9]{0,6}")


@dataclass(slots=True)
class Marks:
    """What the sheet's XML says and calamine leaves out, by (row, column), both from 0."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)  # "#N/A"
    last_row: int = 0
    last_column: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet from its cell A1: row 0 holds the titles."""

    name: str
    rows: Sequence[Sequence[Cell]]
    formulas: frozenset[tuple[int, int]]
    errors: Mapping[tuple[int, int], str]
    last_row: int  # with anything in it, from 0


def read(data: bytes, names: Sequence[str], beside: str = "") -> dict[str, Sheet]:
    """The sheets called `names`, and the one called `beside`, which may lack, or be the only one.

    Raises Refused with one line when one is missing, or the file is not safe.
    """
    parts = unpack(data)
    paths = _paths(parts)
    missing = [name for name in names if name not in paths]
    if beside in paths:
        names = [beside] if len(missing) == len(names) else [*names, beside]
    if missing and names != [beside]:
        raise Refused(_("The workbook has no sheet called {names}.", names="、".join(missing)))
    marks = {name: _marks(name, parts[paths[name]]) for name in names}
    try:
        with CalamineWorkbook.from_filelike(BytesIO(pack(parts))) as workbook:
            return {name: _sheet(workbook, name, marks[name]) for name in names}
    except CalamineError as error:
        raise Refused(not_a_workbook()) from error


def _sheet(workbook: CalamineWorkbook, name: str, marks: Marks) -> Sheet:
    rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return Sheet(name, rows, frozenset(marks.formulas), marks.errors, marks.last_row)


def _paths(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Where each sheet's XML is, by the sheet's name."""
    sheets: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheet(name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            relation = next((attributes[key] for key in attributes if key.endswith(":id")), "")
            sheets.setdefault(attributes.get("name", ""), relation)

    def relation(name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    walk(parts["xl/workbook.xml"], sheet)
    walk(parts.get("xl/_rels/workbook.xml.rels", b"<none/>"), relation)
    paths = {name: _path(targets.get(relation, "")) for name, relation in sheets.items()}
    return {name: path for name, path in paths.items() if path in parts}


def _path(target: str) -> str:
    return target[1:] if target.startswith("/") else normpath(join("xl", target))


class _Marking:
    """Follows a sheet's XML cell by cell."""

    def __init__(self) -> None:
        self.marks = Marks()
        self._row = self._column = -1
        self._is_error = self._is_value = False

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._place(attributes.get("r", ""))
            self._is_error = attributes.get("t") == "e"
        elif name == "row":
            self._begin_row(attributes.get("r", ""))
        elif name in ("f", "v", "is"):
            self._filled()
            if name == "f":
                self.marks.formulas.add((self._row, self._column))
            self._is_value = name == "v"

    def end(self, name: str) -> None:
        if name == "v":
            self._is_value = False

    def words(self, words: str) -> None:
        if self._is_value and self._is_error:
            self.marks.errors[self._row, self._column] = words

    def _begin_row(self, number: str) -> None:
        if number and not _ROW.fullmatch(number):
            raise Refused(not_a_workbook())
        self._row = int(number) - 1 if number else self._row + 1
        self._column = -1

    def _place(self, reference: str) -> None:
        if not reference:  # the place may be left out: it is the next one
            self._column += 1
            return
        found = _PLACE.fullmatch(reference)
        if found is None:  # calamine may read it as a place far away
            raise Refused(not_a_workbook())
        self._column = column_number(found[1].upper())
        self._row = int(found[2]) - 1

    def _filled(self) -> None:
        self.marks.last_row = max(self.marks.last_row, self._row)
        self.marks.last_column = max(self.marks.last_column, self._column)


def _marks(name: str, content: bytes) -> Marks:
    """Read before calamine does: it makes room for every cell up to the last, however far off."""
    marking = _Marking()
    walk(content, marking.begin, marking.end, marking.words)
    if marking.marks.last_row > ROWS_MAX:
        raise Refused(_("The sheet {name} has more than {n} rows.", name=name, n=ROWS_MAX))
    if marking.marks.last_column >= COLUMNS_MAX:
        raise Refused(_("The sheet {name} has more than {n} columns.", name=name, n=COLUMNS_MAX))
    return marking.marks


def column_number(letters: str) -> int:
    """A column by its letters; A is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
