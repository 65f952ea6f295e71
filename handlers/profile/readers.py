"""What may a child of a family be called?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from handlers.conversation.question import Option, ReaderOf
from handlers.conversation.readers import nickname
from handlers.messages import PromptKind, Refused
from handlers.profile.rules import taken_already
from handlers.texts import Value


@dataclass(frozen=True, slots=True)
class NicknameUnlike:
    """A nickname that no other child of the family has."""

    taken: Collection[str]
    inner: ReaderOf[str] = field(default_factory=nickname)
    kind: ClassVar[PromptKind] = "text"

    def read(self, words: str, today: date) -> str:
        name = self.inner.read(words, today)
        if name in self.taken:
            raise Refused(taken_already(name))
        return name

    def shown(self, value: str) -> Value:
        return self.inner.shown(value)

    def quick(self) -> Sequence[Option]:
        return self.inner.quick()
