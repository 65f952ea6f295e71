"""What did a person answer to the open question?"""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from handlers.conversation.question import Json, OpenPrompt, Reader
from handlers.texts import Text, Value


@dataclass(frozen=True, slots=True)
class Picked:
    """One option of choose or date."""

    value: str
    label: Value  # without its note


@dataclass(frozen=True, slots=True)
class Ticked:
    """Options of many. A tap toggles one (`is_whole` False); a typed line is the whole answer."""

    values: tuple[str, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Read:
    """A value the reader made of the words, or of a quick answer."""

    value: Json
    shown: Value


@dataclass(frozen=True, slots=True)
class Go:
    """A word of navigation: "@more", "@back", "@change", "@cancel", "@done", "@skip", "@yes"."""

    word: str


@dataclass(frozen=True, slots=True)
class Stale:
    """A button of an earlier question: nothing changes."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nothing is recorded; the sentence says why, the question is asked again."""

    sentence: Text


Recognised: TypeAlias = Picked | Ticked | Read | Go | Stale | Unclear


def recognise(
    prompt: OpenPrompt, reader: Reader | None, words: str, token: str, locale: str, *, today: date
) -> Recognised:
    """What the words (or, when it is not empty, the token) answer. Of many: Ticked, never Picked."""
    raise NotImplementedError
