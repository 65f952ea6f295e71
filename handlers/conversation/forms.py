"""How does a form that staff keep as data become questions?"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal, TypeAlias, get_args

from handlers.conversation.question import Json, Option, Question, Reader
from handlers.conversation.readers import month_of_birth, phone_number, short_text, whole_number
from handlers.messages import Refused
from handlers.texts import Day, Text, Value, _, plain

FieldKind: TypeAlias = Literal["choose", "date", "many", "text", "number", "phone", "month"]
Words: TypeAlias = Mapping[str, str]  # by locale; what is missing is said in the other language

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CHOSEN = ("choose", "date", "many")
EARLIEST_MONTH_YEARS = 120


@dataclass(frozen=True, slots=True)
class Pick:
    """One answer offered by a field. Of a date the value is ISO, and says itself."""

    value: str
    label: Words


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form, as staff keep it."""

    name: str
    kind: FieldKind
    text: Words
    title: Words | None = None  # its noun in the summary; None: not in it
    options: tuple[Pick, ...] = ()  # of choose, date and many
    at_least: int = 1  # of many
    at_most: int = 0  # of many; 0: no limit
    low: int = 0  # of number
    high: int = 100  # of number
    longest: int = 200  # of text, characters
    is_optional: bool = False

    def question(self, prefix: str = "") -> Question:
        """The question that asks for it, named `prefix` and its own name."""
        return Question(
            name=prefix + self.name,
            kind=self.kind,
            text=said(self.text),
            title=None if self.title is None else said(self.title),
            options=[Option(each.value, self._label(each)) for each in self.options],
            reader=self._reader(),
            at_least=self.at_least,
            at_most=self.at_most,
            is_optional=self.is_optional,
        )

    def as_json(self) -> Json:
        """The stored form."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Json) -> "Field":
        """A field stored by `as_json`."""
        options = tuple(Pick(**each) for each in stored["options"])
        return cls(**{**stored, "options": options})

    def _label(self, pick: Pick) -> Value:
        return Day(date.fromisoformat(pick.value)) if self.kind == "date" else said(pick.label)

    def _reader(self) -> Reader | None:
        match self.kind:
            case "text":
                return short_text(self.longest)
            case "number":
                return whole_number(self.low, self.high)
            case "phone":
                return phone_number()
            case "month":
                return month_of_birth(EARLIEST_MONTH_YEARS)
        return None


def said(words: Words) -> Text:
    """Staff's own words, in the language of whoever hears them."""
    chinese, english = words.get("zh_CN", ""), words.get("en", "")
    if not (chinese and english):
        return plain(chinese or english)
    # For translators: each language shows one of the two; the Chinese is {english:.0}{chinese}
    return _("{english}{chinese:.0}", english=english, chinese=chinese)


def checked(fields: Iterable[Field]) -> Sequence[Field]:
    """The fields, when they make a form. Raises Refused, for the staff, naming the first fault."""
    form = tuple(fields)
    names: set[str] = set()
    for field in form:
        if field.name in names:
            raise Refused(_("Two questions have the name “{name}”.", name=field.name))
        names.add(field.name)
        fault = _fault(field)
        if fault is not None:
            raise Refused(fault)
    return form


def _fault(field: Field) -> Text | None:
    name = field.name
    if not _NAME.fullmatch(name):
        return _(
            "“{name}” is not a name: use small letters, digits and _, a letter first.", name=name
        )
    if field.kind not in get_args(FieldKind):
        return _("“{name}” has the unknown kind “{kind}”.", name=name, kind=str(field.kind))
    if not any(field.text.values()):
        return _("“{name}” asks nothing: write its question.", name=name)
    if field.kind in _CHOSEN:
        return _fault_of_options(field)
    if field.kind == "number" and field.low > field.high:
        return _("“{name}” can have no answer: its smallest is above its largest.", name=name)
    if field.kind == "text" and field.longest < 1:
        return _("“{name}” can have no answer: allow at least one character.", name=name)
    return None


def _fault_of_options(field: Field) -> Text | None:
    name, values = field.name, [each.value for each in field.options]
    if not values:
        return _("“{name}” offers nothing to choose.", name=name)
    if len(set(values)) < len(values) or "" in values:
        return _("“{name}” offers an answer twice, or one without a value.", name=name)
    if field.kind == "date":
        return (
            None if all(map(_is_day, values)) else _("“{name}” offers what is no day.", name=name)
        )
    if not all(any(each.label.values()) for each in field.options):
        return _("“{name}” offers an answer without words.", name=name)
    most = field.at_most or len(values)
    if field.kind == "many" and not 0 <= field.at_least <= most <= len(values):
        return _("“{name}” wants more answers than it offers.", name=name)
    return None


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
