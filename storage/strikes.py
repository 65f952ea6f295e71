"""Which visits count against a family at a base, and what does it say to that?"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, insert, select, update
from sqlmodel import col

from storage.db import Db
from storage.failpoints import is_off
from storage.models import Appeal, Base, Booking, Course, Policy, Session, Strike, StrikeKind, Terms
from storage.statements import Command, Query, scalar


class Struck(NamedTuple):
    """A strike, with the visit it is for."""

    id: int
    booking_id: int
    visit: str  # its public id
    code: str
    family_id: int
    base_id: int
    kind: StrikeKind
    at: datetime
    appeal: Appeal
    words: str
    people: int
    course: str
    base: str
    starts_at: datetime
    time_zone: str
    session: str  # its public id
    terms: Terms


_STRUCK = (
    select(
        col(Strike.id), col(Strike.booking_id), col(Booking.public_id), col(Booking.code),
        col(Strike.family_id), col(Strike.base_id), col(Strike.kind), col(Strike.at),
        col(Strike.appeal), col(Strike.appeal_words), col(Booking.adults) + col(Booking.children),
        col(Course.name), col(Base.name), col(Session.starts_at), col(Base.time_zone),
        col(Session.public_id), col(Policy.terms),
    )
    .select_from(Strike)
    .join(Booking, col(Booking.id) == col(Strike.booking_id))
    .join(Session, col(Session.id) == col(Booking.session_id))
    .join(Course, col(Course.id) == col(Session.course_id))
    .join(Base, col(Base.id) == col(Strike.base_id))
    .join(
        Policy,
        (col(Policy.base_id) == col(Strike.base_id))
        & (col(Policy.version) == col(Booking.policy_version)),
    )
)  # fmt: skip
_OF_VISIT = Query(_STRUCK.where(col(Strike.booking_id) == bindparam("booking")), into=Struck)


def _by(*where: ColumnElement[bool]) -> Query[Struck]:
    return Query(_STRUCK.where(*where).order_by(col(Strike.at), col(Strike.id)), into=Struck)


_COUNTS = col(Strike.appeal) != Appeal.GRANTED
_OF_FAMILY = _by(
    col(Strike.family_id) == bindparam("family"), col(Strike.at) > bindparam("since"), _COUNTS
)
_OPEN = _by(col(Strike.base_id) == bindparam("base"), col(Strike.appeal) == Appeal.OPEN)
_RECENT = _by(
    col(Strike.base_id) == bindparam("base"), col(Strike.at) > bindparam("since"), _COUNTS
)
_OF_SESSION = _by(
    col(Session.public_id) == bindparam("session"),
    col(Strike.kind) == StrikeKind.NO_SHOW,
    _COUNTS,
)
_WHOSE = Query(
    select(col(Session.base_id), col(Booking.family_id))
    .join(Session, col(Session.id) == col(Booking.session_id))
    .where(col(Booking.id) == bindparam("booking")),
    into=lambda base, family: (int(base), int(family)),
)
_NEW = {
    "booking_id": bindparam("booking_id"),
    "base_id": bindparam("base_id"),
    "family_id": bindparam("family_id"),
    "kind": bindparam("kind"),
    "at": bindparam("at"),
    "appeal": Appeal.NONE,
    "appeal_words": "",
}
_ADD_ANY = Command(insert(Strike).values(_NEW))  # only a control of the invariants runs it
_ADD = Query(
    lambda insert: (
        insert(Strike)
        .values(_NEW)
        .on_conflict_do_nothing(index_elements=["booking_id"])
        .returning(col(Strike.id))
    ),
    into=scalar,
)
_APPEAL = Command(
    update(Strike)
    .where(col(Strike.id) == bindparam("the_id"), col(Strike.appeal) == Appeal.NONE)
    .values(
        appeal=Appeal.OPEN,
        appeal_words=bindparam("new_words"),
        appealed_at=bindparam("new_appealed_at"),
    )
)
_DECIDE = Command(
    update(Strike)
    .where(col(Strike.id) == bindparam("the_id"), col(Strike.appeal) == bindparam("from_appeal"))
    .values(appeal=bindparam("new_appeal"), decided_at=bindparam("new_decided_at"))
)
_FORGET_WORDS = Command(
    update(Strike)
    .where(
        col(Strike.appeal_words) != "",
        col(Strike.decided_at) < bindparam("before"),
    )
    .values(appeal_words="")
)
_FORGET_FAMILY = Command(
    update(Strike).where(col(Strike.family_id) == bindparam("family")).values(appeal_words="")
)


def add(db: Db, booking_id: int, kind: StrikeKind, now: datetime) -> bool:
    """Let a visit count against its family, once; False when it does already."""
    whose = db.first(_WHOSE, booking=booking_id)
    assert whose is not None
    base_id, family_id = whose
    strike = {"base_id": base_id, "family_id": family_id, "kind": kind, "at": now}
    if is_off("strike_once"):
        db.change_many(_ADD_ANY, [{"booking_id": booking_id, **strike}] * 2)
        return True
    return db.first(_ADD, booking_id=booking_id, **strike) is not None


def of_family(db: Db, family_id: int, since: datetime) -> list[Struck]:
    """What counts against a family since then, the earliest first."""
    return db.all(_OF_FAMILY, family=family_id, since=since)


def of_visit(db: Db, booking_id: int) -> Struck | None:
    """What a visit counts as against its family, be it excused."""
    return db.first(_OF_VISIT, booking=booking_id)


def objections(db: Db, base_id: int) -> list[Struck]:
    """What families object to at a base, undecided, the earliest first."""
    return db.all(_OPEN, base=base_id)


def recent(db: Db, base_id: int, since: datetime) -> list[Struck]:
    """What counts against families at a base since then, the earliest first."""
    return db.all(_RECENT, base=base_id, since=since)


def of_session(db: Db, public_id: str) -> Sequence[Struck]:
    """The missed visits of a session that count."""
    return db.all(_OF_SESSION, session=public_id)


def appeal(db: Db, strike_id: int, words: str, now: datetime) -> bool:
    """Keep a family's objection, once; False when there was one, or it is decided."""
    return db.change(_APPEAL, the_id=strike_id, new_words=words, new_appealed_at=now) == 1


def decide(db: Db, struck: Struck, appeal: Appeal, now: datetime) -> bool:
    """Say what becomes of a strike; False when somebody did since it was read."""
    changed = db.change(
        _DECIDE,
        the_id=struck.id,
        from_appeal=struck.appeal,
        new_appeal=appeal,
        new_decided_at=now,
    )
    return changed == 1


def forget_words(db: Db, decided_before: datetime) -> int:
    """Drop the words of objections decided long enough ago; how many."""
    return db.change(_FORGET_WORDS, before=decided_before)


def forget_family(db: Db, family_id: int) -> None:
    """Drop everything that a family said of its strikes."""
    db.change(_FORGET_FAMILY, family=family_id)
