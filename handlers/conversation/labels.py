"""What are the options called, and which of them do words name?"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from unicodedata import normalize

from handlers.conversation.numbers import plainly
from handlers.conversation.question import Json, OpenPrompt, Option
from handlers.texts import LOCALES, as_json, from_json, plain, say

_HAN = re.compile(r"[〇㐀-鿿𠀀-𲎯]")
_WORD = re.compile(r"[^\W\d_〇㐀-鿿𠀀-𲎯]+|\d+")  # Latin words stand apart within Chinese
_PLAIN = plain("").msgid
_TRAILING = ".!?。,~"


def stored_label(option: Option) -> Json:
    """A label as JSON, so that `from_json` gives it without its note."""
    if not option.note:
        return as_json(option.label)
    label = option.label
    stored = as_json(plain(str(label)) if isinstance(label, str | int) else label)
    return {**stored, "note": as_json(option.note)}


def labels(prompt: OpenPrompt, locale: str) -> list[str]:
    """The labels of all options, without their notes."""
    return [_label(stored, locale) for _value, stored in prompt.options]


def full_labels(prompt: OpenPrompt, locale: str) -> list[str]:
    """The labels of all options with their notes; one that is there already gets "(2)" after it."""
    found: list[str] = []
    seen: set[str] = set()
    for _value, stored in prompt.options:
        label = _label(stored, locale)
        if isinstance(stored, dict) and "note" in stored:
            label += f" · {_one_line(say(from_json(stored['note']), locale))}"
        unique = label
        times = 1
        while (key := key_of(unique)) in seen:
            times += 1
            unique = f"{label} ({times})"
        seen.add(key)
        found.append(unique)
    return found


def comparable(words: str) -> str:
    """Words as they are compared with a label: plain, and without a full stop typed after them."""
    plain_words = plainly(words)
    return plain_words.rstrip(_TRAILING) or plain_words


key_of = lru_cache(maxsize=4096)(comparable)  # for labels, which come again; typed words do not


def called(prompt: OpenPrompt, words: str, locale: str) -> list[int]:
    """The options called so in the person's language, else in another; the note may follow."""
    key = comparable(words).removeprefix("✓")
    for each in _locales(locale):
        found = [i for i, label in enumerate(labels(prompt, each)) if key_of(label) == key]
        # A note follows "·"; of two that are called the same, the second was shown with "(2)".
        if len(found) > 1 or "·" in key or "(" in key:
            full = enumerate(full_labels(prompt, each))
            found = [i for i, label in full if key_of(label) == key] or found
        if found:
            return found
    return []


def partly_called(prompt: OpenPrompt, words: str, locale: str) -> list[int]:
    """The options called so in part: by a piece in Chinese, by words in their order in English."""
    ways = _ways_to_be_part(words)
    for each in _locales(locale):
        every = labels(prompt, each)
        for is_part in ways:
            if found := [i for i, label in enumerate(every) if is_part(label)]:
                return found
    return []


def _ways_to_be_part(words: str) -> list[Callable[[str], bool]]:
    """Tests of a label, the stricter first: whole words, then words that begin so."""
    key = comparable(words)
    if _HAN.search(key):
        # "2月5日" is no part of "12月5日".
        before = r"(?<!\d)" if key[0].isdecimal() else ""
        after = r"(?!\d)" if key[-1].isdecimal() else ""
        piece = re.compile(before + re.escape(key) + after)
        return [lambda label: piece.search(key_of(label)) is not None]
    wanted = _words(words)
    if len(key) < 2 or all(word.isdecimal() and len(word) == 1 for word in wanted):
        return []
    return [
        lambda label: _in_order(wanted, label, is_whole=True),
        lambda label: _in_order(wanted, label, is_whole=False),
    ]


def _in_order(wanted: Sequence[str], label: str, *, is_whole: bool) -> bool:
    rest = iter(_words(label))
    return all(any(_fits(word, have, is_whole=is_whole) for have in rest) for word in wanted)


def _fits(word: str, have: str, *, is_whole: bool) -> bool:
    if is_whole or len(word) < 2 or word.isdecimal():
        return have == word
    return have.startswith(word)


def _words(text: str) -> list[str]:
    return _WORD.findall(normalize("NFKC", text).casefold())


def _locales(locale: str) -> list[str]:
    """The person's language, then the others."""
    return [locale, *(each for each in LOCALES if each != locale)]


def _label(stored: Json, locale: str) -> str:
    if (
        isinstance(stored, dict) and stored.get("text") == _PLAIN
    ):  # most labels; nothing to translate
        stored = stored["values"]["words"]
    return _one_line(stored if isinstance(stored, str) else say(from_json(stored), locale))


def _one_line(words: str) -> str:
    # A line break in a child's name would look like another option.
    return " ".join(words.split()) or "–"
