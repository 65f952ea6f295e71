"""What did a family do at a base, and may it book one more visit there?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from handlers.booking import limits
from handlers.booking.limits import History
from handlers.here import Here
from handlers.profile.rules import Verdict
from storage import limits as counts
from storage.db import Later
from storage.people import OfFamily
from storage.venues import Offered

# As far back as another day shares a month with one ahead, in any time zone.
OTHERS = limits.MONTH + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a family did at the base of a session, read later."""

    visits: Later[counts.Visits]
    days: Later[counts.Day] | None  # None: no child that is known comes along


def ask(here: Here, session: str, *, of_children: bool, besides: int = 0) -> Asked:
    """Ask for it; `besides` a visit that the family gives up.

    Under `counts.lock_family` the answer holds until the transaction ends.
    """
    db, family_id = here.db, here.speaker.family_id
    first = here.now.date() - OTHERS
    return Asked(
        counts.ask_visits(db, family_id, session, here.now, besides=besides),
        counts.ask_days(db, family_id, session, first, besides=besides) if of_children else None,
    )


def may_come_again(
    here: Here,
    offered: Offered,
    children: Sequence[OfFamily] = (),
    *,
    besides: int = 0,
    asked: Asked | None = None,
) -> Verdict:
    """Whether the family may book the session beside what it has; `asked`: what was asked before.

    `besides`, and what holds how long: as `ask` has it.
    """
    history = _history(here, offered, children, besides, asked)
    return limits.may_come_again(
        offered.terms, history, offered.local_date, offered.time_zone, here.now
    )


def may_bring(
    here: Here, offered: Offered, children: Sequence[OfFamily], *, besides: int
) -> Verdict:
    """Whether the children may come to the session, too, beside their visits but this one."""
    history = _history(here, offered, children, besides, None)
    return limits.may_bring(offered.terms, history, offered.local_date)


def _history(
    here: Here,
    offered: Offered,
    children: Sequence[OfFamily],
    besides: int,
    asked: Asked | None,
) -> History:
    are_known = any(child.id is not None for child in children)
    asked = asked or ask(here, offered.public_id, of_children=are_known, besides=besides)
    visits = asked.visits.first()
    assert visits is not None
    days = asked.days.all() if asked.days is not None else []
    return History(
        active=visits.active,
        on_day=visits.on_day,
        has_cancelled=visits.cancelled_on_day > 0,
        strikes=counts.strikes(here.db, here.speaker.family_id, offered.base_id)
        if visits.strikes
        else (),
        of_children={
            child.nickname: [each.day for each in days if each.child_id == child.id]
            for child in children
            if child.id is not None
        },
    )
