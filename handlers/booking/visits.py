"""Which visits does a family have, and had?"""

from datetime import timedelta
from typing import Any

from handlers.booking import changes, deadlines, queue, waiting_words, words
from handlers.conversation.question import Option
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile.rules import No
from handlers.profile.words import facts, lines
from handlers.texts import Text, Value, _, as_json, say
from storage import bookings, strikes, waiting
from storage.bookings import Visit
from storage.models import Appeal, BookingState

DONE, CANCEL, SHARE, CALENDAR = "done", "cancel", "share", "calendar"
MOVE, PARTY, LEAVE, TAKE = "move", "party", "leave", "take"
WAITED_FOR = (BookingState.WAITING, BookingState.OFFERED)
PAST_MAX = 3  # visits that are over, told of
MISSED_WITHIN = timedelta(days=366)  # no base lets a family object for longer


def overview(here: Here) -> Any:
    """The last visits that are over, for `texts_of`; those not over, and those missed, counted."""
    family_id = here.speaker.family_id
    past = bookings.past(here.db, family_id, here.now, PAST_MAX)
    missed = strikes.of_family(here.db, family_id, here.now - MISSED_WITHIN)
    return {
        "missed": sum(
            each.appeal is Appeal.NONE and here.now <= each.at + timedelta(each.terms.appeal_days)
            for each in missed
        ),
        "past": [as_json(facts(words.in_a_line(visit), _became(visit))) for visit in past],
        "ahead": len(bookings.ahead(here.db, family_id, here.now)),
    }


def _became(visit: Visit) -> Text:
    """What has become of a visit that is over; a base need not check anybody in."""
    return _("over") if visit.state is BookingState.CONFIRMED else words.state(visit)


def visits_ahead(here: Here) -> list[Option]:
    """The visits that are not over, the next one first; of a waiting list, the position."""
    return [
        Option(visit.public_id, words.in_a_line(visit), _noted(here, visit))
        for visit in bookings.ahead(here.db, here.speaker.family_id, here.now)
    ]


def visit_card(here: Here, visit: str) -> Any:
    """A visit with its ticket, for `words.retold`, and what can be done about it.

    While it is waited for there is no ticket.
    """
    found = changes.visit_of(here, visit)
    card, locale = words.card(found, here.now), here.speaker.locale
    if found.state in WAITED_FOR:
        waits = lines(card, _standing(here, found))
        ways = [DONE, TAKE, LEAVE] if found.state is BookingState.OFFERED else [DONE, LEAVE]
        return {"text": say(waits, locale), "attachments": [], "ways": ways}
    ways, why_not = _ways(here, found)
    said = words.told(lines(card, why_not) if why_not else card, found, locale)
    return {**said, "ways": ways}


def to_know(here: Here, visit: str) -> Any:
    """What a family has to know before it cancels, for `texts_of`: nothing, when it is in time."""
    warning = deadlines.late_warning(changes.visit_of(here, visit), here.now)
    return [as_json(warning)] if warning else []


def take_offer(here: Here, visit: str) -> Any:
    """Take what is offered to a visit that was waited for. The card. Raises Refused: too late."""
    offer = waiting.live_offer(here.db, changes.visit_of(here, visit).id)
    if offer is None:
        raise Refused(waiting_words.TOO_LATE)
    return queue.accept(here, offer.public_id)


def _ways(here: Here, visit: Visit) -> tuple[list[str], Text | None]:
    """What can be done about a visit that is not waited for; and why it cannot be changed."""
    if visit.state is not BookingState.CONFIRMED:
        return [], None
    ways, why_not = [DONE, SHARE, CALENDAR], None
    may_cancel = deadlines.may_cancel(visit, here.now)
    may_change = deadlines.may_change(visit, here.now)
    if not isinstance(may_cancel, No):
        ways.append(CANCEL)
    if not isinstance(may_change, No):
        ways += [MOVE, PARTY]
    elif not isinstance(may_cancel, No):
        why_not = may_change.why
    return ways, why_not


def _noted(here: Here, visit: Visit) -> Value:
    if visit.state in WAITED_FOR:
        return _standing(here, visit)
    return words.code_shown(visit.code)


def _standing(here: Here, visit: Visit) -> Text:
    """Where a family stands that waits for a visit."""
    offer = waiting.live_offer(here.db, visit.id)
    if offer is not None:
        return waiting_words.kept_until(visit, offer.expires_at)
    return waiting_words.position(waiting.ahead_of(here.db, visit.id))
