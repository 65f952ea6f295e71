"""How is a family told something that it did not ask for?"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from handlers.conversation.question import Option
from handlers.messages import TOKEN_BYTES_MAX, Choice, Message, Prompt
from handlers.texts import Text, known_locale, say
from storage import chats, outbox
from storage.chats import Reached
from storage.db import Db
from storage.models import Lane

# What is said, in a language; or its words, with what to tap. The value of such an option is the
# token of its choice, made by `command_token`.
Says: TypeAlias = Callable[[str], Message] | tuple[Text, Sequence[Option]]


def tell_family(
    db: Db,
    family_id: int,
    says: Says,
    *,
    kind: str,
    once_key: str,
    now: datetime,
    locale: str,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    lane: Lane = Lane.REMINDER,
    everywhere: bool = False,
    person_id: int | None = None,
) -> int:
    """Have each person of a family told, where they were last heard; `everywhere`: in every chat.

    `person_id`: only this one of them, in what does not concern the family.
    Chats that cannot be written to are passed over. Each is told in the person's language, else in
    the channel's, else in `locale`, once for a `once_key` (of at most 60 characters). How many
    chats it was put for, now or before; 0 when nobody can be reached.
    """
    told = _chats(db, family_id, person_id, everywhere=everywhere)
    for each in told:
        to = f"{each.chat_id}" if everywhere else f"p{each.person_id}"
        message = message_in(says, kind, _language(each, locale))
        outbox.put(
            db,
            each.chat_id,
            message.as_json(),
            kind=kind,
            lane=lane,
            due_at=due_at or now,
            expires_at=expires_at,
            once_key=f"{once_key}:{to}",
        )
    return len(told)


def _chats(db: Db, family_id: int, person_id: int | None, *, everywhere: bool) -> list[Reached]:
    found = chats.chats_of_family(db, family_id)
    if person_id is not None:
        found = [each for each in found if each.person_id == person_id]
    if everywhere:
        return found
    # Reversed: of a person's chats, the one heard last is the last to take the place.
    return [*{each.person_id: each for each in reversed(found)}.values()]


def message_in(says: Says, name: str, locale: str) -> Message:
    """What is said, in a language; its choices are in a prompt called `name`.

    Raises ValueError when a choice starts nothing, or no button could carry its token.
    """
    message = says(locale) if callable(says) else _asking(*says, name=name, locale=locale)
    for choice in message.prompt.choices if message.prompt else ():
        if not choice.token.startswith("/") or len(choice.token.encode()) > TOKEN_BYTES_MAX:
            raise ValueError(
                f"{choice.token!r} is no token of a message that nobody asked for: "
                "make it with command_token"
            )
    return message


def _asking(text: Text, options: Sequence[Option], *, name: str, locale: str) -> Message:
    choices = [Choice(say(each.label, locale), each.value, each.value) for each in options]
    return Message(say(text, locale), prompt=Prompt(name, "choose", choices) if choices else None)


def _language(reached: Reached, default: str) -> str:
    return known_locale(reached.chosen_locale or reached.channel_locale, default)
