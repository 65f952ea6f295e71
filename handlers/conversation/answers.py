"""What did a person answer to the open question?

Of several readings the more certain goes first: a token, a whole label, a word of navigation, a
number of the list as last shown, a day, an ordinal, a part of one label only, then the reader. A
number goes before a part because it was shown; a day before a part because "2月5日" is a part of
"12月5日". What none of these finds is looked for without the words around it. Where a reader takes
the answer (a number, a name, a phone) a number is a value, never a place. What fits nothing, or
several, is told, and never recorded.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias
from unicodedata import normalize

from handlers.conversation.dates import day_of
from handlers.conversation.hints import day_not_offered
from handlers.conversation.labels import called, comparable, full_labels, partly_called
from handlers.conversation.numbers import number_of, place_of
from handlers.conversation.question import Json, OpenPrompt, Reader
from handlers.conversation.render import label_of
from handlers.conversation.sentences import core_of
from handlers.conversation.whens import when_of
from handlers.messages import Refused
from handlers.texts import Several, Text, Value, _, from_json

CANDIDATES_MAX = 4  # named when several fit; more are a list, and the list is shown anyway

_WORDS = {
    "@yes": "确认 确定 是 是的 对 对的 好 好的 好吧 行 可以 嗯 没问题 "
    "yes y yep ok okay confirm sure",
    "@more": "更多 下一页 继续看 more next nextpage",
    "@all": "全部显示 显示全部 看全部 其他 其它 别的 都不是 showall seeall others other",
    "@done": "完成 好了 选好了 选完了 就这些 done finish finished ready ok",
    "@skip": "跳过 略过 不填 skip",
    "@change": "修改 更改 改一下 不对 change edit",
    "@back": "返回 上一步 后退 /back back goback previous",
    "@cancel": "退出 取消 不约了 算了 /cancel cancel stophere exit quit",
}
_NAVIGATION = {word: frozenset(typed.split()) for word, typed in _WORDS.items()}
_ALL = frozenset(
    {"都去", "都来", "都", "全部", "全都", "全都去", "全选", "所有", "所有人", "大家"}
    | {"all", "everyone", "everybody", "both"}
)
# How people part what they list; the later only when the earlier made no sense of it.
_PARTED = (
    re.compile(r"[,、;/+&|]+"),
    re.compile(r"\band\b|和|与|跟|及|还有"),
    re.compile(r"\s+"),
)
_LONGEST = 200  # characters; what is longer names no option

_NOT_UNDERSTOOD = _("I did not understand. Please choose one of these.")


@dataclass(frozen=True, slots=True)
class Picked:
    """One option of choose or date."""

    value: str
    label: Value  # without its note


@dataclass(frozen=True, slots=True)
class Ticked:
    """Options of many. A tap toggles one (`is_whole` False); a typed line is the whole answer."""

    values: tuple[str, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Read:
    """A value the reader made of the words, or of a quick answer."""

    value: Json
    shown: Value


@dataclass(frozen=True, slots=True)
class Go:
    """A word of navigation: "@more", "@all", "@back", "@change", "@cancel", "@done" …, "@yes"."""

    word: str


@dataclass(frozen=True, slots=True)
class Stale:
    """A button of an earlier question: nothing changes."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nothing is recorded; the sentence says why, the question is asked again."""

    sentence: Text


Recognised: TypeAlias = Picked | Ticked | Read | Go | Stale | Unclear


@dataclass(frozen=True, slots=True)
class _Typed:
    words: str
    key: str
    locale: str
    today: date


# Indexes of the options that fit (none; several: ambiguous), or what is certain already.
_Found: TypeAlias = list[int] | Go | Unclear
_Look: TypeAlias = Callable[[OpenPrompt, _Typed], _Found]


def recognise(
    prompt: OpenPrompt, reader: Reader | None, words: str, token: str, locale: str, *, today: date
) -> Recognised:
    """What the words (or, when it is not empty, the token) answer. Of many: Ticked, never Picked.

    `at_least` and `at_most` of many, and whether there is anything to go back to, are the caller's.
    """
    if token:
        return _tapped(prompt, reader, token, today)
    typed = _Typed(words, comparable(words), locale, today)
    if not typed.key or (reader is None and len(words) > _LONGEST):
        return Unclear(_NOT_UNDERSTOOD)
    if prompt.kind == "many":
        found = _listed(prompt, typed, _PARTED)
        if isinstance(found, list) and found:
            return Ticked(tuple(prompt.options[index][0] for index in found), is_whole=True)
    else:
        found = _one(prompt, typed, _VALUES if reader else _LIST)
        if isinstance(found, list) and found:
            return _answer(prompt, reader, found[0], today)
    if not isinstance(found, list):
        return found
    return _read(reader, words, today) if reader else Unclear(_NOT_UNDERSTOOD)


def _tapped(prompt: OpenPrompt, reader: Reader | None, token: str, today: date) -> Recognised:
    asked, _colon, which = token.rpartition(":")
    if asked != prompt.token:
        return Stale()
    if which.isdecimal() and len(which) <= 4 and int(which) < len(prompt.options):
        if prompt.kind == "many":
            return Ticked((prompt.options[int(which)][0],), is_whole=False)
        return _answer(prompt, reader, int(which), today)
    return Go(f"@{which}") if f"@{which}" in _ways(prompt) else Stale()


def _answer(prompt: OpenPrompt, reader: Reader | None, index: int, today: date) -> Recognised:
    value, label = prompt.options[index]
    return _read(reader, value, today) if reader else Picked(value, from_json(label))


def _read(reader: Reader, words: str, today: date) -> Recognised:
    try:
        value = reader.read(words, today)
    except Refused as no:
        return Unclear(no.text)
    return Read(value, reader.shown(value))


def _ways(prompt: OpenPrompt) -> list[str]:
    """The words of navigation that mean something now, shown or not."""
    ways = [*prompt.navigation, "@back", "@cancel"]
    if prompt.kind == "confirm":
        ways.append("@yes")
    if prompt.kind == "many":
        ways.append("@done")
    if prompt.is_optional:
        ways.append("@skip")
    return ways


def _one(prompt: OpenPrompt, typed: _Typed, looks: Sequence[_Look]) -> _Found:
    """The first reading that finds anything: one option, or what to say of several."""
    for look in looks:
        found = look(prompt, typed)
        if isinstance(found, list) and len(found) > 1:
            return _ambiguous(prompt, found, typed.locale)
        if found:
            return found
    return []


def _listed(prompt: OpenPrompt, typed: _Typed, parted: Sequence[re.Pattern[str]]) -> _Found:
    """The options of many that one line names, in their order, each once."""
    if typed.key in _ALL and not _by_label(prompt, typed):
        return list(range(len(prompt.options)))
    found = _one(prompt, typed, _LIST)
    if isinstance(found, Go) or (isinstance(found, list) and found):
        return found
    for later, by in enumerate(parted, start=1):
        pieces = [each for each in by.split(normalize("NFKC", typed.words)) if each.strip()]
        if len(pieces) > 1:
            parts = [replace(typed, words=piece, key=comparable(piece)) for piece in pieces]
            named = [_listed(prompt, part, parted[later:]) for part in parts]
            indexes = [each for each in named if isinstance(each, list) and each]
            if len(indexes) == len(named):
                return sorted({index for each in indexes for index in each})
            found = next((each for each in named if isinstance(each, Unclear)), found)
    return found


def _by_label(prompt: OpenPrompt, typed: _Typed) -> _Found:
    return called(prompt, typed.words, typed.locale)


def _by_word(prompt: OpenPrompt, typed: _Typed) -> _Found:
    way = next((word for word in _ways(prompt) if typed.key in _NAVIGATION[word]), None)
    if way is None:
        return []
    # "取消" beside "取消这次预约": who means the visit must not be told that nothing was changed.
    alike = [] if typed.key.startswith("/") else partly_called(prompt, typed.words, typed.locale)
    return _ambiguous(prompt, alike, typed.locale, label_of(way)) if alike else Go(way)


def _by_number(prompt: OpenPrompt, typed: _Typed) -> _Found:
    return _at(prompt, number_of(typed.words))


def _by_place(prompt: OpenPrompt, typed: _Typed) -> _Found:
    return _at(prompt, place_of(typed.words))


def _at(prompt: OpenPrompt, number: int | None) -> _Found:
    """What stood at a place of the list as last shown, the ways on after the options."""
    if number == 0 and "@back" in prompt.navigation:
        return Go("@back")  # the habit of telephone menus
    if prompt.options and not prompt.shown:  # a month grid has no places
        return []
    places: list[int | str] = [*prompt.shown, *prompt.navigation]
    if not number or number > len(places):
        return []
    at = places[number - 1]
    return Go(at) if isinstance(at, str) else [at]


def _by_day(prompt: OpenPrompt, typed: _Typed) -> _Found:
    if prompt.kind != "date":
        return []
    days = day_of(typed.words, typed.today, typed.locale)
    if not days and (when := when_of(typed.words, typed.today, typed.locale)):
        days = [*when.days]  # "周六下午" names a day too
    number = number_of(typed.words)
    if number is not None:  # it is no place in the list
        days = day_of(f"{number}号", typed.today, typed.locale)
    if not days:
        return []
    meant = {day.isoformat() for day in days}
    offered = [i for i, (value, _label) in enumerate(prompt.options) if value in meant]
    if not offered and number is None:
        offered = partly_called(
            prompt, typed.words, typed.locale
        )  # "周六", when only a later one is offered
    return offered or Unclear(day_not_offered(days[0], [value for value, _ in prompt.options]))


def _ambiguous(prompt: OpenPrompt, found: Sequence[int], locale: str, *ways: Text) -> Unclear:
    """Which of the options that fit, or of the ways on, is meant?"""
    full = full_labels(prompt, locale)
    named = Several((*(full[index] for index in found[:CANDIDATES_MAX]), *ways))
    if len(found) > CANDIDATES_MAX:
        return Unclear(_("Many fit, such as {options}. Please say a little more.", options=named))
    return Unclear(_("More than one fits: {options}. Which do you mean?", options=named))


def _by_part(prompt: OpenPrompt, typed: _Typed) -> _Found:
    return partly_called(prompt, typed.words, typed.locale)


def _by_core(prompt: OpenPrompt, typed: _Typed) -> _Found:
    """What is meant by the words without those that only surround them."""
    core = core_of(typed.words)
    if not core:
        return []
    return _one(prompt, replace(typed, words=core, key=comparable(core)), _LIST[:-1])


_LIST: tuple[_Look, ...] = (
    _by_label, _by_word, _by_number, _by_day, _by_place, _by_part, _by_core,
)  # fmt: skip
_VALUES: tuple[_Look, ...] = (_by_label, _by_word)
