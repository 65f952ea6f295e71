"""What is on a ticket, in its QR code and in its calendar file?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from handlers.booking import seal, words
from handlers.profile.words import facts, lines
from handlers.texts import Clock, Day, Text, Value, _, say
from storage import bookings
from storage.bookings import Visit
from storage.db import Db
from storage.models import BookingState, SessionState

# The calendar and QR libraries hold 6 MB: they are loaded with the first ticket, not at the start.
if TYPE_CHECKING:
    import icalendar

REFRESHED_AFTER = timedelta(hours=1)
REMINDED_BEFORE = timedelta(days=1)  # most bases take places back until the evening before
NOT_VALID = frozenset(
    {
        BookingState.CANCELLED,
        BookingState.MOVED,
        BookingState.EXPIRED,
        BookingState.NO_SHOW,
        BookingState.WAITING,
        BookingState.OFFERED,
    }
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A visit for whoever holds its address: how many come, never who."""

    public_id: str
    code: str  # as shown: "K7MW-2QRT"
    course: str
    base: str
    room: str
    address: str
    phone: str
    day: Day
    start: Clock
    end: Clock
    party: Value
    price: str  # for all together; "" when it is free
    state: Text
    is_valid: bool  # opens the door: neither cancelled nor otherwise over
    starts_at: datetime
    ends_at: datetime
    sequence: int  # rises with every change of the visit

    @property
    def path(self) -> str:
        """The ticket page, below the public address."""
        return f"/tickets/{self.public_id}"


def ticket_for(db: Db, public_id: str) -> Ticket | None:
    """The ticket at an address; None when there is none. Who knows the address may see it."""
    visit = bookings.visit(db, public_id)
    return None if visit is None else ticket_of(visit)


def ticket_of(visit: Visit) -> Ticket:
    """The ticket of a visit."""
    zone = visit.time_zone
    is_called_off = visit.session_state is SessionState.CANCELLED
    places = visit.adults + visit.children
    return Ticket(
        public_id=visit.public_id,
        code=words.code_shown(visit.code),
        course=visit.course,
        base=visit.base,
        room=visit.room,
        address=visit.address,
        phone=visit.phone,
        day=words.day_at(visit.starts_at, zone),
        start=Clock(visit.starts_at, zone),
        end=Clock(visit.ends_at, zone),
        party=words.party(visit.adults, visit.children),
        price=words.money(visit.price_fen * places) if visit.price_fen else "",
        state=_("cancelled by the base") if is_called_off else words.state(visit),
        is_valid=not is_called_off and visit.state not in NOT_VALID,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        sequence=_sequence(visit, is_called_off=is_called_off),
    )


def qr_png(ticket: Ticket, public_url: str, key: bytes) -> bytes:
    """The ticket's sealed address as a QR code; its code where no public address is known ("")."""
    import segno

    path = seal.sealed(ticket.public_id, key)
    content = f"{public_url.rstrip('/')}{path}" if public_url else ticket.code
    image = BytesIO()
    segno.make(content, error="m", micro=False).save(image, kind="png", scale=8, border=4)
    return image.getvalue()


def ics(ticket: Ticket, public_url: str, now: datetime, locale: str) -> bytes:
    """The visit as a calendar file; read again after a change, it replaces or cancels the first."""
    return calendar([event(ticket, public_url, now, locale)])


def calendar(events: Sequence["icalendar.Event"], name: str = "") -> bytes:
    """A calendar file. `name`: as a phone lists it that fetches it again and again."""
    import icalendar

    whole = icalendar.Calendar()
    whole.add("prodid", "-//Kepu//Visits//EN")
    whole.add("version", "2.0")
    if name:
        whole.add("x-wr-calname", name)
        whole.add("refresh-interval", REFRESHED_AFTER, parameters={"VALUE": "DURATION"})
    for each in events:
        whole.add_component(each)
    return bytes(whole.to_ical())


def event(ticket: Ticket, public_url: str, stamp: datetime, locale: str) -> "icalendar.Event":
    """A visit in a calendar. `stamp`: when what it says was found so."""
    import icalendar

    event = icalendar.Event()
    event.add("uid", f"{ticket.public_id}@kepu")
    event.add("sequence", ticket.sequence)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", ticket.starts_at.astimezone(UTC))
    event.add("dtend", ticket.ends_at.astimezone(UTC))
    event.add("summary", say(facts(ticket.course, ticket.base), locale))
    where = filter(None, (ticket.base, ticket.room, ticket.address))
    event.add("location", say(facts(*where), locale))
    code = _("Code: {code}", code=ticket.code)
    event.add("description", say(lines(code, ticket.party), locale))
    event.add("status", "CONFIRMED" if ticket.is_valid else "CANCELLED")
    if public_url:
        event.add("url", f"{public_url.rstrip('/')}{ticket.path}")
    if ticket.is_valid:
        event.add_component(_alarm(ticket, locale))
    return event


def _alarm(ticket: Ticket, locale: str) -> "icalendar.Alarm":
    import icalendar

    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -REMINDED_BEFORE)
    alarm.add("description", say(facts(ticket.course, ticket.base), locale))
    return alarm


def _sequence(visit: Visit, *, is_called_off: bool) -> int:
    """0 for a visit as it was booked; larger for whatever was changed later, session included."""
    seconds = int((visit.changed_at - visit.created_at).total_seconds())
    is_changed = visit.changed_at > visit.created_at
    return seconds + is_changed + is_called_off + visit.changes + visit.sequence
