"""May this family visit this session, and may it still cancel?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers.profile.rules import YES, Ages, Born, No, Verdict, ages_on
from handlers.texts import Clock, Day, Text, _, ngettext
from storage.models import Audience

NO_LIMIT_AGE = 98  # a highest age from here on means that nobody is too old
SUGGESTED_MAX = 3


@dataclass(frozen=True, slots=True)
class Session:
    """What the rules need to know of a session; limits are its own or its policy's, the smaller."""

    audience: Audience
    day: date
    starts_at: datetime
    zone: str
    release_at: datetime
    is_cancelled: bool
    min_age: int
    max_age: int
    is_accompanied: bool
    party_max: int
    children_max: int


@dataclass(frozen=True, slots=True)
class Child:
    """A child who would come."""

    nickname: str
    born: Born


@dataclass(frozen=True, slots=True)
class Party:
    """Who would come. Every one of them takes a place."""

    children: tuple[Child, ...]
    adults: int

    @property
    def places(self) -> int:
        return len(self.children) + self.adults


@dataclass(frozen=True, slots=True)
class Candidate:
    """A session that may be suggested in place of another."""

    session: Session
    key: int  # by which whoever asks knows it again
    places_left: int
    is_same_course: bool
    is_same_base: bool


def is_open(session: Session, now: datetime) -> Verdict:
    """Whether places of the session can be booked at all at this moment."""
    if session.is_cancelled:
        return No(_("The base has cancelled this session. Please choose another one."))
    if now < session.release_at:
        return No(
            _(
                "Places in this session can be booked from {day} {time}.",
                day=_day(session.release_at, session.zone),
                time=Clock(session.release_at, session.zone),
            )
        )
    if now >= session.starts_at:
        return No(_("This session has begun. Please choose a later one."))
    return YES


def may_attend(session: Session, child: Child) -> Verdict:
    """Whether the child is of the right age on the day of the visit.

    A birth month or a grade leaves some days open: one that lets the child come is enough.
    """
    ages = ages_on(child.born, session.day)
    is_too_young = ages.oldest < session.min_age
    is_too_old = session.max_age < NO_LIMIT_AGE and ages.youngest > session.max_age
    limits = ages_of(session)
    if limits is None or not (is_too_young or is_too_old):
        return YES
    return No(
        _(
            "This session is for {ages}; {child} will be {age} that day.",
            ages=limits,
            child=child.nickname,
            age=_years_old(ages),
        )
    )


def may_come(session: Session, party: Party) -> Verdict:
    """Whether the session is meant for such a party: audience, adults, numbers, ages."""
    children = len(party.children)
    for why in (
        _not_meant_for(session, children, party.adults),
        _too_many(session, children, party.adults),
    ):
        if why is not None:
            return No(why)
    for child in party.children:
        verdict = may_attend(session, child)
        if isinstance(verdict, No):
            return verdict
    return YES


def may_book(session: Session, now: datetime, *, has_visit: bool) -> Verdict:
    """Whether a family that has, or has no, live visit to this session may book it now."""
    verdict = is_open(session, now)
    if isinstance(verdict, No):
        return verdict
    if has_visit:
        return No(visited_already())
    if session.audience is Audience.CLASS:
        return No(_for_classes())
    return YES


def visited_already() -> Text:
    """Why a family cannot book a session twice."""
    return _("You have booked this session already. Type “my visits” to see it.")


def may_cancel(
    starts_at: datetime, cancel_until: datetime | None, zone: str, now: datetime
) -> Verdict:
    """Whether a confirmed visit can still be cancelled. `cancel_until` None: no returns."""
    if now >= starts_at:
        return No(_("The session has begun, so the visit can no longer be cancelled."))
    if cancel_until is None:
        return No(_("This base takes no places back, so the visit cannot be cancelled here."))
    if now > cancel_until:
        return No(
            _(
                "This visit could be cancelled until {day} {time}.",
                day=_day(cancel_until, zone),
                time=Clock(cancel_until, zone),
            )
        )
    return YES


def adults_allowed(session: Session, children: int) -> range:
    """How many adults may come with so many children; empty when so many children are too many."""
    if session.audience is Audience.STUDENT_ONLY:
        return range(1)
    needs_adult = session.is_accompanied or session.audience is Audience.FAMILY or children == 0
    return range(1 if needs_adult else 0, session.party_max - children + 1)


def smallest_party(session: Session) -> int:
    """The fewest places that anybody could book."""
    return 2 if session.audience is Audience.FAMILY else 1


def ages_of(session: Session) -> Text | None:
    """The ages a session is for, in words; None when it is for every age."""
    low, high = session.min_age, session.max_age
    if high >= NO_LIMIT_AGE:
        return _("ages {low} and up", low=low) if low > 0 else None
    return (
        _("ages {low}–{high}", low=low, high=high) if low > 0 else _("ages up to {high}", high=high)
    )


def nearest(
    candidates: Iterable[Candidate], wanted: Session, party: Party | None, now: datetime
) -> list[Candidate]:
    """Up to three sessions that would do instead: same course, same base, then nearest in time.

    Without a party: those where the smallest one would fit.
    """
    fitting = [each for each in candidates if _fits(each, party, now)]
    fitting.sort(
        key=lambda each: (
            not each.is_same_course,
            not each.is_same_base,
            abs(each.session.starts_at - wanted.starts_at),
            each.session.starts_at,
        )
    )
    return fitting[:SUGGESTED_MAX]


def _fits(candidate: Candidate, party: Party | None, now: datetime) -> bool:
    session = candidate.session
    if isinstance(may_book(session, now, has_visit=False), No):
        return False
    if party is None:
        return candidate.places_left >= smallest_party(session)
    return candidate.places_left >= party.places and not isinstance(may_come(session, party), No)


def _not_meant_for(session: Session, children: int, adults: int) -> Text | None:
    match session.audience:
        case Audience.CLASS:
            return _for_classes()
        case Audience.STUDENT_ONLY:
            return _not_children_only(children, adults)
        case Audience.FAMILY if children == 0:
            return _("This session is for families: at least one child comes along.")
        case Audience.FAMILY if adults == 0:
            return _("This session is for families: at least one adult comes along.")
    if children + adults == 0:
        return _("Please choose at least one person.")
    if adults == 0 and session.is_accompanied:
        return _("Children need an adult with them in this session.")
    return None


def _not_children_only(children: int, adults: int) -> Text | None:
    if adults > 0:
        return _("This session is for children only: adults take no place in it.")
    if children == 0:
        return _("This session is for children only. Please choose at least one child.")
    return None


def _too_many(session: Session, children: int, adults: int) -> Text | None:
    if children > session.children_max:
        return ngettext(
            "One visit here takes at most {n} child.",
            "One visit here takes at most {n} children.",
            session.children_max,
        )
    if children + adults > session.party_max:
        return ngettext(
            "One visit here takes at most {n} person; you are {party}.",
            "One visit here takes at most {n} people; you are {party}.",
            session.party_max,
            party=children + adults,
        )
    return None


def _for_classes() -> Text:
    return _("This session is for school classes. Please choose another one.")


def _years_old(ages: Ages) -> Text:
    if ages.youngest == ages.oldest:
        return ngettext("{n} year old", "{n} years old", ages.oldest)
    return _("{low} to {high} years old", low=ages.youngest, high=ages.oldest)


def _day(at: datetime, zone: str) -> Day:
    return Day(at.astimezone(ZoneInfo(zone)).date())
