"""What can the author of a conversation ask, do and say?"""

import re
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import coroutine
from typing import Any, Literal, TypeAlias, TypeVar, overload

from handlers.conversation.checks import code_hash
from handlers.conversation.forms import Field
from handlers.conversation.hints import Fills
from handlers.conversation.question import (
    Effect,
    FlowError,
    Json,
    Options,
    Question,
    ReaderOf,
    Said,
)
from handlers.messages import Attachment, Refused
from handlers.texts import Text, plain

T = TypeVar("T")
Command: TypeAlias = Question | Effect

CONFIRM = "confirm"
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Chat:
    """What a flow is given. Each awaited verb hands one command to whoever drives the flow."""

    __slots__ = ("given", "met", "words")

    def __init__(self, given: str = "") -> None:
        self.given = given  # what stood behind the command that started it: people's own words
        self.met = 0  # how many commands were answered so far; the driver counts
        self.words: list[tuple[int, Said]] = []  # each with `met` at that moment

    async def choose(
        self,
        name: str,
        text: Text,
        options: Options,
        *,
        title: Text | None = None,
        takes_only: bool = False,
        was: str = "",
    ) -> str:
        """The value of the one option chosen. `takes_only`: a single option is taken unasked."""
        value: str = await _hand_over(
            Question(name, "choose", text, title, options, takes_only=takes_only, was=was)
        )
        return value

    async def pick_date(
        self, name: str, text: Text, options: Options, *, title: Text | None = None, was: str = ""
    ) -> date:
        """The day chosen; the options' values are ISO dates."""
        value: str = await _hand_over(Question(name, "date", text, title, options, was=was))
        return date.fromisoformat(value)

    async def pick_many(
        self,
        name: str,
        text: Text,
        options: Options,
        *,
        at_least: int = 1,
        at_most: int = 0,
        title: Text | None = None,
        was: str = "",
    ) -> list[str]:
        """The values of the options ticked, in the options' order. `at_most` 0: no limit."""
        value: list[str] = await _hand_over(
            Question(name, "many", text, title, options, None, at_least, at_most, was=was)
        )
        return value

    @overload
    async def ask(
        self,
        name: str,
        text: Text,
        reader: ReaderOf[T],
        *,
        title: Text | None = None,
        is_optional: Literal[False] = False,
        was: str = "",
    ) -> T: ...

    @overload
    async def ask(
        self,
        name: str,
        text: Text,
        reader: ReaderOf[T],
        *,
        title: Text | None = None,
        is_optional: bool,
        was: str = "",
    ) -> T | None: ...

    async def ask(
        self,
        name: str,
        text: Text,
        reader: ReaderOf[T],
        *,
        title: Text | None = None,
        is_optional: bool = False,
        was: str = "",
    ) -> T | None:
        """What the reader makes of the words typed; None when an optional question is skipped."""
        value: T | None = await _hand_over(
            Question(
                name, reader.kind, text, title, reader=reader, is_optional=is_optional, was=was
            )
        )
        return value

    async def confirm(self, text: Text, *, name: str = CONFIRM) -> None:
        """Show every titled answer and wait for a yes, which holds for exactly these answers."""
        await _hand_over(Question(name, "confirm", text))

    async def do(
        self,
        name: str,
        action: Callable[..., T],
        /,
        *args: Any,
        ask_again: Mapping[type[Refused], str] | None = None,
        **named: Any,
    ) -> T:
        """The result of `action(here, *args, **named)`, which runs once and must give JSON.

        When it raises a Refused that `ask_again` maps to a question, that question is asked again;
        without a mapping, the last one. Back does not pass it.
        """
        result: T = await _hand_over(Effect(name, action, args, named, ask_again or {}))
        return result

    async def look(self, name: str, provider: Callable[..., T], /, *args: Any, **named: Any) -> T:
        """The result of `provider(here, *args, **named)`, which only reads and must give JSON.

        It is looked up again when the arguments change: they must be JSON, dates or enums.
        """
        result: T = await _hand_over(Effect(name, provider, args, named, is_look=True))
        return result

    async def ask_all(self, fields: Sequence[Field], *, prefix: str = "") -> dict[str, Json]:
        """The answers to a form kept as data, by field name; None where an optional is skipped."""
        answers = {}
        for field in fields:
            answers[field.name] = await _hand_over(field.question(prefix))
        return answers

    def say(self, text: Text, *attachments: Attachment) -> None:
        """Words that ask nothing, sent with the next question."""
        self.words.append((self.met, Said(text, attachments)))


@coroutine
def _hand_over(command: Command) -> Generator[Command, Any, Any]:
    return (yield command)


Flow: TypeAlias = Callable[[Chat], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A flow, and how it is started and given up."""

    name: str
    flow: Flow
    command: str  # without its slash; "" when only words or other code start it
    words: tuple[str, ...]
    title: Text
    remind_after: timedelta | None
    expires_after: timedelta
    is_beside: bool  # only says: what another conversation asked stays open, and is repeated
    code_hash: str
    fills: Fills | None = None  # reads a sentence into hints for the questions


def conversation(
    name: str,
    *,
    command: str = "",
    words: Sequence[str] = (),
    title: Text | None = None,
    remind_after: timedelta | None = None,
    expires_after: timedelta = timedelta(days=2),
    is_beside: bool = False,
    fills: Fills | None = None,
) -> Callable[[Flow], Conversation]:
    """Register a flow. Raises FlowError when its source breaks a rule that replaying rests on."""
    for word in (name, command or name):
        if not _WORD.fullmatch(word):
            raise FlowError(
                f"{word!r} is no name for a conversation or its command: "
                "use at most 40 of a-z, 0-9 and _, a letter first"
            )
    if remind_after is not None and not timedelta(0) < remind_after < expires_after:
        raise FlowError(
            f"{name!r} reminds after {remind_after} but expires after {expires_after}: "
            "remind earlier than it expires"
        )

    def register(flow: Flow) -> Conversation:
        return Conversation(
            name,
            flow,
            command,
            tuple(words),
            title or plain(name),
            remind_after,
            expires_after,
            is_beside,
            code_hash(name, flow, is_beside=is_beside),
            fills,
        )

    return register
