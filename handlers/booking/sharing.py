"""How does a family let somebody else see a ticket, once, without being able to change it?"""

from typing import Any

from handlers.booking import words
from handlers.here import Here
from handlers.messages import Attachment
from handlers.profile.actions import NotThere
from handlers.profile.words import lines
from handlers.texts import Text, _, say
from storage import bookings, codes
from storage.bookings import Visit
from storage.models import Purpose

ADDRESS = "/share/"


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
        _("Pass this on. It opens the ticket once, within {n} days:", n=_days()),
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
