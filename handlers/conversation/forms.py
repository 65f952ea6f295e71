"""How does a form that staff keep as data become questions?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from handlers.conversation.question import Json, Option, Question
from handlers.texts import Text


@dataclass(frozen=True, slots=True)
class Field:
    name: str

    def question(self, prefix: str = "") -> Question:
        return Question(self.name, "text", Text(""))
