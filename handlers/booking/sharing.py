"""How does a family let somebody else see a ticket, once, without being able to change it?"""

from datetime import datetime
from typing import Any, NamedTuple

from handlers.booking import words
from handlers.here import Here
from handlers.messages import Attachment
from handlers.profile.actions import NotThere
from handlers.profile.words import lines
from handlers.texts import Text, _, say
from storage import bookings, chats, codes
from storage.bookings import Visit
from storage.db import Db
from storage.models import Purpose

ADDRESS = "/share/"
CHANNEL = "web"
NO_SUCH_CODE = _(
    "This code cannot be used: it may be mistyped, used already or too old. "
    "Please ask for a new one."
)
TOO_MANY_TRIES = _("Too many codes did not work. Please try again in an hour.")


class Opening(NamedTuple):
    """A browser in which a shared ticket is opened, and when."""

    address: str
    locale: str
    now: datetime


def share(here: Here, visit: str) -> Any:
    """A one-use code for a ticket, with its address, for `words.retold`. Raises NotThere."""
    found = bookings.visit_for(here.db, here.speaker.family_id, visit)
    if found is None:
        raise NotThere
    code = codes.give(
        here.db,
        Purpose.TICKET,
        here.now,
        person_id=here.speaker.person_id,
        booking_id=found.id,
    )
    text = lines(
        _("Pass the link on. It opens the ticket once, within {n} days.", n=_days()),
        _("Or, in a chat with Kepu: {command}", command=f"/start {code}"),
        _("Whoever opens it sees the ticket, and cannot change or cancel the visit."),
    )
    return _told(here, text, [Attachment("link", *_link(here, code))])


def shared_ticket(here: Here, booking_id: int | None) -> Any:
    """The ticket that a code opened, for `words.retold`; None when it is gone."""
    visit = booking_id and bookings.by_id(here.db, booking_id)
    if not visit:
        return None
    text = lines(_("A ticket is shared with you."), _seen(visit))
    return _told(here, text, words.ticket(visit, here.speaker.locale))


def open_link(db: Db, visitor: Opening, code: str) -> str | Text:
    """Use a code in a browser: the public id of its visit, or why there is none."""
    met = chats.meet(db, CHANNEL, visitor.address, visitor.locale, visitor.now)
    if not codes.may_try(db, met.person_id, visitor.now):
        return TOO_MANY_TRIES
    kept = codes.peek(db, code, visitor.now)
    if kept is not None and kept.purpose is Purpose.TICKET:
        kept = codes.use(db, code, met.person_id, visitor.now)
        visit = kept and bookings.by_id(db, kept.booking_id or 0)
        if visit:
            return visit.public_id
    codes.failed(db, met.person_id, visitor.now)
    return NO_SUCH_CODE


def opened_by(db: Db, address: str, code: str) -> str | None:
    """The public id of the visit whose ticket was opened with this code in this browser."""
    met = chats.find(db, CHANNEL, address)
    booking_id = met and codes.opened_by(db, code, met.person_id)
    visit = booking_id and bookings.by_id(db, booking_id)
    return visit.public_id if visit else None


def _seen(visit: Visit) -> Text:
    """What whoever holds the ticket may know: how many come, never who."""
    return lines(
        words.in_a_line(visit),
        words.party(visit.adults, visit.children),
        _("Code: {code}", code=words.code_shown(visit.code)),
        _("State: {state}", state=words.state(visit)),
    )


def _link(here: Here, code: str) -> tuple[str, str]:
    name = say(_("Share this ticket"), here.speaker.locale)
    return name, f"{ADDRESS}{codes.read(code)}"


def _days() -> int:
    return codes.LASTS[Purpose.TICKET].days


def _told(here: Here, text: Text, files: list[Attachment]) -> Any:
    attachments = [[each.kind, each.name, each.url] for each in files]
    return {"text": say(text, here.speaker.locale), "attachments": attachments}
