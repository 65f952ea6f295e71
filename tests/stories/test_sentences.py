"""Does one sentence do for a visit, and what is still asked after it?"""

import pytest

from handlers.conversation.testing import Person, Stage
from storage.models import Booking, Child, Conversation, Pool, Session
from tests.stories.town import SUNDAY, Town

TAPS_SECOND_MAX = 4


def with_two_children(town: Town, channel: str = "web") -> Person:
    """A family that came with 小明 and 小红, both of the right age, and one adult."""
    parent = town.person(channel).says("预约").taps("星河", "11月29日", "10:00", "同意")
    parent.says("小明", "2018-05").taps("还有一个").says("小红", "2017-03").taps("没有了")
    parent.says("1").taps("确认").sees("预约成功")
    parent.taps_and_lines = 0
    return parent


def test_one_sentence_and_a_confirmation_are_a_second_visit(town: Town, channel: str) -> None:
    parent = with_two_children(town, channel).says("周六上午 两个孩子 星空剧场")
    parent.sees("请核对", "星河天文馆", "11月28日", "10:00–11:00 星空剧场", "小明", "小红")
    parent.taps("确认").sees("预约成功", "1位大人和2个孩子")
    assert parent.taps_and_lines == 2
    assert len(town.rows(Booking)) == 2
    assert len(town.rows(Child)) == 2


def test_one_sentence_does_in_english_too(town: Town, channel: str) -> None:
    parent = with_two_children(town, channel)
    parent.locale = "en"
    parent.says("星空剧场 on Saturday morning, 1 adult and two kids")
    parent.sees("Please check your visit", "Sat 28 Nov", "10:00–11:00 星空剧场", "小明", "小红")
    parent.taps("Confirm").sees("Your visit is booked", "1 adult and 2 children")
    assert parent.taps_and_lines == 2


def test_as_last_time_is_four_taps(town: Town, channel: str) -> None:
    parent = with_two_children(town, channel)
    parent.says("预约").sees("和上次一样", "星河天文馆 · 星空剧场")
    parent.taps("和上次一样").taps("11月28日").sees("请核对", "10:00–11:00", "小明", "小红")
    parent.taps("确认").sees("预约成功")
    assert parent.taps_and_lines <= TAPS_SECOND_MAX


@pytest.mark.parametrize(
    "words", ["预约 和上次一样，周六", "预约 老地方 11月28日上午", "/book again 周六"]
)
def test_as_last_time_is_said_in_words(town: Town, words: str) -> None:
    with_two_children(town).says(words).sees("请核对", "11月28日", "10:00–11:00 星空剧场", "小明")


def test_as_last_time_is_taken_where_only_some_bases_are_shown(town: Town, channel: str) -> None:
    parent = with_two_children(town, channel).says("预约").says("去 植物园 或 星河")
    parent.says("和上次一样").sees("星河天文馆", "您想哪天去").does_not_see("目前没有可预约的场次")


def test_the_first_words_of_a_stranger_are_taken_too(town: Town, channel: str) -> None:
    """What is called so is a room; each child is still to be told of, their number is not."""
    parent = town.person(channel).says("周六上午 两个孩子 天象厅").sees("同意", "不同意")
    parent.sees("已按您说的选好：", "11月28日 周六", "10:00–11:00 星空剧场")
    parent.taps("同意").says("小明", "2018-05").does_not_see("还有其他孩子")
    parent.says("小红", "2017-03").does_not_see("还有其他孩子").sees("有几位大人来")
    parent.says("1").sees("请核对", "10:00–11:00 星空剧场", "1位大人和2个孩子")


@pytest.mark.parametrize(
    "words",
    [
        "预约 周六上午 两个孩子 天象厅",
        "我要预约周六上午两个孩子的天象厅",
        "/book 周六上午 两个孩子 天象厅",
        "周六上午带两个孩子去天象厅",
    ],
)
def test_it_does_not_matter_how_the_sentence_begins(town: Town, words: str) -> None:
    with_two_children(town).says("你好", words).sees("请核对", "10:00–11:00", "小明", "小红")


def test_a_sentence_is_understood_after_the_first_question_too(town: Town, channel: str) -> None:
    parent = with_two_children(town, channel).says("预约").says("周六上午 两个孩子 天象厅")
    parent.sees("请核对", "10:00–11:00 星空剧场", "小明", "小红")


def test_a_session_without_room_for_all_is_not_taken(town: Town, channel: str) -> None:
    """On Saturday afternoon two places are left in the planetarium, and three would come."""
    parent = with_two_children(town, channel).says("周六下午 两个孩子 天象厅")
    parent.sees("您说的这一场目前约不到", "11月28日 周六 10:00 星空剧场", "您想哪天去")


def test_a_wish_that_answers_a_later_question_is_noted(town: Town, channel: str) -> None:
    parent = town.person(channel).says("星期六下午三点带孙子去看星星")
    parent.sees("已记下", "您想去哪个基地").taps("星河").sees("11月28日 周六")


def test_only_the_rest_is_asked(town: Town, channel: str) -> None:
    parent = (
        with_two_children(town, channel).says("预约 周六，天文馆").sees("哪一场", "10:00", "14:00")
    )
    parent.taps("14:00").sees("谁来参加")


def test_what_fits_several_is_asked_of_these_with_a_way_to_all(town: Town, channel: str) -> None:
    parent = (
        town.person(channel).says("预约 星空剧场 下周末").sees("11月28日", "11月29日", "全部显示")
    )
    parent.does_not_see("12月5日").taps("全部显示").sees("12月5日").does_not_see("全部显示")
    again = town.person(channel, "wang").says("预约 星空剧场 下周末").says("12月5日")
    again.sees("同意")


def test_hours_narrow_the_sessions(town: Town) -> None:
    parent = town.person().says("预约 天文馆 周六下午").sees("同意")
    parent.says("返回").sees("哪一场", "10:00", "14:00")


def test_a_day_answered_with_its_hours_says_both(town: Town, channel: str) -> None:
    parent = town.person(channel).says("预约").taps("星河").says("周六下午两点").sees("同意")
    parent.taps("返回").sees("哪一场")


def test_what_is_taken_can_be_changed_like_an_answer(town: Town) -> None:
    parent = with_two_children(town).says("周六上午 两个孩子 星空剧场").sees("请核对")
    parent.taps("修改").sees("场次", "日期", "参加人").taps("场次").sees("10:00", "14:00")
    parent.taps("10:00").sees("请核对").taps("返回").sees("谁").taps("返回").sees("哪一场")


def test_another_wish_corrects_what_was_taken(town: Town) -> None:
    parent = with_two_children(town).says("周六上午 两个孩子 星空剧场").sees("11月28日")
    parent.says("改天吧，12月5日上午").sees("请核对", "12月5日").does_not_see("11月28日")


def test_a_full_day_is_said_with_the_nearest(town: Town, channel: str) -> None:
    for pool in town.rows(Pool):
        [session] = [each for each in town.rows(Session) if each.id == pool.session_id]
        if session.local_date == SUNDAY:
            town.changes(pool, confirmed=pool.capacity)
    parent = town.person(channel).says("预约 周日下午 星空剧场")
    parent.sees("11月28日 周六 14:00 星空剧场，星河天文馆")


def test_a_day_that_is_not_offered_is_said_with_the_nearest(town: Town) -> None:
    town.person().says("预约 天文馆 12月3日").sees("12月3日 周四不可选", "12月5日")


def test_hints_outlive_the_process_and_end_with_the_conversation(town: Town) -> None:
    parent = town.person().says("预约 下周末 两个孩子 天文馆").sees("11月28日", "11月29日")
    [kept] = [each.answers["@hints"] for each in town.rows(Conversation)]
    assert "child.1.more" in kept
    fresh = Person(Stage(town.stage.write, town.stage.menu, town.stage.now), "web", "li", "zh_CN")
    fresh._events = 50
    fresh.says("28号").says("10:00").says("同意", "小明", "2018-05").sees("昵称")
    fresh.says("/cancel")
    assert all("@hints" not in each.answers for each in town.rows(Conversation))
    assert parent


@pytest.mark.parametrize("words", ["周六", "两个孩子", "天文馆", "取消周六的天文馆，两个孩子"])
def test_one_thing_alone_begins_nothing(town: Town, words: str) -> None:
    town.person().says("你好", words).sees("您想办理哪一项")


def test_a_child_is_meant_by_name(town: Town) -> None:
    parent = with_two_children(town).says("周六上午 小红 星空剧场")
    parent.sees("请核对", "小红 + 1位大人").does_not_see("小明")


def test_adults_are_counted_too(town: Town) -> None:
    parent = with_two_children(town).says("周六上午 两大两小 星空剧场")
    parent.sees("请核对", "2位大人和2个孩子", "小明", "小红")


def test_a_session_says_whom_it_suits_and_why(town: Town) -> None:
    town.known_family().says("预约").taps("星河", "11月28日").sees("适合小明，8岁")
    other = with_two_children(town, "telegram").says("预约").taps("星河", "11月28日")
    other.sees("适合小明和小红")
