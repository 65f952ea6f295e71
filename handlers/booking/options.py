"""What can a family choose from, at each step of a booking?"""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers.booking import actions, channel, rules, waitlist, words
from handlers.booking.suits import suits
from handlers.conversation.question import Option
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile.words import facts
from handlers.texts import Clock, Day, Text, Value, _, ngettext
from storage import bookings, people, venues, wished
from storage.people import OfFamily
from storage.venues import Offered, OpenDay, Place

BASES_MANY = 8  # more than these are chosen by district first, where that makes a shorter list
IN_DISTRICT = "in:"  # begins the value that stands for a district
NUMBER_MAX = 999_999
AGAIN = "again"  # behind the command of a booking: as last time


def places(here: Here) -> list[Option]:
    """Bases, those visited before first; where there are many, the others by their districts.

    What cannot be booked yet stands last. Raises Refused when no base has anything planned.
    """
    bases = _planned(here)
    if not bases:
        raise Refused(_("No base has visits to offer at the moment. Please try again another day."))
    newest_first = venues.visited(here.db, here.speaker.family_id)
    visited = [base for known in newest_first for base in bases if base.public_id == known]
    others = [base for base in bases if base.public_id not in newest_first]
    again = _again(here, bases) if visited else []
    districts = _districts(bases)
    if len(bases) > BASES_MANY and len(districts) * 2 <= len(bases):
        return [*again, *map(_base, visited), *(_district(each, bases) for each in districts)]
    listed = sorted((*visited, *others), key=lambda base: not base.is_open)
    return [*again, *map(_base, listed)]


def is_district(value: str) -> bool:
    """Whether a value that `places` offered stands for a district."""
    return value.startswith(IN_DISTRICT)


def places_in(here: Here, district: str) -> list[Option]:
    """The bases of a district, given as `places` offered it."""
    name = district.removeprefix(IN_DISTRICT)
    return [_base(base) for base in _planned(here) if base.district == name]


def open_days(here: Here, base: str) -> list[Option]:
    """Days with places, or where a family can wait; other full ones only when there are none.

    Raises Refused when nothing can be booked there yet, with the moment it can.
    """
    days = channel.days(here, base, venues.open_days(here.db, base, here.now))
    if not days:
        raise Refused(_not_yet(here, base))
    some = [each for each in days if each.places_left > 0 or each.has_list]
    return [Option(each.day.isoformat(), Day(each.day), _left_on(each)) for each in some or days]


def sessions(here: Here, base: str, day: date) -> list[Option]:
    """The day's sessions with places, then full ones with a waiting list.

    When all are full, each of them, and the nearest others that fit.
    """
    found = venues.sessions_on(here.db, base, day, here.now)
    still_open = [each for each in found if here.now < words.rules_of(each).closes_at]
    offered = channel.sessions(here, base, still_open)
    if not offered:
        raise Refused(_("Nothing can be booked on that day any more. Please choose another day."))
    with_places = [each for each in offered if each.places_left > 0]
    full = [each for each in offered if each.places_left <= 0]
    with_list = [each for each in full if waitlist.is_open(each, here.now)]
    family = people.children_of(here.db, here.speaker.family_id)
    waiting = [_session(each, family, can_wait=True) for each in with_list]
    if with_places:
        return [*(_session(each, family) for each in with_places), *waiting]
    near = actions.instead(here, offered[0], {each.course_id for each in offered}, None)
    instead = [(each, words.session_instead(each, base)) for each in near]
    return [
        *(_session(each, family) for each in full if each not in with_list),
        *(Option(each.public_id, label, words.session_note(each)) for each, label in instead),
        *waiting,
    ]


def _left_on(day: OpenDay) -> Text:
    """What is left on a day, short enough for a button."""
    return words.places_left(day.places_left, has_list=day.has_list)


def _again(here: Here, bases: Sequence[Place]) -> list[Option]:
    """The last visit once more, where that can be booked."""
    last = wished.last_of(here.db, here.speaker.family_id)
    party = bookings.last_party(here.db, here.speaker.family_id)
    is_open = {base.public_id for base in bases if base.is_open}
    if last is None or party is None or last.base_public_id not in is_open:
        return []
    adults, ids = party
    family = people.children_of(here.db, here.speaker.family_id)
    names = [each.nickname for each in family if each.public_id in ids]
    who = words.who(names, adults) if names else words.party(adults, 0)
    note = facts(last.base, last.course, who)
    return [Option(f"/book {AGAIN}", _("As last time"), note)]


def number(n: int | None) -> str:
    """A number as a trait, which are compared as words; None: more than any."""
    return f"{NUMBER_MAX if n is None else n:06}"


def _planned(here: Here) -> list[Place]:
    """Bases where something can be booked, by name; then those where it will be, by when."""
    bases = venues.places(here.db, here.now)
    planned = [base for base in bases if base.is_open or base.released_next_at]
    planned.sort(key=lambda base: _by_sound(base.name))
    # An open base has nothing to wait for: it is as if released by now.
    return sorted(planned, key=lambda base: (not base.is_open, base.released_next_at or here.now))


def _districts(bases: Sequence[Place]) -> list[str]:
    """The districts by name, those where nothing can be booked yet last, after them no district."""
    is_open = {base.district for base in bases if base.is_open}
    names = {base.district for base in bases}
    return sorted(names, key=lambda name: (not name, name not in is_open, _by_sound(name)))


def _by_sound(name: str) -> bytes:
    """What to sort a name by: this encoding has the common characters in the order of pinyin."""
    return name.encode("gb18030", errors="replace")


def _base(base: Place) -> Option:
    note: Value = base.district
    if not base.is_open:
        assert base.released_next_at is not None
        note = _opens(base.released_next_at, base.time_zone)
    return Option(base.public_id, base.name, note)


def _district(district: str, bases: Sequence[Place]) -> Option:
    number = sum(base.district == district for base in bases)
    label: Value = district or _("Elsewhere")
    return Option(f"{IN_DISTRICT}{district}", label, ngettext("{n} base", "{n} bases", number))


def _opens(at: datetime, zone: str) -> Text:
    return _("from {day} {time}", day=words.day_at(at, zone), time=Clock(at, zone))


def _not_yet(here: Here, base: str) -> Text:
    """Why a base has no days to choose from."""
    for place in venues.places(here.db, here.now):
        if place.public_id == base and place.released_next_at is not None:
            at, zone = place.released_next_at, place.time_zone
            return _(
                "Nothing can be booked at {base} yet. "
                "The next places are released on {day} at {time}.",
                base=place.name,
                day=words.day_at(at, zone),
                time=Clock(at, zone),
            )
    return _("This base has nothing to book at the moment. Please choose another one.")


def _session(session: Offered, family: Sequence[OfFamily], *, can_wait: bool = False) -> Option:
    """A session of the day that was asked for, which words said before may mean."""
    starts = session.starts_at.astimezone(ZoneInfo(session.time_zone))
    rule = words.rules_of(session)
    adults = rules.adults_allowed(rule, 1).start if rule.counts_adults else 0
    children = max(0, session.places_left - adults)
    traits = (
        ("course", session.course),
        ("room", session.room),
        ("starts", f"{starts:%H:%M}"),
        ("children", number(children)),
    )
    note = words.session_note(session, suits(rule, family), can_wait=can_wait)
    return Option(session.public_id, words.session_label(session), note, traits)
