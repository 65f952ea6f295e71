"""What is there in the world of a model: a base, its sessions, visits, offers and the rest?

Nothing here is shared with what is tested but the names of states and the terms of a base.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage.models import BookingState, EndedBy, OfferState, StrikeKind, Terms

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WAITING, OFFERED, CONFIRMED = BookingState.WAITING, BookingState.OFFERED, BookingState.CONFIRMED
CHECKED_IN, NO_SHOW = BookingState.CHECKED_IN, BookingState.NO_SHOW
CANCELLED, MOVED, EXPIRED = BookingState.CANCELLED, BookingState.MOVED, BookingState.EXPIRED
LIVE = (WAITING, OFFERED, CONFIRMED, CHECKED_IN)
COUNTED = (CONFIRMED, CHECKED_IN)  # against the limits of a family
TERMINAL = (CANCELLED, NO_SHOW, MOVED, EXPIRED)


@dataclass(frozen=True)
class Base:
    """Where everything happens: its rules and its clock."""

    terms: Terms
    zone: ZoneInfo
    cancel: tuple[int, time] | None  # so many days before, at this time; None: no returns
    change: tuple[int, time] | None  # the same; None: as cancelling

    def wall(self, day: date, at: time) -> datetime:
        """A time on the base's clock."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def is_quiet(self, at: datetime) -> bool:
        """Whether people sleep."""
        clock, quiet, awake = at.astimezone(self.zone).time(), *self.quiet
        return quiet <= clock < awake if quiet <= awake else clock >= quiet or clock < awake

    @property
    def quiet(self) -> tuple[time, time]:
        return self.terms.quiet_from, self.terms.quiet_until


@dataclass(eq=False)
class Slot:
    """A session."""

    day: date
    starts: datetime
    ends: datetime
    capacity: int
    waiting_max: int
    release_at: datetime
    cancel_until: datetime | None
    kept: int = 0  # places kept for the first who waits
    is_cancelled: bool = False


@dataclass(eq=False)
class Visit:
    """A family's visit, be it waited for."""

    family: int
    slot: Slot
    adults: int
    children: tuple[int, ...]
    state: BookingState
    places: int
    ended_by: EndedBy | None = None
    changes: int = 0
    heads: int = 0
    moved_from: "Visit | None" = None
    # While it waits, and after:
    wanted: int = 0
    least: int = 0
    priority: int = 0
    number: int = 0
    offers: int = 0
    bypassed: int = 0
    was_booked: bool = False

    @property
    def children_count(self) -> int:
        return len(self.children)


@dataclass(eq=False)
class Offer:
    """Places for a party that waits."""

    visit: Visit
    places: int
    made_at: datetime
    until: datetime
    state: OfferState = OfferState.LIVE
    is_told: bool = False


@dataclass(eq=False)
class Back:
    """Places that came back."""

    visit: Visit
    places: int
    release_at: datetime
    is_released: bool


@dataclass(eq=False)
class Strike:
    """What counts against a family, unless it is excused."""

    visit: Visit
    kind: StrikeKind
    at: datetime
    is_excused: bool = False


@dataclass(eq=False)
class Scan:
    """So many of a party came in, by the clock of a device at the door."""

    at: datetime
    key: str
    visit: Visit
    heads: int
    is_undone: bool = False


@dataclass
class Party:
    """Who would come; children by their numbers in the family."""

    family: int
    adults: int
    children: tuple[int, ...] = ()
