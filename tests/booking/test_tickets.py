"""Is a ticket readable for people, phones and calendars, and does it name nobody?"""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import icalendar
import pytest
import segno

from handlers.booking import changes, seal, tickets
from handlers.booking.tickets import Ticket
from handlers.texts import say
from storage.db import Db
from storage.models import Booking, BookingState, Session, SessionState
from tests.builders import NOW, a_base, a_booking, a_course, a_parent, a_session, later
from tests.stored import change, rows

URL = "https://kepu.example"
KEY = seal.key_of("a key that nobody knows, of 32 characters")


def a_ticket(db: Db, **booking: Any) -> Ticket:
    """The ticket of a visit of one adult and one child to an observatory."""
    parent = a_parent(db, ["豆豆"])
    base = a_base(db, name="天文馆", address="临港大道380号", phone="021-1")
    session = a_session(
        db,
        base_id=base,
        course_id=a_course(db, name="星空; 与, 月亮"),
        room="二楼",
        price_fen=1000,
    )
    child_ids = [1]
    a_booking(db, session, parent, code="K7MW2QRT", child_ids=child_ids, **booking)
    return found(db)


def found(db: Db) -> Ticket:
    ticket = tickets.ticket_for(db, rows(db, Booking)[0].public_id)
    assert ticket is not None
    return ticket


def event(ticket: Ticket, *, url: str = URL, locale: str = "en") -> Any:
    """The one event of the calendar file."""
    calendar = icalendar.Calendar.from_ical(tickets.ics(ticket, url, NOW, locale))
    assert isinstance(calendar, icalendar.Calendar)
    assert (str(calendar["version"]), bool(calendar["prodid"])) == ("2.0", True)
    [only] = calendar.events
    return only


def test_a_ticket_tells_all_that_a_door_needs(db: Db) -> None:
    ticket = a_ticket(db)
    assert (ticket.code, ticket.course, ticket.base) == ("K7MW-2QRT", "星空; 与, 月亮", "天文馆")
    assert (ticket.room, ticket.address, ticket.phone) == ("二楼", "临港大道380号", "021-1")
    said = [say(each, "en") for each in (ticket.day, ticket.start, ticket.end, ticket.party)]
    assert said == ["Sat 28 Nov", "10:00", "11:00", "1 adult and 1 child"]
    assert (ticket.price, say(ticket.state, "en"), ticket.is_valid) == ("¥20", "booked", True)
    assert ticket.path == f"/tickets/{ticket.public_id}"


def test_a_ticket_never_names_a_child(db: Db) -> None:
    ticket = a_ticket(db)
    assert "豆豆" not in repr(ticket)
    assert "豆豆" not in tickets.ics(ticket, URL, NOW, "zh_CN").decode()


def test_a_free_visit_has_no_price(db: Db) -> None:
    a_booking(db, a_session(db), a_parent(db))
    assert found(db).price == ""


def test_an_address_that_is_no_ticket_gives_none(db: Db) -> None:
    assert tickets.ticket_for(db, "0" * 32) is None


@pytest.mark.parametrize(
    ("state", "is_valid"),
    [
        (BookingState.CONFIRMED, True),
        (BookingState.CHECKED_IN, True),
        (BookingState.CANCELLED, False),
        (BookingState.NO_SHOW, False),
        (BookingState.MOVED, False),
        (BookingState.WAITING, False),
    ],
)
def test_only_a_live_visit_opens_the_door(db: Db, state: BookingState, is_valid: bool) -> None:
    assert a_ticket(db, state=state).is_valid is is_valid


def test_a_session_the_base_called_off_opens_no_door(db: Db) -> None:
    before = a_ticket(db)
    change(db, rows(db, Session)[0], state=SessionState.CANCELLED)
    ticket = found(db)
    assert not ticket.is_valid
    assert say(ticket.state, "en") == "cancelled by the base"
    assert ticket.sequence > before.sequence


# The calendar


def test_the_calendar_tells_when_where_and_the_code(db: Db) -> None:
    ticket = a_ticket(db)
    visit = event(ticket)
    assert visit["uid"] == f"{ticket.public_id}@kepu"
    assert visit["sequence"] == 0
    assert visit.decoded("dtstart") == datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
    assert visit.decoded("dtend") == datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
    assert visit.decoded("dtstamp") == NOW
    assert visit["summary"] == "星空; 与, 月亮 · 天文馆"
    assert visit["location"] == "天文馆 · 二楼 · 临港大道380号"
    assert visit["description"] == "Code: K7MW-2QRT\n1 adult and 1 child"
    assert (visit["status"], visit["url"]) == ("CONFIRMED", f"{URL}{ticket.path}")


def test_times_stand_in_the_file_as_utc(db: Db) -> None:
    assert b"DTSTART:20261128T020000Z\r\n" in tickets.ics(a_ticket(db), URL, NOW, "en")


def test_the_calendar_reminds_once_a_day_before(db: Db) -> None:
    [alarm] = event(a_ticket(db)).walk("VALARM")
    assert alarm["action"] == "DISPLAY"
    assert alarm.decoded("trigger") == -timedelta(days=1)
    assert alarm["description"] == "星空; 与, 月亮 · 天文馆"


def test_without_a_public_address_the_calendar_has_no_link(db: Db) -> None:
    assert "url" not in event(a_ticket(db), url="")


def test_a_cancelled_visit_leaves_the_calendar(db: Db) -> None:
    parent = a_parent(db)
    a_booking(db, a_session(db), parent)
    before = event(found(db))
    changes.cancel(later(parent, minutes=5), found(db).public_id)
    after = event(found(db))
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["status"] == "CANCELLED"
    assert after.walk("VALARM") == []


def test_a_visit_cancelled_in_the_same_second_is_a_change_too(db: Db) -> None:
    parent = a_parent(db)
    a_booking(db, a_session(db), parent)
    changes.cancel(later(parent, milliseconds=1), found(db).public_id)
    assert found(db).sequence == 1


# The QR code


def encoded(content: str) -> bytes:
    image = BytesIO()
    segno.make(content, error="m", micro=False).save(image, kind="png", scale=8, border=4)
    return image.getvalue()


@pytest.mark.parametrize("url", [URL, f"{URL}/"])
def test_the_qr_code_is_the_tickets_sealed_address(db: Db, url: str) -> None:
    ticket = a_ticket(db)
    png = tickets.qr_png(ticket, url, KEY)
    assert png.startswith(b"\x89PNG")
    assert png == encoded(f"{URL}{seal.sealed(ticket.public_id, KEY)}")


def test_the_qr_code_is_the_code_where_no_address_is_known(db: Db) -> None:
    assert tickets.qr_png(a_ticket(db), "", KEY) == encoded("K7MW-2QRT")
