"""How often may a family come to a base, and what does missing a visit bring?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.profile.rules import YES, No, Verdict
from handlers.texts import Clock, Day, Text, _, ngettext
from storage.models import Terms

MONTH = timedelta(days=30)
SEASON = timedelta(days=180)  # from here on a day without its year may be taken for another


@dataclass(frozen=True, slots=True)
class History:
    """What a family did at one base, besides the visit it asks for."""

    active: int = 0  # visits booked and not over
    on_day: int = 0  # visits on the day it asks for
    has_cancelled: bool = False  # a visit of that day
    strikes: Sequence[datetime] = ()  # that count
    of_children: Mapping[str, Sequence[date]] = field(default_factory=dict)  # by nickname: the days


def may_come_again(terms: Terms, history: History, day: date, zone: str, now: datetime) -> Verdict:
    """Whether a family with such a history may book one more visit on `day`."""
    why = (
        _banned(terms, history, zone, now)
        or _too_many_visits(terms, history, day)
        or _too_often(terms, history, day)
    )
    return YES if why is None else No(why)


def may_bring(terms: Terms, history: History, day: date) -> Verdict:
    """Whether the children of such a history may come on `day`."""
    why = _too_often(terms, history, day)
    return YES if why is None else No(why)


def banned_until(strikes: Sequence[datetime], terms: Terms, now: datetime) -> datetime | None:
    """Until when nothing can be booked; None when it can. One step of the ladder a missed visit.

    A strike counts with those of the window before it: what was reached once stays its length.
    """
    window = timedelta(days=terms.strike_window_days)
    times = sorted(strikes)
    ends = [
        at + timedelta(days=days)
        for at in times
        if (days := _days(terms, sum(at - window < other <= at for other in times)))
    ]
    until = max(ends, default=now)
    return until if until > now else None


def _days(terms: Terms, strikes: int) -> int:
    """For how long so many strikes keep a family away."""
    steps = [step for step in terms.ladder if step.strikes <= strikes]
    return max(steps, key=lambda step: step.strikes).days if steps else 0


def _banned(terms: Terms, history: History, zone: str, now: datetime) -> Text | None:
    until = banned_until(history.strikes, terms, now)
    if until is None:
        return None
    return ngettext(
        "You missed {n} visit here, so you can book again from {day} {time}. "
        "If that is not right, type “my visits”.",
        "You missed {n} visits here, so you can book again from {day} {time}. "
        "If that is not right, type “my visits”.",
        len(history.strikes),
        day=_day(until.astimezone(ZoneInfo(zone)).date(), now),
        time=Clock(until, zone),
    )


def _day(day: date, now: datetime) -> Day | str:
    """A day that may be far away: then with its year."""
    return Day(day) if day - now.date() < SEASON else day.isoformat()


def _too_many_visits(terms: Terms, history: History, day: date) -> Text | None:
    if terms.visits_active is not None and history.active >= terms.visits_active:
        return ngettext(
            "You hold {n} visit here already; cancel or move it first: “my visits”.",
            "You hold {n} visits here already; cancel or move one first: “my visits”.",
            history.active,
        )
    if terms.visits_per_day is not None and history.on_day >= terms.visits_per_day:
        return ngettext(
            "You have {n} visit here on {day} already; choose another day, or move it: "
            "“my visits”.",
            "You have {n} visits here on {day} already; choose another day, or move one: "
            "“my visits”.",
            history.on_day,
            day=Day(day),
        )
    if history.has_cancelled and not terms.rebook_same_day:
        return _(
            "You cancelled a visit of {day}, and this base gives no other on that day. "
            "Please choose another day.",
            day=Day(day),
        )
    return None


def _too_often(terms: Terms, history: History, day: date) -> Text | None:
    for child, days in history.of_children.items():
        if terms.visits_per_child_day is not None and days.count(day) >= terms.visits_per_child_day:
            return _(
                "{child} has a visit here on {day} already. Please choose another day.",
                child=child,
                day=Day(day),
            )
        most = terms.visits_per_child_30_days
        if most is not None and _most_in_a_month(days, day) >= most:
            return ngettext(
                "A child may come here {n} time in 30 days, and {child} does already.",
                "A child may come here {n} times in 30 days, and {child} does already.",
                most,
                child=child,
            )
    return None


def _most_in_a_month(days: Sequence[date], day: date) -> int:
    """The most of `days` in any thirty days that `day` is one of."""
    firsts = [first for first in (*days, day) if day - MONTH < first <= day]
    return max(sum(first <= each < first + MONTH for each in days) for first in firsts)
