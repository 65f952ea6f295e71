"""How many places does a family see, when some are kept for the green channel it belongs to?"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from handlers.here import Here
from storage import green
from storage.venues import Offered, OpenDay

DAY = timedelta(days=1)


def days(here: Here, base: str, found: Sequence[OpenDay]) -> list[OpenDay]:
    """Days of a base with all the places that this family can have."""
    from_day = here.now.date() - DAY
    kept: Counter[object] = Counter()
    for each in green.of_base(here.db, here.speaker.family_id, base, from_day, here.now):
        kept[each.day] += each.places_left
    return [each._replace(places_left=each.places_left + kept[each.day]) for each in found]


def sessions(here: Here, base: str, found: Sequence[Offered]) -> list[Offered]:
    """A day's sessions with the places that one party of this family can have: of one pool."""
    if not found:
        return []
    kept = {
        each.session_id: each.places_left
        for each in green.of_base(
            here.db, here.speaker.family_id, base, found[0].local_date, here.now
        )
    }
    return [
        each._replace(places_left=max(each.places_left, kept.get(each.id, 0))) for each in found
    ]
