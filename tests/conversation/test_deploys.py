"""A deploy in mid-conversation: what the older code stored is driven through the newer."""

import json
from datetime import date
from typing import Any

import pytest

from handlers.conversation.chat import Chat, Flow
from handlers.conversation.drive import drive
from handlers.conversation.question import Answer, Question
from handlers.conversation.revise import forgotten
from tests.conversation.driven import (
    ADULTS,
    Q,
    names,
    play,
    stored,
)

# A deploy in mid-conversation: the golden log is what the older code stored

GOLDEN = (
    '{"topic": {"value": "robots", "shown": "Robots"}, "day": {"value": "2026-12-05",'
    ' "shown": {"day": "2026-12-05"}}, "count": {"value": 2, "shown": 2}}'
)


def golden() -> dict[str, Answer]:
    return {name: Answer.from_json(each) for name, each in json.loads(GOLDEN).items()}


async def inserted(chat: Chat) -> None:
    await chat.choose("topic", Q, [])
    await chat.choose("language", Q, [])
    await chat.pick_date("day", Q, [])
    await chat.ask("count", Q, ADULTS)
    await chat.confirm(Q)


async def removed(chat: Chat) -> None:
    await chat.choose("topic", Q, [])
    await chat.ask("count", Q, ADULTS)
    await chat.confirm(Q)


async def reordered(chat: Chat) -> None:
    await chat.ask("count", Q, ADULTS)
    assert await chat.pick_date("day", Q, []) == date(2026, 12, 5)
    await chat.choose("topic", Q, [])
    await chat.confirm(Q)


async def renamed(chat: Chat) -> None:
    await chat.choose("theme", Q, [], was="topic")
    await chat.pick_date("day", Q, [])
    await chat.ask("count", Q, ADULTS)
    await chat.confirm(Q)


def offers_no_robots(question: Question, answer: Answer) -> bool:
    return question.name != "topic" or answer.value in ("stars", "cells")


@pytest.mark.parametrize(
    ("flow", "keeps", "pending", "kept"),
    [
        (inserted, None, "language", ["topic"]),
        (removed, None, "confirm", ["topic", "count"]),
        (reordered, None, "confirm", ["count", "day", "topic"]),
        (renamed, None, "confirm", ["theme", "day", "count"]),
        (inserted, offers_no_robots, "topic", []),
    ],
    ids=["insert", "remove", "reorder", "rename", "withdrawn option"],
)
def test_deploy_in_mid_conversation_converges(
    flow: Flow, keeps: Any, pending: str, kept: list[str]
) -> None:
    run = drive(flow, golden(), keeps=keeps)
    assert run.pending is not None
    assert run.pending.name == pending
    assert names(run) == kept


def test_after_an_inserted_question_the_stored_answers_go_on() -> None:
    answers = golden() | stored(language="en")
    run = drive(inserted, answers)
    assert names(run) == ["topic", "language", "day", "count"]


def test_a_yes_given_before_a_question_was_renamed_still_holds() -> None:
    async def older(chat: Chat) -> None:
        await chat.choose("topic", Q, [])
        await chat.confirm(Q)

    async def newer(chat: Chat) -> None:
        await chat.choose("theme", Q, [], was="topic")
        await chat.confirm(Q)

    _, answers = play(older, topic="robots", confirm="@yes")
    assert drive(newer, answers).pending is None


def test_a_renamed_question_is_forgotten_under_both_names() -> None:
    assert forgotten(drive(renamed, golden()), "theme") == ["topic"]
    answers = golden() | stored(theme="stars")
    run = drive(renamed, answers)
    assert run.asked[0][1].value == "stars"
    assert forgotten(run, "theme") == ["theme", "topic"]


def test_an_old_name_that_is_taken_by_another_question_is_not_used() -> None:
    async def flow(chat: Chat) -> None:
        await chat.choose("topic", Q, [])
        await chat.choose("theme", Q, [], was="topic")

    assert drive(flow, golden()).pending.name == "theme"  # type: ignore[union-attr]  # not over
