"""Was this event heard before, and what was answered?"""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlmodel import col

from storage.db import Db, Later
from storage.failpoints import is_off
from storage.models import Inbox, Outbox
from storage.statements import Command, Query, scalar

_ACCEPT = Query(
    lambda insert: (
        insert(Inbox)
        .values(channel=bindparam("channel"), event_id=bindparam("event_id"), at=bindparam("at"))
        .on_conflict_do_nothing(index_elements=["channel", "event_id"])
        .returning(col(Inbox.id))
    ),
    into=scalar,
)
_WAS_HEARD = Query(
    select(col(Inbox.id)).where(
        col(Inbox.channel) == bindparam("channel"), col(Inbox.event_id) == bindparam("event_id")
    ),
    into=scalar,
)
_ANSWERS = Query(
    select(col(Outbox.payload))
    .join(Inbox, col(Inbox.id) == col(Outbox.inbox_id))
    .where(col(Inbox.channel) == bindparam("channel"), col(Inbox.event_id) == bindparam("event_id"))
    .order_by(col(Outbox.id)),
    into=scalar,
)
_BURY = Command(
    update(Inbox)
    .where(col(Inbox.id) == bindparam("inbox"))
    .values(dead_words=bindparam("words"), dead_error=bindparam("error"))
)
_DEAD = Query(
    select(func.count(col(Inbox.id))).where(col(Inbox.dead_error).is_not(None)), into=scalar
)
_FORGET_WORDS = Command(
    update(Inbox)
    .where(col(Inbox.at) < bindparam("before"), col(Inbox.dead_words).is_not(None))
    .values(dead_words=None)
)


def accept(db: Db, channel: str, event_id: str, at: datetime) -> Later[int]:
    """Note an event; the id of its row, or None when it was heard before."""
    if is_off("dedupe_off"):  # only a control of the kill tests hears every event as a new one
        event_id = f"{event_id}~{secrets.token_hex(4)}"
    return db.later(_ACCEPT, channel=channel, event_id=event_id, at=at)


def was_heard(db: Db, channel: str, event_id: str) -> bool:
    """Whether an event was heard, and that is stored."""
    return db.first(_WAS_HEARD, channel=channel, event_id=event_id) is not None


def answers(db: Db, channel: str, event_id: str) -> list[dict[str, Any]]:
    """What was answered to an event heard before, as stored messages in their order."""
    return db.all(_ANSWERS, channel=channel, event_id=event_id)


def bury(db: Db, inbox_id: int, words: str, error: str) -> None:
    """Keep an event whose turn met a bug, with its words, for whoever mends it."""
    db.change(_BURY, inbox=inbox_id, words=words[:2000], error=error[:200])


def dead_letters(db: Db) -> int:
    """How many events are kept because their turn met a bug."""
    return db.first(_DEAD) or 0


def forget_words(db: Db, before: datetime) -> int:
    """Drop the words of dead letters older than `before`; how many."""
    return db.change(_FORGET_WORDS, before=before)
