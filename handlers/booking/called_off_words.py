"""What is said of a session that does not take place, or at another time?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from handlers.booking.deadlines import day_at
from handlers.booking.words import in_a_line, session_label
from handlers.conversation.question import Option
from handlers.messages import command_token
from handlers.profile.words import facts, lines
from handlers.texts import Clock, Day, Text, Value, _, plain
from storage.bookings import Visit
from storage.calling_off import Planned
from storage.models import BookingState
from storage.venues import Offered

# Reasons that are said in each family's language; others are the base's own words.
USUAL: Mapping[str, Text] = MappingProxyType(
    {
        "weather": _("The weather"),
        "ill": _("Somebody is ill"),
        "technical": _("A technical fault"),
    }
)
WAITED_FOR = (BookingState.WAITING, BookingState.OFFERED)
CANNOT = "moved"  # the answer of a family whom the new time does not suit


def called_off(visit: Visit, reason: str, near: Sequence[Offered]) -> tuple[Text, Sequence[Option]]:
    """That a session does not take place, why, and what would do instead, to be tapped."""
    said: list[Value] = [
        _("The base has cancelled a session that you waited for. We are sorry.")
        if visit.state in WAITED_FOR
        else _("The base has cancelled your visit. We are sorry."),
        in_a_line(visit),
    ]
    if reason:
        said.append(_("Reason: {reason}", reason=USUAL.get(reason, reason)))
    if near:
        said.append(_("These have places for all of you:"))
    else:
        said.append(_("To find another session, type “book”."))
    return lines(*said), [
        Option(command_token("book", each.public_id, visit.code), _instead(each, visit))
        for each in near
    ]


def moved(visit: Visit, started_at: datetime, room: str) -> tuple[Text, Sequence[Option]]:
    """That a session has another time or place, and what to tap if that does not suit."""
    zone, waits = visit.time_zone, visit.state in WAITED_FOR
    was: list[Value] = [
        day_at(started_at, zone),
        Clock(started_at, zone),
        *([room] if room else []),
    ]
    said: list[Value] = [
        _("The base has moved a session that you wait for. We are sorry.")
        if waits
        else _("The base has moved your visit. We are sorry."),
        _("It was: {when}", when=facts(*was)),
        _("It is now:"),
        in_a_line(visit),
    ]
    if visit.room:
        said.append(plain(visit.room))
    if waits:
        said.append(_("You are still on the waiting list. To leave it, type “my visits”."))
        return lines(*said), ()
    said.append(_("Your ticket is still good. If you cannot come then, cancelling costs nothing."))
    token = command_token("coming", visit.public_id, CANNOT)
    return lines(*said), [Option(token, _("We cannot come then"))]


def session(planned: Planned) -> Text:
    """A session as its base speaks of it."""
    zone = planned.time_zone
    return facts(
        planned.code,
        _(
            "{day} {time} {course}, {base}",
            day=day_at(planned.starts_at, zone),
            time=Clock(planned.starts_at, zone),
            course=planned.course,
            base=planned.base,
        ),
    )


def _instead(offered: Offered, visit: Visit) -> Text:
    day, label = Day(offered.local_date), session_label(offered)
    if offered.base_id == visit.base_id:
        return _("{day} {session}", day=day, session=label)
    return _("{base}, {day} {session}", base=offered.base, day=day, session=label)
