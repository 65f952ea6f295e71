"""Whom does an operator let in, and as what?"""

from datetime import datetime

from handlers.messages import Refused
from handlers.texts import _
from storage import audit, codes, roles
from storage.db import Db
from storage.models import Duty, Purpose


def invite(db: Db, duty: Duty, base: str, now: datetime) -> str:
    """A one-use code for a role at a base, named in full; "" is every base. Raises Refused."""
    base_id = None
    if base:
        base_id = roles.base_named(db, base)
        if base_id is None:
            raise Refused(_("There is no base called {base}.", base=base))
    audit.note(db, "base", base_id or 0, "invited", now, after=duty)
    return codes.give(db, Purpose.INVITE, now, base_id=base_id, duty=duty)
