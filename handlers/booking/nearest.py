"""Which sessions would do instead of one?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from handlers.booking import rules
from handlers.profile.rules import No

SUGGESTED_MAX = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A session that may be suggested in place of another."""

    session: rules.Session
    key: int  # by which whoever asks knows it again
    places_left: int
    is_same_course: bool
    is_same_base: bool


def nearest(
    candidates: Iterable[Candidate], wanted: rules.Session, party: rules.Party | None, now: datetime
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


def _fits(candidate: Candidate, party: rules.Party | None, now: datetime) -> bool:
    session = candidate.session
    if isinstance(rules.may_book(session, now, has_visit=False), No):
        return False
    if party is None:
        return candidate.places_left >= rules.smallest_party(session)
    does_fit = candidate.places_left >= rules.places(session, party)
    return does_fit and not isinstance(rules.may_come(session, party), No)
