"""What may a base decide about visits, and what holds where it says nothing?

The fields and usual values are those that Chinese venues publish; what is written as a rule of a
base ("前1日20:00") is kept as it was published, and read by `handlers.exchange.published`.
"""

from datetime import date, datetime, time
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Instant, Record


class Step(BaseModel):
    """So many no-shows within the window, and for how many days nothing can be booked then."""

    model_config = ConfigDict(frozen=True)

    strikes: int
    days: int


class Refund(BaseModel):
    """Until so many days before, at this time, so many per cent of the price come back."""

    model_config = ConfigDict(frozen=True)

    days_ahead: int
    at: time
    percent: int


class Terms(BaseModel):
    """One version of a base's booking rules. Ages are years, places are people."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    # When places can be booked.
    release_mode: Literal["rolling", "fixed"] = "rolling"
    release_days_ahead: int = 7
    release_time: time = time(9)
    release_on: date | None = None  # fixed: one day for all sessions after it
    closes_minutes: int = 0  # before a session starts, booking ends
    group_release_days_ahead: int = 30
    group_lead_days: int = 3  # working days
    group_lead_days_holiday: int = 7
    priority_flow_hours: int = 72  # before a session, the green channel's places left flow back
    group_flow_days: int = 3  # before a session, the groups' places left flow back
    # When the door is open to a party.
    entry_opens_minutes: int = 30  # before the session starts
    entry_closes_minutes: int = 30  # after it
    last_entry_minutes: int = 30  # before it ends
    # Who may come.
    pool_split: tuple[int, int, int, int] = (70, 20, 5, 5)  # family, group, green channel, walk-in
    weekend_group_cap: int = 100
    party_max: int = 5
    children_max: int = 3
    min_adults: int = 1  # with children
    max_adults_per_child: int | None = 2
    min_children: int = 0  # of a visit; 1: no adult comes alone
    unaccompanied_age: int = 14  # from this age on, a child may come without an adult
    companion_min_age: int = 0
    contact_min_age: int = 0
    capacity_counts: Literal["all", "children"] = "all"
    documents: Literal["none", "lead", "all"] = "none"  # who shows one at the door; none is kept
    # How often.
    visits_per_child_day: int | None = 1
    visits_per_child_30_days: int | None = None
    visits_active: int | None = 2  # of a family
    visits_per_day: int | None = 1  # of a family
    rebook_same_day: bool = True  # after cancelling
    # How a visit ends before it began.
    cancel_rule: str = "前1日20:00"  # "不可取消": no returns
    late_cancel: Literal["strike", "refused"] = "strike"
    change_rule: str = ""  # "": as cancelling
    change_max: int = 2
    returns: Literal["now", "daily"] = "now"  # when returned places can be booked again
    returns_time: time | None = None  # daily: the next one
    # What a no-show brings.
    ladder: tuple[Step, ...] = (Step(strikes=3, days=30),)
    strike_window_days: int = 365
    appeal_days: int = 14
    # The waiting list.
    wait_max: int = 2  # entries of a family
    offer_minutes: int = 120
    offer_minutes_soon: int = 20  # within 24 h of the session
    quiet_from: time = time(22)
    quiet_until: time = time(8)
    offers_max: int = 2
    bypass_max: int = 3
    wait_cutoff_minutes: int = 120  # before the session, the list closes
    # Classes and groups.
    group_min: int = 20
    group_batch_max: int | None = None
    group_batches_a_day: int = 3
    group_ratio: int = 20  # pupils to a teacher
    group_ratio_preschool: int = 10
    group_letter: Literal["optional", "needed"] = "optional"
    group_roster_days: int = 2
    # Money, which is paid at the base.
    refunds: tuple[Refund, ...] = (
        Refund(days_ahead=2, at=time(23, 30), percent=100),
        Refund(days_ahead=0, at=time(9), percent=90),
    )
    # Days.
    open_on_holidays: bool = True  # in spite of a closed weekday, which then follows
    # The door, and what is kept.
    checkin_modes: tuple[Literal["qr", "code", "list"], ...] = ("qr", "code", "list")
    checkin_offline: bool = True
    green_channel: tuple[str, ...] = ("60岁以上", "残障人士", "军人", "无智能手机", "乡村学校")
    bookings_a_minute: int = 5  # of an account
    retention_days: int = 30  # of children's details on a visit

    def places(self, adults: int, children: int) -> int:
        """How many places such a party takes."""
        return children if self.capacity_counts == "children" else adults + children


class Policy(SQLModel, table=True):
    """A base's booking rules; a version never changes, a booking names the one it was under."""

    __table_args__ = (UniqueConstraint("base_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    base_id: int = Field(foreign_key="base.id")
    version: int
    terms: Terms = Field(default_factory=Terms, sa_type=Record(Terms))
    effective_from: datetime = Field(sa_type=Instant)
