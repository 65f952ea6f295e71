"""What does a test need that it is not about? A function a thing, every field open to change."""

import itertools
from datetime import UTC, datetime
from typing import Any

from storage.db import Db
from storage.models import Chat, Child, Family, Person

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # a Sunday, 10:00 in Shanghai

_numbers = itertools.count(1)


def public_id() -> str:
    """A public id, another one each time."""
    return f"{next(_numbers):032x}"


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
