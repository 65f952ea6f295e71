"""Which change of state was made by whom, and does the record still stand as it was written?"""

import hashlib
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import col

from storage.db import Db
from storage.models import Audit
from storage.statements import Command, Query, scalar

FIRST_SEAL = "0" * 64
SEALED_AT_ONCE = 500


class Entry(NamedTuple):
    """One entry, as it is sealed."""

    id: int
    at: datetime
    person_id: int | None
    kind: str
    object_id: int
    action: str
    before: str
    after: str
    reason: str
    seal: str | None


_COLUMNS = [
    col(Audit.id), col(Audit.at), col(Audit.person_id), col(Audit.kind), col(Audit.object_id),
    col(Audit.action), col(Audit.before), col(Audit.after), col(Audit.reason), col(Audit.seal),
]  # fmt: skip
_NOTE = Command(
    insert(Audit).values(
        at=bindparam("at"),
        person_id=bindparam("person_id"),
        kind=bindparam("kind"),
        object_id=bindparam("object_id"),
        action=bindparam("action"),
        before=bindparam("before"),
        after=bindparam("after"),
        reason=bindparam("reason"),
    )
)
_OF_OBJECT = Query(
    select(*_COLUMNS)
    .where(col(Audit.kind) == bindparam("kind"), col(Audit.object_id) == bindparam("object_id"))
    .order_by(col(Audit.id)),
    into=Entry,
)
_EVERY = Query(select(*_COLUMNS).order_by(col(Audit.id)), into=Entry)
_LAST_SEAL = Query(
    select(col(Audit.seal))
    .where(col(Audit.seal).is_not(None))
    .order_by(col(Audit.id).desc())
    .limit(1),
    into=scalar,
)
# On PostgreSQL an id may be committed after a higher one: only what is old enough is sealed.
_OPEN = Query(
    select(*_COLUMNS)
    .where(col(Audit.seal).is_(None), col(Audit.at) < bindparam("before_at"))
    .order_by(col(Audit.id))
    .limit(bindparam("most", type_=None)),
    into=Entry,
)
_SEAL = Command(
    update(Audit)
    .where(col(Audit.id) == bindparam("the_id"), col(Audit.seal).is_(None))
    .values(seal=bindparam("new_seal"))
)


def note(
    db: Db,
    kind: str,
    object_id: int,
    action: str,
    now: datetime,
    *,
    person_id: int | None = None,
    before: str = "",
    after: str = "",
    reason: str = "",
) -> None:
    """Write down a change. `person_id` None: Kepu did it by itself. No name, no word of a child."""
    db.note(
        _NOTE,
        at=now,
        person_id=person_id,
        kind=kind,
        object_id=object_id,
        action=action,
        before=before,
        after=after,
        reason=reason,
    )


def of(db: Db, kind: str, object_id: int) -> list[Entry]:
    """Everything that was done to one thing, in order."""
    return db.all(_OF_OBJECT, kind=kind, object_id=object_id)


def seal(db: Db, before: datetime) -> int:
    """Seal the entries older than `before`, in order; how many. One process at a time."""
    last = db.first(_LAST_SEAL) or FIRST_SEAL
    entries = db.all(_OPEN, before_at=before, most=SEALED_AT_ONCE)
    for entry in entries:
        last = _sealed(entry, last)
        db.change(_SEAL, the_id=entry.id, new_seal=last)
    return len(entries)


def broken_at(db: Db) -> int | None:
    """The id of the first entry that is not as it was sealed; None when all are."""
    last = FIRST_SEAL
    for entry in db.all(_EVERY):
        if entry.seal is None:
            continue
        last = _sealed(entry, last)
        if entry.seal != last:
            return entry.id
    return None


def _sealed(entry: Entry, last: str) -> str:
    said = [last, entry.at.isoformat(), *(str(value) for value in (entry[0], *entry[2:9]))]
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()
