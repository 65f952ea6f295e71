"""What has to be said, to whom, when, and what became of it?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, delete, func, or_, select, update
from sqlmodel import col

from storage.columns import Instant
from storage.db import Db
from storage.models import Chat, Lane, Outbox, OutboxState
from storage.statements import Command, Query, scalar

RESENT_ONCE = ("reply", "confirmation", "urgent")  # kinds sent again when their fate is unknown
LEASE_SECONDS = 60  # more than connecting, writing and reading may take together


class Claimed(NamedTuple):
    """A message taken for sending; `attempt` proves whose outcome may be recorded."""

    id: int
    attempt: int
    kind: str
    lane: Lane
    payload: dict[str, Any]
    chat_id: int
    address: str


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


_DUE = Query(
    select(
        col(Outbox.id),
        col(Outbox.attempts) + 1,
        col(Outbox.kind),
        col(Outbox.lane),
        col(Outbox.payload),
        col(Outbox.chat_id),
        col(Chat.address),
    )
    .join(Chat, col(Chat.id) == col(Outbox.chat_id))
    .where(
        col(Chat.channel) == bindparam("channel"),
        col(Outbox.state) == OutboxState.READY,
        col(Outbox.due_at) <= bindparam("now"),
        col(Outbox.lane) <= bindparam("lowest_lane"),
    )
    .order_by(col(Outbox.lane), col(Outbox.due_at), col(Outbox.id))
    .limit(bindparam("most", type_=None))
    .with_for_update(of=Outbox, skip_locked=True),
    into=Claimed,
)
_CLAIM = Command(
    update(Outbox)
    .where(col(Outbox.id) == bindparam("row"), col(Outbox.state) == OutboxState.READY)
    .values(
        state=OutboxState.SENDING,
        attempts=bindparam("attempt"),
        claimed_at=bindparam("new_claimed_at"),
    )
)
_RECORD = Command(
    update(Outbox)
    .where(
        col(Outbox.id) == bindparam("row"),
        col(Outbox.state) == OutboxState.SENDING,
        col(Outbox.attempts) == bindparam("attempt"),
    )
    .values(
        state=bindparam("new_state"),
        sent_at=bindparam("new_sent_at"),
        due_at=func.coalesce(bindparam("new_due_at", type_=Instant()), col(Outbox.due_at)),
        attempts=col(Outbox.attempts) - bindparam("uncounted", type_=None),
        external_id=bindparam("new_external_id"),
        error=bindparam("new_error"),
    )
)
_EXPIRE = Command(
    update(Outbox)
    .where(col(Outbox.state) == OutboxState.READY, col(Outbox.expires_at) <= bindparam("now"))
    .values(state=OutboxState.EXPIRED)
)
_SETTLE = Command(
    update(Outbox)
    .where(col(Outbox.state) == OutboxState.SENDING, col(Outbox.claimed_at) < bindparam("before"))
    .values(
        state=case(
            (
                or_(*(col(Outbox.kind) == kind for kind in RESENT_ONCE))
                & (col(Outbox.attempts) < 2),
                OutboxState.READY.value,
            ),
            else_=OutboxState.IN_DOUBT.value,
        )
    )
)
_SHOW = Command(
    update(Outbox)
    .where(col(Outbox.id) == bindparam("row"), col(Outbox.state) == OutboxState.READY)
    .values(
        state=OutboxState.SENT, number=bindparam("new_number"), sent_at=bindparam("new_sent_at")
    )
)
_WAITING = Query(
    select(func.count(col(Outbox.id)), func.min(col(Outbox.due_at))).where(
        col(Outbox.state) == OutboxState.READY, col(Outbox.due_at) <= bindparam("now")
    ),
    into=lambda count, oldest: (count, oldest),
)
_UNREACHABLE = Command(
    update(Chat).where(col(Chat.id) == bindparam("chat")).values(is_reachable=False)
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
        db.first(
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


def claim(
    db: Db, channel: str, now: datetime, most: int, lowest: Lane = Lane.ANNOUNCEMENT
) -> list[Claimed]:
    """Take up to `most` due messages for sending, replies first; lanes below `lowest` wait."""
    due = db.all(_DUE, channel=channel, now=now, most=most, lowest_lane=lowest)
    return [
        row
        for row in due
        if db.change(_CLAIM, row=row.id, attempt=row.attempt, new_claimed_at=now) == 1
    ]


def record(
    db: Db,
    claimed: Claimed,
    state: OutboxState,
    now: datetime,
    *,
    external_id: str | None = None,
    error: str | None = None,
    again_at: datetime | None = None,
    is_counted: bool = True,
) -> bool:
    """Note what became of a message taken by `claim`; False when it was settled meanwhile.

    With `again_at` it is due again then; an attempt not counted (a flood limit) costs nothing.
    """
    return (
        db.change(
            _RECORD,
            row=claimed.id,
            attempt=claimed.attempt,
            new_state=state,
            new_sent_at=now if state is OutboxState.SENT else None,
            new_due_at=again_at,
            uncounted=0 if is_counted else 1,
            new_external_id=external_id,
            new_error=error,
        )
        == 1
    )


def show_due(db: Db, channel: str, now: datetime, next_number: Any, most: int = 200) -> list[str]:
    """Show what is due in a channel where storing is delivering; the addresses that have news."""
    addresses = []
    for row in db.all(_DUE, channel=channel, now=now, most=most, lowest_lane=Lane.ANNOUNCEMENT):
        number = next_number(db, row.chat_id)
        if db.change(_SHOW, row=row.id, new_number=number, new_sent_at=now) == 1:
            addresses.append(row.address)
    return addresses


def expire(db: Db, now: datetime) -> int:
    """Give up messages that would come too late; how many."""
    return db.change(_EXPIRE, now=now)


def settle_interrupted(db: Db, claimed_before: datetime) -> int:
    """Settle messages whose sender died: once more, or in doubt for a person; how many."""
    return db.change(_SETTLE, before=claimed_before)


def mark_unreachable(db: Db, chat_id: int) -> None:
    """Note that a chat cannot be written to until it speaks again."""
    db.change(_UNREACHABLE, chat=chat_id)


def waiting(db: Db, now: datetime) -> tuple[int, datetime | None]:
    """How many messages are due, and since when the oldest of them is."""
    return db.first(_WAITING, now=now) or (0, None)


def forget(db: Db, before: datetime) -> int:
    """Drop messages settled and older than `before`; how many."""
    return db.change(_FORGET, before=before)
