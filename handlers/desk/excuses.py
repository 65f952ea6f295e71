"""What becomes of a visit that counts against a family, when somebody objects?"""

from datetime import datetime, timedelta

from handlers.conversation.question import Option
from handlers.desk import rules, words
from handlers.desk.staff import require
from handlers.here import Here
from handlers.messages import Refused, command_token
from handlers.profile.actions import NotThere
from handlers.telling import tell_family
from handlers.texts import Text, _
from storage import audit, checkins, households, roles, strikes
from storage.db import Db
from storage.models import Appeal, Duty
from storage.strikes import Struck

DECIDED = _("Somebody has decided on this already.")
CAME_AFTER_ALL = "came"  # the reason in the record when a scan proves it


def until(struck: Struck) -> datetime:
    """Until when a family may object."""
    return struck.at + timedelta(days=struck.terms.appeal_days)


def object_to(here: Here, visit: str, said: str) -> None:
    """Object to a visit that counts against the family. Raises Refused with the reason why not."""
    struck = _struck(here.db, visit)
    if struck.family_id != here.speaker.family_id:
        raise NotThere
    why = rules.may_object(struck.appeal, until(struck), struck.time_zone, here.now)
    if why is None and not strikes.appeal(here.db, struck.id, said, here.now):
        why = DECIDED
    if why is not None:
        raise Refused(why)
    _note(here.db, struck, Appeal.OPEN, here.now, by=here.speaker.person_id)
    waits = _(
        "A family objects to a missed visit: {visit}. It waits for you under /today.",
        visit=words.struck_visit(struck),
    )
    look = Option(command_token("today"), _("Look at it"))
    for person_id in roles.staff_of(here.db, struck.base_id, Duty.COORDINATOR):
        family_id = households.family_of(here.db, person_id)
        assert family_id is not None
        tell_family(
            here.db,
            family_id,
            (waits, [look]),
            kind="objection",
            once_key=f"objection:{struck.id}",
            now=here.now,
            locale=here.home_locale,
            person_id=person_id,
        )


def decide(here: Here, visit: str, *, is_granted: bool) -> None:
    """Grant a family's objection or refuse it. Raises Refused when somebody did."""
    struck = _struck(here.db, visit)
    require(here, struck.base_id, Duty.COORDINATOR)
    if struck.appeal is not Appeal.OPEN:
        raise Refused(DECIDED)
    by = here.speaker.person_id
    if is_granted:
        done = excuse(here.db, struck, here.now, locale=here.home_locale, by=by)
    else:
        done = _settle(here.db, struck, Appeal.REFUSED, here.now, by=by)
        _tell(here.db, struck, words.upheld(struck), here.now, here.home_locale)
    if not done:
        raise Refused(DECIDED)


def excuse_session(here: Here, session: str, because: str) -> int:
    """Let no missed visit of a session count: the weather, or the base, was to blame. How many."""
    found = checkins.session(here.db, session)
    if found is None:
        raise NotThere
    require(here, found.base_id, Duty.COORDINATOR)
    excused = [
        excuse(
            here.db,
            struck,
            here.now,
            locale=here.home_locale,
            by=here.speaker.person_id,
            because=because,
        )
        for struck in strikes.of_session(here.db, session)
    ]
    return sum(excused)


def excuse(
    db: Db,
    struck: Struck,
    now: datetime,
    *,
    locale: str,
    by: int | None = None,
    because: str = "",
) -> bool:
    """Let a visit count no longer, and tell the family; False when it is decided since."""
    if not _settle(db, struck, Appeal.GRANTED, now, by=by, because=because):
        return False
    _tell(db, struck, words.excused(struck), now, locale)
    return True


def _settle(
    db: Db,
    struck: Struck,
    appeal: Appeal,
    now: datetime,
    *,
    by: int | None,
    because: str = "",
) -> bool:
    if not strikes.decide(db, struck, appeal, now):
        return False
    _note(db, struck, appeal, now, by=by, because=because)
    return True


def _note(
    db: Db, struck: Struck, after: Appeal, now: datetime, *, by: int | None, because: str = ""
) -> None:
    audit.note(
        db,
        "strike",
        struck.id,
        "appeal" if after is Appeal.OPEN else "decide",
        now,
        person_id=by,
        before=struck.appeal,
        after=after,
        reason=because,
    )


def _tell(db: Db, struck: Struck, text: Text, now: datetime, locale: str) -> None:
    tell_family(
        db,
        struck.family_id,
        (text, ()),
        kind="strike",
        once_key=f"decided:{struck.id}:{int(now.timestamp())}",
        now=now,
        locale=locale,
    )


def _struck(db: Db, visit: str) -> Struck:
    booking_id = checkins.find(db, public_id=visit)
    found = None if booking_id is None else strikes.of_visit(db, booking_id)
    if found is None:
        raise NotThere
    return found
