"""Who talks with Kepu, and which children do they bring?"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Instant, Json, Word


class Duty(StrEnum):
    """What somebody does for a base, the least first; each may do what those before it may."""

    DESK = "desk"
    COORDINATOR = "coordinator"
    LEAD = "lead"
    ADMIN = "admin"


class Purpose(StrEnum):
    """What a one-use code is good for."""

    LINK = "link"  # another chat of the same person
    HOUSEHOLD = "household"  # the other parent
    TICKET = "ticket"  # one visit, for the other parent
    GREEN = "green"  # the green channel
    INVITE = "invite"  # a role


class Family(SQLModel, table=True):
    """People who share their children and visits."""

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(sa_type=Instant)
    priority: int = 0  # above 0: the green channel


class Person(SQLModel, table=True):
    """Someone who talks with Kepu. No name is kept: nothing needs it."""

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True, max_length=32)
    family_id: int = Field(foreign_key="family.id", index=True)
    locale: str | None = Field(default=None, max_length=16)  # None: never chosen
    created_at: datetime = Field(sa_type=Instant)
    calendar_token: str | None = Field(default=None, max_length=32, index=True)


class Chat(SQLModel, table=True):
    """One person's address on one channel."""

    __table_args__ = (UniqueConstraint("channel", "address"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str = Field(max_length=16)
    address: str = Field(max_length=128)
    person_id: int = Field(foreign_key="person.id", index=True)
    locale: str = Field(default="", max_length=16)  # what the channel reports; "" when it says none
    last_number: int = 0  # of the messages shown in this chat
    last_heard_at: datetime = Field(sa_type=Instant)
    is_reachable: bool = True
    beside: dict[str, Any] | None = Field(default=None, sa_type=Json)  # asked last, unprompted


class Child(SQLModel, table=True):
    """A child by nickname, with a birth month or a school grade: nothing more is asked."""

    __table_args__ = (
        CheckConstraint("birth_month IS NOT NULL OR grade IS NOT NULL", name="child_age"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True, max_length=32)
    family_id: int = Field(foreign_key="family.id", index=True)
    nickname: str = Field(max_length=30)
    birth_month: str | None = Field(default=None, max_length=7)  # "2018-05"
    grade: int | None = None  # 0 kindergarten, 1 to 12 at school, in `grade_year`
    grade_year: int | None = None  # the school year (from September) in which the grade was told
    created_at: datetime = Field(sa_type=Instant)


class Consent(SQLModel, table=True):
    """What a guardian answered, to which text, when. Append-only; the newest answer holds."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    purpose: str = Field(max_length=32)
    version: str = Field(max_length=16)
    text_hash: str = Field(max_length=64)  # SHA-256 of the text as shown
    is_given: bool
    channel: str = Field(max_length=16)
    at: datetime = Field(sa_type=Instant)


class Role(SQLModel, table=True):
    """What a person may do at a base; at every base when none is named."""

    __table_args__ = (UniqueConstraint("person_id", "base_id"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    base_id: int | None = Field(default=None, foreign_key="base.id")
    duty: Duty = Field(sa_type=Word(Duty))
    granted_at: datetime = Field(sa_type=Instant)


class Code(SQLModel, table=True):
    """A one-use code. Only its hash is kept, and it ends by itself."""

    id: int | None = Field(default=None, primary_key=True)
    code_hash: str = Field(unique=True, max_length=64)  # SHA-256
    purpose: Purpose = Field(sa_type=Word(Purpose))
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)  # who gave it
    booking_id: int | None = Field(default=None, foreign_key="booking.id")
    base_id: int | None = Field(default=None, foreign_key="base.id")
    duty: Duty | None = Field(default=None, sa_type=Word(Duty))
    expires_at: datetime = Field(sa_type=Instant, index=True)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    used_by_id: int | None = Field(default=None, foreign_key="person.id")
