"""Whose conversation has been waiting too long? The deadline is a column; this is its tick."""

from datetime import datetime, timedelta

from handlers.conversation.progress import Progress
from handlers.conversation.question import Said
from handlers.conversation.voice import Voice
from handlers.messages import Message
from handlers.texts import _
from storage import chats, conversations, outbox
from storage.conversations import Due
from storage.db import Db
from storage.models import Lane

STILL_GOOD = timedelta(hours=12)  # a reminder that could not be sent for longer is not sent at all


class Deadlines(Voice):
    """Reminds people of what they left open, and ends it."""

    def keep(self, db: Db, due: Due, now: datetime) -> bool:
        """Remind of a conversation, or end it; False when it is not due any more."""
        if not conversations.take(db, due, now):
            return False
        met = chats.find(db, due.channel, due.address)
        assert met is not None
        progress = self.progress(db, met, due.channel, due.address, now)
        if due.is_end:
            self._end(progress, due)
        elif progress.capabilities.can_push:
            self._remind(progress)
        return True

    def _remind(self, progress: Progress) -> None:
        if progress.conversation is None or not progress.is_open():
            return  # changed on our side meanwhile: the next words are told so
        waiting = _("“{what}” is still open. Shall we go on?", what=progress.conversation.title)
        self._say(progress, progress.repeat([Said(waiting)]), kind="reminder")

    def _end(self, progress: Progress, due: Due) -> None:
        here, conversation = progress.here, progress.conversation
        progress.begin(None)
        if progress.capabilities.can_push:
            said = []
            if conversation is not None:
                away = _(
                    "“{what}” was put away, as nothing came for a while.", what=conversation.title
                )
                said.append(Said(away))
            self._say(progress, progress.repeat(said), kind="ended")
        # A channel that may not write first is not written to. No menu is open there either: the
        # number a person types under the old question must not choose from a list never seen.
        conversations.save(here.db, due.person_id, due.chat_id, progress.settle(), here.now)

    def _say(self, progress: Progress, messages: list[Message], kind: str) -> None:
        here = progress.here
        for message in messages:
            outbox.put(
                here.db,
                here.speaker.chat_id,
                message.as_json(),
                kind=kind,
                lane=Lane.REMINDER,
                due_at=here.now,
                expires_at=here.now + STILL_GOOD,
            )
