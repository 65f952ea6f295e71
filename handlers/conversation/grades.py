"""Which school grade did a person type, and how is it said?"""

import re
from unicodedata import normalize

from handlers.conversation.months import LONGEST
from handlers.conversation.numbers import number_of
from handlers.texts import Text, _

KINDERGARTEN = 0
_TEXTS = (
    _("Kindergarten"), _("Grade 1"), _("Grade 2"), _("Grade 3"), _("Grade 4"), _("Grade 5"),
    _("Grade 6"), _("Grade 7"), _("Grade 8"), _("Grade 9"), _("Grade 10"), _("Grade 11"),
    _("Grade 12"),
)  # fmt: skip
_BEFORE_SCHOOL = re.compile(
    r"(?:幼儿园|幼稚园)?(?:托|小|中|大|学前)班|幼儿园|幼稚园|学前|kindergarten|preschool|nursery|k"
)
# Where primary school has five years, the sixth grade is a preparatory class of the junior one.
_PREPARATORY = re.compile(r"预初|初中预备班?|预备年级|预备班")
_STAGES = (  # the words around the number, the grade before the stage's first, its grades
    (re.compile(r"(?:小学)?(\w+)年级"), 0, 12),
    (re.compile(r"小学?(\w+)"), 0, 6),
    (re.compile(r"初中?(\w+?)(?:年级)?"), 6, 3),
    (re.compile(r"高中?(\w+?)(?:年级)?"), 9, 3),
    (re.compile(r"(?:grade|g)(\w+)"), 0, 12),
    (re.compile(r"(\d+)(?:st|nd|rd|th)grade"), 0, 12),
)
_AROUND = re.compile(
    r"^(?:现在|今年)?(?:在?读|在?上|念)?|[上下](?:学期|册)?$"
    r"|(?:(?<=级)\w{1,2}|\(\w{1,2}\)|\d{1,2})班$"
)


def grade_of(words: str) -> int | None:
    """The grade, 1 to 12, or 0 before school; None when the words name none. 初一 is 7, 高一 10."""
    text = re.sub(r"\s", "", normalize("NFKC", words[:LONGEST])).casefold().rstrip("。.了")
    if _BEFORE_SCHOOL.fullmatch(text):
        return KINDERGARTEN
    if _PREPARATORY.fullmatch(text):
        return 6
    text = _AROUND.sub("", text)
    for stage, before, grades in _STAGES:
        found = stage.fullmatch(text)
        number = found and number_of(found[1])
        if number and 1 <= number <= grades:
            return before + number
    return None


def grade_text(grade: int) -> Text:
    """The grade as people say it. Raises IndexError outside 0 to 12."""
    return _TEXTS[grade]
