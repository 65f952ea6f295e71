"""Are people met as they are: in a hurry, small, old, clumsy, or up to no good?"""

import pytest

from handlers.conversation.testing import Person
from storage.models import Booking, Child, Consent, Conversation
from tests.stories.town import Town

RUDE = [
    "x" * 10_000,
    "字" * 10_000,
    "\x00\x01\x02\x1b[2J",
    "\u202egnp.exe\u200b\ufeff",
    "'; DROP TABLE bookings; --",
    "<script>alert(1)</script>",
    "{n} {child.__class__} %s %(n)s ${jndi:ldap://x}",
    "k1:0",
    "k1:yes",
    "../../etc/passwd",
    "/nonsense",
    "@yes",
    "\N{FAMILY}\N{ZERO WIDTH JOINER}\N{GIRL}" * 100,
    "￼\ud7ff",
    "-1",
    "99999999999999999999",
]
TOKENS = ["k1:0", "k2:999", "k2:-1", "k2:yes", "k2:", ":", "@yes", "k2:0:0", "x" * 200, "k２:０"]


def booked_by_li(town: Town) -> Booking:
    """Somebody else's visit."""
    town.known_family("web", "li")
    [visit] = town.rows(Booking)
    assert isinstance(visit, Booking)
    return visit


def test_a_parent_in_a_hurry_types_everything_at_once_and_is_led_through(
    town: Town, channel: str
) -> None:
    parent = town.person(channel).says("周六想预约天文馆，带两个娃，8岁和6岁")
    parent.sees("监护人").says("👍👍", "同意").sees("孩子的昵称是什么")
    parent.says("😀", "老大").says("八岁").sees("出生年月或年级")
    parent.says("2018.5").says("老二", "2020年").sees("连同月份")
    parent.says("2020年3月").says("俩").sees("10:00–11:00 星空剧场", "2位大人和2个孩子")
    parent.says("ok").sees("预约成功")
    assert len(town.rows(Booking)) == 1


def test_a_grandparent_writes_whole_sentences_and_full_width_digits(
    town: Town, channel: str
) -> None:
    grandfather = town.person(channel, "ye").says("您好，我想给孙子预约参观。")
    grandfather.says("我想去天文馆。").says("１１月２８日").says("第一个吧")
    grandfather.says("我同意。").says("豆豆").says("上二年级").says("没有了").says("２个")
    grandfather.sees("2位大人和1个孩子", "豆豆", "二年级").says("好的").sees("预约成功")


def test_a_child_alone_is_asked_for_its_guardian_and_tells_no_telephone_number(
    town: Town, channel: str
) -> None:
    child = town.person(channel, "xiaoming").says("我要去看星星！！！").sees("预约参观")
    child.says("预约", "天文馆", "周六", "1").sees("您是孩子的监护人")
    child.says("我是小学生").sees("没有看懂", "您是孩子的监护人").says("同意")
    child.says("我叫王小明，电话13800138000").sees("请不要填写证件号或手机号")
    child.says("小明。").sees("可用汉字、字母").says("不玩了", "取消").sees("没有做任何改动")
    assert not town.rows(Child)
    assert not town.rows(Booking)
    stored = str([each.answers for each in town.rows(Conversation)])
    assert "13800138000" not in stored


@pytest.mark.parametrize("words", RUDE)
def test_rude_words_change_nothing_wherever_they_come(town: Town, channel: str, words: str) -> None:
    rude = town.person(channel, "mallory").says(words, "预约").sees("您想去哪个基地")
    rude.says(words).sees("您想去哪个基地").taps("星河").says(words).sees("您想哪天去")
    rude.taps("11月28日", "10:00").says(words).sees("您是孩子的监护人")
    assert not town.rows(Booking)
    assert not town.rows(Consent)


@pytest.mark.parametrize("words", RUDE)
def test_rude_words_are_no_nickname_no_age_and_no_number(
    town: Town, channel: str, words: str
) -> None:
    rude = town.person(channel, "mallory").says("预约").taps("星河", "11月28日", "10:00", "同意")
    rude.says(words).sees("孩子的昵称是什么").says("小明", words).sees("小明是哪年哪月出生")
    rude.says("2018-05").taps("没有了").says(words).sees("有几位大人来")
    if words != "@yes":
        rude.says("1").says(words).sees("请核对")
    assert not town.rows(Booking)


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("step", range(4))
def test_made_up_tokens_are_stale_buttons(town: Town, token: str, step: int) -> None:
    rude = town.person("web", "mallory").says("预约")
    rude.taps(*["星河", "11月28日", "10:00"][:step])
    asked = rude.messages[-1].prompt
    assert asked is not None
    if token.partition(":")[0] == asked.choices[0].token.partition(":")[0]:
        token = f"{asked.choices[0].token.partition(':')[0]}:999"
    rude.taps_token(token).sees("这个按钮属于前面的问题").is_asked(asked.name)


def test_another_familys_public_ids_open_nothing(town: Town, channel: str) -> None:
    visit = booked_by_li(town)
    [child] = town.rows(Child)
    rude = town.person(channel, "mallory")
    for words in (visit.public_id, child.public_id, visit.code, f"/mine {visit.public_id}"):
        rude.says(words).does_not_see("小明", "星空剧场", "预约码")
    rude.says("我的资料").does_not_see("小明").says(child.public_id).does_not_see("小明")


def test_another_familys_tokens_open_nothing(town: Town) -> None:
    li = town.known_family("web", "li").says("我的资料")
    token = li.choice("小明").token
    rude = town.person("web", "mallory").says("我的资料")
    rude.taps_token(token).does_not_see("小明")


@pytest.mark.parametrize("start", ["/start", "/start@kepu_bot"])
def test_start_greets(town: Town, channel: str, start: str) -> None:
    town.person(channel).says(start).sees("您好，这里是科普约", "预约参观")


@pytest.mark.parametrize("start", ["/start abc", "/start ' OR 1=1 --"])
def test_start_with_a_code_nobody_gave_says_so(town: Town, channel: str, start: str) -> None:
    town.person(channel).says(start).sees("这个码无法使用", "预约参观")


def test_a_nickname_that_looks_like_a_template_is_shown_as_it_is(town: Town) -> None:
    parent = town.person().says("预约").taps("星河", "11月28日", "10:00", "同意")
    parent.says("{child}").sees("可用汉字、字母").says("ＡＢＣ").sees("ABC是哪年哪月出生的")


def test_who_taps_everything_twice_gets_one_visit(town: Town) -> None:
    clumsy = Impatient(town.person())
    clumsy.taps_twice("星河", "11月28日", "10:00", "同意").says_twice("小明")
    clumsy.person.says("2018-05")
    clumsy.taps_twice("没有了").person.says("1")
    clumsy.taps_twice("确认")
    assert len(town.rows(Booking)) == 1


class Impatient:
    """Somebody whose every tap comes twice, the second for a question that is over."""

    def __init__(self, person: Person) -> None:
        self.person = person.says("预约")

    def taps_twice(self, *labels: str) -> "Impatient":
        """Tap each label, and the same button again."""
        for label in labels:
            token = self.person.choice(label).token
            self.person.taps(label).taps_token(token).sees("这个按钮属于前面的问题")
        return self

    def says_twice(self, words: str) -> "Impatient":
        """Type the words, and again, which answers the next question wrongly."""
        self.person.says(words, words).sees("请输入出生年月或年级")
        return self
