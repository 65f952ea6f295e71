"""What does a visitor answer to each question of a booking?

A visitor knows the questions by name and kind only, never by position, and taps the tokens given.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

START = "预约"
CODE = re.compile(r"\b[2-9A-HJ-NP-TV-Z]{4}-[2-9A-HJ-NP-TV-Z]{4}\b")
MESSAGES_MAX = 40  # a dialogue that takes more runs in circles

# What is tapped, by the last part of the question's name; of one not named here, anything is.
WANTED = {"consent": "agree", "more": "no"}
TYPED = {"text": ("豆豆", "小满", "阿福", "Mia"), "month": ("2018-05", "2017年9月", "201812")}


@dataclass(frozen=True, slots=True)
class Tap:
    """A choice as shown."""

    value: str
    token: str


@dataclass(frozen=True, slots=True)
class Line:
    """What the visitor sends: typed words or the token of a choice."""

    text: str = ""
    token: str = ""


@dataclass(slots=True)
class Visitor:
    """One person in one dialogue."""

    chance: random.Random
    asked: list[str] = field(default_factory=list)  # names, as they came
    has_booked: bool = False
    is_done: bool = False

    def answer(self, text: str, name: str, kind: str, taps: Sequence[Tap]) -> Line:
        """What to send next, after `text` and an open question; check `is_done` first."""
        self.has_booked = self.has_booked or bool(CODE.search(text))
        self.is_done = self.has_booked or len(self.asked) >= MESSAGES_MAX
        self.asked.append(name)
        by_value = {tap.value: tap.token for tap in taps}
        if kind == "confirm":
            return Line(token=by_value["@yes"])
        wanted = WANTED.get(name.rpartition(".")[2])
        if wanted is not None:
            return Line(token=by_value[wanted])
        if kind == "many" and "@done" in by_value:
            return Line(token=by_value["@done"])
        if kind in TYPED:
            return Line(text=self.chance.choice(TYPED[kind]))
        offered = [tap for tap in taps if not tap.value.startswith("@")]
        if not offered:
            raise LookupError(f"nothing to answer to {name!r}")
        return Line(token=self.chance.choice(offered).token)
