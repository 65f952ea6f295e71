"""Are buttons where a thumb expects them?"""

from datetime import date, timedelta

import pytest

from bot.channels.telegram.keyboards import BUTTONS_MAX, IDLE, Rows, contact, inline
from handlers.messages import Choice, Prompt, PromptKind

BACK = Choice("Back", "t:back", "@back")
STOP = Choice("Stop here", "t:cancel", "@cancel")


def prompt(labels: list[str], *ways: Choice, kind: PromptKind = "choose") -> Prompt:
    choices = [Choice(label, f"t:{n}", label) for n, label in enumerate(labels)]
    return Prompt("q", kind, [*choices, *ways])


def days(*given: date) -> Prompt:
    choices = [Choice(f"{day:%d %b}", f"t:{n}", day.isoformat()) for n, day in enumerate(given)]
    return Prompt("day", "date", [*choices, BACK, STOP])


def labels(rows: Rows) -> list[list[str]]:
    return [[each["text"] for each in row] for row in rows]


def test_a_button_carries_the_token_of_its_choice() -> None:
    assert inline(prompt(["Stars"]), "en") == [[{"text": "Stars", "callback_data": "t:0"}]]


@pytest.mark.parametrize(
    ("words", "shape"),
    [
        (["1", "2", "3", "4", "5", "6"], [5, 1]),
        (["Yes", "No"], [2]),
        (["上午九点", "十点", "下午两点"], [3]),
        (["上午九点", "十点", "下午两点", "晚上"], [2, 2]),
        (["天文馆的开放日", "地质博物馆参观"], [2]),
        (["Planetarium, 12 places left", "Museum"], [1, 1]),
    ],
)
def test_short_labels_share_a_row_and_long_ones_do_not(words: list[str], shape: list[int]) -> None:
    assert [len(row) for row in inline(prompt(words), "en")] == shape


def test_ways_to_go_stand_in_a_row_of_their_own() -> None:
    rows = inline(prompt(["One", "Two"], BACK, STOP), "en")
    assert labels(rows) == [["One", "Two"], ["Back", "Stop here"]]


def test_a_few_days_are_buttons_that_say_more_than_the_day() -> None:
    first = date(2026, 11, 23)
    rows = inline(days(*(first + timedelta(days=n) for n in range(8))), "en")
    assert labels(rows)[0] == ["23 Nov", "24 Nov", "25 Nov"]


def test_many_days_are_a_month_with_places_for_those_that_cannot_be_chosen() -> None:
    weekend = [date(2026, 11, 28) + timedelta(days=n) for n in (0, 1, 7, 8, 14, 15, 21, 22, 28)]
    rows = inline(days(*weekend), "en")
    assert labels(rows)[:4] == [
        ["M", "T", "W", "T", "F", "S", "S"],
        ["November 2026"],
        ["·", "·", "·", "·", "·", "28", "29"],
        ["December 2026"],
    ]
    assert rows[2][5]["callback_data"] == "t:0"
    assert rows[2][0]["callback_data"] == IDLE
    assert labels(rows)[-1] == ["Back", "Stop here"]


def test_a_month_is_said_in_the_persons_language() -> None:
    rows = inline(days(*(date(2026, 11, n) for n in range(1, 15))), "zh_CN")
    assert labels(rows)[:2] == [["一", "二", "三", "四", "五", "六", "日"], ["2026年11月"]]


@pytest.mark.parametrize("count", [9, 60, 120, 400])
@pytest.mark.parametrize("step", [1, 9])
def test_however_many_days_there_are_telegram_takes_the_keyboard(count: int, step: int) -> None:
    first = date(2026, 11, 23)
    rows = inline(days(*(first + timedelta(days=n * step) for n in range(count))), "zh_CN")
    assert sum(map(len, rows)) <= BUTTONS_MAX
    assert max(map(len, rows)) <= 8
    assert labels(rows)[-1] == ["Back", "Stop here"]
    chosen = [each["callback_data"] for row in rows for each in row]
    assert len([each for each in chosen if each != IDLE]) >= min(count, 70)


def test_the_number_is_shared_from_a_keyboard_that_goes_away() -> None:
    keyboard = contact(prompt([], BACK, STOP, kind="phone"), "en")
    assert keyboard == {
        "keyboard": [
            [{"text": "Share my phone number", "request_contact": True}],
            [{"text": "Back"}, {"text": "Stop here"}],
        ],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }
