"""How are sessions, parties and visits said?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.booking import deadlines, rules
from handlers.messages import Attachment
from handlers.profile.rules import No
from handlers.profile.words import facts, lines
from handlers.texts import Clock, Day, Several, Text, Value, _, ngettext, plain, say
from storage.bookings import Visit
from storage.models import BookingState, SessionState
from storage.venues import Offered

day_at = deadlines.day_at


def code_shown(code: str) -> str:
    """A booking's code as people read it: "K7MW-2QRT"."""
    return f"{code[:4]}-{code[4:]}"


def money(fen: int) -> str:
    """An amount in yuan: "¥20", "¥12.50"."""
    yuan, rest = divmod(fen, 100)
    return f"¥{yuan}.{rest:02}" if rest else f"¥{yuan}"


def places_left(n: int, *, has_list: bool = False) -> Text:
    """How many places are left, short enough for a button."""
    if n > 0:
        return _("{n} left", n=n)
    return _("full · waiting list") if has_list else _("full")


def session_label(session: Offered) -> str:
    """A session among those of its day; the digits are the same in every language."""
    zone = ZoneInfo(session.time_zone)
    start, end = (at.astimezone(zone) for at in (session.starts_at, session.ends_at))
    return f"{start:%H:%M}–{end:%H:%M} {session.course}"


def session_instead(session: Offered, base: str) -> Text:
    """A session of another day than was asked for, or of another base than `base`."""
    day, label = Day(session.local_date), session_label(session)
    if session.base_public_id == base:
        return _("{day} instead, {session}", day=day, session=label)
    return _("{base} instead, {day}, {session}", base=session.base, day=day, session=label)


def session_note(session: Offered, suits: Text | None = None, *, can_wait: bool = False) -> Text:
    """What decides between sessions: places, price, and for whom: `suits`, else the ages."""
    places = full_with_list(session.waiting) if can_wait else places_left(session.places_left)
    said: list[Value] = [places]
    if session.price_fen:
        said.append(money(session.price_fen))
    limits = suits or rules.ages_of(rules_of(session))
    if limits is not None:
        said.append(limits)
    return facts(*said) if len(said) > 1 else places


def full(left: int, wanted: int, instead: Sequence[Offered], base: str) -> Text:
    """Why a party does not fit, and where it would."""
    why = short(left, wanted)
    if not instead:
        return lines(why, _("There is no other session with so many places at the moment."))
    return lines(
        why, _("These have places for you:"), *(_suggested(each, base) for each in instead)
    )


def short(left: int, wanted: int) -> Text:
    """Why a party does not fit."""
    if left <= 0:
        return _("This session is full.")
    return ngettext(
        "Only {n} place is left in this session; you need {wanted}.",
        "Only {n} places are left in this session; you need {wanted}.",
        left,
        wanted=wanted,
    )


def full_with_list(waiting: int) -> Text:
    """That a session is full, but can be waited for, short enough for a button."""
    if not waiting:
        return _("full · waiting list (nobody yet)")
    return ngettext(
        "full · waiting list ({n} family)", "full · waiting list ({n} families)", waiting
    )


def party(adults: int, children: int) -> Value:
    """How many come: "1 adult and 2 children"."""
    said = []
    if adults:
        said.append(ngettext("{n} adult", "{n} adults", adults))
    if children:
        said.append(ngettext("{n} child", "{n} children", children))
    return Several(tuple(said))


def who(children: Sequence[str], adults: int) -> Value:
    """Who comes, by name: "小明 + 1 adult"."""
    names = Several(tuple(children))
    if not adults:
        return names
    return ngettext("{children} + {n} adult", "{children} + {n} adults", adults, children=names)


def to_check(adults: int, children: int, price_fen: int) -> Text:
    """What stands above the answers that are to be confirmed."""
    whom = party(adults, children)
    if not price_fen:
        return lines(_("Please check your visit."), _("For {party}, free of charge.", party=whom))
    price = money(price_fen * (adults + children))
    cost = _("For {party}: {price} in all, paid at the base.", party=whom, price=price)
    return lines(_("Please check your visit."), cost)


def card(visit: Visit, now: datetime) -> Text:
    """All a family needs of a visit: what, when, where, who, the code, how to cancel."""
    zone = visit.time_zone
    said: list[Value] = [
        visit.course,
        _(
            "{day}, {start}–{end}",
            day=day_at(visit.starts_at, zone),
            start=Clock(visit.starts_at, zone),
            end=Clock(visit.ends_at, zone),
        ),
        facts(*filter(None, (visit.base, visit.room, visit.address))),
        party(visit.adults, visit.children),
    ]
    if visit.price_fen:
        price = money(visit.price_fen * (visit.adults + visit.children))
        said.append(_("{price} in all, paid at the base", price=price))
    if visit.terms.documents in _DOCUMENTS:
        said.append(_DOCUMENTS[visit.terms.documents])
    said.append(_("Code: {code}", code=code_shown(visit.code)))
    return lines(*said, _state(visit, now))


def booked(visit: Visit, now: datetime) -> Text:
    """The card of a visit just booked."""
    return lines(_("Your visit is booked."), card(visit, now))


def moved(visit: Visit, now: datetime) -> Text:
    """The card of a visit just moved."""
    return lines(_("Your visit is moved. The ticket has a new code."), card(visit, now))


def changed(visit: Visit, now: datetime) -> Text:
    """The card of a visit whose party was just changed."""
    return lines(_("Your visit is changed."), card(visit, now))


def too_few_left(left: int, more: int) -> Text:
    """Why a party cannot grow."""
    if left <= 0:
        return _("This session is full, so nobody else can come along.")
    return ngettext(
        "Only {n} more place is left in this session; you need {more}.",
        "Only {n} more places are left in this session; you need {more}.",
        left,
        more=more,
    )


def in_a_line(visit: Visit) -> Text:
    """A visit among others: when and what."""
    return _(
        "{day} {time} {course}, {base}",
        day=day_at(visit.starts_at, visit.time_zone),
        time=Clock(visit.starts_at, visit.time_zone),
        course=visit.course,
        base=visit.base,
    )


def state(visit: Visit) -> Text:
    """What has become of a visit, in a word or two."""
    return _STATES[visit.state]


def ticket(visit: Visit, locale: str) -> list[Attachment]:
    """The ticket page, its QR code, and the visit for a calendar."""
    code, path = code_shown(visit.code), f"/tickets/{visit.public_id}"
    return [
        Attachment("image", say(_("QR code of {code}", code=code), locale), f"{path}/qr.png"),
        Attachment("link", say(_("Open the ticket"), locale), path),
        Attachment("file", say(_("Add to the calendar"), locale), f"{path}.ics"),
    ]


def told(text: Text, visit: Visit, locale: str) -> dict[str, Any]:
    """Words about a visit and its ticket, as the result of an action, for `retold`.

    In words already, since an action's result is said in the turn that made it.
    """
    files = [[each.kind, each.name, each.url] for each in ticket(visit, locale)]
    return {"text": say(text, locale), "attachments": files}


def retold(stored: Any) -> tuple[Text, list[Attachment]]:
    """What `told` gave."""
    return plain(stored["text"]), [Attachment(*each) for each in stored["attachments"]]


def rules_of(session: Offered) -> rules.Session:
    """What the rules need to know of a session."""
    return rules.Session(
        audience=session.audience,
        day=session.local_date,
        starts_at=session.starts_at,
        zone=session.time_zone,
        release_at=session.release_at,
        is_cancelled=session.state is SessionState.CANCELLED,
        min_age=session.min_age,
        max_age=session.max_age,
        is_accompanied=session.is_accompanied,
        party_max=min(session.party_max, session.terms.party_max),
        children_max=session.terms.children_max,
        closes_minutes=session.terms.closes_minutes,
        min_adults=session.terms.min_adults,
        max_adults_per_child=session.terms.max_adults_per_child,
        min_children=session.terms.min_children,
        alone_from=max(session.terms.unaccompanied_age, session.terms.contact_min_age),
        companion_min_age=session.terms.companion_min_age,
        counts_adults=session.terms.capacity_counts == "all",
    )


def _suggested(session: Offered, base: str) -> Text:
    day, label = Day(session.local_date), session_label(session)
    left = places_left(session.places_left)
    if session.base_public_id == base:
        return facts(_("{day} {session}", day=day, session=label), left)
    where = _("{base}, {day} {session}", base=session.base, day=day, session=label)
    return facts(where, left)


def _state(visit: Visit, now: datetime) -> Text:
    if visit.session_state is SessionState.CANCELLED:
        return _("The base has cancelled this session.")
    if visit.state is not BookingState.CONFIRMED or now >= visit.starts_at:
        return _("State: {state}", state=state(visit))
    return _how_to_cancel(visit, now)


def _how_to_cancel(visit: Visit, now: datetime) -> Text:
    until, zone = visit.cancel_until, visit.time_zone
    verdict = deadlines.may_cancel(visit, now)
    if isinstance(verdict, No):
        contact = visit.phone or visit.base
        return _("{no} If you cannot come, please tell {base}.", no=verdict.why, base=contact)
    assert until is not None
    warning = deadlines.late_warning(visit, now)
    if warning is not None:
        return warning
    return _(
        "To cancel, type “my visits” before {day} {time}.",
        day=day_at(until, zone),
        time=Clock(until, zone),
    )


_DOCUMENTS = {
    "lead": _("Please bring your identity document; its number is not kept here."),
    "all": _("Everybody brings their own identity document; its number is not kept here."),
}
_STATES = {
    BookingState.HELD: _("held for you"),
    BookingState.CONFIRMED: _("booked"),
    BookingState.WAITING: _("on the waiting list"),
    BookingState.OFFERED: _("a place is offered"),
    BookingState.CHECKED_IN: _("visited"),
    BookingState.CANCELLED: _("cancelled"),
    BookingState.NO_SHOW: _("missed"),
    BookingState.MOVED: _("moved"),
    BookingState.EXPIRED: _("expired"),
}
