import pytest

from handlers.conversation.grades import grade_of, grade_text
from handlers.texts import LOCALES, say

KINDERGARTEN = [
    "幼儿园大班",
    "大班",
    "中班",
    "小班",
    "学前班",
    "幼儿园",
    "幼儿园了",
    "Kindergarten",
    "K",
]


@pytest.mark.parametrize("words", KINDERGARTEN)
def test_before_school_is_grade_0(words: str) -> None:
    assert grade_of(words) == 0


@pytest.mark.parametrize(
    ("words", "grade"),
    [
        ("三年级", 3), ("3年级", 3), ("３年级", 3), (" 三 年 级 ", 3), ("小学三年级", 3),
        ("小三", 3), ("小学3年级", 3), ("三年级2班", 3), ("三年级(2)班", 3),
        ("三年级（二）班", 3), ("三年级下学期", 3), ("初一(2)班", 7), ("初一2班", 7),
        ("读三年级", 3), ("在读三年级", 3), ("现在上三年级了", 3), ("三年级。", 3),
        ("一年级", 1), ("六年级", 6), ("小六", 6), ("预初", 6), ("预备班", 6),
        ("七年级", 7), ("初一", 7), ("初中一年级", 7), ("初1", 7),
        ("初二", 8), ("初三", 9), ("九年级", 9),
        ("高一", 10), ("高中二年级", 11), ("高三", 12), ("十年级", 10), ("十二年级", 12),
        ("grade 3", 3), ("Grade three", 3), ("G3", 3), ("g 12", 12),
        ("3rd grade", 3), ("1st grade", 1),
    ],
)  # fmt: skip
def test_a_grade_is_read_however_it_is_said(words: str, grade: int) -> None:
    assert grade_of(words) == grade


@pytest.mark.parametrize(
    "words",
    [
        "",
        "3",
        "八岁",
        "十三年级",
        "小七",
        "初四",
        "高四",
        "大三",
        "grade 13",
        "G0",
        "grade",
        "年级",
    ],
)
def test_what_is_no_grade_of_a_school_is_not_guessed(words: str) -> None:
    assert grade_of(words) is None


def test_every_grade_has_its_words() -> None:
    assert [say(grade_text(n), "en") for n in (0, 1, 12)] == ["Kindergarten", "Grade 1", "Grade 12"]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("grade", range(13))
def test_a_grade_is_read_back_from_its_own_words(grade: int, locale: str) -> None:
    assert grade_of(say(grade_text(grade), locale)) == grade
