"""Which messages are handed over now, and what became of each?"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from storage.columns import Instant
from storage.db import Db
from storage.models import Chat, Lane, Outbox, OutboxState
from storage.statements import Command, Query

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


_earlier = aliased(Outbox)
# Two messages of a lane reach a person in the order they were put: the later one waits while the
# earlier one is due, on its way, or waits to be tried again.
_IS_FIRST_OF_ITS_CHAT = ~(
    select(col(_earlier.id))
    .where(
        col(_earlier.chat_id) == col(Outbox.chat_id),
        col(_earlier.lane) == col(Outbox.lane),
        col(_earlier.id) < col(Outbox.id),
        or_(
            col(_earlier.state) == OutboxState.SENDING,
            and_(
                col(_earlier.state) == OutboxState.READY,
                or_(col(_earlier.due_at) <= bindparam("now"), col(_earlier.attempts) > 0),
            ),
        ),
    )
    .exists()
)


def _due(*conditions: ColumnElement[bool]) -> Query[Claimed]:
    return Query(
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
            or_(col(Outbox.expires_at).is_(None), col(Outbox.expires_at) > bindparam("now")),
            *conditions,
        )
        .order_by(col(Outbox.lane), col(Outbox.due_at), col(Outbox.id))
        .limit(bindparam("most", type_=None))
        .with_for_update(of=Outbox, skip_locked=True),
        into=Claimed,
    )


_TO_SHOW = _due()
_TO_SEND = _due(
    col(Outbox.lane) <= bindparam("lowest_lane"),
    col(Chat.is_reachable).is_(True),
    _IS_FIRST_OF_ITS_CHAT,
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
_GIVE_UP_UNREACHABLE = Command(
    update(Outbox)
    .where(
        col(Outbox.state) == OutboxState.READY,
        col(Outbox.due_at) <= bindparam("now"),
        col(Outbox.chat_id).in_(select(col(Chat.id)).where(~col(Chat.is_reachable))),
    )
    .values(state=OutboxState.UNREACHABLE)
)
_SHOW = Command(
    update(Outbox)
    .where(col(Outbox.id) == bindparam("row"), col(Outbox.state) == OutboxState.READY)
    .values(
        state=OutboxState.SENT, number=bindparam("new_number"), sent_at=bindparam("new_sent_at")
    )
)
# Who spoke after a message was claimed may have been answered after it: what they type next is
# about that answer. What is shown is not claimed, and stands after everything said before.
_ASK_BESIDE = Command(
    update(Chat)
    .where(
        col(Chat.id) == bindparam("chat"),
        col(Chat.last_heard_at)
        <= select(func.coalesce(col(Outbox.claimed_at), col(Chat.last_heard_at)))
        .where(col(Outbox.id) == bindparam("row"))
        .correlate(Chat)
        .scalar_subquery(),
    )
    .values(beside=bindparam("new_beside"))
)
_UNREACHABLE = Command(
    update(Chat).where(col(Chat.id) == bindparam("chat")).values(is_reachable=False)
)


def claim(
    db: Db, channel: str, now: datetime, most: int, lowest: Lane = Lane.ANNOUNCEMENT
) -> list[Claimed]:
    """Take up to `most` due messages for sending, replies first; lanes below `lowest` wait.

    At most one of a lane for each chat: the next follows when it is settled.
    """
    due = db.all(_TO_SEND, channel=channel, now=now, most=most, lowest_lane=lowest)
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
    is_noted = db.change(
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
    if is_noted and state is OutboxState.SENT:
        _note_choices(db, claimed)
    return is_noted == 1


def show_due(db: Db, channel: str, now: datetime, next_number: Any, most: int = 200) -> list[str]:
    """Show what is due in a channel where storing is delivering; the addresses that have news."""
    addresses = []
    for row in db.all(_TO_SHOW, channel=channel, now=now, most=most):
        number = next_number(db, row.chat_id)
        if db.change(_SHOW, row=row.id, new_number=number, new_sent_at=now) == 1:
            addresses.append(row.address)
            _note_choices(db, row)
    return addresses


def _note_choices(db: Db, row: Claimed) -> None:
    """Keep what a message that nobody asked for lets its person choose, until they speak.

    One that repeats the open question ends that: its choices are the ones last seen.
    """
    prompt = row.payload.get("prompt")
    if prompt is None or row.lane is Lane.REPLY:
        return
    choices = [(each["label"], each["token"]) for each in prompt["choices"]]
    commands = [each for each in choices if each[1].startswith("/")]
    beside = {"choices": commands} if commands else None
    db.change(_ASK_BESIDE, chat=row.chat_id, row=row.id, new_beside=beside)


def expire(db: Db, now: datetime) -> int:
    """Give up messages that would come too late; how many."""
    return db.change(_EXPIRE, now=now)


def give_up_unreachable(db: Db, now: datetime) -> int:
    """Give up what is due to chats that cannot be written to; how many."""
    return db.change(_GIVE_UP_UNREACHABLE, now=now)


def settle_interrupted(db: Db, claimed_before: datetime) -> int:
    """Settle messages whose sender died: once more, or in doubt for a person; how many."""
    return db.change(_SETTLE, before=claimed_before)


def mark_unreachable(db: Db, chat_id: int) -> None:
    """Note that a chat cannot be written to until it speaks again."""
    db.change(_UNREACHABLE, chat=chat_id)
