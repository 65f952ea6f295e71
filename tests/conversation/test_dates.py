"""Sunday 22 November 2026 is today, unless a test says otherwise."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.conversation.dates import day_of
from handlers.texts import Day, say

TODAY = date(2026, 11, 22)

ONE_DAY = {
    "今天": "11-22", "明天": "11-23", "明日": "11-23", "后天": "11-24", "大后天": "11-25",
    "周六": "11-28", "星期日": "11-22", "礼拜天": "11-22", "周日": "11-22", "周一": "11-23",
    "星期六": "11-28", "周6": "11-28", "周7": "11-22", "这周日": "11-22", "本周日": "11-22",
    "这周六": "11-28", "这个星期五": "11-27",
    "下周六": "11-28", "下个周六": "11-28", "下周日": "11-29", "下下周三": "12-02",
    "12月5日": "12-05", "12月5号": "12-05", "12月5": "12-05", "１２月５日": "12-05",
    "12 月 5 日": "12-05", "十二月五号": "12-05", "十二月二十五日": "12-25", "5号": "12-05",
    "22号": "11-22", "五号": "12-05", "二十一号": "12-21", "31号": "12-31", "30号": "11-30",
    "下个月5号": "12-05", "下月31号": "12-31", "本月30日": "11-30", "这个月30号": "11-30",
    "12/5": "12-05", "12-5": "12-05", "12.5": "12-05", "2026-12-05": "12-05", "2026/12/5": "12-05",
    "2026.12.5": "12-05", "20261205": "12-05", "2026年12月5日": "12-05", "今年12月5日": "12-05",
    "三天后": "11-25", "3天后": "11-25", "两天以后": "11-24", "十天之后": "12-02",
    "过三天后": "11-25", "一周后": "11-29", "两个星期后": "12-06", "圣诞节": "12-25",
    "圣诞": "12-25", "平安夜": "12-24",
    "跨年夜": "12-31",
    "12月5日 周六": "12-05", "12月5日(周六)": "12-05", "12月5日（周六）": "12-05",
    "周六 12/5": "12-05", "周六吧": "11-28", "那就明天吧": "11-23", "我想周六去": "11-28",
    "today": "11-22", "Tomorrow": "11-23", "tmr": "11-23", "the day after tomorrow": "11-24",
    "Sat": "11-28", "saturday": "11-28", "Saturday.": "11-28", "on Sunday": "11-22",
    "this Saturday": "11-28", "Tues": "11-24", "wed": "11-25", "Thurs": "11-26", "Friday": "11-27",
    "5 Dec": "12-05", "Dec 5": "12-05", "December 5th": "12-05", "the 5th of December": "12-05",
    "5 december 2026": "12-05", "Dec 5, 2026": "12-05", "5th": "12-05", "the 5th": "12-05",
    "22nd": "11-22", "in 3 days": "11-25", "in three days": "11-25", "in a week": "11-29",
    "in 2 weeks": "12-06", "3 days later": "11-25", "a week from now": "11-29",
    "Sat 5 Dec": "12-05", "Sat, 5 Dec": "12-05", "Saturday, December 5th": "12-05",
    "Christmas": "12-25", "Christmas Eve": "12-24", "Xmas": "12-25", "New Year's Eve": "12-31",
    "next Sunday": "11-29", "next Saturday": "11-28", "next Monday": "11-23",
}  # fmt: skip

NEXT_YEAR = {
    "元旦": "01-01", "元旦节": "01-01", "五一": "05-01", "劳动节": "05-01", "六一": "06-01",
    "儿童节": "06-01", "国庆": "10-01", "国庆节": "10-01", "New Year’s Day": "01-01",
    "New Year": "01-01", "Children's Day": "06-01", "National Day": "10-01", "教师节": "09-10",
    "Teachers’ Day": "09-10", "妇女节": "03-08", "植树节": "03-12",
    "1月3日": "01-03", "11月21日": "11-21", "明年1月3号": "01-03", "明年12月5日": "12-05",
    "3 Jan": "01-03", "2027-01-03": "01-03", "1/3": "01-03",
}  # fmt: skip

NEXT_WEEK = [f"11-{day}" for day in range(23, 30)]
SEVERAL = {
    ("周末", "zh_CN"): ["11-22", "11-28", "11-29"],
    ("这周末", "zh_CN"): ["11-22", "11-28", "11-29"],
    ("下周末", "zh_CN"): ["11-28", "11-29"],
    ("下个周末", "zh_CN"): ["11-28", "11-29"],
    ("下下周末", "zh_CN"): ["12-05", "12-06"],
    ("双休日", "zh_CN"): ["11-22", "11-28", "11-29"],
    ("明后天", "zh_CN"): ["11-23", "11-24"],
    ("这周", "zh_CN"): ["11-22"],
    ("下周", "zh_CN"): NEXT_WEEK,
    ("下个星期", "zh_CN"): NEXT_WEEK,
    ("下下周", "zh_CN"): ["11-30", "12-01", "12-02", "12-03", "12-04", "12-05", "12-06"],
    ("the weekend", "en"): ["11-22", "11-28", "11-29"],
    ("this weekend", "en"): ["11-22", "11-28", "11-29"],
    ("next weekend", "en"): ["11-28", "11-29"],
    ("next week", "en"): NEXT_WEEK,
    ("this week", "en"): ["11-22"],
}

NONSENSE = [
    "", " ", "吧", "哪天都行", "2月30日", "13月1日", "12月32日", "32号", "0号", "零号", "0月5日",
    "13/13", "99/1",
    "2026-13-01", "2026-02-29", "2020-01-01", "2026年11月21日", "本月5号", "周八", "周0",
    "0天后", "十十天后", "in many days", "in 0 days", "周日12月5日", "Sun 5 Dec", "Dec",
    "December 2026", "32 Dec", "5", "10:00", "两个孩子", "next", "the", "a week", "5" * 50,
    "周六" * 30,
]  # fmt: skip


@pytest.mark.parametrize(("words", "day"), ONE_DAY.items())
def test_a_day_is_read_as_families_type_it(words: str, day: str) -> None:
    assert day_of(words, TODAY, "zh_CN") == [date.fromisoformat(f"2026-{day}")]


@pytest.mark.parametrize(("words", "day"), NEXT_YEAR.items())
def test_a_day_that_is_over_this_year_is_meant_next_year(words: str, day: str) -> None:
    assert day_of(words, TODAY, "zh_CN") == [date.fromisoformat(f"2027-{day}")]


@pytest.mark.parametrize(("said", "days"), SEVERAL.items())
def test_words_that_fit_several_days_give_them_all(said: tuple[str, str], days: list[str]) -> None:
    words, locale = said
    assert day_of(words, TODAY, locale) == [date.fromisoformat(f"2026-{day}") for day in days]


@pytest.mark.parametrize("words", NONSENSE)
def test_nonsense_and_what_is_over_is_no_day(words: str) -> None:
    assert day_of(words, TODAY, "zh_CN") == []
    assert day_of(words, TODAY, "en") == []


def test_a_day_between_strokes_is_read_either_way_round_in_english_only() -> None:
    assert day_of("12/5", TODAY, "en") == [date(2026, 12, 5), date(2027, 5, 12)]
    assert day_of("12/25", TODAY, "en") == [date(2026, 12, 25)]
    assert day_of("12/5", TODAY, "zh_CN") == [date(2026, 12, 5)]


def test_29_february_waits_for_its_year() -> None:
    assert day_of("2月29日", TODAY, "zh_CN") == [date(2028, 2, 29)]
    assert day_of("29 Feb", date(2096, 3, 1), "en") == [date(2104, 2, 29)]
    assert day_of("29号", date(2027, 2, 3), "zh_CN") == [date(2027, 3, 29)]


def test_the_31st_skips_the_months_that_have_none() -> None:
    assert day_of("31号", date(2026, 12, 31), "zh_CN") == [date(2026, 12, 31)]
    assert day_of("31号", date(2027, 1, 31) + timedelta(days=1), "zh_CN") == [date(2027, 3, 31)]
    assert day_of("31st", date(2026, 4, 2), "en") == [date(2026, 5, 31)]
    assert day_of("下个月31号", date(2026, 10, 2), "zh_CN") == []


def test_the_year_rolls_over() -> None:
    eve = date(2026, 12, 31)
    assert day_of("明天", eve, "zh_CN") == [date(2027, 1, 1)]
    assert day_of("1号", eve, "zh_CN") == [date(2027, 1, 1)]
    assert day_of("下个月1号", eve, "zh_CN") == [date(2027, 1, 1)]
    assert day_of("周末", eve, "zh_CN") == [date(2027, 1, 2), date(2027, 1, 3)]


def test_a_weekend_is_two_days_until_half_of_it_is_over() -> None:
    friday, saturday = date(2026, 11, 27), date(2026, 11, 28)
    sunday = date(2026, 11, 29)
    assert day_of("周末", friday, "zh_CN") == [saturday, sunday]
    assert day_of("this weekend", saturday, "en") == [saturday, sunday]
    assert day_of("next weekend", saturday, "en") == [date(2026, 12, 5), date(2026, 12, 6)]


def test_an_english_next_may_mean_the_coming_one_or_that_of_the_next_week() -> None:
    friday = date(2026, 11, 27)
    assert day_of("next Saturday", friday, "en") == [date(2026, 11, 28), date(2026, 12, 5)]
    assert day_of("下周六", friday, "zh_CN") == [date(2026, 12, 5)]
    assert day_of("这周一", friday, "zh_CN") == [date(2026, 11, 30)]


DAYS = st.dates(date(2020, 1, 1), date(2090, 12, 31))


@given(today=DAYS, ahead=st.integers(0, 360), locale=st.sampled_from(["zh_CN", "en"]))
def test_a_day_is_read_back_from_every_way_it_is_written(
    today: date, ahead: int, locale: str
) -> None:
    day = today + timedelta(days=ahead)
    written = [
        say(Day(day), "zh_CN"),
        say(Day(day), "en"),
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day.day}th of {day:%b}",
        f"{day.year}年{day.month}月{day.day}号",
        f"{day.month}月{day.day}日",
    ]
    assert [day_of(each, today, locale) for each in written] == [[day]] * len(written)


@given(today=DAYS, ahead=st.integers(1, 99))
def test_days_ahead_are_counted(today: date, ahead: int) -> None:
    expected = [today + timedelta(days=ahead)]
    assert day_of(f"{ahead}天后", today, "zh_CN") == expected
    assert day_of(f"in {ahead} days", today, "en") == expected


PIECES = st.sampled_from(
    [
        *"今明后大天周六日星期礼拜下个这本末月号年0123579/-. 元旦国庆前十",
        "dec",
        "next",
        "sat",
        "in",
        "th",
    ]
)


@given(today=DAYS, words=st.lists(PIECES, max_size=7).map("".join) | st.text(max_size=50))
def test_no_words_mean_a_day_in_the_past(today: date, words: str) -> None:
    for locale in ("zh_CN", "en"):
        days = day_of(words, today, locale)
        assert days == sorted(set(days))
        assert all(day >= today for day in days)
