"""What does a cell of a base's further terms say? As in `cells`, what is not clear is refused."""

import re
from collections.abc import Mapping
from datetime import time
from typing import TypeVar

from handlers.booking import published
from handlers.exchange import cells
from handlers.exchange.problems import Cell, Wrong, shown
from handlers.texts import _
from storage.models import Refund, Step

T = TypeVar("T")

_REFUND = re.compile(r"(.+?)[退:]?(\d{1,3})%")
_SEPARATORS = re.compile(r"[,、;/]")
NO_LIMIT = ("不限", "无")


def count(low: int, high: int) -> cells.Reader[int]:
    """A reader of whole numbers, with what they count behind them or not: "3", "3天", "30分钟"."""
    whole = cells.whole(low, high)

    def read(cell: Cell) -> int:
        if isinstance(cell, str):
            cell = re.sub(
                r"(?<=\d)(个?工作日|小时|分钟|[天日人次批岁])前?$", "", cells.symbols(cell)
            )
        return whole(cell)

    return read


def count_or_none(low: int, high: int) -> cells.Reader[int | None]:
    """A reader of numbers of which there may be none: "不限"."""
    whole = count(low, high)

    def read(cell: Cell) -> int | None:
        return None if cells.symbols(cell) in NO_LIMIT else whole(cell)

    return read


def one_of(choices: Mapping[str, T]) -> cells.Reader[T]:
    """A reader of one word among a few."""

    def read(cell: Cell) -> T:
        words = cells.symbols(cell).casefold()
        if words not in choices:
            names = "、".join(choices)
            raise Wrong(_("{value} is none of {names}", value=shown(cell), names=names))
        return choices[words]

    return read


def several_of(choices: Mapping[str, T]) -> cells.Reader[tuple[T, ...]]:
    """A reader of some words among a few."""
    one = one_of(choices)

    def read(cell: Cell) -> tuple[T, ...]:
        return tuple(dict.fromkeys(one(part) for part in _parts(cell)))

    return read


def words(cell: Cell) -> tuple[str, ...]:
    """Short words, one after another."""
    line = cells.line(40)
    return tuple(line(part) for part in _parts(cell))


def ladder(cell: Cell) -> tuple[Step, ...]:
    """What missing visits brings: "1次7天、2次一月、3次一年"; "无" for nothing."""
    if cells.symbols(cell) == "无":
        return ()
    try:
        return published.read_ladder(cells.tidy(cell))
    except ValueError:
        raise Wrong(
            _("{value} is not understood; write 1次7天、2次30天、3次365天", value=shown(cell))
        ) from None


def refunds(cell: Cell) -> tuple[Refund, ...]:
    """What comes back until when: "前2日23:30退100%、当日09:00退90%"; "无" for nothing."""
    if cells.symbols(cell) == "无":
        return ()
    return tuple(_refund(cell, part) for part in _parts(cell))


def returns(cell: Cell) -> tuple[str, time | None]:
    """When returned places can be had again: "立即", or "每日09:30"."""
    words = published.bare(cells.tidy(cell))
    if words in ("立即", "now"):
        return "now", None
    for start in ("次日", "每日", "每天"):
        if words.startswith(start):
            return "daily", cells.clock(words.removeprefix(start).removesuffix("再放"))
    raise Wrong(_("{value} is not understood; write 立即 or 每日09:30", value=shown(cell)))


def ratio(cell: Cell) -> int:
    """Pupils to a teacher: "20" or "1:20"."""
    return cells.whole(1, 1000)(cells.symbols(cell).replace(" ", "").removeprefix("1:"))


def _refund(cell: Cell, part: str) -> Refund:
    found = _REFUND.fullmatch(published.bare(part))
    if found is not None and int(found[2]) <= 100:
        try:
            until = published.read_release(found[1])
        except ValueError:
            pass
        else:
            return Refund(days_ahead=until.days_ahead, at=until.at, percent=int(found[2]))
    raise Wrong(_("{value} is not understood; write 前2日23:30退100%", value=shown(cell)))


def _parts(cell: Cell) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(cells.symbols(cell)) if part.strip()]


def called_off(cell: Cell) -> bool:
    """取消 or 正常: whether a session does not take place."""
    words = cells.symbols(cell)
    if words in ("取消", "已取消", "正常"):
        return words != "正常"
    raise Wrong(_("{value} is neither 取消 nor 正常", value=shown(cell)))
