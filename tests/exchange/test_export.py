"""Do records leave whole, harmless, and without a name?"""

import csv
import json
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col

from handlers.exchange import actions, export, sheets
from handlers.exchange.export import Table
from storage import audit, timetable
from storage.database import Database
from storage.db import Db
from storage.models import (
    Audit,
    Booking,
    BookingState,
    Pool,
    PoolName,
    Rating,
    Session,
    SessionState,
)
from storage.statements import Command
from tests.builders import NOW, a_person, public_id
from tests.exchange.workbooks import SESSION, a_workbook, cells_of
from tests.stored import change, rows

_CANCEL = Command(update(Session).values(state=SessionState.CANCELLED))
_TAKE = Command(update(Pool).where(col(Pool.name) == PoolName.FAMILY).values(confirmed=5))


def a_booking(db: Db, code: str, state: BookingState, adults: int, children: int) -> None:
    """Somebody's visit to the first session."""
    person = a_person(db)
    db.insert(
        Booking(
            public_id=public_id(), code=code, session_id=timetable.sessions(db)[0].session.id or 0,
            pool_id=1, family_id=person, person_id=person, state=state, adults=adults,
            children=children, policy_version=1, channel="web", created_at=NOW, changed_at=NOW,
        )
    )  # fmt: skip


@pytest.fixture
def booked(database: Database) -> Database:
    """A database with one session and three visits to it."""

    def work(db: Db) -> None:
        given = sheets.read(a_workbook(sessions=[{**SESSION, "地点": "=1+1"}]))
        actions.take_in(db, given, "Asia/Shanghai", NOW)
        a_booking(db, "ABCD2345", BookingState.CONFIRMED, 1, 2)
        a_booking(db, "EFGH2345", BookingState.CONFIRMED, 2, 0)
        a_booking(db, "JKMN2345", BookingState.CANCELLED, 1, 1)
        db.change(_TAKE)

    database.write_and_wait(work)
    return database


def records(database: Database, kind: str) -> list[dict[str, Any]]:
    """What an export of a kind says, as JSON."""
    found = json.loads(export.as_json(database.read_and_wait(export.KINDS[kind])))
    assert isinstance(found, list)
    return found


def test_bookings_leave_with_the_columns_promised(booked: Database) -> None:
    first, *others = records(booked, "bookings")
    assert first == {
        "code": "ABCD-2345",
        "session": "A-1",
        "base": "江边科技馆",
        "course": "电与磁",
        "starts_at": "2026-12-05T09:00:00+08:00",
        "state": "confirmed",
        "adults": 1,
        "children": 2,
        "channel": "web",
        "created_at": "2026-11-22T10:00:00+08:00",
    }
    assert [each["code"] for each in others] == ["EFGH-2345", "JKMN-2345"]


def test_sessions_leave_with_the_places_left(booked: Database) -> None:
    assert records(booked, "sessions") == [
        {
            "code": "A-1",
            "base": "江边科技馆",
            "course": "电与磁",
            "starts_at": "2026-12-05T09:00:00+08:00",
            "ends_at": "2026-12-05T10:00:00+08:00",
            "audience": "family",
            "capacity": 20,
            "places_left": 15,
            "room": "=1+1",
            "state": "published",
        }
    ]
    booked.write_and_wait(lambda db: db.change(_CANCEL))
    assert records(booked, "sessions")[0]["places_left"] == 0


def test_visitors_are_counted_a_session_and_state(booked: Database) -> None:
    found = [
        (each["session"], each["state"], each["bookings"], each["adults"], each["children"])
        for each in records(booked, "visitors")
    ]
    assert found == [("A-1", "cancelled", 1, 1, 1), ("A-1", "confirmed", 2, 3, 2)]


def test_an_empty_export_still_has_its_columns(database: Database) -> None:
    for kind, table_of in export.KINDS.items():
        table = database.read_and_wait(table_of)
        assert records(database, kind) == []
        assert len(list(csv.reader(StringIO(export.as_csv(table).decode("utf-8-sig"))))) == 1
        assert cells_of(export.as_xlsx(table), kind) == [list(table.columns)]


def test_every_format_says_the_same(booked: Database) -> None:
    for kind, table_of in export.KINDS.items():
        table = booked.read_and_wait(table_of)
        page = cells_of(export.as_xlsx(table), kind)
        assert page == [list(table.columns), *(list(row) for row in table.rows)]
        text = export.as_csv(table).decode("utf-8-sig")
        lines = list(csv.DictReader(StringIO(text)))
        spoken = [
            {name: str(value) for name, value in each.items()} for each in records(booked, kind)
        ]
        assert [
            {**line, **({"room": "=1+1"} if "room" in line else {})} for line in lines
        ] == spoken


def test_numbers_are_numbers_in_excel_and_all_else_is_text(booked: Database) -> None:
    data = export.as_xlsx(booked.read_and_wait(export.bookings))
    row = openpyxl.load_workbook(BytesIO(data))["bookings"][2]
    assert [cell.data_type for cell in row] == ["s"] * 6 + ["n", "n"] + ["s"] * 2


def test_a_csv_is_known_to_excel_as_utf_8(booked: Database) -> None:
    assert export.as_csv(booked.read_and_wait(export.sessions)).startswith(b"\xef\xbb\xbfcode,")


@given(st.text())
def test_no_value_of_a_csv_begins_like_a_formula(words: str) -> None:
    text = export.as_csv(Table("x", ("a",), ((words,),))).decode("utf-8-sig", "surrogatepass")
    ((_title,), *found) = csv.reader(StringIO(text, newline=""))
    value = found[0][0] if found and found[0] else ""
    assert not value.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert value.removeprefix("'") == words.removeprefix("'")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_quote_stands_before_what_excel_would_obey(sign: str) -> None:
    assert f"'{sign}cmd" in export.as_csv(Table("x", ("a",), ((f"{sign}cmd", 1),))).decode(
        "utf-8-sig"
    )


def test_times_carry_the_offset_of_the_base(database: Database) -> None:
    given = sheets.read(a_workbook())
    database.write_and_wait(lambda db: actions.take_in(db, given, "Asia/Urumqi", NOW))
    starts_at = datetime.fromisoformat(records(database, "sessions")[0]["starts_at"])
    assert (starts_at.hour, starts_at.utcoffset()) == (9, timedelta(hours=6))


def test_the_record_of_changes_says_what_was_done_and_names_nobody(database: Database) -> None:
    def work(db: Db) -> None:
        given = sheets.read(a_workbook(sessions=[SESSION]))
        actions.take_in(db, given, "Asia/Shanghai", NOW)
        a_booking(db, "ABCD2345", BookingState.CONFIRMED, 1, 0)
        audit.note(db, "booking", 1, "book", NOW, person_id=1, after="confirmed")
        audit.note(db, "booking", 1, "miss", NOW, before="confirmed", after="no_show")
        audit.seal(db, NOW + timedelta(minutes=2))

    database.write_and_wait(work)
    booked, missed = records(database, "audit")[-2:]
    assert booked["object"] == "ABCD2345"
    assert (booked["by"], missed["by"]) == ("person", "kepu")
    assert database.read_and_wait(audit.broken_at) is None
    database.write_and_wait(lambda db: change(db, rows(db, Audit)[0], reason="nothing at all"))
    assert database.read_and_wait(audit.broken_at) == 1


def test_ratings_leave_without_saying_whose_they_are(database: Database) -> None:
    def work(db: Db) -> None:
        given = sheets.read(a_workbook(sessions=[SESSION]))
        actions.take_in(db, given, "Asia/Shanghai", NOW)
        for number, (stars, words) in enumerate([(5, "=很好"), (2, "")], 1):
            a_booking(db, f"ABCD234{number}", BookingState.CHECKED_IN, 1, 0)
            db.insert(Rating(booking_id=number, stars=stars, words=words, at=NOW))

    database.write_and_wait(work)
    found = records(database, "ratings")
    assert [(each["stars"], each["words"]) for each in found] == [(2, ""), (5, "=很好")]
    assert set(found[0]) == {"session", "base", "course", "starts_at", "stars", "words"}
