"""How does a family book a visit?"""

from datetime import timedelta
from functools import partial

from handlers.booking import actions, guests, options, queue, short, who, words
from handlers.booking.actions import SessionClosed, SessionFull
from handlers.booking.fill import fill
from handlers.booking.guests import Facts
from handlers.booking.party import Guests
from handlers.booking.queue import PlacesFree
from handlers.conversation.chat import Chat, conversation
from handlers.profile.words import lines, texts_of
from handlers.texts import _, plain


async def _base(chat: Chat) -> str:
    base = await chat.choose(
        "base",
        _("Which base would you like to visit?"),
        options.places,
        title=_("Where"),
        takes_only=True,
    )
    if not options.is_district(base):
        return base
    return await chat.choose(
        "base.there",
        _("Which base there?"),
        partial(options.places_in, district=base),
        title=_("Base"),
        takes_only=True,
    )


async def _instead(chat: Chat, session: str, party: Guests, facts: Facts) -> str | None:
    """Another session than the one that is short of places; None when the family waits for it."""
    chosen = await chat.choose(
        "wait",
        short.why(facts, party),
        partial(short.ways, session=session, guests=party),
        title=_("Instead"),
    )
    if chosen not in short.ON_THE_LIST:
        return chosen
    joined = await chat.do(
        "join",
        queue.join,
        session,
        party,
        takes_fewer=chosen == short.FEWER,
        ask_again={PlacesFree: "session", SessionClosed: "session"},
    )
    chat.say(plain(joined))
    return None


@conversation(
    "booking",
    command="book",
    words=("预约", "book"),
    title=_("Book a visit"),
    remind_after=timedelta(hours=2),
    expires_after=timedelta(days=2),
    fills=fill,
)
async def book_visit(chat: Chat) -> None:
    """A family books a visit. Nothing is held until they confirm."""
    base = await _base(chat)
    day = await chat.pick_date(
        "day", _("Which day?"), partial(options.open_days, base=base), title=_("Day")
    )
    session = await chat.choose(
        "session",
        _("Which session?"),
        partial(options.sessions, base=base, day=day),
        title=_("Session"),
    )
    facts = guests.facts_of(await chat.look("party", guests.party_facts, session=session))
    party = await who.party(chat, session, facts)
    if party is None:
        return
    price, known = facts.price_fen, facts.once_booked
    if facts.must_wait(party):
        instead = await _instead(chat, session, party, facts)
        if instead is None:
            return
        session = instead
        price = await chat.look("price", short.price_of, session=session)
        known = await chat.look("known", short.once_booked, session=session)
    check = words.to_check(party.adults, party.children_count, price)
    await chat.confirm(lines(check, *texts_of(known)))
    booked = await chat.do(
        "book",
        actions.book,
        session,
        party,
        ask_again={SessionFull: "session", SessionClosed: "session"},
    )
    text, ticket = words.retold(booked)
    chat.say(text, *ticket)
