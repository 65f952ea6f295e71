"""How many children and adults does a sentence speak of?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from handlers.conversation.numbers import number_of

_N = (
    r"(?<![\d第])(\d{1,2}|[一二两俩三四五六七八九十]{1,2}"
    r"|\b(?:an?|one|two|three|four|five|six|seven|eight|nine|ten)\b)"
)
_CHILD = r"(?:小?孩子?|小朋友|小?娃儿?|宝宝|儿童|小?学生|\b(?:kid|child|children)s?\b)"
_ADULT = r"(?:大人|成年?人|家长|\b(?:adult|grown-?up|parent)s?\b)"
_UNIT = r"\s*(?:个|位|名)?\s*(?:\d{1,2}岁的?|小)?\s*"
_BEFORE = [re.compile(f"{_N}{_UNIT}{noun}") for noun in (_CHILD, _ADULT)]  # 两个孩子
_BEHIND = [re.compile(rf"{noun}\s*{_N}\s*[个位名]") for noun in (_CHILD, _ADULT)]  # 孩子两个
_BIG_AND_SMALL = re.compile(rf"{_N}大{_N}小")
_NO_CHILD = re.compile(
    r"只有大人|(?:不带|没有)孩子|\b(?:adults only|only adults)\b"
    r"|\b(?:no|without) (?:kids|children)\b"
)
# "我和女儿", "我和两个孩子": who speaks comes too, and a daughter is one child.
_OWN_CHILD = r"儿子|女儿|闺女|外?孙[子女]|外孙|(?:my |our )?\b(?:grand)?(?:son|daughter)\b"
_ME_AND = re.compile(
    rf"(?:我[和跟]|\b(?:me|i) and )(?:我|my |our )?(?:{_N}{_UNIT})?(?:{_CHILD}|{_OWN_CHILD})"
)
_ONE_CHILD = re.compile(rf"[和跟带](?:我|着)*(?:{_OWN_CHILD})|\bmy (?:grand)?(?:son|daughter)\b")
_SOME_CHILD = re.compile(rf"{_CHILD}|{_OWN_CHILD}")


@dataclass(frozen=True, slots=True)
class Heads:
    """How many are said to come; None: not said, or in a way that may be read twice."""

    children: int | None = None
    adults: int | None = None
    has_children: bool = False  # there are some, counted or not


def heads_in(sentence: str) -> Heads:
    """The numbers in a sentence, given in NFKC and lower case."""
    if _NO_CHILD.search(sentence):
        return Heads(0, _only(_BEFORE[1].findall(sentence)))
    if both := _BIG_AND_SMALL.search(sentence):
        return Heads(_number(both[2]), _number(both[1]), has_children=True)
    children, adults = _counted(sentence)
    if adults is None and _ME_AND.search(sentence):
        adults = 1
    if children is None and _ONE_CHILD.search(sentence):
        children = 1
    return Heads(children, adults, has_children=_SOME_CHILD.search(sentence) is not None)


def _counted(sentence: str) -> tuple[int | None, int | None]:
    """Children and adults; "大人2个孩子1个" is read from the nouns on, as that explains more."""
    before = [form.findall(sentence) for form in _BEFORE]
    behind = [form.findall(sentence) for form in _BEHIND]
    more = behind if sum(map(len, behind)) > sum(map(len, before)) else before
    children, adults = (_only(found) for found in more)
    return children, adults


def _only(found: Sequence[str]) -> int | None:
    """The one number that was found; None when there is none, or another beside it."""
    numbers = {_number(each) for each in found}
    return numbers.pop() if len(numbers) == 1 else None


def _number(word: str) -> int | None:
    return 1 if word in ("a", "an") else number_of(word)
