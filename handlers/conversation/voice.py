"""How does Kepu speak to somebody who did not just say something?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from handlers.conversation.menu import Menu
from handlers.conversation.progress import Progress
from handlers.conversation.render import numbered
from handlers.here import Here, Home, Speaker
from handlers.messages import Capabilities, Message
from handlers.texts import known_locale
from storage import chats
from storage.chats import Met
from storage.conversations import Standing
from storage.db import Db


@dataclass(frozen=True, slots=True)
class Voice:
    """What is needed to speak on every channel."""

    menu: Menu
    capabilities: Mapping[str, Capabilities]  # by channel
    home: Home

    def progress(self, db: Db, met: Met, channel: str, address: str, now: datetime) -> Progress:
        """Where somebody stands, as between two of their turns."""
        speaker = speaker_of(met, channel, address, "", self.home)
        return progress_of(
            Here(db, speaker, now, self.home.locale),
            met,
            self.menu,
            self.capabilities[channel],
            self.home,
        )

    def with_question(
        self, db: Db, message: Message, channel: str, address: str, now: datetime
    ) -> Message:
        """A message that comes in the middle of a conversation, as that channel has to show it.

        Where people answer by number, the open question is repeated after it: else a "2" would be
        typed with the wrong list in view. The question itself stays as it was. A message with
        choices of its own shows those instead, and until they are answered none else is shown.
        """
        if self.capabilities[channel].buttons:
            return message
        met = chats.find(db, channel, address)
        if met is not None and message.prompt is not None and message.prompt.is_beside:
            return numbered(message, speaker_of(met, channel, address, "", self.home).locale)
        if met is None or met.conversation is None or met.beside or message.prompt is not None:
            return message
        progress = self.progress(db, met, channel, address, now)
        if not progress.is_open():
            return message
        (question,) = progress.repeat([])[-1:]
        return replace(question, text=f"{message.text}\n\n{question.text}", said=message.said)


def progress_of(
    here: Here, met: Met, menu: Menu, capabilities: Capabilities, home: Home
) -> Progress:
    """Where a person stands, as it was stored."""
    standing = Standing(met.conversation, met.code_hash, met.revision, met.answers, met.prompt)
    return Progress(here, menu, capabilities, standing, home.day_of(here.now))


def speaker_of(met: Met, channel: str, address: str, reported: str, home: Home) -> Speaker:
    """Who speaks, in the language they chose, else the channel's, else the default."""
    wanted = met.chosen_locale or reported or met.channel_locale
    return Speaker(
        person_id=met.person_id,
        family_id=met.family_id,
        chat_id=met.chat_id,
        channel=channel,
        address=address,
        locale=known_locale(wanted, home.locale),
    )
