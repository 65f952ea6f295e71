"""What happens when a party is scanned at the door, and when that was wrong?"""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.booking import returns, seal
from handlers.desk import excuses, rules, words
from handlers.desk.rules import Noted, Refusal, Why
from handlers.desk.staff import Desk, desk_of
from handlers.here import Here
from handlers.texts import Text, as_json
from storage import audit, bookings, checkins, pools, strikes, transitions
from storage.bookings import Visit
from storage.db import Db
from storage.failpoints import reached
from storage.models import Appeal, BookingState, CheckIn, EndedBy, SessionState

CONFIRMED, CHECKED_IN = BookingState.CONFIRMED, BookingState.CHECKED_IN
CANCELLED, NO_SHOW = BookingState.CANCELLED, BookingState.NO_SHOW
HEADS_MAX = 1000  # more come through no door at once


@dataclass(frozen=True, slots=True)
class Scan:
    """A ticket scanned, or a code typed, at the door: perhaps hours ago, by a device offline."""

    scan_id: str  # made by the device; the same scan sent again has the same
    payload: str
    at: datetime  # by the device's clock
    heads: int | None = None  # None: the whole party
    is_late_welcome: bool = False  # the desk lets them in although the door has closed

    def __post_init__(self) -> None:
        if self.heads is not None and not 0 < self.heads <= HEADS_MAX:
            raise ValueError(f"a scan of {self.heads} people")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a scan. Its numbers follow from all scans known, in whichever order."""

    scan_id: str
    text: Text
    why: Why | None = None  # nobody came in by this scan
    visit: str = ""  # the public id
    counted: int = 0  # who came in by this scan
    surplus: int = 0  # of those the device counted, beyond the party
    inside: int = 0  # of the party, altogether


def sync(desk: Desk, scans: Sequence[Scan], key: bytes) -> list[Result]:
    """Keep scans, in any order and any number of times; what became of each.

    `key`: of the tickets' seals.
    """
    results: dict[str, Result] = {}
    of_visit = defaultdict[int, list[Scan]](list)
    for scan in {scan.scan_id: scan for scan in scans}.values():
        meant = _meant(desk.db, scan, key)
        if isinstance(meant, Refusal):
            results[scan.scan_id] = _refused(scan, meant)
        else:
            of_visit[meant].append(scan)
    for booking_id in sorted(of_visit):  # two devices lock in the same order
        for result in _at_door(desk, booking_id, of_visit[booking_id]):
            results[result.scan_id] = result
    reached("after_effect")
    return [results[scan.scan_id] for scan in scans]


def enter(here: Here, visit: str, heads: int, *, is_late_welcome: bool = False) -> Any:
    """Let so many of a party in that stands before the desk. The words, as JSON."""
    booking_id = checkins.find(here.db, public_id=visit)
    assert booking_id is not None
    scan_id = f"chat:{secrets.token_hex(16)}"  # the turn happens once, whatever is delivered again
    scan = Scan(scan_id, "", here.now, heads, is_late_welcome)
    return as_json(admit(desk_of(here), booking_id, scan).text)


def take_back(here: Here, visit: str, because: str) -> Any:
    """Undo the last check-in of a visit. The words, as JSON."""
    return as_json(undo(desk_of(here), visit, because).text)


def admit(desk: Desk, booking_id: int, scan: Scan) -> Result:
    """Let a party in that stands before the desk; nothing is kept when all are inside."""
    checkins.lock(desk.db, booking_id)
    visit = visit_of(desk.db, booking_id)
    refusal = may_enter(desk, visit, scan)
    if refusal is not None:
        return _refused(scan, refusal, visit)
    if visit.heads >= people_of(visit) and checkins.scan(desk.db, scan.scan_id) is None:
        return _refused(scan, rules.complete(people_of(visit)), visit)
    [result] = _at_door(desk, booking_id, [scan])
    reached("after_effect")
    return result


def may_enter(desk: Desk, visit: Visit, scan: Scan) -> Refusal | None:
    """Why a party may not come in; None when it may."""
    moved = checkins.moved_to(desk.db, visit.id) if visit.state is BookingState.MOVED else None
    return rules.may_enter(
        visit,
        desk.bases,
        scan.at,
        moved_to=None if moved is None else visit_of(desk.db, moved).starts_at,
        is_late_welcome=scan.is_late_welcome,
    )


def undo(desk: Desk, visit: str, because: str) -> Result:
    """Take back the last check-in of a visit.

    Of whom nobody is left, a walk-in is cancelled, and so is who was in a session called off.
    """
    db = desk.db
    booking_id = checkins.find(db, public_id=visit)
    assert booking_id is not None
    found = visit_of(db, booking_id)
    pools.lock(db, found.pool_id)  # before the visit: its places may come back
    checkins.lock(db, booking_id)
    found = visit_of(db, booking_id)
    refusal = rules.at_other_base(found, desk.bases)
    if refusal is not None:
        return _refused(Scan("", "", desk.now), refusal, found)
    last = rules.last_of(_noted(db, booking_id), people_of(found))
    for scan_id in last:
        checkins.undo(db, scan_id, because, desk.now)
    inside = _count(db, found)
    after = found.state
    if last and not inside and found.state is CHECKED_IN:
        after = CONFIRMED
        transitions.become(db, booking_id, (CHECKED_IN, after), desk.now)
    if last:
        _note(desk, found, "undo_check_in", after, because)
    is_walk_in = checkins.is_walk_in(db, booking_id)
    is_over = is_walk_in or found.session_state is SessionState.CANCELLED
    if is_over and after is CONFIRMED:
        transitions.become(db, booking_id, (CONFIRMED, CANCELLED), desk.now, EndedBy.BASE)
        _note(desk, found._replace(state=after), "cancel", CANCELLED, because)
        returns.give_back(
            db,
            found.pool_id,
            booking_id,
            found.places,
            now=desk.now,
            locale=desk.home_locale,
        )
    reached("after_effect")
    return Result("", words.taken_back(found, inside), visit=visit, inside=inside)


def visit_of(db: Db, booking_id: int) -> Visit:
    """A visit that is there."""
    found = bookings.by_id(db, booking_id)
    assert found is not None
    return found


def people_of(visit: Visit) -> int:
    """How many a party is."""
    return visit.adults + visit.children


def _at_door(desk: Desk, booking_id: int, scans: Sequence[Scan]) -> list[Result]:
    """Keep scans of one visit, and count anew who is inside."""
    db = desk.db
    checkins.lock(db, booking_id)
    refused: dict[str, Refusal] = {}
    for scan in scans:
        refusal = _keep(desk, visit_of(db, booking_id), scan)
        if refusal is not None:
            refused[scan.scan_id] = refusal
    visit = visit_of(db, booking_id)
    inside = _count(db, visit)
    visit = visit._replace(heads=inside)
    if inside and visit.state is NO_SHOW:
        _came_after_all(desk, visit)
    shares = rules.counted(_noted(db, booking_id), people_of(visit))
    return [
        _refused(scan, refused[scan.scan_id], visit)
        if scan.scan_id in refused
        else _counted(scan, visit, shares.get(scan.scan_id, 0))
        for scan in scans
    ]


def _keep(desk: Desk, visit: Visit, scan: Scan) -> Refusal | None:
    """Keep one scan, or say why not. One that came before is as it was."""
    known = checkins.scan(desk.db, scan.scan_id)
    if known is not None and visit.base_id in desk.bases:
        return Refusal(Why.UNDONE, words.WAS_UNDONE) if known.undone_at else None
    refusal = may_enter(desk, visit, scan)
    if refusal is not None:
        return refusal
    row = CheckIn(
        scan_id=scan.scan_id,
        booking_id=visit.id,
        heads=scan.heads or people_of(visit),
        device=desk.device,
        person_id=desk.person_id,
        at=min(scan.at, desk.now),  # a device's clock may be fast
        stored_at=desk.now,
    )
    if checkins.add(desk.db, row):
        after = CHECKED_IN if visit.state is CONFIRMED else visit.state
        if after is not visit.state:
            transitions.become(desk.db, visit.id, (visit.state, after), desk.now)
        _note(desk, visit, "check_in", after, "late" if scan.is_late_welcome else "")
    return None


def _came_after_all(desk: Desk, visit: Visit) -> None:
    """A visit stays missed once it is, since nothing leads out of that; but it does not count."""
    struck = strikes.of_visit(desk.db, visit.id)
    if struck is not None and struck.appeal is not Appeal.GRANTED:
        excuses.excuse(
            desk.db,
            struck,
            desk.now,
            locale=desk.home_locale,
            by=desk.person_id,
            because=excuses.CAME_AFTER_ALL,
        )


def _counted(scan: Scan, visit: Visit, counted: int) -> Result:
    if not counted:
        complete = rules.complete(people_of(visit))
        return _refused(scan, complete, visit)
    surplus = max((scan.heads or 0) - counted, 0)
    text = words.let_in(visit, surplus)
    return Result(scan.scan_id, text, None, visit.public_id, counted, surplus, visit.heads)


def _refused(scan: Scan, refusal: Refusal, visit: Visit | None = None) -> Result:
    public_id, inside = (visit.public_id, visit.heads) if visit else ("", 0)
    return Result(scan.scan_id, refusal.text, refusal.why, public_id, inside=inside)


def _meant(db: Db, scan: Scan, key: bytes) -> int | Refusal:
    """The visit that was scanned. A payload that is not ours is not looked up."""
    public_id = seal.opened(scan.payload, key)
    code = None if public_id else rules.code_of(scan.payload)
    if public_id is None and code is None:
        return Refusal(Why.FORGED, words.NO_TICKET)
    known = checkins.scan(db, scan.scan_id)
    if known is not None:
        return known.booking_id
    found = checkins.find(db, code=code or "", public_id=public_id or "")
    return Refusal(Why.UNKNOWN, words.CHECK_AGAIN) if found is None else found


def _count(db: Db, visit: Visit) -> int:
    inside = sum(rules.counted(_noted(db, visit.id), people_of(visit)).values())
    checkins.count(db, visit.id, inside)
    return inside


def _noted(db: Db, booking_id: int) -> list[Noted]:
    return [Noted(each.at, each.scan_id, each.heads) for each in checkins.scans_of(db, booking_id)]


def _note(desk: Desk, visit: Visit, action: str, after: BookingState, because: str) -> None:
    audit.note(
        desk.db,
        "booking",
        visit.id,
        action,
        desk.now,
        person_id=desk.person_id,
        before=visit.state,
        after=after,
        reason=because,
    )
