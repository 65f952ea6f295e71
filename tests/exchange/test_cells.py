"""What does one cell say?"""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.booking.published import Release
from handlers.exchange import cells
from handlers.exchange.problems import Cell, Wrong, shown
from handlers.texts import say
from storage.models import Audience


def refusal(read: cells.Reader[Any], cell: Cell) -> str:
    """Why a reader does not take a cell."""
    with pytest.raises(Wrong) as wrong:
        read(cell)
    return say(wrong.value.text, "en")


@pytest.mark.parametrize(
    "cell",
    [
        date(2026, 12, 5),
        datetime(2026, 12, 5),  # noqa: DTZ001 - as Excel keeps it
        "2026-12-05",
        "2026-12-5",
        "2026/12/05",
        "2026.12.05",
        "2026年12月5日",
        "２０２６－１２－０５",
        " 2026-12-05 ",
        "20261205",
        20261205.0,
        46361.0,  # a date that lost its format
        "2026-12-05 00:00:00",
    ],
)
def test_a_date_is_read_however_it_was_typed(cell: Cell) -> None:
    assert cells.day(cell) == date(2026, 12, 5)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("12月5日", "12月5日 has no year; write 2026-12-05"),
        ("12/5", "12/5 has no year; write 2026-12-05"),
        ("2026-02-30", "there is no 2026-02-30 in the calendar"),
        ("05/12/2026", "05/12/2026 is not a date"),
        ("2026-12/05", "2026-12/05 is not a date"),
        ("1912-12-05", "1912-12-05 is not a date"),
        ("明天", "明天 is not a date"),
        (3.0, "3 is not a date"),
        (46361.5, "46361.5 is not a date"),
        (float("inf"), "inf is not a date"),
        (True, "TRUE is not a date"),
        (datetime(2026, 12, 5, 9, 30), "2026-12-05 09:30 is not a date"),  # noqa: DTZ001 - as in Excel
        (timedelta(hours=9), "9:00:00 is not a date"),
    ],
)
def test_a_date_that_could_be_another_is_not_guessed(cell: Cell, why: str) -> None:
    assert refusal(cells.day, cell) == why


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_in_every_form(day: date) -> None:
    serial = float((day - cells.DAY_ZERO).days)
    forms: list[Cell] = [day, serial, day.isoformat(), f"{day:%Y/%m/%d}", f"{day:%Y%m%d}"]
    assert {cells.day(form) for form in forms} == {day}


@pytest.mark.parametrize(
    "cell", ["09:30", "9:30", "９：３０", "09:30:00", " 9:30", time(9, 30), 0.395833333, 9.5 / 24]
)
def test_a_time_is_read_however_it_was_typed(cell: Cell) -> None:
    assert cells.clock(cell) == time(9, 30)


@pytest.mark.parametrize(
    "cell",
    [
        "9点",
        "10点半",
        "24:00",
        "9:60",
        "0930",
        "上午9:00",
        "09:30:15",
        1.5,
        9.0,
        True,
        -0.5,
        0.39,
        "",
        timedelta(hours=30),
        timedelta(hours=-1),
        datetime(2026, 12, 5, 9),  # noqa: DTZ001 - as in Excel
        date(2026, 12, 5),
    ],
)
def test_what_is_no_time_of_day_is_refused(cell: Cell) -> None:
    assert refusal(cells.clock, cell).endswith("is not a time of day like 09:30")


@given(st.times().map(lambda at: at.replace(second=0, microsecond=0)))
def test_every_minute_is_read_in_every_form(at: time) -> None:
    minutes = at.hour * 60 + at.minute
    forms: list[Cell] = [at, timedelta(minutes=minutes), f"{at:%H:%M}", f"{at.hour}：{at:%M}"]
    if minutes:  # 0 is also what an empty number looks like
        forms += [minutes / 1440, round(minutes / 1440, 9)]
    assert {cells.clock(form) for form in forms} == {at}


@pytest.mark.parametrize("cell", [50.0, 50, "50", "５０", " 50 ", "50.0", "+50"])
def test_a_whole_number_is_read_however_it_was_typed(cell: Cell) -> None:
    assert cells.whole(1, 100)(cell) == 50


@pytest.mark.parametrize(
    "cell",
    ["五十", "50人", "1e2", "5 0", "--5", "1,00", "10²", "½", "9" * 40, 0.5, True, float("nan")],
)
def test_what_is_no_whole_number_is_refused(cell: Cell) -> None:
    assert refusal(cells.whole(1, 100), cell).endswith("is not a whole number")


def test_a_number_out_of_bounds_is_refused_with_the_bounds() -> None:
    assert refusal(cells.whole(1, 100_000), -3.0) == "-3 is not between 1 and 100,000"
    assert refusal(cells.whole(1, 100), "101") == "101 is not between 1 and 100"


@given(st.integers(0, 999_999))
def test_every_whole_number_is_read_in_every_form(number: int) -> None:
    forms: list[Cell] = [float(number), number, str(number), f"{number:,}", f"{number}.0"]
    assert {cells.whole(0, 999_999)(form) for form in forms} == {number}


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        (20.0, 2000),
        ("20", 2000),
        ("¥19.9", 1990),
        ("￥20元", 2000),
        (0.1, 10),
        ("免费", 0),
        (0.0, 0),
    ],
)
def test_a_price_is_kept_in_fen(cell: Cell, fen: int) -> None:
    assert cells.yuan(cell) == fen


@pytest.mark.parametrize("cell", [-1.0, "二十", 1.005, "1e3", True, float("inf"), "12345678"])
def test_what_is_no_price_is_refused(cell: Cell) -> None:
    assert refusal(cells.yuan, cell).endswith("is not a price in yuan")


@pytest.mark.parametrize(
    ("cell", "weekdays"),
    [
        ("一", [0]),
        ("一,二", [0, 1]),
        ("二、一", [0, 1]),
        ("周一，周日", [0, 6]),
        ("星期天", [6]),
        ("六 日", [5, 6]),
        ("无", []),
    ],
)
def test_weekdays_are_read_as_a_list(cell: Cell, weekdays: list[int]) -> None:
    assert cells.weekdays(cell) == weekdays


@pytest.mark.parametrize("cell", ["一至三", "八", "一,", 1.0, "Mon"])
def test_what_is_no_list_of_weekdays_is_refused(cell: Cell) -> None:
    assert "is not a list of weekdays" in refusal(cells.weekdays, cell)


@pytest.mark.parametrize(
    ("cell", "answer"), [("是", True), (True, True), ("YES", True), ("否", False), (False, False)]
)
def test_yes_and_no_are_read_in_chinese_or_as_excels_own(cell: Cell, answer: bool) -> None:
    assert cells.yes_or_no(cell) is answer


def test_neither_yes_nor_no_is_refused() -> None:
    assert refusal(cells.yes_or_no, "也许") == "也许 is neither 是 nor 否"
    assert refusal(cells.yes_or_no, 1.0) == "1 is neither 是 nor 否"


def test_an_audience_is_one_of_four_words() -> None:
    words = ("亲子", "学生专场", "班级", "不限")
    assert [cells.audience(word) for word in words] == list(Audience)
    assert refusal(cells.audience, "大家") == "大家 is none of 亲子, 学生专场, 班级, 不限"


def test_published_rules_are_read_or_refused_with_an_example() -> None:
    assert cells.release("前７日09：00") == Release(7, time(9))
    assert refusal(cells.release, "提前一周") == "提前一周 is not understood; write 前7日09:00"
    assert cells.cancel_rule(" 前1日 20：00 ") == "前1日20:00"
    assert refusal(cells.cancel_rule, "随时").startswith("随时 is not understood; write 前1日20:00")
    assert cells.shares("70／20/5/5") == "70/20/5/5"
    assert "shares that make 100" in refusal(cells.shares, "70/20/5/6")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", " ="])
def test_a_code_that_begins_like_a_formula_is_refused(sign: str) -> None:
    assert refusal(cells.code, f'{sign}HYPERLINK("http://x")').endswith("begins like a formula")


@pytest.mark.parametrize(
    ("cell", "code"), [("ZKG-1128-1A", "ZKG-1128-1A"), ("ＺＫＧ－１", "ZKG-1"), (1001.0, "1001")]
)
def test_a_code_is_kept_in_half_width(cell: Cell, code: str) -> None:
    assert cells.code(cell) == code


@pytest.mark.parametrize(
    "hidden", ["\x00", "\x07", "\x1b[2J", "\x9b", "\n", "\u202e", "\u2028", "\ue000"]
)
def test_characters_that_cannot_be_shown_are_refused(hidden: str) -> None:
    assert (
        refusal(cells.line(80), f"江边{hidden}馆")
        == f"{shown(f'江边{hidden}馆')} has characters that cannot be shown"
    )
    assert hidden not in shown(f"江边{hidden}馆")


def test_a_note_of_several_lines_becomes_one() -> None:
    assert cells.note("请自带水杯\n\t 勿迟到") == "请自带水杯 勿迟到"
    assert "cannot be shown" in refusal(cells.note, "铃\x07")


def test_words_are_kept_as_written_but_for_what_surrounds_them() -> None:
    assert cells.line(80)("\ufeff 重庆科技馆（新馆）\u3000") == "重庆科技馆（新馆）"
    assert cells.line(40)(88012345.0) == "88012345"
    assert refusal(cells.line(4), "重庆科技馆") == "it is longer than 4 characters"


ANY_CELL = st.one_of(
    st.text(),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.text("0123456789-/.:年月日前当一二三 ,，：＝=+", max_size=12),
)
READERS: list[cells.Reader[Any]] = [
    cells.day,
    cells.clock,
    cells.whole(0, 100),
    cells.yuan,
    cells.weekdays,
    cells.yes_or_no,
    cells.audience,
    cells.release,
    cells.cancel_rule,
    cells.shares,
    cells.code,
    cells.note,
    cells.line(80),
]


@given(ANY_CELL)
def test_whatever_a_cell_holds_it_is_read_or_refused_in_words(cell: Cell) -> None:
    for read in READERS:
        said = "read"
        try:
            read(cell)
        except Wrong as wrong:
            said = say(wrong.text, "en")
        assert said
        assert "\x1b" not in said


@given(ANY_CELL)
def test_what_is_read_as_words_is_read_again_the_same(cell: Cell) -> None:
    for read in (cells.code, cells.note, cells.line(80), cells.cancel_rule, cells.shares):
        try:
            words = read(cell)
        except Wrong:
            continue
        if cells.tidy(cell):  # an empty cell is never given to a reader
            assert read(words) == words
