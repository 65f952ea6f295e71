"""Which choice of a message that nobody asked for do typed words name?

Such a message leaves the open question open, so both may be meant. It was seen last: its labels and
numbers go first, until the person has spoken. What names none of them is for the open question.
"""

from handlers.conversation.labels import called, partly_called
from handlers.conversation.numbers import number_of, place_of, plainly
from handlers.conversation.question import Json, OpenPrompt

NOTHING_BESIDE: Json = {"choices": ()}  # what is kept of a chat: (label, token) of each choice
_PARTICLES = "吧的了啊呀哦嘛。.~"


def answer_beside(beside: Json, words: str, locale: str, *, is_strict: bool) -> str:
    """The token of the choice that the words name; "" when they name none, or several.

    `is_strict`: the words may mean something else, so only a label or a bare number names one.
    """
    choices = beside["choices"]
    if not choices or words.startswith("/"):
        return ""
    prompt = OpenPrompt("beside", "choose", "", [(token, label) for label, token in choices])
    found = called(prompt, words, locale) or _at(words, len(choices), is_strict=is_strict)
    if not found and not is_strict:
        found = called(prompt, words.rstrip(_PARTICLES), locale)
        found = found or partly_called(prompt, words, locale)
    return prompt.options[found[0]][0] if len(found) == 1 else ""


def label_beside(beside: Json, token: str) -> str:
    """What the choice with a token was called; "" when it is not among those offered last."""
    return next((label for label, each in beside["choices"] if each == token), "")


def _at(words: str, count: int, *, is_strict: bool) -> list[int]:
    """The choice at a place. "2位" is no place where it may be the answer: how many adults?"""
    number = number_of(words) if plainly(words).isdecimal() or not is_strict else None
    place = number or place_of(words) or 0
    return [place - 1] if 0 < place <= count else []
