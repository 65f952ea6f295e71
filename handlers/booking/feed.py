"""What is in the calendar that a person's phone fetches by itself?"""

from datetime import datetime, timedelta
from typing import Any

from handlers.booking import tickets
from handlers.here import Here
from handlers.messages import Attachment
from handlers.texts import _, known_locale, say
from storage import bookings, feeds
from storage.db import Db

KEPT = timedelta(days=30)  # visits that are over, and the word that one is cancelled


def address(here: Here) -> Any:
    """The address of the speaker's calendar, for `words.retold`."""
    return _told(here, feeds.token_of(here.db, here.speaker.person_id))


def renewed(here: Here) -> Any:
    """Another address, for `words.retold`; the old one is over."""
    return _told(here, feeds.renew(here.db, here.speaker.person_id))


def calendar_at(db: Db, token: str, *, public_url: str, locale: str, now: datetime) -> bytes | None:
    """The calendar at an address, the same bytes until a visit changes; None when nobody's."""
    owner = feeds.owner(db, token)
    if owner is None:
        return None
    locale = known_locale(owner.locale or "", locale)
    events = [
        tickets.event(tickets.ticket_of(visit), public_url, visit.changed_at, locale)
        for visit in bookings.recent(db, owner.family_id, now - KEPT)
    ]
    return tickets.calendar(events, say(_("Kepu: my visits"), locale))


def _told(here: Here, token: str) -> Any:
    locale = here.speaker.locale
    text = _(
        "Subscribe to this address in your calendar: it then shows your visits, and what changes. "
        "Keep the address to yourself."
    )
    link = Attachment("link", say(_("My calendar"), locale), f"/calendar/{token}.ics")
    return {"text": say(text, locale), "attachments": [[link.kind, link.name, link.url]]}
