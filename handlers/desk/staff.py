"""Who is at the desk, and what may they do there?"""

from dataclasses import dataclass
from datetime import datetime

from handlers.desk import words
from handlers.here import Here
from handlers.messages import Refused
from storage import roles
from storage.db import Db
from storage.models import Duty
from storage.roles import Served


class NotStaff(Refused):
    """Somebody who has no such duty there, or has it no longer."""

    def __init__(self) -> None:
        super().__init__(words.NOT_STAFF)


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody at a desk with a device, the bases it is for, and the open transaction."""

    db: Db
    person_id: int
    device: str
    bases: frozenset[int]
    now: datetime
    home_locale: str = "zh_CN"  # of families who are told something and never named a language


def desk_of(here: Here) -> Desk:
    """The desk at which whoever talks works, for all their bases. Raises NotStaff."""
    who = here.speaker
    served = frozenset(each.id for each in bases(here))
    if not served:
        raise NotStaff
    return Desk(here.db, who.person_id, who.channel, served, here.now, here.home_locale)


def bases(here: Here, at_least: Duty = Duty.DESK) -> list[Served]:
    """The bases where whoever talks may do that."""
    return roles.bases_of(here.db, here.speaker.person_id, at_least)


def base(here: Here, public_id: str, at_least: Duty = Duty.DESK) -> Served:
    """One of these bases. Raises NotStaff."""
    found = next((each for each in bases(here, at_least) if each.public_id == public_id), None)
    if found is None:
        raise NotStaff
    return found


def require(here: Here, base_id: int, at_least: Duty) -> None:
    """Raise NotStaff when whoever talks may not do that there."""
    duty = roles.duty_at(here.db, here.speaker.person_id, base_id)
    if not roles.is_enough(duty, at_least):
        raise NotStaff
