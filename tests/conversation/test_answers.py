"""Sunday 22 November 2026 is today."""

from dataclasses import asdict
from datetime import date
from json import dumps, loads

import pytest

from handlers.conversation.answers import (
    Go,
    Picked,
    Read,
    Recognised,
    Stale,
    Ticked,
    Unclear,
    recognise,
)
from handlers.conversation.question import OpenPrompt, Option, Question, Reader
from handlers.conversation.readers import nickname, whole_number
from handlers.conversation.render import View, label_of, opened, render
from handlers.conversation.testing import BUTTONS, CHANNELS, NUMBERS, WEB
from handlers.messages import Capabilities, PromptKind
from handlers.texts import Day, Text, _, say

TODAY = date(2026, 11, 22)
NAMES = {
    "chongqing": "重庆科技馆", "beijing": "中国科技馆", "art": "Art Hall",
    "artifacts": "Artifacts of Asia", "vr": "VR体验馆", "one": "1号馆", "eleven": "11号馆",
    "museum": "Chongqing Science Museum",
}  # fmt: skip
BASES = [Option(value, label) for value, label in NAMES.items()]
CHILDREN = [
    Option("ming", "小明", "8"),
    Option("hong", "小红", "10"),
    Option("he", "小和"),
    Option("tom", "Tom Lee"),
    Option("ann", "Ann Lee"),
]
DAYS = [
    Option(each, Day(date.fromisoformat(each)), "12 left")
    for each in ("2026-11-28", "2026-12-02", "2026-12-05", "2026-12-12", "2027-01-01")
]
ASKED: dict[PromptKind, list[Option]] = {
    "choose": BASES * 3, "many": CHILDREN, "date": DAYS, "confirm": [],
}  # fmt: skip


def asked(
    kind: PromptKind,
    options: list[Option],
    capabilities: Capabilities = NUMBERS,
    *,
    is_optional: bool = False,
    can_change: bool = False,
    page: int = 0,
    picked: tuple[str, ...] = (),
) -> OpenPrompt:
    """A prompt as a person saw it, stored and read back."""
    question = Question("it", kind, _("Which?"), is_optional=is_optional)
    prompt = opened(question, options, "k3")
    prompt.page, prompt.picked = page, list(picked)
    view = View("zh_CN", capabilities, can_go_back=True, can_change=can_change)
    render([], question, prompt, view)
    return OpenPrompt(**loads(dumps(asdict(prompt))))


def heard(
    prompt: OpenPrompt, words: str, reader: Reader | None = None, locale: str = "zh_CN"
) -> Recognised:
    return recognise(prompt, reader, words, "", locale, today=TODAY)


def tapped(prompt: OpenPrompt, token: str, reader: Reader | None = None) -> Recognised:
    return recognise(prompt, reader, "", token, "zh_CN", today=TODAY)


def sentence(result: Recognised) -> str:
    assert isinstance(result, Unclear)
    return say(result.sentence, "en")


PICKS = {
    "重庆科技馆": "chongqing", " 重庆 科技馆。": "chongqing", "art hall": "art",
    "ＡＲＴ　ＨＡＬＬ": "art", "1": "chongqing", "２": "beijing", "2.": "beijing", "(2)": "beijing",
    "二": "beijing", "两": "beijing", "第二个": "beijing", "第2个": "beijing",
    "the second one": "beijing", "2nd": "beijing", "#2": "beijing", "我选第二个": "beijing",
    "八": "museum", "选3": "art", "option 4": "artifacts", "重庆": "chongqing", "中国": "beijing",
    "庆": "chongqing", "art": "art", "artif": "artifacts", "asia": "artifacts", "vr": "vr",
    "VR": "vr", "体验": "vr", "1号馆": "one", "11号": "eleven", "sci mus": "museum",
    "Science": "museum", "chongqing museum": "museum",
}  # fmt: skip

UNCLEAR = [
    "", "  ", "不知道", "z", "a", "museum science", "99", "第九十九个", "馆长", "？", "3 4", "1 2",
    "长" * 201,
]  # fmt: skip


@pytest.mark.parametrize(("words", "value"), PICKS.items())
def test_an_option_is_picked_by_label_number_ordinal_or_part(words: str, value: str) -> None:
    assert heard(asked("choose", BASES), words) == Picked(value, NAMES[value])


@pytest.mark.parametrize("words", UNCLEAR)
def test_what_names_no_option_is_never_recorded(words: str) -> None:
    assert sentence(heard(asked("choose", BASES), words)) == (
        "I did not understand. Please choose one of these."
    )


def test_an_ambiguous_part_names_what_fits_and_asks_again() -> None:
    prompt = asked("choose", BASES[:5])
    assert sentence(heard(prompt, "科技馆")) == (
        "More than one fits: 重庆科技馆 and 中国科技馆. Which do you mean?"
    )


def test_of_many_that_fit_four_are_named() -> None:
    prompt = asked("choose", [Option(str(n), f"Hall {chr(65 + n)}") for n in range(6)])
    assert sentence(heard(prompt, "hall")) == (
        "Many fit, such as Hall A, Hall B, Hall C, and Hall D. Please say a little more."
    )


def test_a_label_is_known_in_the_other_language_too() -> None:
    prompt = asked(
        "choose", [Option("d", Day(date(2026, 12, 5))), Option("e", Day(date(2026, 12, 6)))]
    )
    for words in ("12月5日 周六", "Sat 5 Dec", "sat5dec", "周六"):
        for locale in ("zh_CN", "en"):
            assert heard(prompt, words, locale=locale) == Picked("d", Day(date(2026, 12, 5)))


def test_a_label_is_known_with_its_note_and_with_its_tick() -> None:
    prompt = asked("many", CHILDREN, picked=("ming",))
    for words in ("小明", "小明 · 8", "✓ 小明 · 8"):
        assert heard(prompt, words) == Ticked(("ming",), is_whole=True)


def test_of_two_that_are_called_the_same_the_note_or_the_number_tells() -> None:
    noted = asked("choose", [Option("a", "小明", "8"), Option("b", "小明", "10")])
    assert sentence(heard(noted, "小明")) == (
        "More than one fits: 小明 · 8 and 小明 · 10. Which do you mean?"
    )
    assert heard(noted, "小明 · 10") == Picked("b", say_plain("小明"))
    bare = asked("choose", [Option("a", "小明"), Option("b", "小明")])
    assert heard(bare, "小明") == Picked("a", "小明")
    assert heard(bare, "小明（2）") == Picked("b", "小明")


def say_plain(words: str) -> Text:
    return Text("{words}", values={"words": words})


def test_a_whole_label_goes_before_a_number_and_before_a_word() -> None:
    prompt = asked("choose", [Option("x", "2"), Option("y", "返回"), Option("z", "第一个")])
    assert heard(prompt, "2") == Picked("x", "2")
    assert heard(prompt, "返回") == Picked("y", "返回")
    assert heard(prompt, "第一个") == Picked("z", "第一个")
    assert heard(prompt, "3") == Picked("z", "第一个")


def test_a_number_after_the_options_is_a_way_as_it_was_numbered() -> None:
    prompt = asked("choose", BASES[:2])
    assert prompt.navigation == ["@back", "@cancel"]
    assert heard(prompt, "3") == Go("@back")
    assert heard(prompt, "4") == Go("@cancel")
    assert heard(prompt, "0") == Go("@back")
    assert isinstance(heard(prompt, "5"), Unclear)
    prompt.navigation.remove("@back")
    assert isinstance(heard(prompt, "0"), Unclear)


@pytest.mark.parametrize(
    ("words", "way"),
    [
        ("返回", "@back"), ("上一步", "@back"), ("Back", "@back"), ("/back", "@back"),
        ("退出", "@cancel"), ("Stop here", "@cancel"),
        ("取消", "@cancel"), ("CANCEL.", "@cancel"), ("/cancel", "@cancel"), ("算了", "@cancel"),
    ],
)  # fmt: skip
def test_back_and_cancel_are_words_in_every_question(words: str, way: str) -> None:
    for kind, options in ASKED.items():
        assert heard(asked(kind, options), words) == Go(way)
    assert heard(asked("text", []), words, nickname()) == Go(way)


def test_more_change_done_and_skip_are_words_where_they_are_offered() -> None:
    paged = asked("choose", BASES * 3)
    assert heard(paged, "更多") == heard(paged, "下一页") == heard(paged, "more") == Go("@more")
    many = asked("many", CHILDREN)
    assert heard(many, "完成") == heard(many, "好了") == heard(many, "done") == Go("@done")
    optional = asked("text", [], is_optional=True)
    assert heard(optional, "跳过", nickname()) == heard(optional, "skip", nickname()) == Go("@skip")
    check = asked("confirm", [], can_change=True)
    assert heard(check, "修改") == heard(check, "change") == Go("@change")


def test_a_word_means_nothing_where_it_is_not_offered() -> None:
    text = asked("text", [])
    for words in ("更多", "修改", "好了", "跳过", "确认"):
        assert heard(text, words, nickname()) == Read(words, words)


@pytest.mark.parametrize(
    "words", ["确认", "是的", "好", "好的。", "yes", "OK", "可以", "1", "第一个", "y"]
)
def test_a_confirmation_is_said_in_many_ways(words: str) -> None:
    assert heard(asked("confirm", []), words) == Go("@yes")


def test_a_confirmation_is_not_guessed() -> None:
    for words in ("不", "no", "maybe", "好像"):
        assert isinstance(heard(asked("confirm", []), words), Unclear)


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_every_way_is_known_by_what_it_is_called(locale: str) -> None:
    for kind, options in ASKED.items():
        prompt = asked(kind, options, is_optional=True, can_change=True, picked=("tom",))
        for word in prompt.navigation:
            assert heard(prompt, say(label_of(word), locale)) == Go(word)


def test_a_stale_button_changes_nothing() -> None:
    prompt = asked("choose", BASES)
    for token in (
        "k2:0",
        "k33:0",
        "k3",
        "k3:",
        "k3:99",
        "k3:-1",
        "k3:x",
        "k3:yes",
        "0",
        "k3:" + "9" * 9,
    ):
        assert tapped(prompt, token) == Stale()


def test_a_token_is_exact() -> None:
    assert tapped(asked("choose", BASES), "k3:1") == Picked("beijing", "中国科技馆")
    assert tapped(asked("choose", BASES), "k3:back") == Go("@back")
    assert tapped(asked("many", CHILDREN), "k3:0") == Ticked(("ming",), is_whole=False)
    assert tapped(asked("many", CHILDREN), "k3:done") == Go("@done")
    assert tapped(asked("confirm", []), "k3:yes") == Go("@yes")


def test_a_token_reaches_an_option_of_another_page() -> None:
    prompt = asked("choose", BASES * 3)
    assert tapped(prompt, "k3:20") == Picked("vr", "VR体验馆")


def test_a_late_number_means_the_list_that_was_shown_last() -> None:
    prompt = asked("choose", [Option(f"s{n}", f"slot {chr(65 + n)}") for n in range(20)], page=1)
    assert heard(prompt, "2") == Picked("s10", "slot K")


# Of many.
LINES = {
    "1 3": "ming he", "1,3": "ming he", "1、3": "ming he", "１，３": "ming he", "3 1 1": "ming he",
    "1和2": "ming hong", "第一个和第二个": "ming hong", "小明": "ming", "小明和小红": "ming hong",
    "小明 小红": "ming hong", "小明、小红和Tom": "ming hong tom", "明，红": "ming hong",
    "小和": "he", "Tom and Ann": "tom ann", "tom, ann lee": "tom ann",
    "Tom Lee & Ann Lee": "tom ann", "1 and ann": "ming ann", "都去": "ming hong he tom ann",
    "All": "ming hong he tom ann", "2": "hong",
}  # fmt: skip


@pytest.mark.parametrize(("words", "values"), LINES.items())
def test_one_line_answers_a_question_of_many_whole(words: str, values: str) -> None:
    expected = Ticked(tuple(values.split()), is_whole=True)
    assert heard(asked("many", CHILDREN), words) == expected


def test_a_name_that_holds_the_word_and_is_asked_rather_than_guessed() -> None:
    assert isinstance(heard(asked("many", CHILDREN), "小和和小红"), Unclear)
    assert heard(asked("many", CHILDREN), "小和、小红") == Ticked(("hong", "he"), is_whole=True)


@pytest.mark.parametrize("words", ["小明和小刚", "1 9", "1 返回", "谁都不去", "9", ",", "1,,9"])
def test_a_line_of_which_a_part_is_not_understood_records_nothing(words: str) -> None:
    assert isinstance(heard(asked("many", CHILDREN), words), Unclear)


def test_a_line_with_an_ambiguous_name_says_which_names_fit() -> None:
    prompt = asked("many", CHILDREN)
    assert sentence(heard(prompt, "小明, lee")) == (
        "More than one fits: Tom Lee and Ann Lee. Which do you mean?"
    )
    assert "小明" in sentence(heard(prompt, "小"))


# Days.
DAY_WORDS = {
    "1": "2026-11-28", "第二个": "2026-12-02", "12月5日": "2026-12-05", "12/5": "2026-12-05",
    "5号": "2026-12-05", "5th": "2026-12-05", "2号": "2026-12-02", "2nd": "2026-12-02",
    "12月5日 周六": "2026-12-05", "Sat 5 Dec": "2026-12-05", "12月5日 周六 · 12 left": "2026-12-05",
    "元旦": "2027-01-01", "周六": "2026-11-28", "Saturday": "2026-11-28", "周三": "2026-12-02",
    "星期六": "2026-11-28", "28": "2026-11-28", "12号": "2026-12-12", "12": "2026-12-12",
    "周五": "2027-01-01", "下周六": "2026-11-28", "the weekend": "2026-11-28",
}  # fmt: skip


@pytest.mark.parametrize(("words", "day"), DAY_WORDS.items())
def test_a_typed_day_is_one_of_those_offered(words: str, day: str) -> None:
    assert heard(asked("date", DAYS), words) == Picked(day, Day(date.fromisoformat(day))) or heard(
        asked("date", DAYS), words
    ) == Picked(day, DAYS[0].label)


@pytest.mark.parametrize("words", ["2月5日", "1月12日", "明天", "11号", "12月6日", "30"])
def test_a_day_that_is_not_offered_is_told_with_the_nearest(words: str) -> None:
    told = sentence(heard(asked("date", DAYS), words))
    assert "is not offered. The nearest days are " in told


def test_the_nearest_days_come_in_their_order() -> None:
    assert sentence(heard(asked("date", DAYS), "12月6日")) == (
        "Sun 6 Dec is not offered. "
        "The nearest days are Sat 28 Nov, Wed 2 Dec, Sat 5 Dec, and Sat 12 Dec."
    )


def test_a_day_read_two_ways_is_asked_when_both_are_offered() -> None:
    days = [Option(each, Day(date.fromisoformat(each))) for each in ("2026-12-05", "2027-05-12")]
    assert sentence(heard(asked("date", days), "12/5", locale="en")) == (
        "More than one fits: Sat 5 Dec and Wed 12 May. Which do you mean?"
    )


def test_no_day_is_no_day() -> None:
    for words in ("随便", "99", "2月30日"):
        assert sentence(heard(asked("date", DAYS), words)).startswith("I did not understand.")


def test_in_a_month_grid_a_number_is_the_day_of_the_month() -> None:
    days = [Option(f"2026-12-{n:02}", Day(date(2026, 12, n))) for n in range(5, 25)]
    grid = asked("date", days, WEB)
    assert heard(grid, "6") == Picked("2026-12-06", Day(date(2026, 12, 6)))
    assert "not offered" in sentence(heard(grid, "2"))
    assert isinstance(heard(grid, "第二个"), Unclear)
    listed = asked("date", days, BUTTONS)
    assert heard(listed, "6") == Picked("2026-12-10", Day(date(2026, 12, 10)))


# Readers.
def test_a_typed_number_is_the_value_never_a_place() -> None:
    reader = whole_number(3, 6)
    for capabilities in CHANNELS.values():
        prompt = asked("number", list(reader.quick()), capabilities)
        assert heard(prompt, "3", reader) == heard(prompt, "三", reader) == Read(3, 3)
        assert "from 3 to 6" in sentence(heard(prompt, "1", reader))
        assert isinstance(heard(prompt, "第二个", reader), Unclear)
        assert tapped(prompt, "k3:1", reader) == Read(4, 4)


def test_the_reader_says_why_words_will_not_do() -> None:
    reader = nickname()
    assert heard(asked("text", []), "小明", reader) == Read("小明", "小明")
    assert heard(asked("text", []), "科" * 3 + "馆" * 3, reader) == Read(
        "科科科馆馆馆", "科科科馆馆馆"
    )
    assert isinstance(heard(asked("text", []), "13800138000", reader), Unclear)
    assert isinstance(heard(asked("text", []), "长" * 300, reader), Unclear)
    assert isinstance(heard(asked("text", []), "", reader), Unclear)


def test_a_prompt_that_was_never_shown_is_answered_by_name_only() -> None:
    prompt = opened(Question("it", "choose", _("Which?")), BASES, "k3")
    assert heard(prompt, "重庆") == Picked("chongqing", "重庆科技馆")
    assert isinstance(heard(prompt, "1"), Unclear)


def test_a_child_called_everybody_is_that_child() -> None:
    prompt = asked("many", [Option("ming", "小明"), Option("all", "大家")])
    assert recognise(prompt, None, "大家", "", "zh_CN", today=TODAY) == Ticked(
        ("all",), is_whole=True
    )
