"""How does a family move a visit to another session, or change who comes?"""

from collections.abc import Iterator
from datetime import date
from functools import partial

from handlers.booking import actions, changes, guests, rules, who, words
from handlers.booking.actions import SessionClosed, SessionFull
from handlers.conversation.chat import Chat
from handlers.conversation.question import Option
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile.rules import No
from handlers.profile.words import lines
from handlers.texts import Day, _
from storage import bookings, venues
from storage.venues import Offered

NO_OTHER = _("No other session of this base has places for all of you at the moment.")


async def move(chat: Chat, visit: str) -> None:
    """Another day and session of the same base; the old visit is kept until that is sure."""
    day = await chat.pick_date(
        "day", _("To which day?"), partial(days, visit=visit), title=_("Day")
    )
    session = await chat.choose(
        "session", _("Which session?"), partial(sessions, visit=visit, day=day), title=_("Session")
    )
    await chat.confirm(_("Shall the visit be moved? The old one ends with that."))
    moved = await chat.do(
        "move",
        changes.move,
        visit,
        session,
        ask_again={SessionFull: "session", SessionClosed: "session", Refused: "what"},
    )
    text, ticket = words.retold(moved)
    chat.say(text, *ticket)


async def change_party(chat: Chat, visit: str) -> None:
    """Other people for the same session."""
    facts = guests.facts_of(await chat.look("facts", guests.changing_facts, visit=visit))
    party = await who.party(chat, "", facts, visit)
    if party is None:
        return
    coming = words.party(party.adults, party.children_count)
    await chat.confirm(_("Shall the visit be changed? It is for {party} then.", party=coming))
    changed = await chat.do(
        "change", changes.change_party, visit, party, ask_again={Refused: "what"}
    )
    text, ticket = words.retold(changed)
    chat.say(text, *ticket)


def days(here: Here, visit: str) -> list[Option]:
    """The days with sessions that the whole party can go to instead. Raises Refused: none."""
    left: dict[date, int] = {}
    for each in _others(here, visit):
        left[each.local_date] = left.get(each.local_date, 0) + each.places_left
    if not left:
        raise Refused(NO_OTHER)
    return [Option(day.isoformat(), Day(day), words.places_left(left[day])) for day in sorted(left)]


def sessions(here: Here, visit: str, day: date) -> list[Option]:
    """The sessions of a day that the whole party can go to instead. Raises Refused: none."""
    options = [
        Option(each.public_id, words.session_label(each), words.session_note(each))
        for each in sorted(_others(here, visit), key=lambda each: (each.starts_at, each.id))
        if each.local_date == day
    ]
    if not options:
        raise Refused(lines(NO_OTHER, _("Please choose another day.")))
    return options


def _others(here: Here, visit: str) -> Iterator[Offered]:
    found, offered = changes.changing(here, visit)
    children = bookings.children_of(here.db, found.id)
    party = rules.Party(tuple(map(actions.rules_child, children)), found.adults)
    for each in venues.sessions_instead(here.db, offered, found.places, here.now):
        rule = words.rules_of(each)
        is_other = each.base_id == found.base_id and each.id != found.session_id
        fits = rules.places(rule, party) <= each.places_left
        may_come = rules.may_come(rule, party)
        may_book = rules.may_book(rule, here.now, has_visit=False)
        if is_other and fits and not isinstance(may_come, No) and not isinstance(may_book, No):
            yield each
