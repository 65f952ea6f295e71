from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.conversation.question import Reader
from handlers.conversation.readers import (
    month_of_birth,
    month_or_grade,
    nickname,
    phone_number,
    short_text,
    whole_number,
)
from handlers.messages import Refused
from handlers.texts import say

TODAY = date(2026, 11, 22)
READERS = {
    "whole_number": whole_number(1, 4),
    "short_text": short_text(40),
    "nickname": nickname(),
    "month_of_birth": month_of_birth("2008-01"),
    "month_or_grade": month_or_grade(),
    "phone_number": phone_number(),
}


def refusal(reader: Reader, words: str) -> str:
    with pytest.raises(Refused) as refused:
        reader.read(words, TODAY)
    return say(refused.value.text, "en")


def shown(reader: Reader, words: str, locale: str = "en") -> str:
    return say(reader.shown(reader.read(words, TODAY)), locale)


@pytest.mark.parametrize("name", READERS)
@given(words=st.text(max_size=80))
def test_a_reader_reads_or_refuses_whatever_is_typed(name: str, words: str) -> None:
    reader = READERS[name]
    try:
        answer = reader.shown(reader.read(words, TODAY))
    except Refused as refused:
        answer = refused.text
    assert say(answer, "zh_CN")


def test_kinds_tell_a_page_what_to_show() -> None:
    kinds = ["number", "text", "text", "month", "month", "phone"]
    assert [each.kind for each in READERS.values()] == kinds


# Whole numbers


@pytest.mark.parametrize(
    ("words", "number"), [("2", 2), (" ２ ", 2), ("二", 2), ("两个", 2), ("1", 1), ("4", 4)]
)
def test_a_whole_number_is_read(words: str, number: int) -> None:
    assert whole_number(1, 4).read(words, TODAY) == number


@pytest.mark.parametrize("words", ["0", "5", "-1", "2.5", "many", "", "第二个", "9" * 5000])
def test_a_number_out_of_range_is_refused_with_the_range(words: str) -> None:
    assert refusal(whole_number(1, 4), words) == "Please type a whole number from 1 to 4."


def test_a_number_is_shown_as_the_language_writes_it() -> None:
    assert shown(whole_number(0, 2000), "1200") == "1,200"


def test_few_numbers_can_be_tapped_and_are_read_back() -> None:
    reader = whole_number(0, 7)
    quick = reader.quick()
    assert [reader.read(option.value, TODAY) for option in quick] == list(range(8))


def test_many_numbers_have_to_be_typed() -> None:
    assert list(whole_number(1, 9).quick()) == []


@pytest.mark.parametrize("name", ["short_text", "nickname", "month_of_birth", "month_or_grade"])
def test_words_and_months_have_to_be_typed(name: str) -> None:
    assert list(READERS[name].quick()) == []


def test_a_telephone_number_has_to_be_typed() -> None:
    assert list(phone_number().quick()) == []


# Words and nicknames


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("  Wheelchair,   please  ", "Wheelchair, please"),
        ("Ｒｏｂｏｔｓ", "Robots"),
        ("带轮椅，谢谢。", "带轮椅，谢谢。"),
        ("请打 13800138000", "请打 13800138000"),
        ("a" * 40, "a" * 40),
    ],
)
def test_words_are_kept_tidied(words: str, kept: str) -> None:
    kept_nfkc = kept.replace("，", ",")
    assert short_text(40).read(words, TODAY) == kept_nfkc


@pytest.mark.parametrize("words", ["", "   ", "\u3000", "\n"])
def test_no_words_are_refused(words: str) -> None:
    assert refusal(short_text(40), words) == "Please type a few words."


def test_too_many_words_are_refused_with_the_limit() -> None:
    assert refusal(short_text(40), "字" * 41) == "Please use at most 40 characters."


UNSEEN = {
    "a line break": "a\nb",
    "a null": "a\0b",
    "an escape": "a\x1b[31mb",
    "right to left": "a\u202eb",
    "an isolate": "a\u2066b",
    "zero width": "a\u200bb",
    "a byte order mark": "a\ufeffb",
    "a line separator": "a\u2028b",
    "private use": "a\ue000b",
    "a lone surrogate": "a\ud800b",
}


@pytest.mark.parametrize("what", UNSEEN)
@pytest.mark.parametrize("reader", [short_text(40), nickname()], ids=["short_text", "nickname"])
def test_what_cannot_be_seen_is_refused(reader: Reader, what: str) -> None:
    assert refusal(reader, UNSEEN[what]) == "Please type it on one line, in plain characters."


@pytest.mark.parametrize(
    "name",
    [
        "小明",
        "Bo",
        "Anne-Marie",
        "买买提·艾力",
        "Bo 2",
        "3班小明",
        "བཀྲ་ཤིས".replace("་", ""),
        "José",
    ],
)
def test_a_nickname_is_letters_and_what_joins_them(name: str) -> None:
    assert nickname().read(name, TODAY) == name


@pytest.mark.parametrize("name", ["=1+1", "@bo", "-bo", "<b>", "Bo/Cy", "42", "·", "bo;", "😀"])
def test_a_nickname_of_other_signs_is_refused(name: str) -> None:
    told = refusal(nickname(), name)
    assert told == "Please type a nickname: letters, digits, spaces, · or -."


@pytest.mark.parametrize(
    "name",
    [
        "11010519491231002X",
        "小明 110105194912310021",
        "小明１３８００１３８０００",
        "Bo 138-0013-8000",
        "G12345678",
        "66668888",
    ],
)
def test_a_number_that_identifies_is_refused_as_a_nickname(name: str) -> None:
    told = refusal(nickname(), name)
    assert told == "A nickname is enough: please leave out ID numbers and telephone numbers."


def test_a_nickname_is_short() -> None:
    assert refusal(nickname(4), "Annabel") == "Please use at most 4 characters."


# Months and grades


@pytest.mark.parametrize("words", ["2018-05", "2018年5月", "201805", "May 2018"])
def test_a_month_of_birth_is_kept_by_its_number_and_shown_in_words(words: str) -> None:
    reader = month_of_birth("2008-01")
    assert reader.read(words, TODAY) == "2018-05"
    assert shown(reader, words) == "May 2018"
    assert shown(reader, words, "zh_CN") == "2018年5月"


@pytest.mark.parametrize("reader", [month_of_birth("2008-01"), month_or_grade()], ids=["a", "b"])
def test_a_bare_year_is_refused_with_a_hint(reader: Reader) -> None:
    assert refusal(reader, "2018") == "Please type the month too, for example 2018-05."


def test_what_is_no_month_is_refused_with_an_example() -> None:
    told = refusal(month_of_birth("2008-01"), "eight")
    assert told == "Please type a year and a month, for example 2018-05."


@pytest.mark.parametrize(
    ("reader", "first", "last"),
    [
        (month_of_birth("2008-01"), "2008-01", "2026-11"),
        (month_of_birth("2008-01", "2020-12"), "2008-01", "2020-12"),
        (month_of_birth("2008-01", "2030-12"), "2008-01", "2026-11"),
        (month_of_birth(18), "2008-11", "2026-11"),
    ],
)
def test_a_month_counts_up_to_both_its_limits_and_not_beyond(
    reader: Reader, first: str, last: str
) -> None:
    assert reader.read(first, TODAY) == first
    assert reader.read(last, TODAY) == last
    for month in (earlier(first), later(last)):
        assert refusal(reader, month).startswith("Please type a month from ")


def earlier(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02}"


def later(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year + 1}-01" if number == 12 else f"{year}-{number + 1:02}"


def test_a_month_out_of_range_is_refused_with_the_range() -> None:
    told = refusal(month_of_birth("2008-01"), "2007-12")
    assert told == "Please type a month from January 2008 to November 2026."


@pytest.mark.parametrize(
    ("words", "value", "shown_as"),
    [
        ("2018年5月", {"birth_month": "2018-05"}, "May 2018"),
        ("三年级", {"grade": 3}, "Grade 3"),
        ("初一", {"grade": 7}, "Grade 7"),
        ("高二", {"grade": 11}, "Grade 11"),
        ("幼儿园大班", {"grade": 0}, "Kindergarten"),
        ("grade 3", {"grade": 3}, "Grade 3"),
        ("G3", {"grade": 3}, "Grade 3"),
    ],
)
def test_a_child_has_a_month_of_birth_or_a_grade(
    words: str, value: dict[str, str | int], shown_as: str
) -> None:
    assert month_or_grade().read(words, TODAY) == value
    assert shown(month_or_grade(), words) == shown_as


def test_the_oldest_child_is_of_age_this_month() -> None:
    assert month_or_grade(18).read("2008-11", TODAY) == {"birth_month": "2008-11"}
    told = refusal(month_or_grade(18), "2008-10")
    assert told == "Please type a month from November 2008 to November 2026."


def test_what_is_neither_month_nor_grade_is_refused_with_both() -> None:
    told = refusal(month_or_grade(), "8")
    assert told == "Please type the birth month or the grade, for example 2018-05 or grade 3."


# Telephones


@pytest.mark.parametrize(
    "words",
    [
        "13800138000",
        " 138 0013 8000 ",
        "138-0013-8000",
        "１３８００１３８０００",
        "+86 138 0013 8000",
        "(+86)138.0013.8000",
        "8613800138000",
        "008613800138000",
    ],
)
def test_a_chinese_mobile_number_is_kept_in_one_form(words: str) -> None:
    assert phone_number().read(words, TODAY) == "+8613800138000"
    assert shown(phone_number(), words) == "138 0013 8000"


@pytest.mark.parametrize("words", ["+852 9123 4567", "0085291234567"])
def test_a_number_of_elsewhere_begins_with_plus(words: str) -> None:
    assert phone_number().read(words, TODAY) == "+85291234567"
    assert shown(phone_number(), words) == "+85291234567"


@pytest.mark.parametrize(
    "words",
    ["", "12800138000", "1380013800", "138001380001", "+86 10 6666 8888", "010-66668888", "+0123"],
)
def test_what_is_no_mobile_number_is_refused(words: str) -> None:
    told = refusal(phone_number(), words)
    assert told == "Please type a mobile number, or one of another country beginning with +."
