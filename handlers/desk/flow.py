"""How does the desk check parties in, and see its day?"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from handlers.conversation.chat import Chat, conversation
from handlers.conversation.question import Option
from handlers.conversation.readers import whole_number
from handlers.desk import actions, excuses, options, walkins, words
from handlers.desk.readers import EXCUSED_BECAUSE, UNDO, UNDONE_BECAUSE, Code
from handlers.profile.words import lines, texts_of
from handlers.texts import Text, _, ngettext

QUEUE_MAX = 60  # codes in one go; the answers of a conversation are all kept until it ends
LISTED_MAX = 8  # so many people of a party are offered one by one
NOBODY, FEWER, YES, NO = "0", "fewer", "yes", "no"
GRANT, REFUSE, LATER = "grant", "refuse", "later"
DECISIONS = (
    Option(GRANT, _("Excuse the visit")),
    Option(REFUSE, _("It still counts")),
    Option(LATER, _("Decide later")),
)
LATE = (Option(YES, _("Let them in anyway")), Option(NO, _("They stay outside")))
COMPLETE = (Option(NO, _("Next code")), Option(UNDO, _("Undo this check-in")))
_WHOSE_TURN = _("Please type the code on the ticket, such as K7MW-2QRT.")
_NEXT = _("The next code, please.")


def _counts(rest: int, inside: int) -> Sequence[Option]:
    """How many of a party come in: the number typed is the number of people."""
    if inside:
        everybody = ngettext("The other {n} is here", "The other {n} are here", rest)
    else:
        everybody = ngettext("{n} person is here", "All {n} are here", rest)
    fewer = [Option(str(n), words.people(n)) for n in range(1, rest)]
    if len(fewer) >= LISTED_MAX:
        fewer = [Option(FEWER, _("Fewer"))]
    return [*fewer, Option(str(rest), everybody), Option(NOBODY, _("Nobody comes in"))]


def _told(stored: Any) -> Text:
    """Words that an action or a look gave."""
    return lines(*texts_of(stored if isinstance(stored, list) else [stored]))


async def _let_in(chat: Chat, n: int, typed: str) -> str:
    """The visit of which somebody came in; "" when nobody did."""
    found = await chat.look(f"door.{n}", options.at_door, typed=typed)
    card = _told(found["text"])
    if found["is_complete"]:
        if await chat.choose(f"complete.{n}", card, COMPLETE) == UNDO:
            await _take_back(chat, n, found["visit"])
        return ""
    if found["is_late"]:
        if await chat.choose(f"late.{n}", card, LATE) == NO:
            return ""
        card = _("How many come in?")
    if not found["rest"]:
        chat.say(card)
        return ""
    heads = await chat.choose(f"heads.{n}", card, _counts(found["rest"], found["inside"]))
    if heads == NOBODY:
        return ""
    count = int(heads) if heads != FEWER else await _fewer(chat, n, found["rest"])
    done = await chat.do(
        f"enter.{n}", actions.enter, found["visit"], count, is_late_welcome=found["is_late"]
    )
    chat.say(_told(done))
    visit: str = found["visit"]
    return visit


async def _fewer(chat: Chat, n: int, rest: int) -> int:
    return await chat.ask(f"fewer.{n}", _("How many come in?"), whole_number(1, rest))


async def _take_back(chat: Chat, n: int, visit: str) -> None:
    because = await chat.ask(f"because.{n}", _("What was wrong?"), UNDONE_BECAUSE)
    chat.say(_told(await chat.do(f"undo.{n}", actions.take_back, visit, because)))


@conversation(
    "checkin",
    command="checkin",
    words=("核销", "check in"),
    title=_("Check in"),
    expires_after=timedelta(hours=12),
)
async def check_in(chat: Chat) -> None:
    """One code after the other, as the queue moves on."""
    if not await chat.look("staff", options.is_staff):
        chat.say(words.NOT_STAFF)
        return
    last = ""
    for n in range(1, QUEUE_MAX + 1):
        if n == 1 and chat.given:
            typed = chat.given
        else:
            asked = _NEXT if n > 1 else _WHOSE_TURN
            typed = await chat.ask(f"code.{n}", asked, Code(can_undo=last != ""))
        if typed == UNDO:
            await _take_back(chat, n, last)
            last = ""
        else:
            last = await _let_in(chat, n, typed)
    chat.say(_("To go on, type “check in” again."))


async def _on_day(chat: Chat, n: int, base: str) -> str:
    """The session to look at next; "" for the day again."""
    overview = _told(await chat.look(f"day.{n}", options.overview, base=base))
    what = await chat.choose(f"what.{n}", overview, partial(options.day, base=base))
    if what == options.CODE:
        typed = await chat.ask(f"code.{n}", _WHOSE_TURN, Code())
        await _let_in(chat, n, typed)
    elif what == options.OBJECTIONS:
        await _decide(chat, n, base)
    elif what == options.EXCUSE:
        await _excuse(chat, n, base)
    else:
        return what
    return ""


async def _at_session(chat: Chat, n: int, session: str) -> str:
    """The session to look at next; "" for the day again."""
    card = _told(await chat.look(f"session.{n}", options.session_card, session=session))
    what = await chat.choose(f"who.{n}", card, partial(options.parties, session=session))
    if what == options.DAY:
        return ""
    if what == options.WALK_IN:
        await _walk_in(chat, n, session)
    elif what == options.UNDO:
        visit = await chat.choose(
            f"whose.{n}", _("Whose check-in was wrong?"), partial(options.inside, session=session)
        )
        await _take_back(chat, n, visit)
    else:
        await _let_in(chat, n, what)
    return session


async def _walk_in(chat: Chat, n: int, session: str) -> None:
    room = await chat.look(f"room.{n}", walkins.room, session=session)
    if room <= 0:
        chat.say(_("No place is free in this session."))
        return
    adults = await chat.ask(
        f"adults.{n}",
        ngettext(
            "{n} place is free. How many adults?", "{n} places are free. How many adults?", room
        ),
        whole_number(0, min(LISTED_MAX - 1, room)),
    )
    children = await chat.ask(
        f"children.{n}", _("How many children?"), whole_number(0, LISTED_MAX - 1)
    )
    done = await chat.do(f"walkin.{n}", walkins.walk_in, session, adults, children)
    chat.say(_told(done))


async def _decide(chat: Chat, n: int, base: str) -> None:
    """A coordinator decides on what a family objects to."""
    visit = await chat.choose(
        f"which.{n}",
        _("Which objection?"),
        partial(options.objections, base=base),
        takes_only=True,
    )
    told = _told(await chat.look(f"objection.{n}", options.objection, visit=visit))
    what = await chat.choose(f"decide.{n}", told, DECISIONS)
    if what != LATER:
        await chat.do(f"decided.{n}", excuses.decide, visit, is_granted=what == GRANT)
        chat.say(_("Noted. The family is told."))


async def _excuse(chat: Chat, n: int, base: str) -> None:
    """A coordinator lets no missed visit of a session count."""
    session = await chat.choose(
        f"missed.{n}",
        _("The missed visits of which session shall not count?"),
        partial(options.missed_sessions, base=base),
    )
    because = await chat.ask(f"because.{n}", _("What is the reason?"), EXCUSED_BECAUSE)
    count = await chat.do(f"excused.{n}", excuses.excuse_session, session, because)
    chat.say(
        ngettext(
            "{n} missed visit no longer counts. The family is told.",
            "{n} missed visits no longer count. The families are told.",
            count,
        )
    )


@conversation(
    "today",
    command="today",
    words=("今日场次",),  # 今日 alone answers which day
    title=_("Today"),
    expires_after=timedelta(hours=12),
)
async def today(chat: Chat) -> None:
    """Today's sessions at a base: who came, who is missing, and what else can be done."""
    if not await chat.look("staff", options.is_staff):
        chat.say(words.NOT_STAFF)
        return
    base = await chat.choose("base", _("Which base?"), options.bases, takes_only=True)
    session = ""
    for n in range(1, QUEUE_MAX + 1):
        if session:
            session = await _at_session(chat, n, session)
        else:
            session = await _on_day(chat, n, base)
    chat.say(_("To go on, type /today again."))
