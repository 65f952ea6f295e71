"""How does a family take places that came free, or let them go?"""

from datetime import timedelta
from typing import Any

from handlers.booking import queue, waiting_words, words
from handlers.booking.waiting_words import NO, YES
from handlers.conversation.chat import Chat, conversation
from handlers.here import Here
from handlers.messages import Refused
from handlers.texts import _

NOTHING_OFFERED = _("No places are offered to you at the moment. Your visits: “my visits”.")
WHICH = _("Places in several sessions are offered to you. Please tap the one you mean.")


def answered(here: Here, given: str) -> Any:
    """Answer the offer that stood on the button, or the only one there is."""
    offer, answer = _meant(here, given)
    if answer == NO:
        queue.decline(here, offer)
        return None
    return queue.accept(here, offer)


def _meant(here: Here, given: str) -> tuple[str, str]:
    found = given.split()
    if len(found) == 2 and found[1] in (YES, NO):
        return found[0], found[1]
    offer = queue.only_offer(here)
    if offer is None:
        raise Refused(WHICH if queue.has_offers(here) else NOTHING_OFFERED)
    return offer, NO if found == [NO] else YES


@conversation(
    "offer",
    command="offer",
    words=("要", "我要", "候补名额"),
    title=_("Places that came free"),
    expires_after=timedelta(hours=12),
    is_beside=True,
)
async def answer_offer(chat: Chat) -> None:
    """One tap, or one word: yes or no to the places offered."""
    booked = await chat.do("answer", answered, chat.given)
    if booked is None:
        chat.say(waiting_words.LET_GO)
        return
    text, ticket = words.retold(booked)
    chat.say(text, *ticket)


@conversation(
    "no_offer",
    command="let_go",
    words=("不要", "不要了"),
    title=_("Let the places go"),
    expires_after=timedelta(hours=12),
    is_beside=True,
)
async def let_go(chat: Chat) -> None:
    """The word for no, without a tap."""
    await chat.do("answer", answered, NO)
    chat.say(waiting_words.LET_GO)
