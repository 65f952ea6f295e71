"""Sunday 22 November 2026 is today. Places: two science museums, a planetarium, a garden."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.booking.heads import Heads, heads_in
from handlers.booking.wishes import Names, Place, Wish, read
from handlers.conversation.hours import Hours

TODAY = date(2026, 11, 22)
SATURDAY = date(2026, 11, 28)
NAMES = Names(
    bases=[
        Place("星河天文馆", "滨江区"),
        Place("滨江科技馆", "滨江区"),
        Place("新区科技馆", "新区"),
        Place("绿谷植物园", "山前区"),
        Place("Riverside Observatory", "North End"),
    ],
    courses=[
        "天象厅:冬季星空",
        "机器人入门",
        "自由参观",
        "小小望远镜",
        "Winter Sky",
        "科技馆奇妙夜",
    ],
    rooms=["天象厅", "一号展厅"],
)

# How many children and how many adults; None: not said, or not clear.
HEADS = {
    "两个孩子": (2, None), "2个小朋友": (2, None), "俩娃": (2, None), "三个学生": (3, None),
    "孩子两个": (2, None), "一个8岁的孩子": (1, None), "我和两个孩子": (2, 1), "我和女儿": (1, 1),
    "带孙子": (1, None), "和外孙女": (1, None),
    "带着女儿": (1, None), "我和孩子": (None, 1), "带孩子": (None, None), "一大一小": (1, 1),
    "两大一小": (1, 2), "2大3小": (3, 2), "两个大人一个孩子": (1, 2), "大人2个孩子1个": (1, 2),
    "一个大人，两个孩子": (2, 1), "三位家长": (None, 3), "只有大人，两个大人": (0, 2),
    "不带孩子": (0, None), "第二个孩子": (None, None), "8岁": (None, None), "": (None, None),
    "两个孩子 三个孩子": (None, None), "2 kids": (2, None), "3 children": (3, None),
    "two kids": (2, None), "a child": (1, None), "2 adults 1 child": (1, 2),
    "one adult, two kids": (2, 1), "me and two kids": (2, 1), "me and my daughter": (1, 1),
    "my son": (1, None), "adults only": (0, None), "3 adults without kids": (0, 3),
    "12 monkeys": (None, None), "kids": (None, None),
}  # fmt: skip

# Bases, courses and rooms a sentence names.
NAMED = {
    "天象厅": ((), ("天象厅:冬季星空",), ()),
    "冬季星空": ((), ("天象厅:冬季星空",), ()),
    "我们想看 天象厅 冬季星空": ((), ("天象厅:冬季星空",), ()),
    "机器人": ((), ("机器人入门",), ()),
    "展厅": ((), (), ("一号展厅",)),
    "天文馆": (("星河天文馆",), (), ()),
    "去天文馆看小小望远镜": (("星河天文馆",), ("小小望远镜",), ()),
    "植物园": (("绿谷植物园",), (), ()),
    "滨江": (("星河天文馆", "滨江科技馆"), (), ()),
    "滨江区的天文馆": (("星河天文馆",), (), ()),
    "科技馆": ((), (), ()),
    "新区科技馆": (("新区科技馆",), (), ()),
    "科技馆奇妙夜": ((), ("科技馆奇妙夜",), ()),
    "我想预约参观": ((), (), ()),
    "自由参观": ((), ("自由参观",), ()),
    "the winter sky": ((), ("Winter Sky",), ()),
    "the observatory": (("Riverside Observatory",), (), ()),
    "the river": ((), (), ()),
    "馆": ((), (), ()),
}

CLEAR = [
    "周六下午 两个孩子 天象厅", "周六 两个孩子", "天象厅，两个孩子", "周六去天文馆",
    "带孩子去植物园", "能不能周六去天象厅", "特别想带孩子看机器人", "two kids on Saturday",
    "the observatory on 5 Dec",
    "Winter Sky for 2 adults 1 child",
]  # fmt: skip
UNCLEAR = [
    "周六", "天文馆", "两个孩子", "下午", "你好", "谢谢", "周六下午", "", "?",
    "取消周六天象厅的预约", "周六不能去天文馆了", "my booking on Saturday, two kids",
    "I cannot come on Saturday with two kids, please cancel", "周六 两个孩子" * 20,
]  # fmt: skip


def said(words: str) -> Wish:
    return read(words, TODAY, NAMES, "en" if words.isascii() else "zh_CN")


@pytest.mark.parametrize(("words", "numbers"), HEADS.items())
def test_children_and_adults_are_counted(words: str, numbers: tuple[int, int]) -> None:
    heads = heads_in(words)
    assert (heads.children, heads.adults) == numbers


@pytest.mark.parametrize(("words", "named"), NAMED.items())
def test_a_name_is_known_by_a_part_of_it(words: str, named: tuple[tuple[str, ...], ...]) -> None:
    wish = said(words)
    assert (tuple(each.name for each in wish.bases), wish.courses, wish.rooms) == named


@pytest.mark.parametrize("words", CLEAR)
def test_two_things_said_are_a_wish(words: str) -> None:
    assert said(words).is_clear


@pytest.mark.parametrize("words", UNCLEAR)
def test_one_thing_or_a_no_is_none(words: str) -> None:
    assert not said(words).is_clear


def test_a_sentence_is_read_as_a_whole() -> None:
    wish = said("周六下午 两个孩子 天象厅")
    assert wish.when.days == (SATURDAY,)
    assert wish.when.hours == Hours(time(12), time(17, 59))
    assert wish.heads == Heads(children=2, has_children=True)
    assert wish.courses == ("天象厅:冬季星空",)
    assert not wish.bases


def test_what_is_denied_says_nothing_at_all() -> None:
    assert said("取消周六天象厅的预约，两个孩子") == Wish()


@given(st.text(max_size=120) | st.lists(st.sampled_from([*NAMED, *HEADS])).map("".join))
def test_no_words_raise(words: str) -> None:
    said(words)
