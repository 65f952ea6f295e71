"""Is the one conversation found that a sentence speaks of?"""

import pytest

from handlers.menu import MENU

SPEAKS_OF = [
    ("预约", "booking"),
    ("我要预约", "booking"),
    ("您好，我想给孩子预约周六的天文馆", "booking"),
    ("想带孩子去参观", "booking"),
    ("I would like to book a visit, please", "booking"),
    ("can i get tickets?", "booking"),
    ("我的预约在哪里", "mine"),
    ("我想取消预约", "mine"),
    ("where are my visits", "mine"),
    ("How do I cancel my visit?", "mine"),
    ("看一下我的资料", "me"),
    ("请帮助我预约", "booking"),
    ("转人工", "human"),
    ("有客服吗", "human"),
    ("怎么退订", "stop"),
    ("我要退票", "mine"),
    ("我的二维码呢", "mine"),
]


@pytest.mark.parametrize(("words", "name"), SPEAKS_OF)
def test_a_sentence_speaks_of_one_conversation(words: str, name: str) -> None:
    meant = MENU.meant_by(words)
    assert meant is not None
    assert meant.name == name


@pytest.mark.parametrize(
    "words",
    ["", "你好", "天文台", "the notebook is booked", "预约还是我的资料", "预约" * 200],
)
def test_a_sentence_that_speaks_of_none_or_several_starts_nothing(words: str) -> None:
    assert MENU.meant_by(words) is None


@pytest.mark.parametrize(
    "words", ["要不要带身份证", "我要两张周六的", "要 取消", "我要 两张", "不要 取消"]
)
def test_words_that_take_an_offer_take_it_only_alone(words: str) -> None:
    assert MENU.meant_by(words) is None
    assert MENU.started_by(words) is None


@pytest.mark.parametrize(("words", "name"), [("要", "offer"), ("不要", "no_offer")])
def test_an_offer_is_answered_by_a_word(words: str, name: str) -> None:
    started = MENU.started_by(words)
    assert started is not None
    assert started.conversation.name == name


def test_a_word_with_gaps_is_the_word() -> None:
    started = MENU.started_by("预 约")
    assert started is not None
    assert started.conversation.name == "booking"
