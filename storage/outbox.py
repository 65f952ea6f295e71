"""What has to be said, to whom and when, and what was said?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, func, or_, select
from sqlmodel import col

from storage.db import Db
from storage.models import Chat, Lane, Outbox, OutboxState
from storage.statements import Command, Query, scalar


class Shown(NamedTuple):
    """A message of a chat's history."""

    number: int
    payload: dict[str, Any]
    at: datetime


_PUT = Query(
    lambda insert: (
        insert(Outbox)
        .values(
            chat_id=bindparam("chat_id"),
            inbox_id=bindparam("inbox_id"),
            number=bindparam("number"),
            lane=bindparam("lane"),
            kind=bindparam("kind"),
            payload=bindparam("payload"),
            state=bindparam("state"),
            due_at=bindparam("due_at"),
            expires_at=bindparam("expires_at"),
            attempts=0,
            sent_at=bindparam("sent_at"),
            once_key=bindparam("once_key"),
        )
        .on_conflict_do_nothing(index_elements=["once_key"])
        .returning(col(Outbox.id))
    ),
    into=scalar,
)
_HISTORY = Query(
    select(col(Outbox.number), col(Outbox.payload), col(Outbox.sent_at))
    .join(Chat, col(Chat.id) == col(Outbox.chat_id))
    .where(
        col(Chat.channel) == bindparam("channel"),
        col(Chat.address) == bindparam("address"),
        col(Outbox.number) > bindparam("after"),
    )
    .order_by(col(Outbox.number).desc())
    .limit(bindparam("most", type_=None)),
    into=Shown,
)


_WAITING = Query(
    select(func.count(col(Outbox.id)), func.min(col(Outbox.due_at))).where(
        col(Outbox.state) == OutboxState.READY, col(Outbox.due_at) <= bindparam("now")
    ),
    into=lambda count, oldest: (count, oldest),
)
_FORGET = Command(
    delete(Outbox).where(
        col(Outbox.due_at) < bindparam("before"),
        or_(
            *(
                col(Outbox.state) == state
                for state in OutboxState
                if state not in (OutboxState.READY, OutboxState.SENDING, OutboxState.IN_DOUBT)
            )
        ),
    )
)


_STATE = Query(
    select(col(Outbox.state)).where(col(Outbox.once_key) == bindparam("once_key")), into=scalar
)


def was_tried(db: Db, once_key: str) -> bool:
    """Whether a message was sent, or failed to be; one that was never put was not."""
    state = db.first(_STATE, once_key=once_key)
    return state not in (None, OutboxState.READY, OutboxState.EXPIRED)


def put(
    db: Db,
    chat_id: int,
    message: dict[str, Any],
    *,
    kind: str,
    lane: Lane,
    due_at: datetime,
    once_key: str | None = None,
    expires_at: datetime | None = None,
) -> bool:
    """Have a message said at `due_at`; False when one with the same `once_key` was put before."""
    added = db.first(
        _PUT,
        chat_id=chat_id,
        inbox_id=None,
        number=None,
        lane=lane,
        kind=kind,
        payload=message,
        state=OutboxState.READY,
        due_at=due_at,
        expires_at=expires_at,
        sent_at=None,
        once_key=once_key,
    )
    db.has_news = db.has_news or added is not None
    return added is not None


def reply(
    db: Db,
    chat_id: int,
    inbox_id: int,
    messages: Sequence[dict[str, Any]],
    now: datetime,
    *,
    is_shown: bool,
) -> None:
    """Store the answer to an event: to be sent, or shown at once where storing is delivering.

    A shown message carries its number already; others get none.
    """
    for message in messages:
        db.note(
            _PUT,
            chat_id=chat_id,
            inbox_id=inbox_id,
            number=message["number"] if is_shown else None,
            lane=Lane.REPLY,
            kind="reply",
            payload=message,
            state=OutboxState.SENT if is_shown else OutboxState.READY,
            due_at=now,
            expires_at=None,
            sent_at=now if is_shown else None,
            once_key=None,
        )


def history(db: Db, channel: str, address: str, after: int, most: int = 200) -> list[Shown]:
    """The newest `most` messages shown in a chat after number `after`, oldest first."""
    newest_first = db.all(_HISTORY, channel=channel, address=address, after=after, most=most)
    return newest_first[::-1]


def waiting(db: Db, now: datetime) -> tuple[int, datetime | None]:
    """How many messages are due, and since when the oldest of them is."""
    return db.first(_WAITING, now=now) or (0, None)


def forget(db: Db, before: datetime) -> int:
    """Drop messages settled and older than `before`; how many."""
    return db.change(_FORGET, before=before)
