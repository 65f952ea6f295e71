"""How does a family see, correct and erase what is kept about it?"""

from datetime import timedelta

from handlers.conversation.chat import Chat, conversation
from handlers.conversation.readers import month_or_grade
from handlers.messages import Refused
from handlers.profile import actions, consent, options
from handlers.profile.readers import NicknameUnlike
from handlers.profile.words import lines, texts_of
from handlers.texts import _, ngettext, plain


async def _add(chat: Chat) -> None:
    if await chat.look("consent.status", consent.status) != "given":
        answer = await chat.choose("consent", consent.TEXT, consent.ANSWERS)
        # Not `do`: a family may go back past it, and noting an answer twice changes nothing.
        await chat.look("consent.kept", consent.keep, answer=answer)
        if answer == consent.REFUSE:
            chat.say(_("Then nothing of a child is kept. You can change your mind here any time."))
            return
    taken = await chat.look("nicknames", options.nicknames)
    name = await chat.ask("name", _("What is the child’s nickname?"), NicknameUnlike(taken))
    age = await chat.ask(
        "birth",
        _("In which month was {child} born? The school grade will do too.", child=name),
        month_or_grade(),
        title=plain(name),
    )
    await chat.do("add", actions.add_child, name, age, ask_again={Refused: "name"})
    chat.say(_("{child} is among your children now.", child=name))


async def _change(chat: Chat, child: str) -> None:
    name = await chat.look("nickname", options.nickname_of, child=child)
    what = await chat.choose(
        "change", _("What shall change about {child}?", child=name), options.CHILD_CHANGES
    )
    if what == options.RENAME:
        taken = await chat.look("nicknames", options.nicknames, beside=child)
        new = await chat.ask(
            "name", _("Which nickname instead of {child}?", child=name), NicknameUnlike(taken)
        )
        await chat.do("rename", actions.rename_child, child, new, ask_again={Refused: "name"})
        chat.say(_("{child} it is.", child=new))
    elif what == options.CORRECT:
        age = await chat.ask(
            "birth",
            _("In which month was {child} born? The school grade will do too.", child=name),
            month_or_grade(),
        )
        await chat.do("correct", actions.correct_age, child, age)
        chat.say(_("That is noted for {child}.", child=name))
    else:
        await chat.confirm(
            _(
                "Shall all that is kept of {child} be erased? Visits you have booked keep their "
                "places, without saying for whom.",
                child=name,
            )
        )
        await chat.do("remove", actions.remove_child, child)
        # The name is not said again: this answer is kept.
        chat.say(_("Erased. To cancel a visit as well, type “my visits”."))


async def _withdraw(chat: Chat) -> None:
    await chat.confirm(
        _(
            "If you withdraw your consent, nicknames, months and grades of all your children are "
            "erased. Visits you have booked keep their places, without saying for whom. Go on?"
        )
    )
    await chat.do("withdraw", actions.withdraw)
    chat.say(
        _(
            "Your consent is withdrawn, and everything about your children is erased. "
            "To cancel a visit as well, type “my visits”."
        )
    )


async def _erase(chat: Chat) -> None:
    if await chat.look("shares", options.shares_household):
        await chat.confirm(
            _(
                "Shall everything about you be deleted? You leave your household: its children and "
                "visits stay with the others. Your language and what was said here are erased."
            )
        )
    else:
        await chat.confirm(
            _(
                "Shall everything about you be deleted? Your visits ahead are cancelled; your "
                "children, your language and what was said here are erased."
            )
        )
    await chat.confirm(_("This cannot be undone. Delete everything?"), name="confirm.again")
    cancelled = await chat.do("erase", actions.erase)
    if cancelled:
        chat.say(
            ngettext(
                "{n} visit was cancelled, its places are free for others.",
                "{n} visits were cancelled, their places are free for others.",
                cancelled,
            )
        )
    chat.say(
        _(
            "Everything is deleted. Only the address of this chat is left, so that this answer "
            "can reach you."
        )
    )


@conversation(
    "me",
    command="me",
    words=("我的资料", "my details"),
    title=_("My details"),
    expires_after=timedelta(hours=12),
)
async def my_details(chat: Chat) -> None:
    """The children and their ages, all that is kept, and how to be rid of it."""
    what = await chat.choose("what", _("What would you like to see or change?"), options.details)
    if what == options.ADD:
        await _add(chat)
    elif what == options.DATA:
        kept = texts_of(await chat.look("kept", options.everything))
        chat.say(lines(_("This is all that Kepu keeps about you:"), *kept))
    elif what == options.WITHDRAW:
        await _withdraw(chat)
    elif what == options.ERASE:
        await _erase(chat)
    else:
        await _change(chat, what)
