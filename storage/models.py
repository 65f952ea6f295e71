"""Which tables are there? Fields only: no rules, no relations."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
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


class OutboxState(StrEnum):
    """Where a message to a person stands; `in_doubt` may or may not have arrived."""

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    UNREACHABLE = "unreachable"
    IN_DOUBT = "in_doubt"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Lane(StrEnum):
    """Who goes first when an account may send only so many; sorted: announcement is last."""

    REPLY = "1_reply"
    REMINDER = "2_reminder"
    ANNOUNCEMENT = "3_announcement"


LIVE = "state IN ('held', 'confirmed', 'checked_in')"


class Family(SQLModel, table=True):
    """People who share their children and visits."""

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(sa_type=Instant)


class Person(SQLModel, table=True):
    """Someone who talks with Kepu. No name is kept: nothing needs it."""

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True, max_length=32)
    family_id: int = Field(foreign_key="family.id", index=True)
    locale: str | None = Field(default=None, max_length=16)  # None: never chosen
    created_at: datetime = Field(sa_type=Instant)


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


class Child(SQLModel, table=True):
    """A child by nickname, with a birth month or a school grade: nothing more is asked."""

    __table_args__ = (CheckConstraint("birth_month IS NOT NULL OR grade IS NOT NULL"),)

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


class Policy(SQLModel, table=True):
    """A base's booking rules; a version never changes, a booking names the one it was made under."""

    __table_args__ = (UniqueConstraint("base_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    base_id: int = Field(foreign_key="base.id")
    version: int
    release_days_ahead: int = 7
    release_time: str = Field(default="09:00", max_length=5)
    party_max: int = 5
    children_max: int = 3
    cancel_rule: str = Field(default="", max_length=40)  # as published: 前1日20:00, 不可取消 …
    no_shows_allowed: int = 3
    ban_days: int = 30
    pool_split: str = Field(default="70/20/5/5", max_length=20)
    effective_from: datetime = Field(sa_type=Instant)


class Course(SQLModel, table=True):
    """What is taught or shown; a session is one time slot of it."""

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True, max_length=32)
    name: str = Field(unique=True, max_length=80)
    subject: str = Field(default="", max_length=40)
    min_age: int = 0
    max_age: int = 99
    audience: Audience = Field(default=Audience.PUBLIC, sa_type=Word(Audience))  # type: ignore[call-overload]
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
    audience: Audience = Field(sa_type=Word(Audience))  # type: ignore[call-overload]
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
    state: SessionState = Field(default=SessionState.PUBLISHED, sa_type=Word(SessionState))  # type: ignore[call-overload]


class Pool(SQLModel, table=True):
    """Places of a session for one kind of visitor. The CHECK is the last guard against overbooking."""

    __table_args__ = (
        UniqueConstraint("session_id", "name"),
        CheckConstraint("held >= 0 AND offered >= 0 AND confirmed >= 0", name="pool_counts"),
        CheckConstraint("held + offered + confirmed <= capacity", name="pool_capacity"),
    )

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="session.id")
    name: PoolName = Field(sa_type=Word(PoolName))  # type: ignore[call-overload]
    capacity: int
    held: int = 0
    offered: int = 0
    confirmed: int = 0


class Booking(SQLModel, table=True):
    """A family's visit to a session. The party is adults and children together."""

    __table_args__ = (
        Index("booking_one_live", "session_id", "family_id", unique=True,
              sqlite_where=text(LIVE), postgresql_where=text(LIVE)),
        CheckConstraint("adults >= 0 AND children >= 0 AND adults + children > 0", name="booking_party"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True, max_length=32)
    code: str = Field(unique=True, max_length=8)
    session_id: int = Field(foreign_key="session.id")
    pool_id: int = Field(foreign_key="pool.id")
    family_id: int = Field(foreign_key="family.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    state: BookingState = Field(sa_type=Word(BookingState))  # type: ignore[call-overload]
    adults: int
    children: int
    policy_version: int
    channel: str = Field(max_length=16)
    created_at: datetime = Field(sa_type=Instant)
    changed_at: datetime = Field(sa_type=Instant)


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


class Conversation(SQLModel, table=True):
    """What a person is in the middle of. The row stays when nothing is: `revision` must only rise."""

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    chat_id: int = Field(foreign_key="chat.id")  # where it was last spoken
    name: str | None = Field(default=None, max_length=40)  # None: nothing is under way
    code_hash: str = Field(default="", max_length=16)
    revision: int = 0
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=Json)  # in asked order
    prompt: dict[str, Any] | None = Field(default=None, sa_type=Json)
    touched_at: datetime = Field(sa_type=Instant)
    remind_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    expires_at: datetime | None = Field(default=None, sa_type=Instant, index=True)


class Inbox(SQLModel, table=True):
    """Every event heard, once. The words are kept only of a dead letter, for whoever mends the bug."""

    __table_args__ = (UniqueConstraint("channel", "event_id"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str = Field(max_length=16)
    event_id: str = Field(max_length=200)
    at: datetime = Field(sa_type=Instant)
    dead_words: str | None = None
    dead_error: str | None = Field(default=None, max_length=200)


class Outbox(SQLModel, table=True):
    """Everything Kepu says: replies now, reminders due later, notices in bulk."""

    __table_args__ = (
        UniqueConstraint("chat_id", "number"),
        Index("outbox_due", "lane", "due_at", "id",
              sqlite_where=text("state = 'ready'"), postgresql_where=text("state = 'ready'")),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    chat_id: int = Field(foreign_key="chat.id")
    inbox_id: int | None = Field(default=None, foreign_key="inbox.id", index=True)  # what it answers
    number: int | None = None  # its place in the chat, from the moment it is shown
    lane: Lane = Field(sa_type=Word(Lane))  # type: ignore[call-overload]
    kind: str = Field(max_length=32)
    payload: dict[str, Any] = Field(sa_type=Json)  # handlers.messages.Message as JSON
    state: OutboxState = Field(sa_type=Word(OutboxState))  # type: ignore[call-overload]
    due_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    claimed_at: datetime | None = Field(default=None, sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    external_id: str | None = Field(default=None, max_length=64)
    error: str | None = Field(default=None, max_length=200)
    once_key: str | None = Field(default=None, unique=True, max_length=80)
