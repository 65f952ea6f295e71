"""What Back, Change and a refusal ask again. The functions are those of drive.py."""

import pytest

from handlers.conversation.chat import Chat
from handlers.conversation.drive import drive, recorded
from handlers.conversation.question import Answer, FlowError, Question
from handlers.conversation.revise import asked_again, changeable, forgotten, go_back
from handlers.messages import Refused
from handlers.texts import plain
from tests.conversation.driven import (
    ASKED,
    BOOKED,
    Full,
    Q,
    act,
    names,
    play,
    visit,
)

# Back and Change


def test_back_goes_to_the_last_answered_in_asked_order_whatever_was_stored_last() -> None:
    _, answers = play(visit, **ASKED)
    answers["base"] = answers.pop("base")
    assert go_back(drive(visit, answers)) == "wish"


def test_back_passes_looks_and_drops_them_with_the_question_they_follow() -> None:
    run, answers = play(visit, base="robots", price=20)
    assert go_back(run) == "base"
    assert forgotten(run, "base") == ["base", "price"]
    for name in forgotten(run, "base"):
        del answers[name]
    assert answers == {}


def test_back_does_not_pass_what_was_done() -> None:
    run, answers = play(visit, **BOOKED)
    assert go_back(run) is None
    assert changeable(run) == []
    assert forgotten(run, "stars") == []
    answers["stars"] = recorded(run, "5")
    assert go_back(drive(visit, answers)) == "stars"


def test_back_and_change_pass_over_what_was_taken_unasked() -> None:
    async def flow(chat: Chat) -> None:
        await chat.choose("base", Q, [], title=plain("Base"))
        await chat.choose("hall", Q, [], title=plain("Hall"), takes_only=True)
        await chat.do("book", act, ask_again={Full: "hall"})

    run, _ = play(flow, base="a", hall="b")
    assert go_back(run) == "hall"
    assert go_back(run, lambda question: True) == "base"
    assert go_back(run, lambda question: False) == "hall"
    assert [each.name for each in changeable(run, lambda question: True)] == ["base"]
    assert asked_again(run, Full(Q)) == "hall"
    assert asked_again(run, Full(Q), lambda question: True) == "base"


def test_change_offers_titled_answers_and_keeps_the_others() -> None:
    run, answers = play(visit, **ASKED)
    assert [each.name for each in changeable(run)] == ["base", "adults"]
    for name in forgotten(run, "adults"):
        del answers[name]
    answers["adults"] = recorded(drive(visit, answers), 4)
    assert names(drive(visit, answers)) == ["base", "adults", "wish"]


def test_after_a_change_the_later_answers_that_still_fit_survive() -> None:
    asked: list[str] = []

    def keeps(question: Question, answer: Answer) -> bool:
        asked.append(question.name)
        return question.name != "wish"

    _, answers = play(visit, **ASKED, confirm="@yes")
    answers["base"] = Answer("stars")
    answers["price"] = recorded(drive(visit, answers), 30)
    run = drive(visit, answers, keeps=keeps, after="base")
    assert run.pending is not None
    assert run.pending.name == "wish"
    assert asked == ["adults", "wish"]
    assert names(run) == ["base", "adults"]


def test_on_the_way_forward_nothing_is_checked() -> None:
    _, answers = play(visit, **ASKED)
    run = drive(visit, answers, keeps=lambda *_: False, after="wish")
    assert run.pending is not None
    assert run.pending.name == "confirm"


def test_after_a_change_of_code_every_answer_is_checked() -> None:
    _, answers = play(visit, **ASKED)
    run = drive(visit, answers, keeps=lambda question, answer: False)
    assert run.pending is not None
    assert run.pending.name == "base"


# A refusal


def test_a_refusal_without_a_mapping_asks_the_last_question_again() -> None:
    run, _ = play(visit, **ASKED, confirm="@yes")
    assert asked_again(run, Refused(Q)) == "confirm"


def test_a_refusal_after_which_nothing_can_be_changed_asks_nothing() -> None:
    async def flow(chat: Chat) -> None:
        await chat.do("first", act)
        await chat.do("second", act)

    run, _ = play(flow, first=1)
    assert asked_again(run, Refused(Q)) is None


def test_a_refusal_mapped_to_a_question_that_was_not_asked_is_a_bug() -> None:
    async def flow(chat: Chat) -> None:
        await chat.do("book", act, ask_again={Full: "session"})

    with pytest.raises(FlowError, match=r"'book' asks 'session' again .* again: none"):
        asked_again(drive(flow, {}), Full(Q))
