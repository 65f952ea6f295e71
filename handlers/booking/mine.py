"""How does a family see its visits again, share, cancel or change one?"""

from datetime import timedelta

from handlers.booking import amend, changes, feed, sharing, visits, words
from handlers.conversation.chat import Chat, conversation
from handlers.conversation.question import Option
from handlers.messages import Refused
from handlers.profile.words import lines, texts_of
from handlers.texts import _, ngettext

WAYS = {  # in the order shown; `visits.visit_card` says which there are
    visits.DONE: Option(visits.DONE, _("No, that is all")),
    visits.TAKE: Option(visits.TAKE, _("Yes, we will come")),
    visits.CANCEL: Option(visits.CANCEL, _("Cancel this visit")),
    visits.LEAVE: Option(visits.LEAVE, _("Leave the waiting list")),
    visits.MOVE: Option(visits.MOVE, _("Move to another session")),
    visits.PARTY: Option(visits.PARTY, _("Change who comes")),
    visits.SHARE: Option(visits.SHARE, _("Share the ticket")),
    visits.CALENDAR: Option(visits.CALENDAR, _("All visits in my calendar")),
}
RENEW = "renew"
OF_CALENDAR = (
    Option(visits.DONE, _("No, that is all")),
    Option(RENEW, _("Another address, and end this one")),
)


async def _calendar(chat: Chat) -> None:
    text, link = words.retold(await chat.do("calendar", feed.address))
    chat.say(text, *link)
    if await chat.choose("renew", _("Is there anything else?"), OF_CALENDAR) == RENEW:
        text, link = words.retold(await chat.do("renewed", feed.renewed))
        chat.say(text, *link)


async def _cancel(chat: Chat, visit: str) -> None:
    known = texts_of(await chat.look("to_know", visits.to_know, visit=visit))
    sure = _("Shall this visit be cancelled? Its places will go to other families.")
    await chat.confirm(lines(sure, *known))
    await chat.do(
        "cancel", changes.cancel, visit, is_warned=len(known) > 0, ask_again={Refused: "what"}
    )
    chat.say(_("The visit is cancelled, and its places are free for others. Thank you."))


async def _answer_list(chat: Chat, visit: str, what: str) -> None:
    if what == visits.TAKE:
        text, ticket = words.retold(await chat.do("take", visits.take_offer, visit))
        chat.say(text, *ticket)
        return
    await chat.confirm(_("Leave this waiting list?"))
    await chat.do("leave", changes.cancel, visit, ask_again={Refused: "what"})
    chat.say(_("You have left the waiting list."))


async def _do(chat: Chat, visit: str, what: str) -> None:
    if what == visits.SHARE:
        text, link = words.retold(await chat.do("share", sharing.share, visit))
        chat.say(text, *link)
    elif what == visits.CALENDAR:
        await _calendar(chat)
    elif what == visits.MOVE:
        await amend.move(chat, visit)
    elif what == visits.PARTY:
        await amend.change_party(chat, visit)
    elif what in (visits.TAKE, visits.LEAVE):
        await _answer_list(chat, visit, what)
    elif what == visits.CANCEL:
        await _cancel(chat, visit)


@conversation(
    "mine",
    command="mine",
    words=("我的预约", "my visits"),
    title=_("My visits"),
    expires_after=timedelta(hours=12),
)
async def my_visits(chat: Chat) -> None:
    """The visits ahead, each with its ticket; one is cancelled only after a yes."""
    found = await chat.look("overview", visits.overview)
    if found["past"]:
        chat.say(lines(_("Your last visits:"), *texts_of(found["past"])))
    if found["missed"]:
        chat.say(
            ngettext(
                "{n} visit counts as missed. If that is not right, type “object”.",
                "{n} visits count as missed. If that is not right, type “object”.",
                found["missed"],
            )
        )
    if not found["ahead"]:
        chat.say(_("You have no visits ahead. To book one, type “book”."))
        return
    visit = await chat.choose(
        "visit",
        _("Which visit would you like to see?"),
        visits.visits_ahead,
        title=_("Visit"),
        takes_only=True,
    )
    shown = await chat.look("card", visits.visit_card, visit=visit)
    card, ticket = words.retold(shown)
    chat.say(card, *ticket)
    ways = [option for way, option in WAYS.items() if way in shown["ways"]]
    if not ways:
        return
    what = await chat.choose("what", _("Is there anything else?"), ways)
    await _do(chat, visit, what)
