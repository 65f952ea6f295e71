"""What is wrong in a sheet, and in which cell?"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from handlers.texts import Text, _

Cell: TypeAlias = "str | float | bool | date | datetime | time | timedelta"  # "" when empty

SHOWN_MAX = 40  # characters of somebody's cell in a sentence of ours


class Wrong(Exception):
    """A cell cannot be what its column says; the text says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.msgid)
        self.text = text


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in one cell, named as Excel names it."""

    sheet: str
    row: int
    column: str  # its title
    place: int  # of the column, from 0
    what: Text

    @property
    def cell(self) -> str:
        """The cell's name, "H1290"."""
        return f"{letters(self.place)}{self.row}"

    @property
    def sentence(self) -> Text:
        """The whole of it, for people."""
        return _(
            "{sheet}, row {row}, {column} ({cell}): {what}",
            sheet=self.sheet,
            row=str(self.row),  # a name, not a quantity: no thousands separator
            column=self.column,
            cell=self.cell,
            what=self.what,
        )


class Unfit(Exception):
    """The sheets cannot be taken in; nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = list(problems)


def letters(column: int) -> str:
    """A column's letters; the first is 0."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def as_typed(cell: Cell) -> str:
    """A cell's value about as people typed it, in one form whatever its type."""
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() | int():
            return str(int(cell)) if float(cell).is_integer() and abs(cell) < 1e15 else repr(cell)
        case datetime():
            return cell.isoformat(" ", "minutes")
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat("minutes" if not cell.second else "seconds")
        case _:
            return str(cell)


def shown(cell: Cell) -> str:
    """A cell's value inside a sentence: short, and nothing in it that a terminal would obey."""
    words = "".join(each if is_plain(each) else "�" for each in as_typed(cell)[: SHOWN_MAX + 1])
    return words if len(words) <= SHOWN_MAX else words[: SHOWN_MAX - 1] + "…"


def is_plain(character: str) -> bool:
    """Whether a character only shows itself: no control, no turning of the line, no half of one."""
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
