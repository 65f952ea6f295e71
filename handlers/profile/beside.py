"""What can be asked at any time, without leaving what one is in the middle of?"""

from handlers.conversation.chat import Chat, conversation
from handlers.profile import actions, options
from handlers.profile.words import lines, texts_of
from handlers.texts import _


@conversation("help", command="help", words=("帮助", "help"), title=_("Help"), is_beside=True)
async def help_(chat: Chat) -> None:
    """What can be typed."""
    chat.say(
        lines(
            _("You can tap, or type at any time:"),
            _("“book” – book a visit"),
            _("“my visits” – see, change, share or cancel a visit"),
            _("“my details” – your children, and all that is kept about you"),
            _("“my chats” – be the same person in several chats"),
            _("“my household” – share children and visits with the other parent"),
            _("“human” – how to reach people"),
            _("“language” – switch between Chinese and English"),
            _("“back” and “stop here” – within a conversation"),
        )
    )


@conversation("human", command="human", words=("人工", "human"), is_beside=True)
async def human(chat: Chat) -> None:
    """Where people can be reached."""
    chat.say(lines(*texts_of(await chat.look("desks", options.desks))))


@conversation("stop", command="stop", words=("退订", "stop"), is_beside=True)
async def stop(chat: Chat) -> None:
    """Nothing is sent that could be stopped; that is said, and nothing is pretended."""
    chat.say(
        _(
            "Kepu sends no announcements, only messages about your own visits, so there is "
            "nothing to unsubscribe from. To have everything deleted, type “my details”."
        )
    )


@conversation("language", command="lang", words=("语言", "language"), is_beside=True)
async def language(chat: Chat) -> None:
    """The other of the two languages, from now on."""
    await chat.do("switch", actions.switch_language)
    chat.say(_("We go on in English."))
