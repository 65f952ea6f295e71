"""What happens, in one transaction, when one message arrives?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers.conversation.menu import Menu
from handlers.conversation.talk import Talk
from handlers.conversation.voice import progress_of, speaker_of
from handlers.here import Here, Home, Speaker
from handlers.messages import Capabilities, Incoming, Message
from handlers.texts import _, say
from storage import chats, conversations, inbox, outbox
from storage.chats import Met
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
    accepted = inbox.accept(db, incoming.channel, incoming.event_id, incoming.at)
    met = chats.meet(db, incoming.channel, incoming.address, incoming.locale, incoming.at)
    inbox_id = accepted.first()
    if inbox_id is None:
        return answered(db, incoming)
    reached("after_inbox")
    here = Here(db, _speaker(met, turn), incoming.at, turn.home.locale)
    progress = progress_of(here, met, turn.menu, turn.capabilities, turn.home)
    talk = Talk(progress, met.beside, is_elsewhere=met.last_chat_id != met.chat_id)
    messages = talk.hear(incoming.text, incoming.token)
    conversations.save(db, met.person_id, met.chat_id, progress.settle(), incoming.at)
    return _store(turn, here, inbox_id, messages, said=talk.heard)


def apologise(db: Db, turn: Turn, error: str) -> list[Message]:
    """Answer an event whose turn met a bug: keep it as a dead letter, change nothing else."""
    incoming = turn.incoming
    inbox_id = inbox.accept(db, incoming.channel, incoming.event_id, incoming.at).first()
    if inbox_id is None:
        return answered(db, incoming)
    met = chats.meet(db, incoming.channel, incoming.address, incoming.locale, incoming.at)
    here = Here(db, _speaker(met, turn), incoming.at, turn.home.locale)
    inbox.bury(db, inbox_id, incoming.text or incoming.token, error)
    sorry = _("Something went wrong on our side, and nothing was changed. Please try again.")
    messages = [Message(say(sorry, here.speaker.locale))]
    return _store(turn, here, inbox_id, messages, said=incoming.text, beside=met.beside)


def answered(db: Db, incoming: Incoming) -> list[Message]:
    """What was answered to an event heard before."""
    return [
        Message.from_json(each) for each in inbox.answers(db, incoming.channel, incoming.event_id)
    ]


def _speaker(met: Met, turn: Turn) -> Speaker:
    incoming = turn.incoming
    return speaker_of(met, incoming.channel, incoming.address, incoming.locale, turn.home)


def _store(
    turn: Turn,
    here: Here,
    inbox_id: int,
    messages: Sequence[Message],
    *,
    said: str,
    beside: dict[str, Any] | None = None,
) -> list[Message]:
    is_shown = turn.capabilities.stores_to_deliver
    last = chats.heard(here.db, here.speaker.chat_id, len(messages), here.now, beside=beside)
    first = last - len(messages) + 1
    numbered = [replace(each, number=number) for number, each in enumerate(messages, first)]
    if numbered:  # the answer begins where the person tapped
        edits = turn.incoming.tapped if turn.capabilities.edit_message else ""
        numbered[0] = replace(numbered[0], said=said, edits=edits)
    stored = [message.as_json() for message in numbered]
    outbox.reply(here.db, here.speaker.chat_id, inbox_id, stored, here.now, is_shown=is_shown)
    return numbered
