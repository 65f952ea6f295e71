"""Does a family see, correct and erase what is kept of it?"""

from handlers.conversation.testing import Person
from storage.database import Database
from storage.models import (
    Booking,
    BookingState,
    Chat,
    Child,
    Consent,
    Conversation,
    Outbox,
    Pool,
)
from tests.stories import town as towns
from tests.stories.town import WORDS, Town


def details(parent: Person) -> Person:
    """Open what is kept."""
    return parent.says("我的资料").sees("您想查看或更改什么")


def test_a_child_is_added_with_consent_before_any_visit(
    town: Town, channel: str, locale: str
) -> None:
    w = WORDS[locale]
    parent = town.person(channel, locale=locale).says(w["details"])
    parent.taps({"zh_CN": "添加孩子", "en": "Add a child"}[locale]).taps(w["agree"])
    parent.says("小明", "2018-05")
    parent.sees({"zh_CN": "已添加小明。", "en": "小明 is among your children now."}[locale])
    parent.says(w["book"]).taps("星河", w["saturday"], "10:00")
    parent.sees({"zh_CN": "小明 + 1位大人", "en": "小明 + 1 adult"}[locale])


def test_without_consent_no_child_is_added(town: Town, channel: str) -> None:
    parent = details(town.person(channel)).taps("添加孩子").sees("监护人").taps("不同意")
    parent.sees("不会保存孩子的任何信息")
    assert not town.rows(Child)


def test_a_child_is_renamed_and_its_age_corrected(town: Town, channel: str) -> None:
    parent = details(town.known_family(channel)).taps("小明").taps("改昵称").says("大明")
    parent.sees("已改为大明")
    details(parent).taps("大明").taps("更正出生年月或年级").says("三年级").sees("已更正")
    details(parent).sees("大明 · 三年级")


def test_a_child_is_removed_and_its_visit_stays(town: Town, channel: str) -> None:
    parent = details(town.known_family(channel)).taps("小明").taps("删除这个孩子")
    parent.sees("确定删除小明的全部信息吗").taps("确认").sees("已删除").does_not_see("小明")
    assert not town.rows(Child)
    parent.says("我的预约").sees("星空剧场", "1位大人和1个孩子")


def test_all_that_is_kept_is_shown(town: Town, channel: str, locale: str) -> None:
    parent = town.known_family(channel)
    if locale == "en":
        parent.says("language")
    parent.says(WORDS[locale]["details"])
    parent.taps({"zh_CN": "查看保存的全部信息", "en": "See all that is kept"}[locale])
    parent.sees(
        *{
            "zh_CN": (
                "语言：中文",
                "小明 · 2018年5月",
                "11月22日 周日已同意",
                "星空剧场 · 2个名额",
            ),
            "en": ("Language: English", "小明 · May 2018", "given on Sun 22 Nov", "2 places"),
        }[locale]
    )


def test_consent_is_withdrawn_the_children_erased_and_the_visit_kept(
    town: Town, channel: str
) -> None:
    parent = details(town.known_family(channel)).taps("撤回同意")
    parent.sees("所有孩子的昵称、出生年月和年级都会删除").taps("确认").sees("已撤回同意")
    assert not town.rows(Child)
    assert [each.is_given for each in town.rows(Consent)] == [True, False]
    assert [each.state for each in town.rows(Booking)] == [BookingState.CONFIRMED]
    parent.says("我的预约").sees("1位大人和1个孩子")


def test_after_withdrawing_nobody_is_asked_again_who_does_not_ask(town: Town, channel: str) -> None:
    parent = details(town.known_family(channel)).taps("撤回同意").taps("确认")
    parent.says("预约").taps("星河", "11月29日", "10:00").sees("带孩子：重新看看会保存什么")
    parent.does_not_see("您是孩子的监护人")


def test_everything_is_erased_after_two_yeses_and_the_places_are_free(
    database: Database,
) -> None:
    town = towns.build(database)
    parent = details(town.known_family()).taps("删除全部信息").taps("确认")
    assert town.rows(Child)
    parent.sees("删除后无法恢复").taps("确认").sees("已取消1次预约", "已全部删除")
    assert not town.rows(Child)
    assert town.rows(Pool)[0].confirmed == 0
    assert "小明" not in str([each.payload for each in town.rows(Outbox)])
    assert "小明" not in str([each.answers for each in town.rows(Conversation)])


def test_who_says_yes_only_once_keeps_everything(town: Town, channel: str) -> None:
    parent = details(town.known_family(channel)).taps("删除全部信息").taps("确认").taps("退出")
    parent.sees("没有做任何改动")
    assert town.rows(Child)
    parent.says("我的预约").sees("星空剧场")


def test_who_was_erased_comes_back_as_somebody_new(town: Town) -> None:
    parent = details(town.known_family()).taps("删除全部信息").taps("确认").taps("确认")
    parent.says("预约").taps("星河", "11月28日", "10:00").sees("您是孩子的监护人")
    assert len(town.rows(Chat)) == 1


def test_the_language_chosen_stays_until_another_is_chosen(town: Town, channel: str) -> None:
    parent = town.person(channel, locale="zh_CN").says("预约", "语言")
    parent.sees("We go on in English", "Which base would you like to visit?")
    parent.says("cancel").sees("Nothing was changed").says("/start").sees("Hello, this is Kepu")
    parent.says("语言").sees("接下来用中文")


def test_help_names_what_can_be_typed_and_all_of_it_works(
    town: Town, channel: str, locale: str
) -> None:
    w = WORDS[locale]
    parent = town.person(channel, locale=locale).says("help")
    for word in (w["book"], w["mine"], w["details"]):
        parent.says("help").sees(f"“{word}”").says(word)
        parent.does_not_see("没有看懂", "I did not understand")
