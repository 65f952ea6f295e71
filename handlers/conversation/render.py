"""What does a turn look like on one channel?"""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.conversation.question import OpenPrompt, Option, Question, Said
from handlers.messages import Capabilities, Message
from handlers.texts import Value


@dataclass(frozen=True, slots=True)
class View:
    """Who looks, through what, and where they may go from here."""

    locale: str
    capabilities: Capabilities
    can_go_back: bool = False
    can_change: bool = False
    can_cancel: bool = True  # False: the menu of an idle person
    summary: Sequence[tuple[Value, Value]] = ()  # of confirm: (title, answer as shown)


def opened(question: Question, options: Sequence[Option], token: str) -> OpenPrompt:
    """The prompt to store for a question whose options are now known (of ask: the reader's quick ones)."""
    raise NotImplementedError


def render(
    said: Sequence[Said], question: Question | None, prompt: OpenPrompt | None, view: View
) -> list[Message]:
    """The messages of a turn. Fills `prompt.shown`, `navigation`, and wraps `page` round.

    `question` and `prompt` come together, or neither when nothing is asked.
    """
    raise NotImplementedError
