"""What did somebody say of answers before their questions were asked?

A sentence that starts a conversation may answer several of its questions. `fills` of a conversation
reads it into hints, by the name of the question. They are kept with the answers until that question
opens, and held against what is offered then: what one option fits is taken as the answer, what
several fit is asked of these, and otherwise the question is asked as if nothing had been said.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from handlers.conversation.question import Json, Option, Question, Said
from handlers.here import Here
from handlers.messages import Refused
from handlers.texts import Day, Several, Text, Value, _

NOTED = _("That is noted.")
NEAREST_MAX = 4  # days that are named when none of those wished is offered

_NOT_HERE = _("What you named is not among these. Please choose one of them.")


@dataclass(frozen=True, slots=True)
class Hint:
    """What an option has to be; all of it. Of many, and for a reader, the answer itself."""

    values: Sequence[str] = ()  # one of these; of many: exactly these
    traits: Mapping[str, Sequence[str]] = field(default_factory=dict)  # one of these in each
    between: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # traits, both included
    words: str = ""  # for the reader of a question that is typed

    def as_json(self) -> Json:
        """The stored form; `Hint(**stored)` is the way back."""
        return {
            "values": list(self.values),
            "traits": {name: list(values) for name, values in self.traits.items()},
            "between": {name: list(ends) for name, ends in self.between.items()},
            "words": self.words,
        }

    def fits(self, option: Option) -> bool:
        """Whether the option is what was meant."""
        traits = dict(option.traits)
        return (
            (not self.values or option.value in self.values)
            and all(traits.get(name) in values for name, values in self.traits.items())
            and all(
                name in traits and first <= traits[name] <= last
                for name, (first, last) in self.between.items()
            )
        )


# By the name of the question; the first of several hints that anything fits counts.
Hints: TypeAlias = Mapping[str, Sequence[Hint]]


@dataclass(frozen=True, slots=True)
class Filled:
    """What a sentence says of a conversation's answers."""

    hints: Hints = field(default_factory=dict)
    starts: bool = False  # it says enough to begin the conversation, although nobody named it
    notes: Sequence[Text] = ()  # what is to be told at once


Fills: TypeAlias = Callable[[Here, str, date], Filled]


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer that was given before the question."""

    value: Json
    shown: Value


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The options that fit, fewer than all."""

    options: Sequence[Option]


Foreseen: TypeAlias = Answered | Narrowed | Text | None  # a Text: why nothing fits


def foreseen(
    question: Question, options: Sequence[Option], hints: Sequence[Hint], today: date
) -> Foreseen:
    """What hints make of a question that opens with these options."""
    if question.kind == "confirm" or not hints:
        return None
    if question.reader is not None:
        return _read(question, hints, today)
    if question.kind == "many":
        return _ticked(question, options, hints)
    for hint in hints:
        fitting = [option for option in options if hint.fits(option)]
        if len(fitting) == 1:
            return Answered(fitting[0].value, fitting[0].label)
        if fitting:
            return Narrowed(fitting) if len(fitting) < len(options) else None
    return _not_offered(options, hints) if question.kind == "date" else _NOT_HERE


def agrees(
    question: Question,
    value: Json,
    options: Sequence[Option],
    hints: Sequence[Hint],
    today: date,
) -> bool:
    """Whether an answer given before is one that the hints mean, as far as they can tell."""
    if question.reader is not None or question.kind == "many":
        found = foreseen(question, options, hints, today)
        return not isinstance(found, Answered) or found.value == value
    current = next((option for option in options if option.value == value), None)
    return current is None or any(hint.fits(current) for hint in hints)


def _read(question: Question, hints: Sequence[Hint], today: date) -> Foreseen:
    assert question.reader is not None
    for hint in hints:
        try:
            value = question.reader.read(hint.words, today)
        except Refused as no:
            return no.text
        return Answered(value, question.reader.shown(value))
    return None


def _spoken(question: Question, shown: Value) -> Value:
    """An answer as it is said without its question: a bare number says nothing."""
    if question.kind != "number" or question.title is None:
        return shown
    return _("{title} × {answer}", title=question.title, answer=shown)


def _ticked(question: Question, options: Sequence[Option], hints: Sequence[Hint]) -> Foreseen:
    for hint in hints:
        named = [option for option in options if option.value in hint.values]
        most = question.at_most or len(options)
        if len(named) == len(set(hint.values)) and question.at_least <= len(named) <= most:
            return Answered(
                [option.value for option in named], Several(tuple(each.label for each in named))
            )
    return None


def _not_offered(options: Sequence[Option], hints: Sequence[Hint]) -> Text | None:
    wished = sorted(value for hint in hints for value in hint.values)
    if not wished:
        return None
    return day_not_offered(date.fromisoformat(wished[0]), [each.value for each in options])


def day_not_offered(day: date, offered: Sequence[str]) -> Text:
    """Why a day cannot be had, and which of those offered, as ISO dates, are nearest to it."""
    days = sorted(map(date.fromisoformat, offered), key=lambda each: abs(each - day))
    nearest = Several(tuple(Day(each) for each in sorted(days[:NEAREST_MAX])))
    return _("{day} is not offered. The nearest days are {days}.", day=Day(day), days=nearest)


class KeptHints:
    """The hints of a conversation, in their stored form, until their questions open."""

    def __init__(self, stored: Mapping[str, list[Json]]) -> None:
        self.stored = dict(stored)
        self._met: dict[str, Value] = {}  # in this turn: the answers taken, by question
        self._unmet: list[Text] = []  # and why others could not be
        self._is_begun_by = False  # whether the words began the conversation

    def begin_by(self, filled: Filled) -> None:
        """Remember what was said to begin the conversation."""
        self.keep(filled)
        self._is_begun_by = bool(filled.hints) and not filled.notes

    def keep(self, filled: Filled) -> None:
        """Remember what was said; what was said last counts."""
        for name, hints in filled.hints.items():
            self.stored[name] = [hint.as_json() for hint in hints]

    def take(self, question: Question, options: Sequence[Option], today: date) -> Foreseen:
        """What was said of a question that opens now. It is used up: Back asks without it."""
        hints = [Hint(**each) for each in self.stored.pop(question.name, ())]
        found = foreseen(question, options, hints, today)
        if isinstance(found, Answered) and question.title is not None:
            self._met[question.name] = _spoken(question, found.shown)
        if isinstance(found, Text):
            self._unmet.append(found)
        return found

    def became(self, question: Question, answered: Container[str]) -> list[Said]:
        """What became of hints in this turn, to be said with the question that is open now.

        A confirmation shows by itself what was taken.
        """
        said = [*self._unmet]
        met = tuple(shown for name, shown in self._met.items() if name in answered)
        if met and question.kind != "confirm":
            said.insert(0, _("As you said: {answers}.", answers=Several(met)))
        if not said and self.stored and self._is_begun_by and question.kind != "confirm":
            said.append(NOTED)  # nothing else shows yet that it was heard
        return [Said(each) for each in said]
