"""Is what people type understood as people mean it: numbers, days, names, whole sentences?"""

import pytest

from handlers.conversation.testing import Person
from tests.stories.town import Town

# How a base is named, second in the list as shown: 新区科技馆, 星河天文馆, 绿谷植物园.
SECOND = [
    "2",
    "２",
    "二",
    "第二个",
    "第二",
    "2.",
    "②",
    "选2",
    "就第二个吧",
    "the second one",
    "2nd",
]
STARS = ["星河天文馆", "天文馆", "星河", "天文馆吧", "我想去天文馆", "去天文馆。", "那个天文馆"]
SATURDAY = ["周六", "星期六", "礼拜六", "Sat", "saturday", "11月28日", "11.28", "11-28", "28号",
            "二十八号", "１１月２８日", "2026-11-28", "28 Nov", "下周六"]  # fmt: skip
IN_DECEMBER = ["12月5日", "12月5号", "十二月五日", "１２月５日", "12/5", "5号", "12-05", "5 Dec"]
AT_TWO = ["14:00", "１４：００", "14:00–15:00", "第二个", "2"]


def asked_for_the_session(town: Town, channel: str = "web") -> Person:
    """Somebody who chose Saturday in the planetarium."""
    return town.person(channel).says("预约").taps("星河", "11月28日").sees("哪一场")


@pytest.mark.parametrize("words", [*SECOND, *STARS])
def test_a_base_is_named_by_its_number_its_name_or_in_a_sentence(
    town: Town, channel: str, words: str
) -> None:
    town.person(channel).says("预约", words).sees("您想哪天去")


@pytest.mark.parametrize("words", SATURDAY)
def test_a_day_is_typed_as_people_write_it(town: Town, channel: str, words: str) -> None:
    town.person(channel).says("预约", "星河", words).sees("10:00–11:00", "14:00–15:00")


@pytest.mark.parametrize("words", IN_DECEMBER)
def test_a_date_is_typed_as_people_write_it(town: Town, words: str) -> None:
    town.person().says("预约", "星河", words).sees("10:00–11:00").does_not_see("14:00")


@pytest.mark.parametrize("words", AT_TWO)
def test_a_session_is_named_by_its_time_or_its_number(town: Town, channel: str, words: str) -> None:
    asked_for_the_session(town, channel).says(words).sees("同意")


@pytest.mark.parametrize("words", ["同意", "我同意", "1", "第一个", "同意。", "是的，我同意"])
def test_consent_is_given_in_words(town: Town, channel: str, words: str) -> None:
    asked_for_the_session(town, channel).taps("10:00").says(words).sees("孩子的昵称是什么")


@pytest.mark.parametrize("words", ["不同意", "我不同意", "2"])
def test_consent_is_refused_in_words(town: Town, channel: str, words: str) -> None:
    asked_for_the_session(town, channel).taps("10:00").says(words).sees("不会保存孩子的任何信息")


@pytest.mark.parametrize("words", ["好的", "是的", "随便", "不太同意", "我不能同意", "👌", "嗯"])
def test_consent_is_never_guessed(town: Town, channel: str, words: str) -> None:
    parent = asked_for_the_session(town, channel).taps("10:00").says(words)
    parent.sees("没有看懂", "同意", "不同意").does_not_see("昵称是什么")


@pytest.mark.parametrize(
    "words",
    [
        "2018-05",
        "2018年5月",
        "2018.5",
        "201805",
        "May 2018",
        "２０１８年５月",
        "二年级",
        "小学二年级",
    ],
)
def test_an_age_is_typed_as_people_write_it(town: Town, words: str) -> None:
    parent = asked_for_the_session(town).taps("10:00", "同意").says("小明", words)
    parent.sees("还有其他孩子一起来吗")


@pytest.mark.parametrize("words", ["2", "２", "两", "二", "两个", "2个", "两位", "two", "2人"])
def test_how_many_adults_come_is_typed_as_people_say_it(
    town: Town, channel: str, words: str
) -> None:
    parent = asked_for_the_session(town, channel).taps("10:00", "同意")
    parent.says("小明", "2018-05").taps("没有了").says(words).sees("2位大人和1个孩子")


@pytest.mark.parametrize(
    "words", ["确认", "好的", "是的", "可以", "嗯", "ok", "Yes", "1", "好的。"]
)
def test_the_visit_is_confirmed_in_words(town: Town, channel: str, words: str) -> None:
    parent = asked_for_the_session(town, channel).taps("10:00", "同意")
    parent.says("小明", "2018-05").taps("没有了").says("1", words).sees("预约成功")


@pytest.mark.parametrize(
    "words",
    ["预约", "/book", "book", "我要预约", "我想预约参观", "预约一下", "Book a visit", "１",
     "I would like to book a visit, please"],
)  # fmt: skip
def test_a_booking_is_begun_in_words(town: Town, channel: str, words: str) -> None:
    town.person(channel).says("你好").says(words).sees("您想去哪个基地")


def test_what_the_first_words_say_is_not_asked(town: Town, channel: str) -> None:
    parent = town.person(channel).says("你好，我想给孩子预约周六的天文馆")
    parent.sees("您想参加哪一场", "10:00", "14:00")


def test_the_first_words_may_say_it_all(town: Town, channel: str) -> None:
    town.person(channel).says("我要预约").sees("您想去哪个基地")


@pytest.mark.parametrize(
    "words", ["我的预约", "我的预约在哪里", "查一下我的预约", "/mine", "my visits"]
)
def test_the_longer_of_two_words_counts(town: Town, words: str) -> None:
    town.person().says("你好", words).sees("您目前没有待参观的预约")


def test_what_fits_several_is_asked_for_once_more(town: Town, channel: str) -> None:
    parent = (
        asked_for_the_session(town, channel).says("星空").sees("符合的不止一个", "10:00", "14:00")
    )
    parent.says("14:00").sees("同意")


def test_a_number_beyond_the_list_is_not_guessed(town: Town, channel: str) -> None:
    town.person(channel).says("预约", "9").sees("没有看懂", "您想去哪个基地")
    town.person(channel).says("０").sees("您想去哪个基地")
