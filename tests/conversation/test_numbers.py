import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.conversation.numbers import number_of, place_of, plainly

CARDINALS = {
    "2": 2, " 2 ": 2, "２": 2, "2.": 2, "２．": 2, "2。": 2, "2、": 2, "2)": 2, "(2)": 2,
    "（２）": 2, "【2】": 2, "②": 2, "⒉": 2, "⑵": 2, "㈡": 2, "2️⃣": 2, "2个": 2, "两位": 2,
    "2 人": 2, "8岁": 8, "3个人": 3, "二": 2, "两": 2, "俩": 2, "兩": 2, "贰": 2, "两个": 2,
    "零": 0, "〇": 0, "0": 0, "十": 10, "十二": 12, "一十二": 12, "二十": 20, "二十一": 21,
    "九十九": 99, "拾": 10, "two": 2, "Two": 2, "twelve": 12, "twenty": 20, "twenty-one": 21,
    "twenty one": 21, "ninety nine": 99, "12": 12, "007": 7, "٢": 2, "2018": 2018,
}  # fmt: skip

PLACES = {
    "第二个": 2, "第2个": 2, "第２项": 2, "第两个": 2, "第十二": 12, "第二场": 2, "第二": 2,
    "选2": 2, "我选2": 2, "我选第二个": 2, "我要第二个吧": 2, "选二": 2, "要3": 3, "选项2": 2,
    "#2": 2, "＃2": 2, "No. 2": 2, "no 2": 2, "number two": 2, "option 2": 2, "Option two": 2,
    "2号": 2, "二号": 2, "2nd": 2, "2ND": 2, "1st": 1, "3rd": 3, "11th": 11, "the 2nd": 2,
    "2nd one": 2, "second": 2, "Second.": 2, "the second": 2, "the second one": 2,
    "The Second One": 2, "the third option": 3, "first": 1, "fifth": 5, "eighth": 8, "ninth": 9,
    "twelfth": 12, "twentieth": 20, "twenty-first": 21, "twenty first": 21, "ninety-ninth": 99,
}  # fmt: skip

NEITHER = [
    "", "人", "-2", "2.5", "12/5", "12-5", "10:00", "1 3", "1,3", "2 or 3", "a few", "十十", "百",
    "一百", "fortieth of the month and more", "第", "#", "no", "选", "the", "one more", "first aid",
    "ninth-grade", "小二", "两人间", "2" * 30, "number" * 5, "0th", "第零个", "号",
]  # fmt: skip


@pytest.mark.parametrize(("words", "number"), CARDINALS.items())
def test_a_number_is_read_as_people_type_it(words: str, number: int) -> None:
    assert number_of(words) == number


@pytest.mark.parametrize(("words", "place"), PLACES.items())
def test_a_place_in_a_list_is_read_as_people_type_it(words: str, place: int) -> None:
    assert place_of(words) == place


@pytest.mark.parametrize("words", NEITHER)
def test_what_is_not_a_number_is_none(words: str) -> None:
    assert number_of(words) is None
    assert place_of(words) is None


@pytest.mark.parametrize("words", ["第二个", "2nd", "#2", "second"])
def test_a_place_is_never_a_value(words: str) -> None:
    assert number_of(words) is None


def test_plain_words_have_one_width_one_case_and_no_white_space() -> None:
    assert plainly(" Ｓｃｉence　 Hall\n") == "sciencehall"
    assert plainly("") == plainly(" \n") == ""


def test_only_a_space_between_two_digits_means_something() -> None:
    assert plainly("1  3 号 馆 2") == "1 3号馆2"


@given(st.integers(0, 99))
def test_every_number_to_99_is_read_in_every_writing(number: int) -> None:
    tens, ones = divmod(number, 10)
    han = "零一二三四五六七八九"
    written = {0: "", 1: "十"}.get(tens, han[tens] + "十") + (han[ones] if ones or not tens else "")
    assert number_of(written) == number_of(f"（{number}）") == number_of(f"{number}.") == number
    assert place_of(f"第{written}个") == place_of(f"{number}th") == (number or None)


@given(st.text(max_size=60))
def test_no_words_break_the_reading_of_numbers(words: str) -> None:
    for found in (number_of(words), place_of(words)):
        assert found is None or found >= 0
