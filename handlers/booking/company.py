"""Which children and how many adults are meant by what a sentence says of them?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from handlers.booking import guests
from handlers.booking.heads import Heads
from handlers.booking.party import preset_value
from handlers.conversation.hints import Hint, Hints
from storage.people import OfFamily

_ADULTS_MAX = 9  # of a party that may be meant when their number is not said
_NICKNAME_MIN = 2  # characters; one alone may be a part of any word


def called(sentence: str, family: Iterable[OfFamily]) -> list[OfFamily]:
    """The children of a family who are called by name."""
    said = sentence.casefold()
    return [
        each
        for each in family
        if len(each.nickname) >= _NICKNAME_MIN and each.nickname.casefold() in said
    ]


@dataclass(frozen=True, slots=True)
class Company:
    """What was said of who comes, and the family it was said of."""

    heads: Heads
    family: Sequence[OfFamily]
    called: Sequence[OfFamily]

    def hints(self, last: tuple[int, list[str]] | None) -> Hints:
        """Hints for the questions of who comes. `last`: who came last, adults and children."""
        hints: dict[str, Sequence[Hint]] = {}
        if self.heads.adults is not None:
            hints["adults"] = [Hint(words=str(self.heads.adults))]
        if self.heads.children == 0:
            hints["who"] = [Hint(values=[guests.ADULTS_ONLY])]
        elif self.called or self.heads.children or self.heads.has_children:
            hints |= self._with_children(last)
        return hints

    def _with_children(self, last: tuple[int, list[str]] | None) -> Hints:
        hints: dict[str, Sequence[Hint]] = {}
        others = Hint(values=[guests.WITH_CHILD])
        parties = self._parties(last)
        if parties:
            hints["who"] = [Hint(values=parties), others]
        elif self.heads.children or not self.family:
            hints["who"] = [others]
        if meant := self._meant():
            hints["children"] = [Hint(values=meant)]
        if not self.family:
            hints |= _one_by_one(self.heads.children or 0)
        return hints

    def _meant(self) -> list[str]:
        """The known children who are meant for certain; none when it may be others."""
        count = self.heads.children
        if self.called:
            meant = self.called if count in (None, len(self.called)) else ()
        else:
            meant = self.family if len(self.family) == (1 if count is None else count) else ()
        return [each.public_id for each in meant]

    def _parties(self, last: tuple[int, list[str]] | None) -> list[str]:
        """The parties of known children that may be meant, as options call them."""
        groups = [self._meant()]
        if not groups[0] and not self.called:
            if self.heads.children == 1:
                groups = [[each.public_id] for each in self.family]
            elif last is not None and len(last[1]) == self.heads.children:
                groups = [last[1]]
        adults = self.heads.adults
        numbers = range(_ADULTS_MAX + 1) if adults is None else [adults]
        return [preset_value(n, each) for each in groups if each for n in numbers]


def _one_by_one(children: int) -> Hints:
    """Whether another child is to be told of, after each of them."""
    return {
        f"child.{n}.more": [Hint(values=["yes" if n < children else "no"])]
        for n in range(1, children + 1)
    }
