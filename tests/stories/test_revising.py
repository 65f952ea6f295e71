"""Can a family go back, change an answer or stop at every step, and is nothing lost or left?"""

import pytest

from handlers.conversation.testing import Person
from storage.models import Booking, Child
from tests.stories.town import WORDS, Town

# What is answered, step by step, and under which name; the last is the confirmation.
STEPS = [
    ("base", "星河"), ("day", "11月28日"), ("session", "10:00"), ("consent", "同意"),
    ("child.1.name", "小明"), ("child.1.birth", "2018-05"), ("child.1.more", "没有了"),
    ("adults", "2"), ("confirm", "确认"),
]  # fmt: skip
TYPED = {"child.1.name", "child.1.birth", "adults"}


def answers(parent: Person, name: str, words: str) -> Person:
    """Tap what can be tapped, type the rest."""
    return parent.says(words) if name in TYPED else parent.taps(words)


def question(parent: Person) -> str:
    """The first line of what is asked."""
    return parent.messages[-1].text.splitlines()[0]


def stands_at(town: Town, step: int, channel: str) -> Person:
    """Somebody who answered so many questions."""
    parent = town.person(channel).says("预约")
    for name, words in STEPS[:step]:
        answers(parent, name, words)
    return parent


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_cancel_at_every_step_leaves_nothing_and_says_so(
    town: Town, channel: str, step: int
) -> None:
    stands_at(town, step, channel).says("取消").sees("没有做任何改动", "您想办理哪一项")
    assert not town.rows(Booking)
    assert not town.rows(Child)


def test_back_from_the_confirmation_to_the_first_question_and_forth_again(
    town: Town, channel: str
) -> None:
    parent = town.person(channel).says("预约")
    asked = []
    for name, words in STEPS[:-1]:
        asked.append(question(parent))
        answers(parent, name, words)
    for each in reversed(asked):
        parent.says("返回").sees(each)
    for name, words in STEPS:
        if name != "consent":  # it was given, and that stays
            answers(parent, name, words)
    parent.sees("预约成功")
    assert len(town.rows(Booking)) == 1
    assert len(town.rows(Child)) == 1


def test_there_is_nothing_before_the_first_question(town: Town) -> None:
    town.person().says("预约", "返回").sees("已经是第一步了", "您想去哪个基地")


def test_the_day_is_changed_the_session_asked_again_and_the_family_kept(
    town: Town, channel: str
) -> None:
    parent = stands_at(town, 8, channel).taps("修改").sees("您想修改哪一项").taps("日期")
    parent.taps("11月29日").sees("哪一场").taps("10:00")
    parent.sees("日期：11月29日", "小明", "2位大人").does_not_see("刚刚有更新")
    parent.taps("确认").sees("预约成功", "11月29日 周日 10:00", "2位大人和1个孩子")


def test_the_base_is_changed_and_only_what_no_longer_fits_is_asked_again(
    town: Town, channel: str
) -> None:
    parent = stands_at(town, 8, channel).taps("修改", "地点").sees("您想去哪个基地")
    parent.taps("绿谷").sees("哪一场").taps("09:00").sees("谁来参加").taps("带孩子")
    parent.sees("地点：绿谷植物园", "日期：11月28日", "小明", "¥60").taps("确认")
    parent.sees("预约成功", "绿谷植物园", "¥60")


def test_what_was_typed_is_changed(town: Town, channel: str) -> None:
    parent = stands_at(town, 8, channel).taps("修改", "大人").says("1").sees("1位大人")
    parent.taps("修改", "孩子1").says("小红").sees("孩子1：小红", "小红：2018年5月")
    parent.taps("确认").sees("预约成功", "1位大人和1个孩子")
    assert [child.nickname for child in town.rows(Child)] == ["小红"]


def test_the_confirmation_holds_only_for_what_was_shown(town: Town) -> None:
    parent = stands_at(town, 8, "web")
    [yes] = [each.token for each in parent.choices if each.value == "@yes"]
    parent.taps("修改", "大人").says("1").sees("1位大人")
    parent.taps_token(yes).sees("这个按钮属于前面的问题", "请核对")
    assert not town.rows(Booking)
    parent.taps("确认").sees("预约成功", "1位大人")


def test_back_from_the_list_of_changes_returns_to_the_confirmation(
    town: Town, channel: str
) -> None:
    stands_at(town, 8, channel).taps("修改").taps("返回").sees("请核对").taps("确认").sees(
        "预约成功"
    )


def test_after_a_booking_there_is_no_way_back_into_it(town: Town) -> None:
    parent = stands_at(town, 9, "web").sees("预约成功")
    parent.says("返回").does_not_see("请核对")
    assert len(town.rows(Booking)) == 1


def test_another_conversation_puts_this_one_aside_and_says_so(
    town: Town, channel: str, locale: str
) -> None:
    w = WORDS[locale]
    parent = town.person(channel, locale=locale).says(w["book"]).taps("星河")
    parent.says(w["details"]).sees(
        {"zh_CN": "“预约参观”已放下", "en": "“Book a visit” is put aside"}[locale]
    )


def test_help_is_given_in_the_middle_and_the_question_stays(
    town: Town, channel: str, locale: str
) -> None:
    w = WORDS[locale]
    parent = town.person(channel, locale=locale).says(w["book"]).taps("星河")
    asked = question(parent)
    for word in {"zh_CN": ["帮助", "人工", "退订"], "en": ["help", "human", "stop"]}[locale]:
        parent.says(word).sees(asked)
    parent.taps(w["saturday"]).sees("10:00")


def test_the_language_is_switched_in_the_middle_and_everything_goes_on_in_it(
    town: Town, channel: str
) -> None:
    parent = (
        stands_at(town, 3, channel).says("语言").sees("We go on in English", "Are you the child")
    )
    parent.taps("I agree").sees("What is the child’s nickname?").says("Tom", "May 2018")
    parent.taps("No, that is all").says("two").sees(
        "Sat 28 Nov", "May 2018", "2 adults and 1 child"
    )
    parent.says("language").sees("接下来用中文", "2018年5月", "11月28日 周六").taps("确认")
    parent.sees("预约成功")


def test_a_person_whose_channel_speaks_english_is_answered_in_english(town: Town) -> None:
    town.person("telegram", locale="en-GB").says("/start").sees("Hello, this is Kepu.")
    town.person("telegram", "wang", locale="fr").says("/start").sees("您好，这里是科普约")
