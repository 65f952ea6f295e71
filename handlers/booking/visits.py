"""Which visits does a family have, and had?"""

from datetime import timedelta
from typing import Any

from handlers.booking import deadlines, words
from handlers.conversation.question import Option
from handlers.here import Here
from handlers.profile.actions import NotThere
from handlers.profile.rules import No
from handlers.profile.words import facts
from handlers.texts import as_json
from storage import bookings, strikes
from storage.models import Appeal, BookingState

DONE, CANCEL, SHARE, CALENDAR = "done", "cancel", "share", "calendar"
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
        "past": [as_json(facts(words.in_a_line(visit), words.state(visit))) for visit in past],
        "ahead": len(bookings.ahead(here.db, family_id, here.now)),
    }


def visits_ahead(here: Here) -> list[Option]:
    """The visits that are not over, the next one first."""
    return [
        Option(visit.public_id, words.in_a_line(visit), words.code_shown(visit.code))
        for visit in bookings.ahead(here.db, here.speaker.family_id, here.now)
    ]


def visit_card(here: Here, visit: str) -> Any:
    """A visit with its ticket, for `words.retold`, and what can be done about it."""
    found = bookings.visit_for(here.db, here.speaker.family_id, visit)
    if found is None:
        raise NotThere
    may_cancel = deadlines.may_cancel(found, here.now)
    is_booked = found.state is BookingState.CONFIRMED
    ways = [DONE, SHARE, CALENDAR] if is_booked else []
    if is_booked and not isinstance(may_cancel, No):
        ways.append(CANCEL)
    return {**words.told(words.card(found, here.now), found, here.speaker.locale), "ways": ways}
