"""What may be typed of a child who is told of for the first time?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from handlers.booking import rules
from handlers.conversation.question import Option, ReaderOf
from handlers.conversation.readers import MonthOrGrade, month_or_grade
from handlers.messages import PromptKind, Refused
from handlers.profile.rules import Born, No, born, school_year
from handlers.texts import Value, _


@dataclass(frozen=True, slots=True)
class AgeFor:
    """A birth month or grade that the session takes; else the reason, before anything is kept."""

    session: rules.Session
    nickname: str
    inner: ReaderOf[MonthOrGrade] = field(default_factory=month_or_grade)
    kind: ClassVar[PromptKind] = "month"

    def read(self, words: str, today: date) -> MonthOrGrade:
        age = self.inner.read(words, today)
        verdict = rules.may_attend(self.session, rules.Child(self.nickname, self._born(age, today)))
        if isinstance(verdict, No):
            raise Refused(_("{no} To choose another session, type “back”.", no=verdict.why))
        return age

    def shown(self, value: MonthOrGrade) -> Value:
        return self.inner.shown(value)

    def quick(self) -> Sequence[Option]:
        return self.inner.quick()

    def _born(self, age: MonthOrGrade, today: date) -> Born:
        return born_as_told(age, today)


def born_as_told(age: MonthOrGrade, today: date) -> Born:
    """When a child was born whose birth month or grade is told on `today`."""
    if "grade" in age:
        return born(None, int(age["grade"]), school_year(today))
    return born(str(age["birth_month"]), None, None)
