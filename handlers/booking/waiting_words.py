"""What is said to a family that waits for places?"""

from collections.abc import Sequence
from datetime import datetime

from handlers.booking.deadlines import day_at
from handlers.booking.words import code_shown, in_a_line, party
from handlers.conversation.question import Option
from handlers.messages import command_token
from handlers.profile.words import lines
from handlers.texts import Clock, Text, _, ngettext
from storage.bookings import Visit

YES, NO = "yes", "no"
TOO_LATE = _("These places have gone to the next family, as their time was over.")
LET_GO = _("Thank you for telling us: the places go to the next family. You left the waiting list.")


def offer(visit: Visit, offer: str, places: int, until: datetime) -> tuple[Text, Sequence[Option]]:
    """Places that came free, with what to tap."""
    said = [_("Places have come free, and you are next:"), in_a_line(visit), _for(visit, places)]
    said.append(kept_until(visit, until))
    return lines(*said), (
        Option(command_token("offer", offer, YES), _("Yes, we will come")),
        Option(command_token("offer", offer, NO), _("No, thank you")),
    )


def kept_until(visit: Visit, until: datetime) -> Text:
    """Until when places are kept for a family."""
    return _(
        "They are kept for you until {day} {time}.",
        day=day_at(until, visit.time_zone),
        time=Clock(until, visit.time_zone),
    )


def joined(visit: Visit, ahead: int) -> Text:
    """Where a family stands on the list it just joined."""
    return lines(
        _("You are on the waiting list:"),
        in_a_line(visit),
        position(ahead),
        _(
            "When places come free, we write to you here. Your code: {code}",
            code=code_shown(visit.code),
        ),
    )


def position(ahead: int) -> Text:
    """How many are before a family."""
    if ahead == 0:
        return _("You are first in line.")
    return ngettext("{n} family is before you.", "{n} families are before you.", ahead)


def ahead(n: int) -> Text:
    """How many would be before a family that has not joined yet."""
    return position(n) if n else _("Nobody is waiting for it yet.")


def asked_again(visit: Visit, ahead: int) -> Text:
    """An offer passed by; the family stays on the list."""
    return lines(
        _("We did not hear from you in time, so no places are kept for you now:"),
        in_a_line(visit),
        _("You are still on the waiting list. {position}", position=position(ahead)),
    )


def closed(visit: Visit) -> Text:
    """The list is over for this family, and nobody is to blame."""
    return lines(
        _("The waiting list has ended without places for you:"),
        in_a_line(visit),
        _("We are sorry. Type “book” to see other sessions."),
    )


def _for(visit: Visit, places: int) -> Text:
    wanted = visit.places
    if places >= wanted:
        return _("For {party}.", party=party(visit.adults, visit.children))
    fewer = party(visit.adults - (wanted - places), visit.children)
    return ngettext(
        "For {fewer} only: {n} place is free, you asked for {wanted}.",
        "For {fewer} only: {n} places are free, you asked for {wanted}.",
        places,
        fewer=fewer,
        wanted=wanted,
    )
