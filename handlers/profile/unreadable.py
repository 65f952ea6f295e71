"""What is somebody told who sent what Kepu cannot read: a picture, a voice, another's number?"""

from handlers.conversation.chat import Chat, conversation
from handlers.texts import _


@conversation("unreadable", command="unreadable", is_beside=True)
async def unreadable(chat: Chat) -> None:
    """One sentence what can be done; what was sent is not kept. Channels start it by its token."""
    if chat.given == "contact":
        chat.say(_("That is not your own number. Please share your own, or type it."))
        return
    chat.say(_("I can read only words. Please type what you would like, or tap a button."))
