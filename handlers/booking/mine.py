"""How does a family see its visits again, and cancel one?"""

from datetime import timedelta

from handlers.booking import changes, visits, words
from handlers.conversation.chat import Chat, conversation
from handlers.conversation.question import Option
from handlers.messages import Refused
from handlers.profile.words import lines, texts_of
from handlers.texts import _

DONE, CANCEL = "done", "cancel"
WAYS = (Option(DONE, _("No, that is all")), Option(CANCEL, _("Cancel this visit")))


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
    if not shown["can_cancel"]:
        return
    if await chat.choose("what", _("Is there anything else?"), WAYS) == DONE:
        return
    await chat.confirm(_("Shall this visit be cancelled? Its places will go to other families."))
    await chat.do("cancel", changes.cancel, visit, ask_again={Refused: "what"})
    chat.say(_("The visit is cancelled, and its places are free for others. Thank you."))
