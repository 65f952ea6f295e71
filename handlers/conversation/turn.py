"""What happens, in one transaction, when one message arrives?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.conversation.menu import Menu
from handlers.conversation.progress import Progress
from handlers.conversation.talk import Talk
from handlers.here import Here, Home, Speaker
from handlers.messages import Capabilities, Incoming, Message
from handlers.texts import _, known_locale, say
from storage import chats, conversations, inbox, outbox
from storage.chats import Met
from storage.conversations import Standing
from storage.db import Db
from storage.failpoints import reached


@dataclass(frozen=True, slots=True)
class Turn:
    """An event, with what is needed to answer it."""

    incoming: Incoming
    menu: Menu
    capabilities: Capabilities
    home: Home


def take(db: Db, turn: Turn) -> list[Message]:
    """Answer one event and store everything about it; one heard before gets the same answer."""
    incoming = turn.incoming
    inbox_id = inbox.accept(db, incoming.channel, incoming.event_id, incoming.at)
    if inbox_id is None:
        return answered(db, incoming)
    reached("after_inbox")
    met = chats.meet(db, incoming.channel, incoming.address, incoming.locale, incoming.at)
    here = Here(db, speaker_of(met, incoming, turn.home.locale), incoming.at)
    today = turn.home.day_of(incoming.at)
    standing = Standing(met.conversation, met.code_hash, met.revision, met.answers, met.prompt)
    progress = Progress(here, turn.menu, turn.capabilities, standing, today)
    talk = Talk(progress)
    messages = talk.hear(incoming.text, incoming.token)
    conversations.save(db, met.person_id, met.chat_id, progress.settle(), incoming.at)
    messages[0] = replace(messages[0], said=talk.heard)
    return _store(turn, here, inbox_id, messages)


def apologise(db: Db, turn: Turn, error: str) -> list[Message]:
    """Answer an event whose turn met a bug: keep it as a dead letter, change nothing else."""
    incoming = turn.incoming
    inbox_id = inbox.accept(db, incoming.channel, incoming.event_id, incoming.at)
    if inbox_id is None:
        return answered(db, incoming)
    met = chats.meet(db, incoming.channel, incoming.address, incoming.locale, incoming.at)
    here = Here(db, speaker_of(met, incoming, turn.home.locale), incoming.at)
    inbox.bury(db, inbox_id, incoming.text or incoming.token, error)
    sorry = _("Something went wrong on our side, and nothing was changed. Please try again.")
    return _store(
        turn, here, inbox_id, [Message(say(sorry, here.speaker.locale), said=incoming.text)]
    )


def answered(db: Db, incoming: Incoming) -> list[Message]:
    """What was answered to an event heard before."""
    return [
        Message.from_json(each) for each in inbox.answers(db, incoming.channel, incoming.event_id)
    ]


def speaker_of(met: Met, incoming: Incoming, default_locale: str) -> Speaker:
    """Who speaks, in the language they chose, else the channel's, else the default."""
    wanted = met.chosen_locale or incoming.locale or met.channel_locale
    return Speaker(
        person_id=met.person_id,
        family_id=met.family_id,
        chat_id=met.chat_id,
        channel=incoming.channel,
        address=incoming.address,
        locale=known_locale(wanted, default_locale),
    )


def _store(turn: Turn, here: Here, inbox_id: int, messages: Sequence[Message]) -> list[Message]:
    is_shown = turn.capabilities.stores_to_deliver
    last = chats.heard(here.db, here.speaker.chat_id, len(messages), here.now)
    numbered = [
        replace(message, number=last - len(messages) + n) for n, message in enumerate(messages, 1)
    ]
    stored = [message.as_json() for message in numbered]
    outbox.reply(here.db, here.speaker.chat_id, inbox_id, stored, here.now, is_shown=is_shown)
    return numbered
