"""How does somebody link their chats, share a household, and use a code?"""

from datetime import timedelta

from handlers.booking import words as booking
from handlers.conversation.chat import Chat, conversation
from handlers.conversation.question import Option
from handlers.conversation.readers import short_text
from handlers.linking import actions, joining, words
from handlers.profile.words import lines, texts_of
from handlers.texts import _, ngettext
from storage.models import Purpose

CODE_TYPED_MAX = 40
YES, NO = "yes", "no"
YES_OR_NO = (Option(YES, _("Yes, join them")), Option(NO, _("No")))


async def _open(chat: Chat, code: str) -> None:
    """Use a code, after a yes where it joins somebody."""
    found = await chat.do("open", actions.open_code, code)
    if "ask" not in found:
        text, files = booking.retold(found)
        chat.say(text, *files)
        return
    await chat.confirm(words.told(found["ask"]))
    chat.say(words.told(await chat.do("use", joining.use_to_join, code)))


async def _answer(chat: Chat, waiting: dict[str, str]) -> None:
    """Say yes or no to the use of one's own code, where nothing could be sent unasked."""
    said = await chat.choose("was.you", words.told(waiting["text"]), YES_OR_NO)
    answer = await chat.do("answer", joining.answer, waiting["reference"], is_yes=said == YES)
    chat.say(words.told(answer))


@conversation("code", command="code", title=_("Use a code"), expires_after=timedelta(hours=1))
async def use_code(chat: Chat) -> None:
    """A one-use code, typed or opened as a link: a chat, a household, a ticket, a role."""
    code = chat.given or await chat.ask(
        "code", _("Which code were you given?"), short_text(CODE_TYPED_MAX)
    )
    await _open(chat, code)


@conversation(
    "link",
    command="link",
    words=("绑定", "my chats"),
    title=_("Link my chats"),
    expires_after=timedelta(hours=1),
)
async def link_chats(chat: Chat) -> None:
    """Several chats, one person: by a code of one typed in the other, and a yes in both."""
    if chat.given:
        await _open(chat, chat.given)
        return
    waiting = await chat.look("waiting", joining.waiting, Purpose.LINK)
    if waiting:
        await _answer(chat, waiting)
        return
    linked = texts_of(await chat.look("linked", actions.chats_told))
    if linked:
        chat.say(lines(_("Linked with this chat:"), *linked))
    what = await chat.choose(
        "what", _("What would you like to do?"), actions.chats, takes_only=True
    )
    if what == actions.NEW:
        chat.say(words.told(await chat.do("give", actions.give_link)))
        return
    await chat.confirm(
        _("Shall that chat no longer be yours? What was said there is deleted from Kepu.")
    )
    await chat.do("unlink", actions.unlink, what)
    chat.say(words.UNLINKED)


@conversation("join", command="join", title=_("Your answer"), is_beside=True)
async def answer_use(chat: Chat) -> None:
    """Yes or no to the use of one's own code, by the button of the message that asked."""
    chat.say(words.told(await chat.do("answer", joining.answer_given, chat.given)))


@conversation(
    "household",
    command="family",
    words=("我的家庭", "my household"),
    title=_("My household"),
    expires_after=timedelta(hours=1),
)
async def my_household(chat: Chat) -> None:
    """Two parents, the same children and visits; and how to part again."""
    waiting = await chat.look("waiting", joining.waiting, Purpose.HOUSEHOLD)
    if waiting:
        await _answer(chat, waiting)
        return
    others = await chat.look("others", actions.others)
    if others:
        chat.say(
            ngettext(
                "You share your children and visits with {n} other person.",
                "You share your children and visits with {n} other people.",
                others,
            )
        )
    alone = _("Would you like to share your children and visits with the other parent?")
    asked = _("What would you like to do?") if others else alone
    what = await chat.choose("what", asked, actions.household)
    if what == actions.NEW:
        chat.say(words.told(await chat.do("give", actions.give_household)))
        return
    await chat.confirm(_("Leave the household? Its children and visits stay with the others."))
    await chat.do("leave", actions.leave)
    chat.say(words.LEFT)
