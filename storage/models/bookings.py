"""Who visits which session?"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from storage.columns import Instant, Word


class BookingState(StrEnum):
    """The words `kepu export bookings` promises for a visit's state."""

    HELD = "held"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    CHECKED_IN = "checked_in"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    MOVED = "moved"
    EXPIRED = "expired"


# A family is in a session once, be it on the waiting list.
LIVE = "state IN ('held', 'confirmed', 'checked_in', 'waiting', 'offered')"

LIVE_STATES = frozenset(
    {
        BookingState.HELD,
        BookingState.CONFIRMED,
        BookingState.CHECKED_IN,
        BookingState.WAITING,
        BookingState.OFFERED,
    }
)


class EndedBy(StrEnum):
    """Who or what ended a visit that was not made."""

    FAMILY = "family"
    LATE = "late"  # the family, after the time for it
    BASE = "base"
    CLOCK = "clock"  # nobody came, or the waiting list closed


class Booking(SQLModel, table=True):
    """A family's visit to a session. The party is adults and children together."""

    __table_args__ = (
        Index("booking_one_live", "session_id", "family_id", unique=True,
              sqlite_where=text(LIVE), postgresql_where=text(LIVE)),
        CheckConstraint(
            "adults >= 0 AND children >= 0 AND adults + children > 0", name="booking_party"
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True, max_length=32)
    code: str = Field(unique=True, max_length=8)
    session_id: int = Field(foreign_key="session.id")
    pool_id: int = Field(foreign_key="pool.id")
    family_id: int = Field(foreign_key="family.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    state: BookingState = Field(sa_type=Word(BookingState))
    adults: int
    children: int
    policy_version: int
    channel: str = Field(max_length=16)
    created_at: datetime = Field(sa_type=Instant)
    changed_at: datetime = Field(sa_type=Instant)
    ended_by: EndedBy | None = Field(default=None, sa_type=Word(EndedBy))
    moved_from_id: int | None = Field(default=None, foreign_key="booking.id")
    changes: int = 0  # by the family: of the party, and of the session
    heads: int = 0  # who came
    is_coming: bool | None = None  # as the family answered a reminder
    reminders: int = 0  # said so far


class BookingChild(SQLModel, table=True):
    """Which child comes on which visit; a child is live in a session once."""

    __tablename__ = "booking_child"
    __table_args__ = (
        Index("booking_child_one_live", "session_id", "child_id", unique=True,
              sqlite_where=text("is_live"), postgresql_where=text("is_live")),
    )  # fmt: skip

    booking_id: int = Field(foreign_key="booking.id", primary_key=True)
    child_id: int = Field(foreign_key="child.id", primary_key=True, index=True)
    session_id: int = Field(foreign_key="session.id")
    is_live: bool = True
