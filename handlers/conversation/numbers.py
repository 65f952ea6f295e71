"""Which number did a person type?"""


def plainly(words: str) -> str:
    """What was typed without the accidents of a keyboard: NFKC, case-folded, no white space."""
    raise NotImplementedError


def number_of(words: str) -> int | None:
    """A cardinal, when the words are nothing else: 2, ２, 2., (2), #2, 二, 两个, two. For values too."""
    raise NotImplementedError


def place_of(words: str) -> int | None:
    """A place in a list, from 1: 第二个, 选2, 2nd, the second one, option 2. Never a value."""
    raise NotImplementedError
