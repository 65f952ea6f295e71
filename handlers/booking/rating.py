"""What does a family think of its visit, once it is over?

Whoever was there is asked once, two hours after the end; in the quiet hours it waits for the
morning. The base sees stars and words, never who gave them.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from handlers.booking import changes, waitlist
from handlers.booking.words import in_a_line
from handlers.conversation.chat import Chat, conversation
from handlers.conversation.question import Option
from handlers.conversation.readers import short_text
from handlers.here import Here
from handlers.messages import Refused, command_token
from handlers.profile.actions import NotThere
from handlers.profile.words import lines
from handlers.telling import message_in, tell_family
from handlers.texts import Text, _, ngettext
from storage import bookings, outbox, ratings
from storage.bookings import Visit
from storage.db import Db
from storage.models import BookingState, Lane
from storage.ratings import Rated

AFTER = timedelta(hours=2)
WITHIN = timedelta(days=2)  # later, nobody remembers
STARS = 5
WORDS_MAX = 300
AT_ONCE = 500  # whoever talks meanwhile is not to wait for all of them
WORDS_SHOWN = 5
NOT_THERE = _("Only who was there can rate a visit.")
THANKS = _("Thank you. The base sees your stars, not who gave them.")


def due(db: Db, now: datetime, locale: str) -> list[Callable[[Db], None]]:
    """The families to be asked now, each in a transaction of its own.

    `locale`: the language of those who named none.
    """
    days = ((now - WITHIN - timedelta(days=1)).date(), (now + timedelta(days=1)).date())
    works: list[Callable[[Db], None]] = [
        partial(ask, booking_id=booking_id, now=now, locale=locale)
        for session in ratings.over(db, days, now - AFTER)
        if session.ends_at > now - WITHIN
        and not waitlist.is_quiet(now, session.terms, session.time_zone)
        for booking_id in ratings.unasked(db, session.id)
    ]
    return works[:AT_ONCE]


def ask(db: Db, booking_id: int, *, now: datetime, locale: str) -> None:
    """Ask a family, once."""
    if not ratings.ask(db, booking_id):
        return
    visit = bookings.by_id(db, booking_id)
    assert visit is not None
    options = [
        Option(command_token("rate", visit.public_id, f"{stars}"), "★" * stars)
        for stars in range(1, STARS + 1)
    ]
    tell_family(
        db,
        visit.family_id,
        (lines(_("How was your visit?"), in_a_line(visit)), options),
        kind="rating",
        once_key=f"rate:{booking_id}",
        now=now,
        locale=locale,
        expires_at=visit.ends_at + WITHIN,
        lane=Lane.ANNOUNCEMENT,
    )


def rate(here: Here, given: str) -> None:
    """Keep the stars, and offer to add a line. Raises Refused when the family was not there."""
    visit_id, _space, stars = given.partition(" ")
    if stars not in {str(each) for each in range(1, STARS + 1)}:
        raise NotThere
    visit = _visited(here, visit_id)
    ratings.rate(here.db, visit.id, int(stars), here.now)
    more = Option(command_token("review", visit.public_id), _("Add a line"))
    question = _("Would you like to tell the base more?")
    message = message_in((question, [more]), "rating", here.speaker.locale)
    outbox.put(
        here.db,
        here.speaker.chat_id,
        message.as_json(),
        kind="rating",
        lane=Lane.ANNOUNCEMENT,
        due_at=here.now,
        expires_at=visit.ends_at + 2 * WITHIN,
        once_key=f"review:{visit.id}:{here.speaker.chat_id}",
    )


def line_of(here: Here, visit: str) -> Any:
    """Whether the family may add a line about a visit. Raises Refused when not."""
    return _visited(here, visit).public_id


def say(here: Here, visit: str, words: str) -> None:
    """Keep a line. Raises Refused when the visit was not rated."""
    if not ratings.say(here.db, _visited(here, visit).id, words):
        raise Refused(NOT_THERE)


def told(rated: Sequence[Rated]) -> Text | None:
    """What families thought, for the people of the base; None when nobody said."""
    if not rated:
        return None
    tenths = round(sum(each.stars for each in rated) * 10 / len(rated))
    average = f"{tenths // 10}.{tenths % 10}"
    count = ngettext(
        "{stars} of 5 stars, from {n} family",
        "{stars} of 5 stars, from {n} families",
        len(rated),
        stars=average,
    )
    said = [each.words for each in rated if each.words]
    return lines(count, *(_("“{words}”", words=each) for each in said[:WORDS_SHOWN]))


def _visited(here: Here, visit: str) -> Visit:
    found = changes.visit_of(here, visit)
    if found.state is not BookingState.CHECKED_IN:
        raise Refused(NOT_THERE)
    return found


@conversation(
    "rate",
    command="rate",
    title=_("Rate a visit"),
    expires_after=timedelta(hours=12),
    is_beside=True,
)
async def rate_visit(chat: Chat) -> None:
    """One tap below the question."""
    await chat.do("rate", rate, chat.given)
    chat.say(THANKS)


@conversation(
    "review",
    command="review",
    title=_("Tell the base more"),
    expires_after=timedelta(hours=12),
)
async def review_visit(chat: Chat) -> None:
    """A line for the base, after the stars."""
    visit = await chat.look("visit", line_of, visit=chat.given)
    words = await chat.ask(
        "words",
        _("What would you like to tell the base? It sees the words, not who wrote them."),
        short_text(WORDS_MAX),
        is_optional=True,
    )
    if words is not None:
        await chat.do("say", say, visit, words)
        chat.say(_("Thank you. It is passed on."))
