import asyncio
import json
import time
from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import Any

import pytest

from handlers.conversation.chat import Chat, Flow, conversation
from handlers.conversation.drive import (
    Run,
    asked_again,
    changeable,
    drive,
    drive_twice,
    forgotten,
    go_back,
    recorded,
)
from handlers.conversation.question import Answer, Effect, FlowError, Json, Question
from handlers.conversation.readers import short_text, whole_number
from handlers.here import Here
from handlers.messages import Refused
from handlers.texts import Text, plain

Q = plain("?")
ADULTS = whole_number(1, 4)
WORDS = short_text(40)


class Full(Refused):
    pass


def act(here: Here, *args: Any) -> Json:
    raise AssertionError("driving runs nothing")


def stored(**values: Json) -> dict[str, Answer]:
    """Recorded answers; `_` in a name stands for a full stop."""
    return {name.replace("_", "."): Answer(value) for name, value in values.items()}


def play(flow: Flow, **given: Json) -> tuple[Run, dict[str, Answer]]:
    """Answer what is asked and do what is to be done, as a turn would, as far as `given` goes."""
    answers: dict[str, Answer] = {}
    while (run := drive(flow, answers)).pending and run.pending.name in given:
        name = run.pending.name
        answers[name] = recorded(run, given[name])
    return run, answers


def words(run: Run, *fresh: str) -> list[str]:
    return [said.text.values["words"] for said in run.said_since(fresh)]  # type: ignore[misc]


def names(run: Run) -> list[str]:
    return [question.name for question, _ in run.asked]


async def visit(chat: Chat) -> None:
    chat.say(plain("welcome"))
    base = await chat.choose("base", Q, [], title=plain("Base"))
    chat.say(plain(f"{base} is open"))
    price = await chat.look("price", act, base)
    chat.say(plain(f"{price} yuan"))
    adults = await chat.ask("adults", Q, ADULTS, title=plain("Adults"))
    await chat.ask("wish", Q, WORDS, is_optional=True)
    await chat.confirm(Q)
    chat.say(plain("one moment"))
    booked = await chat.do("book", act, base, adults, ask_again={Full: "base"})
    chat.say(plain(f"booked {booked['code']}"))
    await chat.ask("stars", Q, WORDS, title=plain("Stars"))


ASKED: dict[str, Json] = {"base": "robots", "price": 20, "adults": 2, "wish": None}
BOOKED = {**ASKED, "confirm": "@yes", "book": {"code": "7K"}}


def test_a_new_conversation_stops_at_its_first_question_and_has_said_its_first_words() -> None:
    run = drive(visit, {})
    assert isinstance(run.pending, Question)
    assert run.pending.name == "base"
    assert words(run) == ["welcome"]
    assert run.asked == []


def test_the_answers_carry_a_flow_to_the_first_that_is_missing() -> None:
    run, _ = play(visit, base="robots", price=20)
    assert run.pending is not None
    assert run.pending.name == "adults"
    assert names(run) == ["base"]


def test_a_finished_conversation_has_nothing_pending() -> None:
    run, _ = play(visit, **BOOKED, stars="5")
    assert run.pending is None
    assert run.effects == ["book"]


def test_a_registered_conversation_is_driven_like_its_flow() -> None:
    registered = conversation("short")(short)
    assert drive(registered, stored(name="Li")).pending is None


async def short(chat: Chat) -> None:
    await chat.ask("name", Q, WORDS)


# What is said


def test_only_what_was_said_since_the_last_answer_is_said() -> None:
    run, _ = play(visit, base="robots", price=20, adults=2)
    assert run.said == []


def test_words_before_and_after_what_a_turn_did_by_itself_go_out_once_and_in_order() -> None:
    run, _ = play(visit, base="robots", price=20)
    assert words(run) == ["20 yuan"]
    assert words(run, "price") == ["robots is open", "20 yuan"]
    run, _ = play(visit, **BOOKED)
    assert words(run, "book") == ["one moment", "booked 7K"]


def test_words_between_answers_that_a_change_left_standing_are_not_said_again() -> None:
    _, answers = play(visit, **ASKED)
    answers["base"] = Answer("stars")
    answers["price"] = recorded(drive(visit, answers), 30)
    assert words(drive(visit, answers), "price") == []


def test_at_the_beginning_everything_since_the_start_is_fresh() -> None:
    async def flow(chat: Chat) -> None:
        chat.say(plain("a"))
        await chat.look("x", act)
        chat.say(plain("b"))

    run, _ = play(flow, x=1)
    assert words(run, "x") == ["a", "b"]


# What stays out of a flow


async def sleeps(chat: Chat) -> None:
    await asyncio.sleep(0)


async def waits_for_a_future(chat: Chat) -> None:
    await asyncio.get_running_loop().create_future()


async def gathers(chat: Chat) -> None:
    await asyncio.gather(chat.confirm(Q), chat.confirm(Q))


def test_a_foreign_await_is_caught_and_the_error_says_what_to_do() -> None:
    with pytest.raises(FlowError, match=r"'sleeps' awaited .* None, .* verb of chat .* chat\.do"):
        drive(sleeps, {})


async def test_a_future_is_caught_even_where_a_loop_runs() -> None:
    with pytest.raises(FlowError, match="awaited something that gave <Future pending"):
        drive(waits_for_a_future, {})


async def test_gather_is_caught() -> None:
    with pytest.raises(FlowError, match="awaited something that gave <_GatheringFuture"):
        drive(gathers, {})
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


def test_the_same_name_twice_in_one_run_is_refused() -> None:
    async def flow(chat: Chat) -> None:
        for _ in range(2):
            await chat.ask("child", Q, WORDS)

    with pytest.raises(FlowError, match=r"'child' twice .* number it"):
        drive(flow, stored(child="Bo"))


def test_a_bug_in_a_flow_rises_as_it_is() -> None:
    async def flow(chat: Chat) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        drive(flow, {})


def test_a_flow_is_closed_at_once_when_it_stops_and_when_a_check_fails() -> None:
    closed: list[str] = []

    async def flow(chat: Chat) -> None:
        try:
            await chat.ask("name", Q, WORDS)
        except GeneratorExit:
            closed.append("closed")
            raise

    drive(flow, {})
    with pytest.raises(StopIteration):
        drive(flow, stored(name="Li"), keeps=lambda *_: next(nothing()))
    assert closed == ["closed", "closed"]


def nothing() -> Iterator[bool]:
    yield from ()


def test_a_flow_that_changes_what_it_was_given_does_not_change_what_is_stored() -> None:
    async def flow(chat: Chat) -> None:
        picked = await chat.pick_many("children", Q, [])
        picked.clear()
        found = await chat.look("found", given_list)
        found["a"].append(2)

    answers = {"children": Answer(["bo"])}
    answers["found"] = recorded(drive(flow, answers), {"a": [1]})
    drive(flow, answers)
    assert answers["children"].value == ["bo"]
    assert answers["found"].value == {"a": [1]}


def given_list(here: Here) -> dict[str, list[int]]:
    raise AssertionError


def test_orphans_of_an_earlier_branch_are_not_among_the_answers() -> None:
    async def flow(chat: Chat) -> None:
        count = await chat.ask("count", Q, ADULTS)
        for n in range(1, count + 1):
            await chat.ask(f"child.{n}", Q, WORDS, title=plain("Child"))
        await chat.confirm(Q)

    _, answers = play(flow, count=2, **{"child.1": "Bo", "child.2": "Cy"})
    answers["count"] = Answer(1)
    run = drive(flow, answers)
    assert names(run) == ["count", "child.1"]
    assert go_back(run) == "child.1"
    answers["count"] = Answer(2)
    assert names(drive(flow, answers)) == ["count", "child.1", "child.2"]


def test_the_same_answers_give_the_same_run_however_they_are_ordered() -> None:
    _, answers = play(visit, **ASKED)
    shuffled = dict(sorted(answers.items()))
    assert names(drive(visit, shuffled)) == names(drive(visit, answers))
    assert drive(visit, shuffled).digest == drive(visit, answers).digest


def test_answers_come_back_from_json_as_they_went() -> None:
    _, answers = play(visit, **BOOKED)
    text = json.dumps({name: each.as_json() for name, each in answers.items()})
    again = {name: Answer.from_json(each) for name, each in json.loads(text).items()}
    assert drive_twice(visit, again).pending.name == "stars"  # type: ignore[union-attr]


# Confirming


def test_a_yes_holds_for_exactly_the_answers_it_was_given_to() -> None:
    run, answers = play(visit, **ASKED, confirm="@yes")
    assert run.pending is not None
    assert run.pending.name == "book"
    assert answers["confirm"].value != "@yes"
    answers["adults"] = Answer(3)
    assert drive(visit, answers).pending.name == "confirm"  # type: ignore[union-attr]
    answers["adults"] = Answer(2)
    assert drive(visit, answers).pending.name == "book"  # type: ignore[union-attr]


def test_stale_confirmation_after_a_refusal_another_choice_is_confirmed_again() -> None:
    run, answers = play(visit, **ASKED, confirm="@yes")
    assert asked_again(run, Full(Q)) == "base"
    for name in forgotten(run, "base"):
        del answers[name]
    answers["base"] = recorded(drive(visit, answers), "stars")
    answers["price"] = recorded(drive(visit, answers), 20)
    assert drive(visit, answers).pending.name == "confirm"  # type: ignore[union-attr]


# Looking


def test_a_look_is_made_again_when_what_it_was_given_changed() -> None:
    _, answers = play(visit, **ASKED)
    answers["base"] = Answer("stars")
    run = drive(visit, answers)
    assert isinstance(run.pending, Effect)
    assert run.pending.name == "price"
    answers["price"] = recorded(run, 30)
    assert drive(visit, answers).pending.name == "confirm"  # type: ignore[union-attr]


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

    assert drive(flow, golden()).pending.name == "theme"  # type: ignore[union-attr]


# What cannot be seen in the source


def test_driver_runs_twice_and_compares_names_and_words() -> None:
    moments = iter(range(100))

    async def asks_by_the_clock(chat: Chat) -> None:
        await chat.ask(f"question.{next(moments)}", Q, WORDS)

    async def says_by_the_clock(chat: Chat) -> None:
        chat.say(plain(f"{next(moments)} seconds"))

    async def ends_by_the_clock(chat: Chat) -> None:
        if next(moments) % 2:
            await chat.do("book", act)

    for flow in (asks_by_the_clock, says_by_the_clock, ends_by_the_clock):
        with pytest.raises(FlowError, match=r"run twice .* the flow came to .*, then to"):
            drive_twice(flow, {})


def test_a_flow_that_may_be_run_again_is_driven_twice_to_the_same_end() -> None:
    _, answers = play(visit, **BOOKED, stars="5")
    assert drive_twice(visit, answers).pending is None


# The hot path


async def forty(chat: Chat) -> None:
    for n in range(40):
        await chat.choose(f"question.{n}", Q, [], title=Q)


def test_forty_answers_are_replayed_within_a_millisecond() -> None:
    """A bound that holds on a busy machine; measured alone it is some 0.15 ms."""
    answers = {f"question.{n}": Answer("value") for n in range(40)}
    assert len(drive(forty, answers).asked) == 40
    fastest = min(_seconds(forty, answers) for _ in range(50))
    assert fastest < 0.001


def _seconds(flow: Flow, answers: dict[str, Answer]) -> float:
    start = time.perf_counter()
    drive(flow, answers)
    return time.perf_counter() - start
