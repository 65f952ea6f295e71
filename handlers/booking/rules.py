"""May such a party visit this session, and can it be booked at this moment?"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handlers.booking.deadlines import day_at
from handlers.profile.rules import YES, Ages, Born, No, Verdict, ages_on
from handlers.texts import Clock, Text, _, ngettext
from storage.models import Audience

NO_LIMIT_AGE = 98  # a highest age from here on means that nobody is too old
GROWN_UP_AGE = 18  # who is to be as old as that is no child


@dataclass(frozen=True, slots=True)
class Session:
    """What the rules need to know of a session; limits are its own or its policy's, the smaller.

    What has a value here was not yet known of sessions in conversations that are still open.
    """

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
    closes_minutes: int = 0  # booking ends so long before the session starts
    min_adults: int = 0  # with a child who may not come alone
    max_adults_per_child: int | None = None
    min_children: int = 0
    alone_from: int = 0  # at this age a child may come without an adult
    companion_min_age: int = 0
    counts_adults: bool = True  # whether adults take places

    @property
    def closes_at(self) -> datetime:
        """When booking ends."""
        return self.starts_at - timedelta(minutes=self.closes_minutes)


@dataclass(frozen=True, slots=True)
class Child:
    """A child who would come."""

    nickname: str
    born: Born


@dataclass(frozen=True, slots=True)
class Party:
    """Who would come."""

    children: tuple[Child, ...]
    adults: int


def is_open(session: Session, now: datetime) -> Verdict:
    """Whether places of the session can be booked at all at this moment."""
    if session.is_cancelled:
        return No(_("The base has cancelled this session. Please choose another one."))
    if now < session.release_at:
        return No(
            _(
                "Places in this session can be booked from {day} {time}.",
                day=day_at(session.release_at, session.zone),
                time=Clock(session.release_at, session.zone),
            )
        )
    if now >= session.starts_at:
        return No(_("This session has begun. Please choose a later one."))
    if now >= session.closes_at:
        return No(
            _(
                "Booking for this session ended on {day} at {time}. Please choose a later one.",
                day=day_at(session.closes_at, session.zone),
                time=Clock(session.closes_at, session.zone),
            )
        )
    return YES


def may_attend(session: Session, child: Child) -> Verdict:
    """Whether the child is of the right age on the day of the visit.

    A birth month or a grade leaves some days open: one that lets the child come is enough.
    """
    ages = ages_on(child.born, session.day)
    if ages.oldest < session.companion_min_age:
        return No(
            _(
                "Everybody who comes here is {age} or older; {child} will be {years} that day.",
                age=session.companion_min_age,
                child=child.nickname,
                years=_years_old(ages),
            )
        )
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
    why = _not_meant_for(session, party) or _too_many(session, party)
    for child in party.children:
        verdict = may_attend(session, child)
        if why is None and isinstance(verdict, No):
            why = verdict.why
    why = why or _too_few_adults(session, party)
    return YES if why is None else No(why)


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


def places(session: Session, party: Party) -> int:
    """How many places the party takes: one each, where adults count."""
    return len(party.children) + (party.adults if session.counts_adults else 0)


def may_come_alone(session: Session, child: Child) -> bool:
    """Whether the child needs no adult along: by age, or because tutors look after children."""
    if session.audience is Audience.STUDENT_ONLY:
        return True
    return ages_on(child.born, session.day).oldest >= session.alone_from


def adults_allowed(session: Session, children: int, *, may_be_alone: bool = False) -> range:
    """How many adults may come with so many children; empty when so many children cannot come.

    `may_be_alone`: every one of the children may come without an adult.
    """
    if session.audience is Audience.STUDENT_ONLY:
        return range(1)
    if children < _children_needed(session):
        return range(0)
    most = session.party_max - children
    if children and session.max_adults_per_child is not None:
        most = min(most, children * session.max_adults_per_child)
    return range(_adults_needed(session, children, may_be_alone=may_be_alone), most + 1)


def smallest_party(session: Session) -> int:
    """The fewest places that anybody could book."""
    if session.audience is Audience.STUDENT_ONLY:
        return 1
    may_be_alone = session.alone_from <= min(session.max_age, GROWN_UP_AGE - 1)
    sizes = [
        children + (adults.start if session.counts_adults else 0)
        for children in range(_children_needed(session), session.children_max + 1)
        if (adults := adults_allowed(session, children, may_be_alone=may_be_alone))
    ]
    return min(sizes, default=1)


def ages_of(session: Session) -> Text | None:
    """The ages a session is for, in words; None when it is for every age."""
    low, high = session.min_age, session.max_age
    if high >= NO_LIMIT_AGE:
        return _("ages {low} and up", low=low) if low > 0 else None
    return (
        _("ages {low}–{high}", low=low, high=high) if low > 0 else _("ages up to {high}", high=high)
    )


def _not_meant_for(session: Session, party: Party) -> Text | None:
    children, adults = len(party.children), party.adults
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
    if children < _children_needed(session):
        return ngettext(
            "Adults come here with children: please bring at least {n} child.",
            "Adults come here with children: please bring at least {n} children.",
            _children_needed(session),
        )
    return None


def _children_needed(session: Session) -> int:
    """The fewest children of a visit. Where only children take places, one of them has to come."""
    needs_one = session.audience is Audience.FAMILY or not session.counts_adults
    return max(session.min_children, 1 if needs_one else 0)


def _adults_needed(session: Session, children: int, *, may_be_alone: bool) -> int:
    """The fewest adults with so many children."""
    if children == 0:
        return 1
    needs_one = session.is_accompanied or session.audience is Audience.FAMILY
    if may_be_alone:
        return 1 if needs_one else 0
    return max(1, session.min_adults)


def _too_few_adults(session: Session, party: Party) -> Text | None:
    if session.audience is Audience.STUDENT_ONLY or not party.children:
        return None
    young = [child for child in party.children if not may_come_alone(session, child)]
    needed = _adults_needed(session, len(party.children), may_be_alone=not young)
    if party.adults >= needed:
        return None
    if party.adults > 0:
        return ngettext(
            "Children come here with at least {n} adult.",
            "Children come here with at least {n} adults.",
            needed,
        )
    if session.is_accompanied or not young or session.alone_from >= GROWN_UP_AGE:
        return _("Children need an adult with them in this session.")
    return _(
        "Children under {age} come here with an adult, so {child} cannot come alone.",
        age=session.alone_from,
        child=young[0].nickname,
    )


def _not_children_only(children: int, adults: int) -> Text | None:
    if adults > 0:
        return _("This session is for children only: adults take no place in it.")
    if children == 0:
        return _("This session is for children only. Please choose at least one child.")
    return None


def _too_many(session: Session, party: Party) -> Text | None:
    children, adults = len(party.children), party.adults
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
    return _too_many_adults(session, children, adults)


def _too_many_adults(session: Session, children: int, adults: int) -> Text | None:
    most = session.max_adults_per_child
    if most is None or not children or adults <= children * most:
        return None
    return ngettext(
        "Here at most {n} adult comes with each child.",
        "Here at most {n} adults come with each child.",
        most,
    )


def _for_classes() -> Text:
    return _("This session is for school classes. Please choose another one.")


def _years_old(ages: Ages) -> Text:
    if ages.youngest == ages.oldest:
        return ngettext("{n} year old", "{n} years old", ages.oldest)
    return _("{low} to {high} years old", low=ages.youngest, high=ages.oldest)
