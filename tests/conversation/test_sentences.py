"""Is only taken away from a sentence what does not answer?"""

import pytest

from handlers.conversation.sentences import core_of, is_courtesy


@pytest.mark.parametrize(
    ("words", "core"),
    [
        ("我想去科技馆", "科技馆"),
        ("去科技馆吧。", "科技馆"),
        ("就第二个吧", "第二个"),
        ("好的，我同意", "同意"),
        ("是的，我同意", "同意"),
        ("那个天文馆", "天文馆"),
        ("我们要１４：００的", "14:00"),
        ("I'd like the museum, please", "museum"),
        ("I’d like to go to the museum", "museum"),
        ("Yes, I agree", "agree"),
        ("我想取消", "取消"),
    ],
)
def test_the_words_around_an_answer_are_taken_away(words: str, core: str) -> None:
    assert core_of(words) == core


@pytest.mark.parametrize(
    ("words", "core"),
    [("不同意", ""), ("我不同意", "不同意"), ("不太同意", ""), ("我不能同意", "不能同意"),
     ("I do not agree", "do not agree"), ("no thanks", "no")],
)  # fmt: skip
def test_no_word_that_says_no_is_taken_away(words: str, core: str) -> None:
    assert core_of(words) == core


@pytest.mark.parametrize("words", ["", "科技馆", "好的", "我想", "the", "theatre", "我" * 100])
def test_nothing_is_left_where_nothing_stands_around_an_answer(words: str) -> None:
    assert core_of(words) == ""


@pytest.mark.parametrize(
    "words",
    ["谢谢", "好的，谢谢！", "收到。", "Thank you!", "OK", "👍", "👍👍👍", "🙏", "您好", "早上好"],
)
def test_thanks_are_no_mistake(words: str) -> None:
    assert is_courtesy(words)


@pytest.mark.parametrize(
    "words", ["", "谢" * 59 + "x", "谢谢你帮我预约", "好的预约", "!", "what", "👎"]
)
def test_whatever_else_is_said_is_more_than_thanks(words: str) -> None:
    assert not is_courtesy(words)
