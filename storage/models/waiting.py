"""Who waits for places, what was offered to them, and where did places come from?"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from storage.columns import Instant, Word


class OfferState(StrEnum):
    """What became of an offer; only a live one holds places."""

    LIVE = "live"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"  # the family left the list, or the session was cancelled


class Waiting(SQLModel, table=True):
    """A booking's place on the waiting list, while its state is waiting or offered."""

    __table_args__ = (
        Index("waiting_order", "pool_id", "priority", "number"),
        CheckConstraint("least > 0 AND bypassed >= 0 AND offers >= 0", name="waiting_counts"),
    )

    booking_id: int = Field(foreign_key="booking.id", primary_key=True)
    pool_id: int = Field(foreign_key="pool.id")
    places: int
    least: int  # the fewest places the party would take
    priority: int = 0  # the higher goes first
    number: int  # then the lower; whoever lets an offer pass gets a new one
    offers: int = 0  # made so far
    bypassed: int = 0  # times that places went to somebody behind
    joined_at: datetime = Field(sa_type=Instant)


class Offer(SQLModel, table=True):
    """Places offered to a party that waits, counted in the pool's `offered` while it is live."""

    __table_args__ = (
        Index("offer_one_live", "booking_id", unique=True,
              sqlite_where=text("state = 'live'"), postgresql_where=text("state = 'live'")),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True, max_length=32)
    booking_id: int = Field(foreign_key="booking.id", index=True)
    pool_id: int = Field(foreign_key="pool.id", index=True)
    places: int
    state: OfferState = Field(sa_type=Word(OfferState))
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class Returned(SQLModel, table=True):
    """Places that came back to a pool, and when whoever waits, then anybody, can have them."""

    id: int | None = Field(default=None, primary_key=True)
    pool_id: int = Field(foreign_key="pool.id", index=True)
    booking_id: int | None = Field(default=None, foreign_key="booking.id", index=True)
    places: int
    at: datetime = Field(sa_type=Instant)
    release_at: datetime = Field(sa_type=Instant)
    released_at: datetime | None = Field(default=None, sa_type=Instant)
