"""Is a family that cannot come told why, in its language, and what would do instead?"""

import pytest

from handlers.conversation.testing import Person
from storage.models import Booking, Child, Consent, Pool, Session, SessionState
from tests.stories.town import WORDS, Town


def asked_for_a_child(town: Town, channel: str = "web", locale: str = "zh_CN") -> Person:
    """Somebody who agreed, for Saturday's ten o'clock show, and is asked for the nickname."""
    w = WORDS[locale]
    parent = town.person(channel, locale=locale).says(w["book"])
    return parent.taps("星河", w["saturday"], "10:00", w["agree"])


@pytest.mark.parametrize(
    ("locale", "reason", "way_on"),
    [
        ("zh_CN", "这一场面向6–12岁，参观当天乐乐3岁。", "要另选一场，请发送“返回”。"),
        (
            "en",
            "This session is for ages 6–12; 乐乐 will be 3 years old that day.",
            "To choose another session, type “back”.",
        ),
    ],
)
def test_a_child_too_young_is_refused_with_the_ages(
    town: Town, channel: str, locale: str, reason: str, way_on: str
) -> None:
    parent = asked_for_a_child(town, channel, locale).says("乐乐", "2023-01")
    parent.sees(reason, way_on)
    assert not town.rows(Child)
    parent.says("back", "back", "back").sees("10:00–11:00 星空剧场", "14:00–15:00 星空剧场")


@pytest.mark.parametrize(
    ("locale", "typed", "reason"),
    [
        ("zh_CN", "初二", "参观当天大壮13到14岁"),
        ("en", "grade 8", "大壮 will be 13 to 14 years old that day"),
    ],
)
def test_a_child_too_old_by_its_grade_is_refused_with_the_ages(
    town: Town, locale: str, typed: str, reason: str
) -> None:
    asked_for_a_child(town, locale=locale).says("大壮", typed).sees(reason, "6–12")


def test_a_child_who_is_old_enough_on_the_day_may_come(town: Town) -> None:
    asked_for_a_child(town).says("乐乐", "2020-11").sees("还有其他孩子一起来吗")


def test_a_known_child_of_the_wrong_age_is_named_with_the_reason_before_anybody_is_chosen(
    town: Town, locale: str
) -> None:
    w = WORDS[locale]
    parent = town.person(locale=locale).says(w["details"])
    parent.taps({"zh_CN": "添加孩子", "en": "Add a child"}[locale], w["agree"])
    parent.says("乐乐", "2023-01", w["book"]).taps("星河", w["saturday"], "10:00")
    parent.sees(
        {"zh_CN": "参观当天乐乐3岁", "en": "乐乐 will be 3 years old"}[locale],
        {"zh_CN": "谁来参加？", "en": "Who is coming?"}[locale],
    )
    assert all("乐乐" not in each.label for each in parent.choices)


def test_refused_consent_is_respected_and_never_asked_again(
    town: Town, channel: str, locale: str
) -> None:
    w = WORDS[locale]
    parent = town.person(channel, locale=locale).says(w["book"])
    parent.taps("星河", w["saturday"], "10:00").taps(w["refuse"])
    parent.sees("星河天文馆", "010-8000", w["menu"])
    assert [each.is_given for each in town.rows(Consent)] == [False]
    assert not town.rows(Child)
    parent.says(w["book"]).taps("星河", w["saturday"], "10:00").sees("010-8000")
    assert all(w["agree"] != each.label for each in parent.choices)


def test_who_refused_consent_goes_on_as_adults_only(town: Town, channel: str, locale: str) -> None:
    w = WORDS[locale]
    parent = town.person(channel, locale=locale).says(w["book"])
    parent.taps("绿谷", w["saturday"], "09:00").taps(w["with a child"], w["refuse"])
    parent.says("2").sees("¥40").taps(w["confirm"]).sees(w["booked"])
    assert not town.rows(Child)
    assert [(each.adults, each.children) for each in town.rows(Booking)] == [(2, 0)]


def test_who_refused_consent_may_read_it_again_and_agree(town: Town) -> None:
    parent = town.person().says("预约").taps("星河", "11月28日", "10:00", "不同意")
    parent.says("预约").taps("星河", "11月28日", "10:00").taps("带孩子").sees("监护人")
    parent.taps("同意").says("小明", "2018-05").taps("没有了").says("1").taps("确认")
    parent.sees("预约成功")
    assert [each.is_given for each in town.rows(Consent)] == [False, True]


def test_a_full_session_is_not_offered_beside_those_with_places(town: Town) -> None:
    parent = town.person().says("预约").taps("星河", "11月28日").sees("10:00", "14:00")
    parent.does_not_see("16:00")


@pytest.mark.parametrize(
    ("locale", "why", "instead"),
    [
        ("zh_CN", "这一场只剩2个名额，您需要3个。", "11月28日 周六 10:00–11:00 星空剧场 · 余8"),
        (
            "en",
            "Only 2 places are left in this session; you need 3.",
            "Sat 28 Nov 10:00–11:00 星空剧场 · 8 left",
        ),
    ],
)
def test_a_party_larger_than_the_places_left_is_told_the_nearest_that_fit(
    town: Town, channel: str, locale: str, why: str, instead: str
) -> None:
    w = WORDS[locale]
    parent = town.person(channel, locale=locale).says(w["book"])
    parent.taps("星河", w["saturday"], "10:00", w["agree"]).says("小明", "2018-05")
    parent.taps(w["no more"]).says("2")
    [pool, *_rest] = town.rows(Pool)
    town.changes(pool, confirmed=6)  # others were quicker
    [_first, second, *_others] = town.rows(Pool)
    town.changes(second, confirmed=0)
    parent.taps(w["confirm"]).sees(why, instead.replace("10:00–11:00", "14:00–15:00"))
    assert not town.rows(Booking)
    parent.taps("14:00").taps(w["confirm"]).sees(w["booked"], "14:00–15:00")


def test_nobody_is_asked_for_more_adults_than_there_are_places(town: Town, channel: str) -> None:
    parent = town.person(channel).says("预约").taps("星河", "11月28日", "14:00", "同意")
    parent.says("小明", "2018-05").sees("1位大人和1个孩子").taps("确认").sees("预约成功")


def test_a_day_on_which_everything_is_full_names_sessions_instead(town: Town) -> None:
    for pool, session in zip(town.rows(Pool), town.rows(Session), strict=True):
        if session.base_id == 1 and str(session.local_date) == "2026-11-28":
            town.changes(pool, confirmed=pool.capacity)
    town.person().says("预约").taps("星河").sees("11月29日").does_not_see("11月28日")


def test_a_base_not_yet_released_says_when_it_can_be_booked(town: Town, locale: str) -> None:
    w = WORDS[locale]
    parent = town.person(locale=locale).says(w["book"])
    parent.sees({"zh_CN": "11月28日 周六 09:00起可约", "en": "from Sat 28 Nov 09:00"}[locale])
    parent.taps("新区科技馆").sees(
        {
            "zh_CN": "新区科技馆目前还不能预约，下一批名额将于11月28日 周六 09:00开放。",
            "en": "Nothing can be booked at 新区科技馆 yet. "
            "The next places are released on Sat 28 Nov at 09:00.",
        }[locale],
        w["which base"],
    )
    town.stage.later(days=6)
    parent.taps("新区科技馆").sees("12月13日" if locale == "zh_CN" else "Sun 13 Dec")


def test_a_day_not_yet_released_is_not_offered(town: Town) -> None:
    parent = town.person().says("预约").taps("绿谷").does_not_see("12月12日")
    parent.says("12月12日").sees("12月12日 周六不可选", "11月28日 周六和11月29日 周日")


def test_a_session_that_began_meanwhile_is_refused_and_another_can_be_chosen(town: Town) -> None:
    parent = asked_for_a_child(town).says("小明", "2018-05").taps("没有了").says("1")
    town.stage.later(days=6, hours=1)  # 11 o'clock on Saturday
    parent.taps("确认").sees("这一场已经开始", "哪一场").taps("14:00").taps("确认")
    parent.sees("预约成功", "14:00")


def test_a_session_the_base_cancelled_meanwhile_is_refused(town: Town, locale: str) -> None:
    w = WORDS[locale]
    parent = asked_for_a_child(town, locale=locale).says("小明", "2018-05")
    parent.taps(w["no more"]).says("1")
    town.changes(town.rows(Session)[0], state=SessionState.CANCELLED)
    parent.taps(w["confirm"])
    parent.sees({"zh_CN": "基地已取消这一场", "en": "The base has cancelled this"}[locale])
    assert not town.rows(Booking)


def test_the_last_child_who_fits_is_not_followed_by_a_question_for_more(town: Town) -> None:
    parent = town.person().says("预约").taps("星河", "11月28日", "14:00", "同意")
    parent.says("小明", "2018-05").does_not_see("还有其他孩子一起来吗")
