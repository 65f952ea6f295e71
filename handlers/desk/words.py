"""How are parties at the door said, to the desk and to families?"""

from datetime import datetime

from handlers.booking import words as visits
from handlers.booking.words import code_shown, day_at
from handlers.profile.words import facts, lines
from handlers.texts import Clock, Text, Value, _, ngettext
from storage.bookings import Visit
from storage.checkins import Expected, OfDay
from storage.models import SessionState, StrikeKind
from storage.strikes import Struck

NOT_STAFF = _(
    "This is for the desk of a base. If you work there, please ask your coordinator for a code."
)
CHECK_AGAIN = _("There is no visit with this code. Please look at it again.")
NO_TICKET = _("This is no ticket of ours.")
WAS_UNDONE = _("This check-in was undone.")


def people(n: int) -> Text:
    """How many people."""
    return ngettext("{n} person", "{n} people", n)


def card(visit: Visit) -> Text:
    """A visit as the desk needs it: when, what, who, how many are there."""
    party = visits.party(visit.adults, visit.children)
    said: list[Value] = [
        facts(Clock(visit.starts_at, visit.time_zone), visit.course, *filter(None, (visit.room,))),
        facts(code_shown(visit.code), party),
    ]
    if visit.heads:
        said.append(inside(visit.heads, visit.adults + visit.children))
    return lines(*said)


def inside(heads: int, party: int) -> Text:
    """How many of a party are inside."""
    return _("{heads} of {party} inside", heads=heads, party=party)


def let_in(visit: Visit, surplus: int) -> Text:
    """That somebody came in; `surplus`: so many more than were booked came, and do not count."""
    party = visit.adults + visit.children
    done = facts(_("Checked in."), code_shown(visit.code), inside(visit.heads, party))
    if not surplus:
        return done
    more = ngettext(
        "Booked for {party} only: {n} more was not counted.",
        "Booked for {party} only: {n} more were not counted.",
        surplus,
        party=party,
    )
    return lines(done, more)


def taken_back(visit: Visit, heads: int) -> Text:
    """That the last check-in was undone."""
    party = visit.adults + visit.children
    return facts(_("Undone."), code_shown(visit.code), inside(heads, party))


def day(sessions: list[OfDay], base: str, zone: str, at: datetime) -> Text:
    """A day at a base."""
    title = _("{base}, {day}", base=base, day=day_at(at, zone))
    if not sessions:
        return lines(title, _("There is no session today."))
    return lines(title, *(session(each, zone) for each in sessions))


def session(of_day: OfDay, zone: str) -> Text:
    """A session of the day in a line."""
    said: list[Value] = [session_label(of_day, zone)]
    if of_day.state is SessionState.CANCELLED:
        return facts(*said, _("cancelled"))
    said.append(_("{booked}/{capacity} booked", booked=of_day.people, capacity=of_day.capacity))
    said.append(_("{n} inside", n=of_day.inside))
    if of_day.parties_missing:
        said.append(missing(of_day))
    return facts(*said)


def session_label(of_day: OfDay, zone: str) -> Text:
    """When and what; the same in every language."""
    return _("{time} {course}", time=Clock(of_day.starts_at, zone), course=of_day.course)


def missing(of_day: OfDay) -> Text:
    """Who has not come yet."""
    return ngettext(
        "{n} party missing ({people})",
        "{n} parties missing ({people})",
        of_day.parties_missing,
        people=of_day.people_missing,
    )


def party_note(party: Expected) -> Text:
    """How large a party is that is expected, and how many of it are there."""
    return inside(party.heads, party.people) if party.heads else people(party.people)


def missed_count(n: int) -> Text:
    """How many visits to a session were missed."""
    return ngettext("{n} missed visit", "{n} missed visits", n)


def refused(visit: Visit, why: Text) -> Text:
    """A visit that does not come in, and why not."""
    return lines(card(visit), why)


def missed(struck: Struck, until: datetime, banned_until: datetime | None) -> Text:
    """What a family is told when nobody came: kindly, with how to object, and what follows."""
    said: list[Value] = [
        _(
            "We missed you on {day} at {time}: {course}, {base}. Nobody was checked in, so this "
            "visit counts as missed.",
            day=day_at(struck.starts_at, struck.time_zone),
            time=Clock(struck.starts_at, struck.time_zone),
            course=struck.course,
            base=struck.base,
        )
    ]
    if banned_until is not None:
        said.append(
            _(
                "New visits there can be booked again from {day}. Visits you have booked stay.",
                day=day_at(banned_until, struck.time_zone),
            )
        )
    said.append(
        _(
            "If that is not right, or you could not help it, tell us until {day}.",
            day=day_at(until, struck.time_zone),
        )
    )
    return lines(*said)


def struck_visit(struck: Struck) -> Text:
    """A visit that counts against a family, among others."""
    return _(
        "{day} {time} {course}, {base}",
        day=day_at(struck.starts_at, struck.time_zone),
        time=Clock(struck.starts_at, struck.time_zone),
        course=struck.course,
        base=struck.base,
    )


def objection(struck: Struck) -> Text:
    """What a coordinator decides on; the family's own words come last."""
    kinds = {
        StrikeKind.NO_SHOW: _("nobody was checked in"),
        StrikeKind.LATE_CANCEL: _("cancelled late"),
    }
    return lines(
        struck_visit(struck),
        facts(code_shown(struck.code), people(struck.people), kinds[struck.kind]),
        _("The family says: {words}", words=struck.words),
    )


def excused(struck: Struck) -> Text:
    """What a family is told when a visit no longer counts."""
    return lines(_("This visit does not count against you any more:"), struck_visit(struck))


def upheld(struck: Struck) -> Text:
    """What a family is told when its objection is refused."""
    return lines(
        _("The base has looked at your objection. The visit still counts as missed:"),
        struck_visit(struck),
    )
