"""What did a family do at a base, and may it book one more visit there?"""

from collections.abc import Sequence
from datetime import timedelta

from handlers.booking import limits
from handlers.booking.limits import History
from handlers.here import Here
from handlers.profile.rules import Verdict
from storage import limits as counts
from storage.people import OfFamily
from storage.venues import Offered

OTHERS = limits.MONTH - timedelta(days=1)  # as far as another day shares a month with this one


def may_come_again(
    here: Here, offered: Offered, children: Sequence[OfFamily] = (), *, besides: int = 0
) -> Verdict:
    """Whether the family may book the session beside what it has; `besides` a visit it gives up.

    Under `counts.lock_family` the answer holds until the transaction ends.
    """
    history = _history(here, offered, children, besides)
    return limits.may_come_again(
        offered.terms, history, offered.local_date, offered.time_zone, here.now
    )


def may_bring(
    here: Here, offered: Offered, children: Sequence[OfFamily], *, besides: int
) -> Verdict:
    """Whether the children may come to the session, too, beside their visits but this one."""
    history = _history(here, offered, children, besides)
    return limits.may_bring(offered.terms, history, offered.local_date)


def _history(here: Here, offered: Offered, children: Sequence[OfFamily], besides: int) -> History:
    db, family_id, base_id, day = (
        here.db,
        here.speaker.family_id,
        offered.base_id,
        offered.local_date,
    )
    visits = counts.visits(db, family_id, base_id, day, here.now, besides=besides)
    return History(
        active=visits.active,
        on_day=visits.on_day,
        has_cancelled=visits.cancelled_on_day > 0,
        strikes=counts.strikes(db, family_id, base_id),
        of_children={
            child.nickname: counts.days_of(
                db, child.id, base_id, day - OTHERS, day + OTHERS, besides=besides
            )
            for child in children
            if child.id is not None
        },
    )
