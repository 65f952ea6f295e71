"""What is left of a sentence without the words that only surround an answer?

No word that says no is taken away: "是的，我同意" is "同意", "我不同意" is "不同意", and "不太同意"
stays what it is.
"""

import re
from unicodedata import normalize

_LONGEST = 60  # characters; what is longer says more than an answer
_STOPS = r"[\s,.!?。、~;:]*"
_BEFORE = re.compile(
    rf"""{_STOPS}(?:(?:您好|你好|好的|好|嗯|是的|是|对的|对|那个|那就|那|我们|我|想要|想|要|就|请|帮忙|选择|选|去|看)
    |(?:hi|hello|yes|sure|well|ok|okay|please|i'd|i|we'd|we|would|like|love|want|to|go|take|choose|the|let's)\b
    ){_STOPS}""",
    re.VERBOSE,
)
_AFTER = re.compile(
    rf"{_STOPS}(?:吧|的|了|啊|呀|呢|哦|哈|那个|谢谢|(?<![a-z])(?:please|thanks|thank you)){_STOPS}$"
)


_COURTESY = re.compile(
    r"""(?: (?:您|你|大家)好[啊呀]? | (?:早上?|上午|中午|下午|晚上)好 | hi | hello
    | (?:非常|多)?感?谢(?:您|你|啦|了)? | 好[的滴]? | 嗯 | 收到 | 知道了 | 明白了?
    | 没有?了 | 不用了 | 辛苦了 | 再见 | 拜拜 | ok(?:ay)? | great | no | cheers | bye
    | thank(?:s|you)(?:verymuch|alot)? | thx | [👌👍🙏🌹😊] )+""",
    re.VERBOSE,
)


def is_courtesy(words: str) -> bool:
    """Whether the words only thank or take note: they ask for nothing, and are no mistake."""
    said = re.sub(r"[\s,.!~。、]+", "", normalize("NFKC", words).casefold())
    return len(said) <= _LONGEST and _COURTESY.fullmatch(said) is not None


def core_of(words: str) -> str:
    """The words without what stands around the answer; "" when nothing does, or nothing is left."""
    sentence = normalize("NFKC", words).casefold().replace("’", "'").strip()
    if len(sentence) > _LONGEST:
        return ""
    core = sentence
    while found := _BEFORE.match(core):
        core = core[found.end() :]
    while found := _AFTER.search(core):
        core = core[: found.start()]
    return core if core != sentence else ""
