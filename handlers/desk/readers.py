"""What may be typed at the desk?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from handlers.conversation.question import Option
from handlers.conversation.readers import short_text
from handlers.desk.rules import code_of
from handlers.messages import PromptKind, Refused
from handlers.texts import Value, _

UNDO = "undo"  # what is read instead of a code
_UNDO_WORDS = (UNDO, "撤销")
_COMMAND_WORDS = ("核销", "check in")  # typed again with every code
REASON_MAX = 100


@dataclass(frozen=True, slots=True)
class Code:
    """A visit's code in any writing; or, with `can_undo`, that the last check-in was wrong."""

    can_undo: bool = False
    kind: ClassVar[PromptKind] = "text"

    def read(self, words: str, today: date) -> str:
        """The code, without its dash, or UNDO. Raises Refused when it is neither."""
        for word in _COMMAND_WORDS:
            words = words.removeprefix(word)
        code = code_of(words)
        if code is None and self.can_undo and words.strip().casefold() in _UNDO_WORDS:
            return UNDO
        if code is None:
            raise Refused(_("A code has eight letters and digits, such as K7MW-2QRT."))
        return code

    def shown(self, value: str) -> Value:
        return value

    def quick(self) -> Sequence[Option]:
        return [Option(UNDO, _("Undo the last one"))] if self.can_undo else []


@dataclass(frozen=True, slots=True)
class Because:
    """A reason, for the record: one of the usual ones, or a few words."""

    usual: tuple[Option, ...]
    kind: ClassVar[PromptKind] = "text"

    def read(self, words: str, today: date) -> str:
        """The reason. Raises Refused when there is none, or too much of it."""
        return short_text(REASON_MAX).read(words, today)

    def shown(self, value: str) -> Value:
        return value

    def quick(self) -> Sequence[Option]:
        return self.usual


UNDONE_BECAUSE = Because(
    (Option("wrong family", _("Wrong family")), Option("left again", _("They left again")))
)
EXCUSED_BECAUSE = Because(
    (Option("weather", _("The weather")), Option("base", _("It was our fault")))
)
