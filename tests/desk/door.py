"""What happens at a door, for a test that works in one transaction?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from handlers.booking import seal
from handlers.desk.actions import Scan
from handlers.desk.staff import Desk
from handlers.here import Here
from storage import audit
from storage.db import Db
from storage.models import Booking, Duty, Role
from tests.builders import NOW, SATURDAY, a_base, a_booking, a_parent, a_person, a_session, at
from tests.stored import rows

TEN = at(SATURDAY, 10)
CODE = "K7MW2QRT"
KEY = seal.key_of("a key that nobody knows, of 32 characters")


def a_role(db: Db, person_id: int, base_id: int | None, duty: Duty = Duty.DESK) -> int:
    """A duty that somebody has at a base."""
    return db.insert(Role(person_id=person_id, base_id=base_id, duty=duty, granted_at=NOW))


class Door:
    """A session at ten, a party of three with the code K7MW-2QRT, and somebody at the desk."""

    def __init__(self, db: Db, **fields: Any) -> None:
        self.db = db
        booking = {"code": CODE, "adults": 2, "children": 1, **fields.pop("booking", {})}
        self.base_id = a_base(db, name="天文馆", **fields)
        self.session_id = a_session(db, base_id=self.base_id)
        self.family = a_parent(db)
        self.booking_id = a_booking(db, self.session_id, self.family, **booking)
        self.person_id = a_person(db)
        a_role(db, self.person_id, self.base_id)

    def desk(self, now: datetime = TEN, device: str = "web") -> Desk:
        """The desk at a moment."""
        return Desk(self.db, self.person_id, device, frozenset({self.base_id}), now, "en")

    def scan(self, scan_id: str = "s1", minutes: int = 0, **fields: Any) -> Scan:
        """The party's code typed, so many minutes after ten."""
        made = Scan(scan_id, CODE, TEN + timedelta(minutes=minutes))
        return replace(made, **fields)

    @property
    def visit(self) -> Booking:
        """The booking as it is now."""
        return next(each for each in rows(self.db, Booking) if each.id == self.booking_id)

    def audited(self) -> list[tuple[str, str, str, str]]:
        """What was noted of the booking: action, before, after, reason."""
        entries = audit.of(self.db, "booking", self.booking_id)
        return [(each.action, each.before, each.after, each.reason) for each in entries]


def at_ten(someone: Here) -> Here:
    """The same person when the session starts."""
    return replace(someone, now=TEN)
