"""Who came, who did not, and what did they think of it?"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from storage.columns import Instant, Word


class StrikeKind(StrEnum):
    """Why a visit counts against a family."""

    NO_SHOW = "no_show"
    LATE_CANCEL = "late_cancel"


class Appeal(StrEnum):
    """What became of a family's objection to a strike."""

    NONE = "none"
    OPEN = "open"
    GRANTED = "granted"  # the strike no longer counts
    REFUSED = "refused"


class CheckIn(SQLModel, table=True):
    """One scan at the door. The same scan again, from whichever device, is the same row."""

    __tablename__ = "check_in"
    __table_args__ = (CheckConstraint("heads > 0", name="check_in_heads"),)

    id: int | None = Field(default=None, primary_key=True)
    scan_id: str = Field(unique=True, max_length=64)  # made by the device
    booking_id: int = Field(foreign_key="booking.id", index=True)
    heads: int
    device: str = Field(max_length=64)
    person_id: int | None = Field(default=None, foreign_key="person.id")  # of the desk
    at: datetime = Field(sa_type=Instant)  # by the device's clock
    stored_at: datetime = Field(sa_type=Instant)
    undone_at: datetime | None = Field(default=None, sa_type=Instant)
    undone_because: str = Field(default="", max_length=200)


class Strike(SQLModel, table=True):
    """A visit that counts against a family at a base, once."""

    __table_args__ = (Index("strike_of_family", "family_id", "base_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    booking_id: int = Field(foreign_key="booking.id", unique=True)
    base_id: int = Field(foreign_key="base.id")
    family_id: int = Field(foreign_key="family.id")
    kind: StrikeKind = Field(sa_type=Word(StrikeKind))
    at: datetime = Field(sa_type=Instant)
    appeal: Appeal = Field(default=Appeal.NONE, sa_type=Word(Appeal))
    appeal_words: str = Field(default="", max_length=300)
    appealed_at: datetime | None = Field(default=None, sa_type=Instant)
    decided_at: datetime | None = Field(default=None, sa_type=Instant)


class Rating(SQLModel, table=True):
    """What a family thought of a visit; the base sees it without a name."""

    __table_args__ = (CheckConstraint("stars BETWEEN 1 AND 5", name="rating_stars"),)

    booking_id: int = Field(foreign_key="booking.id", primary_key=True)
    stars: int
    words: str = Field(default="", max_length=300)
    at: datetime = Field(sa_type=Instant)
