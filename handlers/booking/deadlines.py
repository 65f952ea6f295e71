"""Until when may a visit be cancelled or changed, and when is the door open to a party?"""

from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from handlers.booking import published
from handlers.profile.rules import YES, No, Verdict
from handlers.texts import Clock, Day, Text, _, ngettext
from storage.models import Terms


class Planned(Protocol):
    """What has to be known of a session; a `storage.venues.Offered` does."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def cancel_until(self) -> datetime | None:
        """None: no returns at all."""
        ...

    @property
    def time_zone(self) -> str: ...

    @property
    def terms(self) -> Terms: ...


class Booked(Planned, Protocol):
    """What has to be known of a visit; a `storage.bookings.Visit` does."""

    @property
    def changes(self) -> int: ...


def may_cancel(visit: Planned, now: datetime) -> Verdict:
    """Whether a confirmed visit can still be cancelled, be it late."""
    if now >= visit.starts_at:
        return No(_("The session has begun, so the visit can no longer be cancelled."))
    if visit.cancel_until is None:
        return No(_("This base takes no places back, so the visit cannot be cancelled here."))
    if now > visit.cancel_until and visit.terms.late_cancel == "refused":
        return No(
            _(
                "This visit could be cancelled until {day} {time}.",
                day=day_at(visit.cancel_until, visit.time_zone),
                time=Clock(visit.cancel_until, visit.time_zone),
            )
        )
    return YES


def counts_as_no_show(visit: Planned, now: datetime) -> bool:
    """Whether the visit, cancelled now, counts as if nobody had come."""
    until = visit.cancel_until
    return until is not None and now > until and visit.terms.late_cancel == "strike"


def late_warning(visit: Booked, now: datetime) -> Text | None:
    """What a family has to know before it cancels late; None when it is in time."""
    if visit.cancel_until is None or not counts_as_no_show(visit, now):
        return None
    return _(
        "Cancelling was free until {day} {time}: cancelled now, this visit counts as missed.",
        day=day_at(visit.cancel_until, visit.time_zone),
        time=Clock(visit.cancel_until, visit.time_zone),
    )


def once_booked(session: Planned, now: datetime) -> list[Text]:
    """What a family has to know before it books: nothing, while a visit could be cancelled."""
    verdict = may_cancel(session, now)
    if isinstance(verdict, No):
        return [verdict.why]
    if session.cancel_until is None or not counts_as_no_show(session, now):
        return []
    return [
        _(
            "Cancelling was free until {day} {time}: a visit cancelled after it counts as missed.",
            day=day_at(session.cancel_until, session.time_zone),
            time=Clock(session.cancel_until, session.time_zone),
        )
    ]


def change_until(visit: Booked) -> datetime | None:
    """Until when the visit can be changed; None: never. Without a rule for it, as cancelling."""
    rule, zone = visit.terms.change_rule, ZoneInfo(visit.time_zone)
    if not rule:
        return visit.cancel_until
    starts = visit.starts_at.astimezone(zone)
    return published.cancel_until(rule, starts.date(), starts.time(), zone)


def may_change(visit: Booked, now: datetime) -> Verdict:
    """Whether a confirmed visit can still be moved, or its party changed."""
    if now >= visit.starts_at:
        return No(_("The session has begun, so the visit can no longer be changed."))
    until, most = change_until(visit), visit.terms.change_max
    if until is None or most == 0:
        return No(_("Visits to this base cannot be changed."))
    if visit.changes >= most:
        return No(
            ngettext(
                "A visit here can be changed once, and this one has been.",
                "A visit here can be changed {n} times, and this one has been.",
                most,
            )
        )
    if now > until:
        return No(
            _(
                "This visit could be changed until {day} {time}.",
                day=day_at(until, visit.time_zone),
                time=Clock(until, visit.time_zone),
            )
        )
    return YES


def door_opens(starts_at: datetime, terms: Terms) -> datetime:
    """From when a party is let in."""
    return starts_at - timedelta(minutes=terms.entry_opens_minutes)


def door_closes(starts_at: datetime, ends_at: datetime, terms: Terms) -> datetime:
    """Until when a party is let in: a while after the start, but not just before the end."""
    closes = starts_at + timedelta(minutes=terms.entry_closes_minutes)
    last = ends_at - timedelta(minutes=terms.last_entry_minutes)
    return max(starts_at, min(closes, last))


def day_at(at: datetime, zone: str) -> Day:
    """The calendar day of an instant at a place."""
    return Day(at.astimezone(ZoneInfo(zone)).date())
