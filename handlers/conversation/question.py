"""What may a flow ask for, and what is kept of the answer?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, TypeAlias, TypeVar

from handlers.here import Here
from handlers.messages import Attachment, PromptKind, Refused
from handlers.texts import Text, Value, as_json, from_json

Json: TypeAlias = Any
T_co = TypeVar("T_co", covariant=True)


class FlowError(TypeError):
    """A bug in a flow, found when it is registered or driven. Never shown to the person."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose. `value` is recorded and seen outside: never a database id."""

    value: str
    label: Value
    note: Value = ""  # shown after the label, not part of what a person types
    # What else somebody may name it by, such as ("starts", "14:00"): for hints, never shown.
    traits: Sequence[tuple[str, str]] = ()


Options: TypeAlias = Sequence[Option] | Callable[[Here], Sequence[Option]]


class ReaderOf(Protocol[T_co]):
    """Turns typed words into a value that JSON can hold."""

    @property
    def kind(self) -> PromptKind:
        """What the page shows to type into."""

    def read(self, words: str, today: date) -> T_co:
        """The value; `today` is where the person is. Raises Refused, saying what would do."""

    def shown(self, value: Json) -> Value:
        """The value as a summary shows it."""

    def quick(self) -> Sequence[Option]:
        """Answers to tap instead of typing, few or none. Their values are words for `read`."""


Reader: TypeAlias = ReaderOf[Any]


# Not frozen, as every turn makes each of them anew: 0.4 µs instead of 1.6.
@dataclass(slots=True)
class Question:
    """One question of a flow, as its author wrote it. Nobody changes it."""

    name: str
    kind: PromptKind
    text: Text
    title: Text | None = None  # its noun in the summary and in "change what?"; None: in neither
    options: Options = ()
    reader: Reader | None = None  # of ask
    at_least: int = 1  # of many
    at_most: int = 0  # of many; 0: no limit
    is_optional: bool = False
    takes_only: bool = False  # a single option is taken without asking
    was: str = ""  # the name it had before


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that happens once, in the turn's transaction, and whose result is recorded."""

    name: str
    action: Callable[..., Json]
    args: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    ask_again: Mapping[type[Refused], str] = field(default_factory=dict)
    is_look: bool = False  # only reads: Back may pass it


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a flow that ask nothing."""

    text: Text
    attachments: tuple[Attachment, ...] = ()


@dataclass(init=False, slots=True)
class Answer:
    """What was recorded under a name, and how a summary shows it.

    That is kept as JSON: every turn loads and stores every answer, and hardly any is shown.
    """

    value: Json
    _shown: Json

    def __init__(self, value: Json, shown: Value = "") -> None:
        self.value = value
        self._shown = as_json(shown)

    @property
    def shown(self) -> Value:
        """How a summary shows it."""
        return from_json(self._shown)

    def as_json(self) -> Json:
        """The stored form."""
        return {"value": self.value, "shown": self._shown}

    @classmethod
    def from_json(cls, stored: Json) -> "Answer":
        """An answer stored by `as_json`."""
        answer = cls(stored["value"])
        answer._shown = stored["shown"]
        return answer


@dataclass(slots=True)
class OpenPrompt:
    """The question that waits for an answer: stored with the conversation, as JSON."""

    name: str
    kind: PromptKind
    # A button's token is f"{token}:{index}", index into `options` or a word of navigation.
    token: str
    options: list[tuple[str, Json]]  # (value, label as JSON), all of them, in order
    # Indexes on the page last shown: number n is shown[n-1].
    shown: list[int] = field(default_factory=list)
    # "@more", "@back" … shown after them, numbered on.
    navigation: list[str] = field(default_factory=list)
    page: int = 0
    picked: list[str] = field(default_factory=list)  # of many: values ticked so far
    is_optional: bool = False
    misses: int = 0  # answers in a row that were not understood
    is_narrowed: bool = False  # there are more options than what was said before fits

    def as_json(self) -> Json:
        """The stored form; `OpenPrompt(**stored)` is the way back."""
        return {name: getattr(self, name) for name in self.__slots__}
