"""What does a test of waiting lists need? A queue of families, and what they were told."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers.booking import changes, lapsing, queue
from handlers.booking.party import Guests
from handlers.here import Here
from handlers.texts import say
from storage.db import Db
from storage.models import Booking, Offer, OfferState, Outbox, OutboxState
from tests.booking.shown import session_of
from tests.builders import here
from tests.stored import change, rows


def somebody(db: Db, now: datetime | None = None) -> Here:
    """A new family of adults, in a chat of its own."""
    found = replace(here(db), home_locale="en")
    return replace(found, now=now) if now else found


def joins(who: Here, session: int, adults: int, **how: Any) -> str:
    """Join the waiting list; the words."""
    with who.db.savepoint():
        return str(queue.join(who, session_of(who.db, session), Guests(adults), **how))


def cancels(who: Here) -> None:
    """Cancel the family's only live visit."""
    with who.db.savepoint():
        changes.cancel(who, visit_of(who).public_id)


def visit_of(who: Here) -> Booking:
    """The newest visit of a family."""
    mine = [row for row in rows(who.db, Booking) if row.family_id == who.speaker.family_id]
    return max(mine, key=lambda row: row.id or 0)


def offers(db: Db, state: OfferState = OfferState.LIVE) -> list[Offer]:
    """Offers in a state, the oldest first."""
    return [row for row in rows(db, Offer) if row.state is state]


def told(who: Here) -> list[str]:
    """What a family was told without asking."""
    mine = [row for row in rows(who.db, Outbox) if row.chat_id == who.speaker.chat_id]
    return [row.payload["text"] for row in mine if row.once_key]


def delivered(db: Db) -> None:
    """Everything that waits is sent."""
    for row in rows(db, Outbox):
        if row.state is OutboxState.READY:
            change(db, row, state=OutboxState.SENT)


def time_comes(db: Db, now: datetime) -> None:
    """Do what is due on waiting lists."""
    for _pool, work in lapsing.due(db, now, "en"):
        work(db)


def accepts(who: Here, offer: Offer) -> str:
    """Say yes; the card."""
    with who.db.savepoint():
        return str(queue.accept(who, offer.public_id)["text"])


def refused(text: Any) -> str:
    """Why, in English."""
    return say(text, "en")
