"""When is a family reminded of its visit, and with which words?

The evening before, and two hours before it starts; whoever booked just before that knows it. In
the quiet hours nobody is written to: what falls into them is said before they begin.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from handlers.booking import waitlist, words
from handlers.booking.words import day_at
from handlers.conversation.question import Option
from handlers.messages import Choice, Message, Prompt, command_token
from handlers.profile.words import lines
from handlers.telling import tell_family
from handlers.texts import Day, Text, _, say
from storage import bookings, reminders
from storage.bookings import Visit
from storage.db import Db
from storage.models import SessionState, Terms

YES, NO, SURE = "yes", "no", "sure"
EVENING = time(18)  # of the day before
HOURS_BEFORE = timedelta(hours=2)
TOO_LATE = timedelta(minutes=30)  # before the start: by then they are on their way
BEFORE_QUIET = timedelta(minutes=30)
JUST_BOOKED = timedelta(hours=1)
BOTH = 2
AT_ONCE = 500  # whoever talks meanwhile is not to wait for all of them


def due(db: Db, now: datetime, locale: str) -> list[Callable[[Db], None]]:
    """The reminders to be said now, each a transaction of its own.

    `locale`: the language of those who named none.
    """
    days = ((now - timedelta(days=1)).date(), (now + timedelta(days=3)).date())
    works: list[Callable[[Db], None]] = []
    for session in reminders.ahead(db, days, now, BOTH):
        number = which(session.starts_at, session.terms, session.time_zone, now)
        if number:
            works += [
                partial(remind, booking_id=booking_id, number=number, now=now, locale=locale)
                for booking_id in reminders.untold(db, session.id, number)
            ]
    return works[:AT_ONCE]


def which(starts_at: datetime, terms: Terms, zone: str, now: datetime) -> int:
    """Which reminder is to be said now: 1, 2, or none (0)."""
    first, second = moments(starts_at, terms, zone)
    if waitlist.is_quiet(now, terms, zone) or now >= starts_at - TOO_LATE:
        return 0
    return (now >= first) + (now >= second)


def moments(starts_at: datetime, terms: Terms, zone: str) -> tuple[datetime, datetime]:
    """When the two reminders of a session are to be said."""
    day = starts_at.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    evening = datetime.combine(day, EVENING, ZoneInfo(zone))
    return _awake(evening, terms, zone), _awake(starts_at - HOURS_BEFORE, terms, zone)


def remind(db: Db, booking_id: int, *, number: int, now: datetime, locale: str) -> None:
    """Remind a family of its visit as it is now, once; who has just booked it is let be."""
    visit = bookings.by_id(db, booking_id)
    assert visit is not None
    is_on = visit.session_state is SessionState.PUBLISHED
    if not is_on or not reminders.said(db, booking_id, number):
        return
    at = moments(visit.starts_at, visit.terms, visit.time_zone)[number - 1]
    if visit.created_at > at - JUST_BOOKED:
        return
    tell_family(
        db,
        visit.family_id,
        partial(_message, visit, now),
        kind="reminder",
        once_key=f"remind:{visit.id}:{number}:{int(visit.starts_at.timestamp())}",
        now=now,
        locale=locale,
        expires_at=visit.starts_at - TOO_LATE,
    )


def choices(visit: Visit, yes: Text, no: Text, no_value: str = NO) -> list[Option]:
    """What a family may answer."""
    return [
        Option(command_token("coming", visit.public_id, YES), yes),
        Option(command_token("coming", visit.public_id, no_value), no),
    ]


def _message(visit: Visit, now: datetime, locale: str) -> Message:
    """The card once more, with the ticket to be found at the door."""
    is_today = day_at(visit.starts_at, visit.time_zone) == Day(
        now.astimezone(ZoneInfo(visit.time_zone)).date()
    )
    begins = _("Your visit is today:") if is_today else _("Your visit is tomorrow:")
    text = lines(begins, words.card(visit, now), _("Are you coming?"))
    options = choices(visit, _("We are coming"), _("We cannot come"))
    return Message(
        say(text, locale),
        words.ticket(visit, locale),
        Prompt(
            "reminder",
            "choose",
            [Choice(say(each.label, locale), each.value, each.value) for each in options],
        ),
    )


def _awake(at: datetime, terms: Terms, zone: str) -> datetime:
    if not waitlist.is_quiet(at, terms, zone):
        return at
    return waitlist.last_awake(at, terms, zone) - BEFORE_QUIET
