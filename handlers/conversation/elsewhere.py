"""What if the open question was last shown in another chat of the same person?"""

from handlers.conversation.progress import Progress
from handlers.conversation.question import Said
from handlers.messages import Message
from handlers.texts import _

ELSEWHERE = _("You are in the middle of this in another chat. You can go on here.")


def bring_here(progress: Progress) -> list[Message]:
    """Show the open question in this chat, since what is typed here cannot answer it unseen.

    Empty when it is no longer open.
    """
    if progress.prompt is None or not progress.is_open():
        return []
    progress.prompt.page = 0  # pages are of another length here
    return progress.repeat([Said(ELSEWHERE)])
