"""What does a test need that it is not about? A function a thing, every field open to change."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlmodel import col

from handlers.here import Here, Speaker
from handlers.profile.consent import VERSION
from storage import pools
from storage.db import Db
from storage.models import (
    Audience,
    Base,
    Booking,
    BookingChild,
    BookingState,
    Chat,
    Child,
    Consent,
    Course,
    Family,
    Person,
    Policy,
    Pool,
    PoolName,
    Session,
    Terms,
)
from storage.statements import Query, scalar

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # a Sunday, 10:00 in Shanghai
SATURDAY = date(2026, 11, 28)
SHANGHAI = ZoneInfo("Asia/Shanghai")

_numbers = itertools.count(1)
_POOL = Query(
    select(col(Pool.id)).where(
        col(Pool.session_id) == bindparam("session"), col(Pool.name) == PoolName.FAMILY
    ),
    into=scalar,
)


def public_id() -> str:
    """A public id, another one each time."""
    return f"{next(_numbers):032x}"


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of day in Shanghai."""
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def a_family(db: Db, **fields: Any) -> int:
    """A stored family; its id."""
    return db.insert(Family(**{"created_at": NOW, **fields}))


def a_person(db: Db, **fields: Any) -> int:
    """A stored person, in a family of their own unless `family_id` says another; their id."""
    family_id = fields.pop("family_id", None) or a_family(db)
    defaults = {"public_id": public_id(), "family_id": family_id, "created_at": NOW}
    return db.insert(Person(**{**defaults, **fields}))


def a_chat(db: Db, **fields: Any) -> int:
    """A stored chat, of a person of its own unless `person_id` says another; its id."""
    person_id = fields.pop("person_id", None) or a_person(db)
    defaults = {"channel": "web", "address": public_id(), "person_id": person_id}
    return db.insert(Chat(**{**defaults, "last_heard_at": NOW, **fields}))


def a_child(db: Db, family_id: int, **fields: Any) -> int:
    """A stored child of `family_id`, eight years old in autumn 2026; its id."""
    defaults = {"public_id": public_id(), "nickname": "豆豆", "birth_month": "2018-05"}
    return db.insert(Child(**{**defaults, "family_id": family_id, "created_at": NOW, **fields}))


def a_consent(db: Db, person_id: int, **fields: Any) -> int:
    """A stored consent to keep details of children; its id."""
    defaults = {"purpose": "children", "version": VERSION, "text_hash": "0" * 64}
    answer = {"is_given": True, "channel": "web", "at": NOW}
    return db.insert(Consent(**{**defaults, **answer, "person_id": person_id, **fields}))


def here(db: Db, *, now: datetime = NOW, locale: str = "en", **speaker: Any) -> Here:
    """Somebody who talks, somebody new unless `person_id` and `family_id` say who."""
    if "person_id" not in speaker:
        speaker.setdefault("family_id", a_family(db))
        speaker["person_id"] = a_person(db, family_id=speaker["family_id"])
    if "chat_id" not in speaker:
        speaker["chat_id"] = a_chat(db, person_id=speaker["person_id"])
    who = {"channel": "web", "address": "li", "locale": locale}
    return Here(db, Speaker(**{**who, **speaker}), now)


def later(someone: Here, **time_passed: float) -> Here:
    """The same person after some time: `later(li, days=1)`."""
    return replace(someone, now=someone.now + timedelta(**time_passed))


def a_parent(db: Db, children: Sequence[str] = (), **fields: Any) -> Here:
    """Somebody who talks, with children of these nicknames and consent for them."""
    parent = here(db, **fields)
    if children:
        a_consent(db, parent.speaker.person_id)
    for nickname in children:
        a_child(db, parent.speaker.family_id, nickname=nickname)
    return parent


def a_base(db: Db, **fields: Any) -> int:
    """A stored base with a policy of version 1; its id."""
    rules = {name: fields.pop(name) for name in (*Terms.model_fields,) if name in fields}
    number = next(_numbers)
    base_id = db.insert(Base(**{"public_id": public_id(), "name": f"科技馆 {number}", **fields}))
    terms = Terms(**rules)
    db.insert(Policy(base_id=base_id, version=1, effective_from=NOW, terms=terms))
    return base_id


def a_course(db: Db, **fields: Any) -> int:
    """A stored course; its id."""
    return db.insert(
        Course(**{"public_id": public_id(), "name": f"课程 {next(_numbers)}", **fields})
    )


def a_session(db: Db, **fields: Any) -> int:
    """A stored session with its families' pool, on a Saturday at ten, for everybody; its id.

    `taken` of its places are confirmed; `local_date` and `hour` say when it starts.
    """
    taken = fields.pop("taken", 0)
    starts_at = at(fields.get("local_date", SATURDAY), fields.pop("hour", 10))
    defaults: dict[str, Any] = {
        "public_id": public_id(),
        "code": f"S-{next(_numbers)}",
        "local_date": starts_at.date(),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "capacity": 40,
        "party_max": 5,
        "audience": Audience.PUBLIC,
        "min_age": 0,
        "max_age": 99,
        "is_accompanied": False,
        "release_at": NOW - timedelta(days=1),
        "cancel_until": starts_at - timedelta(hours=14),
    }
    values = {**defaults, **fields}
    for name, builder in (("base_id", a_base), ("course_id", a_course)):
        if name not in values:
            values[name] = builder(db)
    session_id = db.insert(Session(**values))
    pool = Pool(
        session_id=session_id, name=PoolName.FAMILY, capacity=values["capacity"], confirmed=taken
    )
    db.insert(pool)
    return session_id


def a_booking(db: Db, session_id: int, parent: Here, **fields: Any) -> int:
    """A stored visit of one adult, its places taken from the pool; its id.

    `child_ids` says which children come.
    """
    child_ids = fields.pop("child_ids", ())
    pool_id = db.first(_POOL, session=session_id)
    assert pool_id is not None
    defaults: dict[str, Any] = {
        "public_id": public_id(),
        "code": f"{next(_numbers):08}",
        "state": BookingState.CONFIRMED,
        "adults": 1,
        "children": len(child_ids),
        "policy_version": 1,
        "channel": "web",
        "created_at": parent.now,
        "changed_at": parent.now,
    }
    who = {"family_id": parent.speaker.family_id, "person_id": parent.speaker.person_id}
    where = {"session_id": session_id, "pool_id": pool_id}
    booking = Booking(**{**defaults, **who, **where, **fields})
    booking_id = db.insert(booking)
    assert pools.take(db, pool_id, booking.adults + booking.children)
    for child_id in child_ids:
        db.insert(BookingChild(booking_id=booking_id, child_id=child_id, session_id=session_id))
    return booking_id
