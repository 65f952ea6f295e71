"""What of a booking does a sentence answer before it is asked?

Names and days become options that would do. Where a course is named, only the days count on which
it has places; when there are none on the day wished, the nearest are told.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from handlers.booking import guests, options
from handlers.booking.company import Company, called
from handlers.booking.heads import Heads
from handlers.booking.party import preset_value
from handlers.booking.wishes import Names, Place, Wish, in_rooms, read
from handlers.conversation.hints import Filled, Hint
from handlers.conversation.hours import Hours
from handlers.conversation.whens import When
from handlers.here import Here
from handlers.profile.words import lines
from handlers.texts import Clock, Day, Text, _
from storage import bookings, people, venues, wished
from storage.models import Audience
from storage.wished import NamedBase, Showing

NEAREST_MAX = 3
_COURSES_MAX = 5  # that fit one word; more are no help in finding a day
_BASES_MAX = 50  # likewise
_AGAIN = re.compile(
    rf"\b{options.AGAIN}\b|as last time|same as last|再约一次|再来一次|[和跟]?上次一样|老地方"
)
_WEEKDAY = re.compile(r"周|星期|礼拜|\b(?:mon|tue|wed|thu|fri|sat|sun)")
_CLOCK = "%H:%M"
# What stands behind /book on a button or in a link: a base; or a session, and the code of a visit
# whose party comes.
_LINK = re.compile(r"([0-9a-f]{32})(?: ([2-9A-Z]{8}))?")

_Hints = dict[str, Sequence[Hint]]


def fill(here: Here, sentence: str, today: date) -> Filled:
    """Hints for the questions of a booking, and whether they are enough to begin one."""
    if named := _LINK.fullmatch(sentence):
        return Filled(_of_link(here, named[1], named[2] or ""), starts=True)
    bases = wished.bases(here.db)
    places = {Place(each.name, each.district): each for each in bases}
    names = Names([*places], wished.courses(here.db))
    wish = read(sentence, today, names, here.speaker.locale)
    if not wish.courses and wish.rest and (wish.when != When() or wish.heads != Heads()):
        wish = in_rooms(wish, replace(names, rooms=wished.rooms(here.db, here.now)))
    family = people.children_of(here.db, here.speaker.family_id)
    company = Company(wish.heads, family, called(sentence, family))
    hints: _Hints = {}
    if _AGAIN.search(sentence.casefold()):
        hints |= _as_last_time(here)
    if today in wish.when.days and _WEEKDAY.search(sentence.casefold()):
        a_week_on = today + timedelta(days=7)  # on a Sunday, "周日" may be today's or the next
        wish = replace(wish, later=(a_week_on,))
    place_hints, notes = _where_and_when(here, wish, [places[each] for each in wish.bases])
    hints |= place_hints
    hints |= company.hints(bookings.last_party(here.db, here.speaker.family_id))
    says_where_or_when = bool(wish.when.days or wish.bases or wish.courses or wish.rooms)
    starts = wish.is_clear or (bool(company.called) and says_where_or_when)
    return Filled(hints, starts, tuple(notes))


def _where_and_when(
    here: Here, wish: Wish, bases: Sequence[NamedBase]
) -> tuple[_Hints, Sequence[Text]]:
    shown = _showings(here, wish, bases)
    days = [each.isoformat() for each in wish.when.days]
    later = [each.isoformat() for each in wish.later]
    notes: list[Text] = []
    if shown is not None:
        there = {each.base_public_id for each in shown}
        bases = [each for each in bases or wished.bases(here.db) if each.public_id in there]
        with_room = [each for each in shown if _has_room(each, wish)]
        offered = {each.day.isoformat() for each in with_room if _is_then(each, wish.when.hours)}
        found = offered.intersection(days or offered) or offered.intersection(later)
        if found:
            days = sorted(found)
        else:
            near = _nearest(with_room, wish.when)
            notes.append(_nothing_then(near))
            days = sorted({each.day.isoformat() for each in near})
            days = days if len(days) > 1 else []  # a day that nobody wished is not taken
            wish = replace(wish, when=When())
    hints = _session(wish)
    if 0 < len(bases) <= _BASES_MAX:
        hints |= _base(bases)
    if days:
        hints["day"] = [Hint(values=days), *([Hint(values=later)] if later else ())]
    return hints, notes


def _showings(here: Here, wish: Wish, bases: Sequence[NamedBase]) -> list[Showing] | None:
    """When what was named is shown; None when it is no help, or nothing of the kind was named."""
    if not (wish.courses or wish.rooms) or len(wish.courses) > _COURSES_MAX:
        return None
    shown = [
        each for course in wish.courses for each in wished.showings_of(here.db, course, here.now)
    ] + [each for room in wish.rooms for each in wished.showings_in(here.db, room, here.now)]
    if not shown or len(shown) >= wished.SHOWINGS_MAX:
        return None
    ids = {each.public_id for each in bases}
    there = [each for each in shown if each.base_public_id in ids]
    return (there or None) if bases else shown


def _has_room(showing: Showing, wish: Wish) -> bool:
    """Whether there are places for as many as are known to come."""
    children, adults = wish.heads.children or 0, wish.heads.adults
    if adults is None:
        adults = 1 if children else 0
    counts_children = showing.terms.capacity_counts == "children"
    if counts_children or showing.audience is Audience.STUDENT_ONLY:
        adults = 0
    return showing.places_left >= max(1, children + adults)


def _is_then(showing: Showing, hours: Hours | None) -> bool:
    at = showing.starts_at.astimezone(ZoneInfo(showing.time_zone)).time()
    return hours is None or hours.first <= at <= hours.last


def _nearest(showings: Sequence[Showing], when: When) -> list[Showing]:
    """Those nearest to the first day wished; of one day, first what begins at the hours wished."""
    day = when.days[0] if when.days else date.min
    near = sorted(
        showings,
        key=lambda each: (abs(each.day - day), not _is_then(each, when.hours), each.starts_at),
    )
    return sorted(near[:NEAREST_MAX], key=lambda each: each.starts_at)


def _nothing_then(near: Sequence[Showing]) -> Text:
    why = _("What you named cannot be booked then.")
    if not near:
        return why
    return lines(why, _("The nearest are:"), *map(_showing, near))


def _showing(showing: Showing) -> Text:
    return _(
        "{day} {time} {course}, {base}",
        day=Day(showing.day),
        time=Clock(showing.starts_at, showing.time_zone),
        course=showing.course,
        base=showing.base,
    )


def _base(bases: Sequence[NamedBase]) -> _Hints:
    """One base is itself, or else found in its district; of several, each and each district."""
    ids = [each.public_id for each in bases]
    districts = [f"{options.IN_DISTRICT}{each.district}" for each in bases]
    one_base = [Hint(values=ids), Hint(values=districts)]
    first = one_base if len(ids) == 1 else [Hint(values=[*ids, *districts])]
    return {"base": first, "base.there": [Hint(values=ids)]}


def _session(wish: Wish) -> _Hints:
    traits: dict[str, Sequence[str]] = {}
    if wish.courses:
        traits["course"] = wish.courses
    if wish.rooms:
        traits["room"] = wish.rooms
    between: dict[str, tuple[str, str]] = {}
    if wish.when.hours is not None:
        first, last = wish.when.hours.first, wish.when.hours.last
        between["starts"] = (f"{first:{_CLOCK}}", f"{last:{_CLOCK}}")
    if wish.heads.children:
        between["children"] = (options.number(wish.heads.children), options.number(None))
    if not traits and not between:
        return {}
    hints = [Hint(traits=traits, between=dict(between))]
    if between.pop("children", None) and (traits or between):
        hints.append(Hint(traits=traits, between=between))  # a full one can be waited for
    return {"session": hints}


def _as_last_time(here: Here) -> _Hints:
    """The base, course and hour of the last visit, and the same people."""
    last = wished.last_of(here.db, here.speaker.family_id)
    if last is None:
        return {}
    at = f"{last.starts_at.astimezone(ZoneInfo(last.time_zone)):{_CLOCK}}"
    again = Hint(traits={"course": [last.course]}, between={"starts": (at, at)})
    same = Hint(traits={"course": [last.course]})
    hints: _Hints = {"base": [Hint(values=[last.base_public_id])], "session": [again, same]}
    party = bookings.last_party(here.db, here.speaker.family_id)
    if party is not None:
        hints["who"] = [Hint(values=[preset_value(*party)])]
    return hints


def _of_link(here: Here, session: str, code: str) -> _Hints:
    """One session, with the people of an earlier visit; or one base."""
    found = venues.session_for(here.db, here.speaker.family_id, session)
    if found is None:
        there = [each for each in wished.bases(here.db) if each.public_id == session]
        return _base(there) if there else {}
    offered = found[0]
    hints: _Hints = {
        "base": [
            Hint(values=[offered.base_public_id]),
            Hint(values=[f"{options.IN_DISTRICT}{offered.district}"]),
        ],
        "base.there": [Hint(values=[offered.base_public_id])],
        "day": [Hint(values=[offered.local_date.isoformat()])],
        "session": [Hint(values=[session])],
    }
    party = bookings.party_of(here.db, here.speaker.family_id, code) if code else None
    if party is not None:
        adults, children = party
        who = preset_value(adults, children) if children else guests.ADULTS_ONLY
        hints |= {"who": [Hint(values=[who])], "adults": [Hint(words=str(adults))]}
    return hints
