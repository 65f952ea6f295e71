"""Is a visitor known again by their own cookie only, in the language they like best?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.visitors import Visitors, accepted_locale

KEY = "a key of thirty-two characters or more"
visitors = Visitors(KEY, "")


def cookie_of(visitors: Visitors) -> str:
    return visitors.visitor({}).cookie.split(";")[0]


def test_a_newcomer_is_known_by_the_cookie_that_was_set() -> None:
    newcomer = visitors.visitor({})
    again = visitors.visitor({"Cookie": newcomer.cookie.split(";")[0]})
    assert again.address == newcomer.address
    assert again.cookie == ""
    assert len(newcomer.address) == 32


def test_newcomers_get_addresses_of_their_own() -> None:
    assert len({visitors.visitor({}).address for _ in range(100)}) == 100


def test_a_cookie_is_found_among_others_and_behind_a_forged_one() -> None:
    mine = cookie_of(visitors)
    address = mine.removeprefix("kepu_chat=").split(".")[0]
    for header in (
        f"a=b; {mine}",
        f"{mine};a=b",
        f"kepu_chat=0.0; {mine}",
        f"x_kepu_chat=1; {mine}",
    ):
        assert visitors.visitor({"Cookie": header}).address == address


def test_a_cookie_signed_with_another_key_is_worth_nothing() -> None:
    foreign = cookie_of(Visitors(KEY + "!", ""))
    assert visitors.visitor({"Cookie": foreign}).cookie != ""


@given(st.text(max_size=200))
def test_any_cookie_is_read_without_an_error(words: str) -> None:
    for header in (words, f"kepu_chat={words}", f"kepu_chat={words}.{words}"):
        assert visitors.visitor({"Cookie": header}).cookie.startswith("kepu_chat=")


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_CN"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.5, zh;q=0.8", "zh_CN"),
        ("fr, en;q=0.1", "en"),
        ("fr, en ; q=0.1", "en"),
        ("zh;q=0, en", "en"),
        ("zh-Hant-TW", "zh_CN"),
        ("fr", ""),
        ("*", ""),
        ("", ""),
        ("en;q=x", ""),
        (";;;q=,,;q=", ""),
    ],
)
def test_the_language_liked_best_of_those_we_speak(header: str, locale: str) -> None:
    assert accepted_locale(header) == locale
    assert visitors.visitor({"Accept-Language": header}).locale == locale


def test_a_language_chosen_on_the_page_goes_before_the_browsers() -> None:
    chosen = visitors.language_cookie("en").split(";")[0]
    headers = {"Cookie": chosen, "Accept-Language": "zh-CN"}
    assert visitors.visitor(headers).locale == "en"
    assert visitors.visitor({**headers, "Cookie": "kepu_lang=xx"}).locale == "zh_CN"
