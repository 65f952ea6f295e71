"""How does a coordinator call a session off in chat?"""

from datetime import timedelta
from functools import partial
from typing import Any

from handlers.booking import called_off, called_off_words
from handlers.conversation.chat import Chat, conversation
from handlers.conversation.question import Option
from handlers.desk import staff
from handlers.desk.readers import Because
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile.words import lines, texts_of
from handlers.texts import _, as_json, ngettext
from storage import calling_off
from storage.calling_off import Planned
from storage.models import Duty, SessionState

LISTED = 30  # sessions; a later one is named by its code
UNKNOWN = _("There is no session with this code. It stands in the timetable’s column 场次编号.")
OFF = _("This session is called off already.")
ONLY_COORDINATORS = _("Only a coordinator of the base can call a session off.")
NO_FAMILY = _("No family has booked it.")
NONE_AHEAD = _("This base has no session ahead.")
BECAUSE = Because(tuple(Option(each, text) for each, text in called_off_words.USUAL.items()))


def bases(here: Here) -> list[Option]:
    """The bases whose sessions whoever talks may call off. Raises Refused: none."""
    found = staff.bases(here, Duty.COORDINATOR)
    if not found:
        raise _not_theirs(here)
    return [Option(each.public_id, each.name) for each in found]


def sessions(here: Here, base: str) -> list[Option]:
    """The next sessions of a base, by their codes."""
    at = staff.base(here, base, Duty.COORDINATOR)
    found = calling_off.ahead(here.db, at.id, here.now, LISTED)
    if not found:
        raise Refused(NONE_AHEAD)
    return [Option(each.code, called_off_words.session(each)) for each in found]


def concerned(here: Here, code: str) -> Any:
    """What is called off, and how many families are told, for `texts_of`.

    Raises Refused when they may not, or there is nothing to call off.
    """
    planned = _planned(here, code)
    families = len(calling_off.live_visits(here.db, planned.id))
    told = ngettext("{n} family is told at once.", "{n} families are told at once.", families)
    return [as_json(called_off_words.session(planned)), as_json(told if families else NO_FAMILY)]


def call_off(here: Here, code: str, reason: str) -> None:
    """Call a session off. Raises Refused when they may not, or it was already."""
    planned = _planned(here, code)
    done = called_off.call_off(
        here.db,
        planned.id,
        reason,
        now=here.now,
        locale=here.home_locale,
        by=here.speaker.person_id,
    )
    if not done:
        raise Refused(OFF)


def _planned(here: Here, code: str) -> Planned:
    planned = calling_off.named(here.db, code) or calling_off.named(here.db, code.upper())
    theirs = staff.bases(here, Duty.COORDINATOR)
    if planned is None:
        # Whoever works nowhere learns nothing of codes.
        raise Refused(UNKNOWN) if theirs else _not_theirs(here)
    if planned.base_id not in {each.id for each in theirs}:
        raise _not_theirs(here)
    if planned.state is SessionState.CANCELLED:
        raise Refused(OFF)
    return planned


def _not_theirs(here: Here) -> Refused:
    """Why whoever talks may not: a desk is told more than a stranger."""
    return Refused(ONLY_COORDINATORS) if staff.bases(here) else staff.NotStaff()


@conversation(
    "calloff",
    command="calloff",
    words=("取消场次", "停场"),
    title=_("Call a session off"),
    expires_after=timedelta(hours=1),
)
async def call_session_off(chat: Chat) -> None:
    """The session by its code or from a list, why, and a yes."""
    code = chat.given
    if not code:
        base = await chat.choose("base", _("At which base?"), bases, takes_only=True)
        which = _("Which session is to be called off?")
        code = await chat.choose("session", which, partial(sessions, base=base))
    told = texts_of(await chat.look("concerned", concerned, code=code))
    chat.say(lines(*told))
    reason = await chat.ask(
        "reason",
        _("Why is it called off? Families will read it."),
        BECAUSE,
        title=_("Why"),
    )
    await chat.confirm(lines(_("Shall this session be called off?"), *told))
    await chat.do("call_off", call_off, code, reason)
    chat.say(_("The session is called off, and everybody concerned is told."))
