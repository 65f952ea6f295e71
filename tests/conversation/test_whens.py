"""Sunday 22 November 2026 is today, unless a test says otherwise."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.conversation.hours import Hours, hours_of
from handlers.conversation.numbers import plainly
from handlers.conversation.whens import When, when_of, whens_in
from handlers.texts import Day, say

TODAY = date(2026, 11, 22)

MORNING, NOON = ("00:00", "11:59"), ("11:00", "13:59")
AFTERNOON, EVENING = ("12:00", "17:59"), ("17:00", "23:59")
ANY = ("", "")
FOUR = ("16:00", "16:00")
WEEKEND = "11-22 11-28 11-29"

IN_CHINESE = {
    "今天": ("11-22", ANY), "今天下午": ("11-22", AFTERNOON), "今晚": ("11-22", EVENING),
    "今晚7点": ("11-22", ("19:00", "19:00")), "明早": ("11-23", MORNING),
    "明天上午": ("11-23", MORNING), "后天": ("11-24", ANY), "大后天中午": ("11-25", NOON),
    "周六": ("11-28", ANY), "周六下午": ("11-28", AFTERNOON), "这周六": ("11-28", ANY),
    "这周六下午四点": ("11-28", FOUR), "下周六": ("11-28", ANY), "下周日上午": ("11-29", MORNING),
    "星期天": ("11-22", ANY), "礼拜六晚上": ("11-28", EVENING), "周六的下午": ("11-28", AFTERNOON),
    "周末": (WEEKEND, ANY), "周末上午": (WEEKEND, MORNING), "下周末": ("11-28 11-29", ANY),
    "12月5日": ("12-05", ANY), "12月5号下午": ("12-05", AFTERNOON),
    "12月5日 周六 下午": ("12-05", AFTERNOON), "十二月五号": ("12-05", ANY),
    "12/5": ("12-05", ANY), "12-5 16:00": ("12-05", FOUR), "2026-12-05": ("12-05", ANY),
    "三天后下午": ("11-25", AFTERNOON), "圣诞": ("12-25", ANY), "圣诞节下午四点": ("12-25", FOUR),
    "下午": ("", AFTERNOON), "四点半": ("", ("16:30", "16:30")), "16:00": ("", FOUR),
    "10点": ("", ("10:00", "10:00")), "下午两点到四点": ("", ("14:00", "16:00")),
    "周六下午2-4点": ("11-28", ("14:00", "16:00")), "周六三点以后": ("11-28", ("15:00", "23:59")),
    "明天12点前": ("11-23", ("00:00", "12:00")),
    "下下周三上午十点一刻": ("12-02", ("10:15", "10:15")),
}  # fmt: skip
IN_ENGLISH = {
    "today": ("11-22", ANY), "this afternoon": ("11-22", AFTERNOON), "tonight": ("11-22", EVENING),
    "tomorrow morning": ("11-23", MORNING), "the day after tomorrow": ("11-24", ANY),
    "Saturday": ("11-28", ANY), "Saturday afternoon": ("11-28", AFTERNOON),
    "Sat 4pm": ("11-28", FOUR), "on Saturday at 4 pm": ("11-28", FOUR),
    "4pm on Saturday": ("11-28", FOUR), "next Saturday": ("11-28", ANY),
    "next Saturday at 16:00": ("11-28", FOUR), "this weekend": (WEEKEND, ANY),
    "next weekend": ("11-28 11-29", ANY), "Sat 5 Dec": ("12-05", ANY), "5 Dec": ("12-05", ANY),
    "December 5th, 4 p.m.": ("12-05", FOUR), "afternoon of 5 Dec": ("12-05", AFTERNOON),
    "the 5th at 10:30": ("12-05", ("10:30", "10:30")), "in 3 days": ("11-25", ANY),
    "in three days, in the evening": ("11-25", EVENING), "2026-12-05": ("12-05", ANY),
    "25/12": ("12-25", ANY), "Christmas Eve": ("12-24", ANY),
    "Christmas afternoon": ("12-25", AFTERNOON), "morning": ("", MORNING), "noon": ("", NOON),
    "in the evening": ("", EVENING), "at 4pm": ("", FOUR), "half past 4": ("", ("16:30", "16:30")),
    "10am": ("", ("10:00", "10:00")), "2-4pm": ("", ("14:00", "16:00")),
    "after 3pm": ("", ("15:00", "23:59")), "before noon": ("", ("00:00", "12:00")),
    "Sat, 5 Dec, 2pm": ("12-05", ("14:00", "14:00")),
}  # fmt: skip
NO_TIME = [
    "", " ", "吧", "5", "十", "may", "dec", "今年", "下", "25:00", "13pm", "24点", "4:75",
    "两个孩子", "四点到三点", "周六下", "sunny", "monkey", "in the", "下午下午",
    "morning at 3pm evening", "午",
]  # fmt: skip

# A sentence: what it says of when, and what is left of it.
SENTENCES = {
    "周六下午 两个孩子 天象厅": ("11-28", AFTERNOON, "|两个孩子天象厅"),
    "我想周六下午带两个孩子去天象厅": ("11-28", AFTERNOON, "我想|带两个孩子去天象厅"),
    "周六或者周日上午，三个人": ("11-22 11-28", MORNING, "|或者|,三个人"),
    "下午带两个孩子，周六去": ("11-28", AFTERNOON, "|带两个孩子,|去"),
    "一个大人两个孩子，12月5号下午四点": ("12-05", FOUR, "一个大人两个孩子,|"),
    "早上好，两个孩子": ("", ANY, ",两个孩子"),
    "2018年5月生，二年级": ("", ANY, "2018年5月生,二年级"),
    "Two kids on Saturday afternoon, planetarium": ("11-28", AFTERNOON, "twokids|,planetarium"),
    "I may come with 3 kids on 5 Dec": ("12-05", ANY, "imaycomewith3kids|"),
    "Good morning, two kids": ("", ANY, ",twokids"),
}


def the_days(days: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(f"2026-{day}") for day in days.split())


def the_hours(hours: tuple[str, str]) -> Hours | None:
    return Hours(*map(time.fromisoformat, hours)) if hours[0] else None


@pytest.mark.parametrize(("words", "said"), IN_CHINESE.items())
def test_when_is_read_in_chinese(words: str, said: tuple[str, tuple[str, str]]) -> None:
    days, hours = said
    assert when_of(words, TODAY, "zh_CN") == When(the_days(days), the_hours(hours))


@pytest.mark.parametrize(("words", "said"), IN_ENGLISH.items())
def test_when_is_read_in_english(words: str, said: tuple[str, tuple[str, str]]) -> None:
    days, hours = said
    assert when_of(words, TODAY, "en") == When(the_days(days), the_hours(hours))


@pytest.mark.parametrize("words", NO_TIME)
def test_what_says_nothing_of_when_is_none(words: str) -> None:
    assert when_of(words, TODAY, "zh_CN") is None
    assert when_of(words, TODAY, "en") is None


@pytest.mark.parametrize(("words", "said"), SENTENCES.items())
def test_when_is_found_within_a_sentence(
    words: str, said: tuple[str, tuple[str, str], str]
) -> None:
    days, hours, rest = said
    locale = "en" if words.isascii() else "zh_CN"
    when, left = whens_in(words, TODAY, locale)
    assert when == When(the_days(days), the_hours(hours))
    assert left.replace(" ", "") == rest


@pytest.mark.parametrize("n", range(7, 19))
def test_an_hour_is_read_however_it_is_written(n: int) -> None:
    exact = Hours(time(n), time(n))
    written = [f"{n}:00", f"{n}点", f"{n}时", f"{n % 12 or 12}{'pm' if n >= 12 else 'am'}"]
    assert [hours_of(each) for each in written] == [exact] * len(written)


DAYS = st.dates(date(2020, 1, 1), date(2090, 12, 31))
PARTS = st.sampled_from(["上午", "下午", "晚上", "4pm", "16:00", "下午四点半", "at noon"])


@given(today=DAYS, ahead=st.integers(0, 360), part=PARTS, locale=st.sampled_from(["zh_CN", "en"]))
def test_every_day_of_a_year_is_read_with_its_hours_as_it_is_written(
    today: date, ahead: int, part: str, locale: str
) -> None:
    day = today + timedelta(days=ahead)
    expected = When((day,), hours_of(plainly(part)))
    written = [
        say(Day(day), "zh_CN"),
        say(Day(day), "en"),
        day.isoformat(),
        f"{day:%B} {day.day}, {day.year}",
        f"{day.day} {day:%b}",
        f"{day.year}年{day.month}月{day.day}号",
        f"{day.month}月{day.day}日",
    ]
    assert [when_of(f"{each} {part}", today, locale) for each in written] == [expected] * 7
    assert [whens_in(f"{each} {part}", today, locale)[0] for each in written] == [expected] * 7


PIECES = st.sampled_from(
    [*"今明后大天周六日星期礼拜下个这本末月号年点半午上早晚到0123579/-.: 元旦国庆", "dec", "next",
     "sat", "in", "at", "pm", "noon", "the", "on", "half", "weekend"]
)  # fmt: skip
WORDS = st.lists(PIECES, max_size=9).map("".join) | st.text(max_size=60)


@given(today=DAYS, words=WORDS, locale=st.sampled_from(["zh_CN", "en"]))
def test_nothing_raises_and_nothing_is_over(today: date, words: str, locale: str) -> None:
    whole, (within, _rest) = when_of(words, today, locale), whens_in(words, today, locale)
    for when in (whole or within, within):
        assert list(when.days) == sorted(set(when.days))
        assert all(day >= today for day in when.days)
        assert when.hours is None or when.hours.first <= when.hours.last


WIDE = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})


@given(
    words=st.sampled_from([*IN_CHINESE, *IN_ENGLISH]), gap=st.sampled_from([" ", "\u3000", "\t"])
)
def test_width_case_and_white_space_make_no_difference(words: str, gap: str) -> None:
    expected = when_of(words, TODAY, "en")
    spaced = f"{gap}{words.replace(' ', gap * 2)}{gap}"
    for each in (spaced, words.translate(WIDE), words.upper()):
        assert when_of(each, TODAY, "en") == expected
