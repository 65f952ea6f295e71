"""May this party come in, and how many of it are inside?"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol
from unicodedata import normalize

from handlers.booking.deadlines import day_at, door_closes, door_opens
from handlers.texts import Clock, Text, _, ngettext
from storage.models import Appeal, BookingState, SessionState, Terms

CODE_LETTERS = frozenset("23456789ABCDEFGHJKMNPQRSTVWXYZ")
CODE_LENGTH = 8
_BETWEEN = "-‐‑‒–—―−ー－_·.,，。/"  # what people and keyboards put into the middle of a code


class Why(StrEnum):
    """Why somebody is not let in."""

    FORGED = "forged"
    UNKNOWN = "unknown"
    OTHER_BASE = "other_base"
    CALLED_OFF = "called_off"
    CANCELLED = "cancelled"
    MOVED = "moved"
    UNCONFIRMED = "unconfirmed"
    EXPIRED = "expired"
    OTHER_DAY = "other_day"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"  # the desk may let them in anyway
    COMPLETE = "complete"
    UNDONE = "undone"


class AtDoor(Protocol):
    """What the rules need to know of a visit; a `storage.bookings.Visit` does."""

    @property
    def base_id(self) -> int: ...

    @property
    def base(self) -> str: ...

    @property
    def state(self) -> BookingState: ...

    @property
    def session_state(self) -> SessionState: ...

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...

    @property
    def time_zone(self) -> str: ...

    @property
    def terms(self) -> Terms: ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no at the door."""

    why: Why
    text: Text


class Noted(NamedTuple):
    """A scan that holds: of a party, so many, at that moment by the device's clock."""

    at: datetime
    scan_id: str
    heads: int


def code_of(words: str) -> str | None:
    """The code in what was typed, however it was written; None when it is none."""
    letters = "".join(
        each for each in normalize("NFKC", words).upper() if each not in _BETWEEN + " \t\n\u3000"
    )
    return letters if len(letters) == CODE_LENGTH and CODE_LETTERS.issuperset(letters) else None


def may_enter(
    visit: AtDoor,
    bases: Collection[int],
    at: datetime,
    *,
    moved_to: datetime | None = None,
    is_late_welcome: bool = False,
) -> Refusal | None:
    """Why a party may not come in at this moment at one of these bases; None when it may."""
    return (
        at_other_base(visit, bases)
        or _not_booked(visit, moved_to)
        or _another_day(visit, at)
        or _door_is_shut(visit, at, is_late_welcome=is_late_welcome)
    )


def at_other_base(visit: AtDoor, bases: Collection[int]) -> Refusal | None:
    """Why a party is at the wrong door; None when it is not."""
    if visit.base_id in bases:
        return None
    text = _("This visit is to {base}, not to your base.", base=visit.base)
    return Refusal(Why.OTHER_BASE, text)


def complete(people: int) -> Refusal:
    """Why nobody more of a party comes in."""
    text = ngettext(
        "This one person is inside already.",
        "All {n} of them are inside already.",
        people,
    )
    return Refusal(Why.COMPLETE, text)


def counted(scans: Iterable[Noted], people: int) -> dict[str, int]:
    """How many each scan let in: the earliest first, and no more than the party altogether.

    The order in which the scans became known does not matter.
    """
    left = people
    shares = {}
    for each in sorted(scans):
        shares[each.scan_id] = min(each.heads, left)
        left -= shares[each.scan_id]
    return shares


def last_of(scans: Iterable[Noted], people: int) -> list[str]:
    """The scans to undo so that the last who came in are out: theirs, and all that counted none."""
    shares = counted(scans, people)
    let_in = [scan_id for scan_id, share in shares.items() if share]
    return [scan_id for scan_id, share in shares.items() if not share or scan_id == let_in[-1]]


def split(adults: int, children: int, places: int, *, are_all_counted: bool) -> tuple[int, int]:
    """The adults and children of a party that so many places hold; the others need another pool."""
    if not are_all_counted:
        return adults, min(children, places)
    taken = min(adults, places)
    return taken, min(children, places - taken)


def may_object(appeal: Appeal, until: datetime, zone: str, now: datetime) -> Text | None:
    """Why a family may not object to a strike now; None when it may."""
    match appeal:
        case Appeal.OPEN:
            return _("You have objected already. The answer comes here.")
        case Appeal.GRANTED:
            return _("This visit does not count against you.")
        case Appeal.REFUSED:
            return _("The base has decided on your objection already.")
    if now > until:
        return _("You could object until {day}.", day=day_at(until, zone))
    return None


def _not_booked(visit: AtDoor, moved_to: datetime | None) -> Refusal | None:
    if visit.session_state is SessionState.CANCELLED:
        return Refusal(Why.CALLED_OFF, _("The base has cancelled this session."))
    match visit.state:
        case BookingState.CANCELLED:
            return Refusal(Why.CANCELLED, _("This visit was cancelled."))
        case BookingState.MOVED if moved_to is None:
            return Refusal(Why.MOVED, _("This visit was moved to another session."))
        case BookingState.MOVED:
            assert moved_to is not None
            text = _(
                "This visit was moved to {day}, {time}.",
                day=day_at(moved_to, visit.time_zone),
                time=Clock(moved_to, visit.time_zone),
            )
            return Refusal(Why.MOVED, text)
        case BookingState.WAITING | BookingState.OFFERED | BookingState.HELD:
            text = _("This visit is not confirmed: the family is still waiting for places.")
            return Refusal(Why.UNCONFIRMED, text)
        case BookingState.EXPIRED:
            return Refusal(Why.EXPIRED, _("This visit was never confirmed: no places came free."))
    return None


def _another_day(visit: AtDoor, at: datetime) -> Refusal | None:
    if day_at(visit.starts_at, visit.time_zone) == day_at(at, visit.time_zone):
        return None
    text = _(
        "This visit is on {day}, {time}.",
        day=day_at(visit.starts_at, visit.time_zone),
        time=Clock(visit.starts_at, visit.time_zone),
    )
    return Refusal(Why.OTHER_DAY, text)


def _door_is_shut(visit: AtDoor, at: datetime, *, is_late_welcome: bool) -> Refusal | None:
    opens = door_opens(visit.starts_at, visit.terms)
    if at < opens:
        text = _("It is too early: the door opens at {time}.", time=Clock(opens, visit.time_zone))
        return Refusal(Why.TOO_EARLY, text)
    closes = door_closes(visit.starts_at, visit.ends_at, visit.terms)
    if at > closes and not is_late_welcome:
        text = _("It is too late: the door closed at {time}.", time=Clock(closes, visit.time_zone))
        return Refusal(Why.TOO_LATE, text)
    return None
