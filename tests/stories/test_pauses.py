"""Does the conversation wait for people, remind them once, and end without losing anything?"""

import pytest

from storage.models import Booking
from tests.stories.town import WORDS, Town


def test_after_an_hour_everything_goes_on_where_it_stood(town: Town, channel: str) -> None:
    parent = town.person(channel).says("预约").taps("星河", "11月28日")
    town.time_passes(hours=1)
    parent.taps("10:00").sees("您是孩子的监护人").taps("同意")
    town.time_passes(hours=1)
    parent.says("小明").sees("小明是哪年哪月出生的")


@pytest.mark.parametrize(
    ("locale", "reminder"),
    [
        ("zh_CN", "“预约参观”还没有完成，是否继续？"),
        ("en", "“Book a visit” is still open. Shall we go on?"),
    ],
)
def test_a_family_that_stopped_is_reminded_once_and_goes_on(
    town: Town, locale: str, reminder: str
) -> None:
    w = WORDS[locale]
    parent = town.person(locale=locale).says(w["book"]).taps("星河")
    for _often in range(3):
        town.time_passes(hours=2, minutes=1)
    assert sum(reminder in text for text in town.shown()) == 1
    parent.taps(w["saturday"]).sees("10:00–11:00 星空剧场")


def test_a_channel_that_may_not_write_first_is_not_written_to(town: Town) -> None:
    parent = town.person("wechat").says("预约").taps("星河")
    town.time_passes(hours=3)
    parent.taps("11月28日").sees("10:00–11:00 星空剧场")


def test_after_two_days_the_booking_is_put_away_and_can_be_begun_anew(
    town: Town, channel: str
) -> None:
    parent = town.person(channel).says("预约").taps("星河")
    town.time_passes(days=2, minutes=1)
    if channel == "web":
        assert "“预约参观”长时间没有回复，已先放下。" in "\n".join(town.shown())
    parent.says("11月28日").does_not_see("10:00–11:00").says("预约").sees("您想去哪个基地")
    assert not town.rows(Booking)


def test_places_that_went_during_the_pause_are_not_promised(town: Town) -> None:
    parent = town.person().says("预约").taps("星河", "11月28日")
    town.time_passes(days=1)
    others = town.person("telegram", "wang").says("预约").taps("星河", "11月28日", "14:00", "同意")
    others.says("阿福", "2018-05").sees("请核对").taps("确认").sees("预约成功")
    parent.taps("14:00").sees("这一场已约满", "10:00–11:00 星空剧场")


def test_a_reminder_that_comes_in_between_changes_no_answer(town: Town) -> None:
    parent = town.person().says("预约").taps("星河", "11月28日", "10:00", "同意")
    parent.says("小明", "2018-05").taps("没有了").says("1").sees("请核对")
    [yes] = [each.token for each in parent.choices if each.value == "@yes"]
    town.time_passes(hours=2, minutes=1)
    parent.taps_token(yes).sees("预约成功")
