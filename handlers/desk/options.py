"""What does the desk see of a day, a session and a visit, and what can it choose?"""

from datetime import timedelta
from typing import Any

from handlers.booking import rating
from handlers.booking.words import code_shown, day_at
from handlers.conversation.question import Option
from handlers.desk import actions, rules, staff, words
from handlers.desk.actions import Scan
from handlers.desk.rules import Why
from handlers.here import Here
from handlers.messages import command_token
from handlers.profile.actions import NotThere
from handlers.profile.words import lines
from handlers.texts import Text, _, as_json, ngettext
from storage import checkins, ratings, roles, strikes
from storage.checkins import OfDay
from storage.models import Duty, SessionState, StrikeKind
from storage.roles import Served

CODE, OBJECTIONS, EXCUSE = "@code", "@objections", "@excuse"
WALK_IN, UNDO, DAY = "@walk_in", "@undo", "@day"
EXCUSED_WITHIN = timedelta(days=30)


def is_staff(here: Here) -> bool:
    """Whether whoever talks works at the desk of some base."""
    return bool(staff.bases(here))


def bases(here: Here) -> list[Option]:
    """The bases where whoever talks works."""
    return [Option(each.public_id, each.name) for each in staff.bases(here)]


def overview(here: Here, base: str) -> Any:
    """The sessions of today at a base, as JSON."""
    at = staff.base(here, base)
    return as_json(words.day(_today(here, at), at.name, at.time_zone, here.now))


def day(here: Here, base: str) -> list[Option]:
    """What can be done at a base today; more for its coordinators."""
    at = staff.base(here, base)
    options = [
        Option(each.public_id, words.session_label(each, at.time_zone), _note(each))
        for each in _today(here, at)
    ]
    options.append(Option(CODE, _("Check in by code")))
    if roles.is_enough(at.duty, Duty.COORDINATOR):
        waiting = len(strikes.objections(here.db, at.id))
        if waiting:
            label = ngettext("{n} objection waits", "{n} objections wait", waiting)
            options.append(Option(OBJECTIONS, label))
        if missed_sessions(here, base):
            options.append(Option(EXCUSE, _("Excuse missed visits")))
    return options


def session_card(here: Here, session: str) -> Any:
    """A session with how many are expected and inside, and what families thought, as JSON."""
    of_day, at = _session(here, session)
    said = words.session(of_day, at.time_zone)
    rated = rating.told(ratings.of_session(here.db, session))
    return as_json(lines(said, rated) if rated else said)


def parties(here: Here, session: str) -> list[Option]:
    """Who is still missing at a session, by code; and what else can be done there."""
    of_day, at = _session(here, session)
    expected = checkins.expected(here.db, of_day.id)
    missing = [each for each in expected if each.heads < each.people]
    options = [Option(each.code, code_shown(each.code), words.party_note(each)) for each in missing]
    options.append(Option(WALK_IN, _("Let a walk-in in")))
    if any(each.heads for each in expected):
        options.append(Option(UNDO, _("Undo a check-in")))
    is_ahead = here.now < of_day.starts_at and of_day.state is SessionState.PUBLISHED
    if is_ahead and roles.is_enough(at.duty, Duty.COORDINATOR):
        command = command_token("calloff", of_day.public_id)
        options.append(Option(command, _("Call this session off")))
    return [*options, Option(DAY, _("All sessions"))]


def inside(here: Here, session: str) -> list[Option]:
    """Who of a session is inside, be it in part."""
    of_day, _at = _session(here, session)
    return [
        Option(each.public_id, code_shown(each.code), words.party_note(each))
        for each in checkins.expected(here.db, of_day.id)
        if each.heads
    ]


def at_door(here: Here, typed: str) -> dict[str, Any]:
    """The visit with a code as the desk sees it: its words, how many may come in, why not."""
    desk = staff.desk_of(here)
    code = rules.code_of(typed)
    booking_id = None if code is None else checkins.find(here.db, code=code)
    if booking_id is None:
        return _shut(words.CHECK_AGAIN)
    visit = actions.visit_of(here.db, booking_id)
    refusal = actions.may_enter(desk, visit, Scan("", "", here.now))
    if refusal is not None and refusal.why is Why.OTHER_BASE:
        return _shut(refusal.text)
    people = actions.people_of(visit)
    if visit.heads >= people and (refusal is None or refusal.why is Why.TOO_LATE):
        refusal = rules.complete(people)
    shown = _shut(words.card(visit) if refusal is None else words.refused(visit, refusal.text))
    if refusal is None or refusal.why is Why.TOO_LATE:
        shown |= {"rest": people - visit.heads, "inside": visit.heads}
    return {
        **shown,
        "visit": visit.public_id,
        "is_late": refusal is not None and refusal.why is Why.TOO_LATE,
        "is_complete": refusal is not None and refusal.why is Why.COMPLETE,
    }


def objections(here: Here, base: str) -> list[Option]:
    """What families object to at a base, the earliest first."""
    at = staff.base(here, base, Duty.COORDINATOR)
    return [
        Option(each.visit, words.struck_visit(each), words.people(each.people))
        for each in strikes.objections(here.db, at.id)
    ]


def objection(here: Here, visit: str) -> Any:
    """One objection, as JSON."""
    booking_id = checkins.find(here.db, public_id=visit)
    struck = None if booking_id is None else strikes.of_visit(here.db, booking_id)
    if struck is None:
        raise NotThere
    staff.require(here, struck.base_id, Duty.COORDINATOR)
    return as_json(words.objection(struck))


def missed_sessions(here: Here, base: str) -> list[Option]:
    """The sessions of the last weeks with missed visits that count, the newest first."""
    at = staff.base(here, base, Duty.COORDINATOR)
    found = strikes.recent(here.db, at.id, here.now - EXCUSED_WITHIN)
    missed = [each for each in found if each.kind is StrikeKind.NO_SHOW]
    sessions = {each.session: words.struck_visit(each) for each in reversed(missed)}
    counts = {session: sum(each.session == session for each in missed) for session in sessions}
    return [
        Option(session, label, words.missed_count(counts[session]))
        for session, label in sessions.items()
    ]


def _shut(text: Text) -> dict[str, Any]:
    return {
        "text": as_json(text),
        "visit": "",
        "rest": 0,
        "inside": 0,
        "is_late": False,
        "is_complete": False,
    }


def _today(here: Here, at: Served) -> list[OfDay]:
    today = day_at(here.now, at.time_zone).date
    return checkins.sessions_on(here.db, at.id, today)


def _session(here: Here, public_id: str) -> tuple[OfDay, Served]:
    found = checkins.session(here.db, public_id)
    served = {each.id: each for each in staff.bases(here)}
    if found is None or found.base_id not in served:
        raise staff.NotStaff
    return found, served[found.base_id]


def _note(of_day: OfDay) -> Text:
    if of_day.state is SessionState.CANCELLED:
        return _("cancelled")
    return words.inside(of_day.inside, of_day.people)
