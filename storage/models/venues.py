"""What can be visited, when, and how many may come?"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Instant, Json, Word


class Audience(StrEnum):
    """Whom a session is for (面向: 亲子, 学生专场, 班级, 不限)."""

    FAMILY = "family"
    STUDENT_ONLY = "student_only"
    CLASS = "class"
    PUBLIC = "public"


class SessionState(StrEnum):
    """Released, open and full are computed from clock and places, never stored."""

    PUBLISHED = "published"
    CANCELLED = "cancelled"


class PoolName(StrEnum):
    """Who draws on the places of a pool."""

    FAMILY = "family"
    GROUP = "group"
    PRIORITY = "priority"
    WALK_IN = "walk_in"


class Base(SQLModel, table=True):
    """A science-education base (科普教育基地)."""

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True, max_length=32)
    name: str = Field(unique=True, max_length=80)
    kind: str = Field(default="", max_length=40)
    district: str = Field(default="", max_length=80)
    address: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=40)
    time_zone: str = Field(default="Asia/Shanghai", max_length=40)
    closed_weekdays: list[int] = Field(default_factory=list, sa_type=Json)  # Monday is 0
    note: str = Field(default="", max_length=500)
    policy_version: int = 1
    is_demo: bool = False


class Course(SQLModel, table=True):
    """What is taught or shown; a session is one time slot of it."""

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True, max_length=32)
    name: str = Field(unique=True, max_length=80)
    subject: str = Field(default="", max_length=40)
    min_age: int = 0
    max_age: int = 99
    audience: Audience = Field(default=Audience.PUBLIC, sa_type=Word(Audience))
    minutes: int = 60
    note: str = Field(default="", max_length=500)


class Session(SQLModel, table=True):
    """A time slot of a course at a base. Ages are whole years on the day of the visit."""

    __table_args__ = (Index("session_by_day", "base_id", "local_date"),)

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True, max_length=32)
    code: str = Field(unique=True, max_length=40)  # 场次编号
    base_id: int = Field(foreign_key="base.id")
    course_id: int = Field(foreign_key="course.id", index=True)
    local_date: date  # the day at the base
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    room: str = Field(default="", max_length=80)
    capacity: int
    party_max: int
    waiting_max: int = 0
    audience: Audience = Field(sa_type=Word(Audience))
    min_age: int
    max_age: int
    is_accompanied: bool  # every party needs an adult
    release_at: datetime = Field(sa_type=Instant)
    cancel_until: datetime | None = Field(default=None, sa_type=Instant)  # None: no returns
    priority_places: int = 0
    docents_needed: int = 0
    price_fen: int = 0
    note: str = Field(default="", max_length=500)
    policy_version: int = 1
    sequence: int = 0  # rises with every change that families are told of
    cancelled_because: str = Field(default="", max_length=200)  # the base's words
    state: SessionState = Field(default=SessionState.PUBLISHED, sa_type=Word(SessionState))


class Pool(SQLModel, table=True):
    """Places of a session for one kind of visitor. The CHECK is the last guard of them."""

    __table_args__ = (
        UniqueConstraint("session_id", "name"),
        CheckConstraint("held >= 0 AND offered >= 0 AND confirmed >= 0", name="pool_counts"),
        CheckConstraint("held + offered + confirmed <= capacity", name="pool_capacity"),
    )

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="session.id")
    name: PoolName = Field(sa_type=Word(PoolName))
    capacity: int
    held: int = 0  # kept back: returned and not yet released, or for the first who wait
    offered: int = 0
    confirmed: int = 0
    waiting: int = 0  # parties
    flows_to: PoolName | None = Field(default=None, sa_type=Word(PoolName))
    flows_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    flowed_at: datetime | None = Field(default=None, sa_type=Instant)


class Holiday(SQLModel, table=True):
    """A public holiday, or a weekend day that is worked instead; a year without any is unknown."""

    day: date = Field(primary_key=True)
    name: str = Field(max_length=40)
    is_worked: bool = False
