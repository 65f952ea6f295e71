"""Who comes along on a visit, as an answer and an action hold it?"""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.conversation.readers import MonthOrGrade


@dataclass(frozen=True, slots=True)
class NewChild:
    """A child told of for the first time; kept when the visit is booked."""

    nickname: str
    age: MonthOrGrade


@dataclass(frozen=True, slots=True)
class Guests:
    """Children known by their public ids, children who are new, and adults."""

    adults: int
    children: tuple[str, ...] = ()
    new_children: tuple[NewChild, ...] = ()

    @property
    def places(self) -> int:
        return self.adults + self.children_count

    @property
    def children_count(self) -> int:
        return len(self.children) + len(self.new_children)


def preset_value(adults: int, children: Sequence[str]) -> str:
    """A party as the value of one option."""
    return ".".join([str(adults), *children])


def preset(value: str) -> Guests | None:
    """The party that an option stood for; None when it stood for something else."""
    adults, *children = value.split(".")
    return Guests(int(adults), tuple(children)) if adults.isdecimal() else None
