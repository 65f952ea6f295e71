"""How are several facts laid out in one message?"""

from collections.abc import Sequence
from typing import Any

from handlers.conversation.grades import grade_text
from handlers.texts import Month, Text, Value, from_json, plain
from storage.people import OfFamily


def lines(*values: Value) -> Text:
    """Each value on a line of its own."""
    return _joined("\n", values)


def facts(*values: Value) -> Text:
    """Short facts in a row: "12 left · ¥20"."""
    return _joined(" · ", values)


def age_told(child: OfFamily) -> Value:
    """What was told of a child's age: the month of birth, else the grade."""
    if child.birth_month is not None:
        return Month(child.birth_month)
    assert child.grade is not None
    return grade_text(child.grade)


def texts_of(stored: Any) -> list[Text]:
    """Sentences that were kept as JSON."""
    return [text for text in map(from_json, stored) if isinstance(text, Text)]


def _joined(between: str, values: Sequence[Value]) -> Text:
    if not values:
        return plain("")
    named = {f"part_{n}": value for n, value in enumerate(values)}
    return Text(between.join(f"{{{name}}}" for name in named), values=named)
