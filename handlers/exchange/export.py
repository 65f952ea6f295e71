"""How do records leave: as which columns, and in which kind of file?"""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, StringIO
from types import MappingProxyType
from typing import TypeAlias
from zoneinfo import ZoneInfo

import xlsxwriter

from handlers.exchange.returned import AS_TEXT
from storage import exports
from storage.db import Db
from storage.models import SessionState

Value: TypeAlias = "str | int"

# What a spreadsheet takes for a formula, or skips to find one (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Table:
    """Records ready to be written; a row has one value a column."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]


def bookings(db: Db) -> Table:
    """Every booking; adults and children are counts."""
    columns = "code session base course starts_at state adults children channel created_at"
    rows = [
        (
            f"{each.code[:4]}-{each.code[4:]}",  # as people read it, and no number to Excel
            *(each.session, each.base, each.course),
            _local(each.starts_at, each.time_zone),
            each.state.value,
            *(each.adults, each.children, each.channel),
            _local(each.created_at, each.time_zone),
        )
        for each in exports.bookings(db)
    ]
    return Table("bookings", columns.split(), rows)


def visitors(db: Db) -> Table:
    """How many people each session has, by the state of their bookings."""
    columns = "session base course starts_at state bookings adults children"
    rows = [
        (
            *(each.session, each.base, each.course),
            _local(each.starts_at, each.time_zone),
            each.state.value,
            *(each.bookings, int(each.adults), int(each.children)),
        )
        for each in exports.visitors(db)
    ]
    return Table("visitors", columns.split(), rows)


def sessions(db: Db) -> Table:
    """Every session; a cancelled one has no place left."""
    columns = "code base course starts_at ends_at audience capacity places_left room state"
    rows = [
        (
            *(each.code, each.base, each.course),
            _local(each.starts_at, each.time_zone),
            _local(each.ends_at, each.time_zone),
            *(each.audience.value, each.capacity),
            int(each.free) if each.state is SessionState.PUBLISHED else 0,
            *(each.room, each.state.value),
        )
        for each in exports.sessions(db)
    ]
    return Table("sessions", columns.split(), rows)


def audit(db: Db) -> Table:
    """Every change of state, and its seal; times are UTC. A person is only said to be one."""
    columns = "at by kind object action before after reason seal"
    rows = [
        (
            each.at.isoformat(timespec="seconds"),
            *(each.by, each.kind, each.booking or each.session or f"#{each.object_id}"),
            *(each.action, each.before, each.after, each.reason, each.seal or ""),
        )
        for each in exports.audit(db)
    ]
    return Table("audit", columns.split(), rows)


def ratings(db: Db) -> Table:
    """What families thought of their visits; nobody is named."""
    columns = "session base course starts_at stars words"
    rows = [
        (
            *(each.session, each.base, each.course),
            _local(each.starts_at, each.time_zone),
            *(each.stars, each.words),
        )
        for each in exports.ratings(db)
    ]
    return Table("ratings", columns.split(), rows)


KINDS: Mapping[str, Callable[[Db], Table]] = MappingProxyType(
    {
        "bookings": bookings,
        "visitors": visitors,
        "sessions": sessions,
        "ratings": ratings,
        "audit": audit,
    }
)


def as_json(table: Table) -> bytes:
    """A list of objects."""
    records = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return (json.dumps(records, ensure_ascii=False, indent=1) + "\n").encode()


def as_csv(table: Table) -> bytes:
    """UTF-8 with the mark that Excel needs; what begins like a formula gets a ' before it."""
    words = StringIO(newline="")
    writer = csv.writer(words)
    writer.writerow(table.columns)
    writer.writerows([_harmless(value) for value in row] for row in table.rows)
    return words.getvalue().encode("utf-8-sig")


def as_xlsx(table: Table) -> bytes:
    """One sheet; numbers are numbers, all else is text and never a formula or a link."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, AS_TEXT) as workbook:
        page = workbook.add_worksheet(table.name)
        title = workbook.add_format({"bold": True, "bg_color": "#E3F2E8"})
        for place, name in enumerate(table.columns):
            page.write_string(0, place, name, title)
        for number, row in enumerate(table.rows, 1):
            for place, value in enumerate(row):
                if isinstance(value, int):
                    page.write_number(number, place, value)
                else:
                    page.write_string(number, place, value)
        page.set_column(0, len(table.columns) - 1, 16)
        page.freeze_panes(1, 0)
    return buffer.getvalue()


FORMATS: Mapping[str, Callable[[Table], bytes]] = MappingProxyType(
    {".xlsx": as_xlsx, ".csv": as_csv, ".json": as_json}
)


def _harmless(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _local(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
