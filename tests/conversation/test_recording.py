"""What a record stands for: a yes, a look, a result, an answer. Of drive.py."""

from datetime import date
from enum import Enum

import pytest

from handlers.conversation.chat import Chat
from handlers.conversation.drive import drive, recorded
from handlers.conversation.question import Answer, Effect, FlowError
from handlers.conversation.revise import asked_again, forgotten
from handlers.texts import Text
from tests.conversation.driven import (
    ASKED,
    Full,
    Q,
    act,
    play,
    visit,
)

# Confirming


def test_a_yes_holds_for_exactly_the_answers_it_was_given_to() -> None:
    run, answers = play(visit, **ASKED, confirm="@yes")
    assert run.pending is not None
    assert run.pending.name == "book"
    assert answers["confirm"].value != "@yes"
    answers["adults"] = Answer(3)
    assert drive(visit, answers).pending.name == "confirm"  # type: ignore[union-attr]  # not over
    answers["adults"] = Answer(2)
    assert drive(visit, answers).pending.name == "book"  # type: ignore[union-attr]  # not over


def test_stale_confirmation_after_a_refusal_another_choice_is_confirmed_again() -> None:
    run, answers = play(visit, **ASKED, confirm="@yes")
    assert asked_again(run, Full(Q)) == "base"
    for name in forgotten(run, "base"):
        del answers[name]
    answers["base"] = recorded(drive(visit, answers), "stars")
    answers["price"] = recorded(drive(visit, answers), 20)
    assert drive(visit, answers).pending.name == "confirm"  # type: ignore[union-attr]  # not over


# Looking


def test_a_look_is_made_again_when_what_it_was_given_changed() -> None:
    _, answers = play(visit, **ASKED)
    answers["base"] = Answer("stars")
    run = drive(visit, answers)
    assert isinstance(run.pending, Effect)
    assert run.pending.name == "price"
    answers["price"] = recorded(run, 30)
    assert drive(visit, answers).pending.name == "confirm"  # type: ignore[union-attr]  # not over


class Colour(Enum):
    RED = "red"


def test_a_look_may_be_given_days_and_enums() -> None:
    async def flow(chat: Chat) -> None:
        await chat.look("x", act, date(2026, 12, 5), Colour.RED, named=[1, None])

    run, answers = play(flow, x=1)
    assert run.pending is None
    assert drive(flow, answers).pending is None


def test_a_look_given_what_is_no_json_is_a_bug() -> None:
    async def flow(chat: Chat) -> None:
        await chat.look("x", act, object())

    with pytest.raises(FlowError, match=r"look 'x' was given <object .* JSON"):
        recorded(drive(flow, {}), 1)


@pytest.mark.parametrize("result", [object(), float("nan"), {1, 2}])
def test_a_result_that_json_cannot_hold_is_a_bug(result: object) -> None:
    run, _ = play(visit, **ASKED, confirm="@yes")
    with pytest.raises(FlowError, match=r"'book' gave .* what JSON can hold"):
        recorded(run, result)


def test_a_result_is_the_same_at_once_and_after_it_was_stored() -> None:
    run, _ = play(visit, **ASKED, confirm="@yes")
    assert recorded(run, {"places": (1, 2)}).value == {"places": [1, 2]}


def test_an_answer_is_recorded_with_what_a_summary_shows() -> None:
    assert recorded(drive(visit, {}), "robots", Text("Robots")) == Answer("robots", Text("Robots"))
