"""Which number did a person type?"""

import re
from unicodedata import normalize

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ODD_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth",
    "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_HAN = "零一二三四五六七八九"
# 两 and 俩 count like 二; the rest are the long forms of cheques and of old phones.
_HAN_VARIANTS = str.maketrans("〇两俩兩壹贰叁肆伍陆柒捌玖拾", "零二二二一二三四五六七八九十")
_KEYCAP = str.maketrans("", "", "\ufe0f\u20e3")  # 2️⃣ is "2" with these two after it

_IDLE_SPACE = re.compile(r"(?<!\d) | (?!\d)")
_LONGEST = 24  # characters; what is longer is a sentence, not a number
_END = r"[).,!?\]】。、:;~]*"
_CARDINAL = re.compile(rf"[(\[【]*(.+?)(?:个人|个|位|名|人|岁)?{_END}")
_PLACE = re.compile(
    rf"""(?:我?就?(?:选择?(?!项)|要)|the)?
    (?: 第(?P<counted>.+?)(?:个|项|条|位|名|家|场|天|种)?
      | (?:\#|no\.?|number|option|选项)(?P<named>.+?)
      | (?<=[选择要])(?P<chosen>.+?)
      | (?P<marked>.+?)号
      | (?P<short>\d+)(?:st|nd|rd|th)(?:one|option|choice)?
      | (?P<ordinal>[a-z-]+?(?:st|nd|rd|th))(?:one|option|choice)?
    )(?:吧|的)?{_END}""",
    re.VERBOSE,
)


def plainly(words: str) -> str:
    """What was typed without the accidents of a keyboard: NFKC, case-folded, no white space.

    Only between two digits a space stays: "1 3" is not 13.
    """
    pieces = normalize("NFKC", words).casefold().split()
    return pieces[0] if len(pieces) == 1 else _IDLE_SPACE.sub("", " ".join(pieces))


def number_of(words: str) -> int | None:
    """A cardinal, when the words are nothing else: 2, ２, 2., (2), 二, 两个, two; values too."""
    typed = plainly(words).translate(_KEYCAP)
    if len(typed) > _LONGEST:
        return None
    found = _CARDINAL.fullmatch(typed)
    return _cardinal(found[1]) if found else None


def place_of(words: str) -> int | None:
    """A place in a list, from 1: 第二个, 选2, #2, 2nd, the second one, option 2. Never a value."""
    typed = plainly(words).translate(_KEYCAP)
    if len(typed) > _LONGEST:
        return None
    found = _PLACE.fullmatch(typed)
    if not found or found.lastgroup is None:
        return None
    named = found[found.lastgroup]
    place = _ORDINALS.get(named) if found.lastgroup == "ordinal" else _cardinal(named)
    return place or None  # nothing is the zeroth


def _cardinal(word: str) -> int | None:
    if word.isdecimal():
        return int(word)
    return _CARDINALS.get(word.translate(_HAN_VARIANTS))


def _ordinal(cardinal: str) -> str:
    return _ODD_ORDINALS.get(cardinal) or re.sub("y$", "ie", cardinal) + "th"


def _spelled() -> tuple[dict[str, int], dict[str, int]]:
    """Cardinals to 99 in English and Chinese, and ordinals in English."""
    cardinals = {word: number for number, word in enumerate(_ONES)}
    ordinals = {_ordinal(word): number for number, word in enumerate(_ONES)}
    for tens, word in enumerate(_TENS, start=2):
        cardinals[word], ordinals[_ordinal(word)] = tens * 10, tens * 10
        for ones, unit in enumerate(_ONES[1:10], start=1):
            for joint in ("", "-"):
                cardinals[word + joint + unit] = tens * 10 + ones
                ordinals[word + joint + _ordinal(unit)] = tens * 10 + ones
    for ones, digit in enumerate(_HAN):
        cardinals[digit] = ones
        unit = digit if ones else ""
        cardinals["十" + unit] = 10 + ones
        for tens in range(1, 10):
            cardinals[f"{_HAN[tens]}十{unit}"] = tens * 10 + ones
    return cardinals, ordinals


_CARDINALS, _ORDINALS = _spelled()
