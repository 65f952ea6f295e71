import asyncio
import json
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.conversation.chat import Chat, Flow, conversation
from handlers.conversation.drive import drive, drive_twice, recorded
from handlers.conversation.question import Answer, Effect, FlowError, Question
from handlers.conversation.revise import go_back
from handlers.here import Here
from handlers.texts import plain
from tests.conversation.driven import (
    ADULTS,
    ASKED,
    BOOKED,
    WORDS,
    Q,
    act,
    names,
    play,
    stored,
    visit,
    words,
)


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


def test_an_answer_skipped_when_it_was_optional_is_asked_when_it_no_longer_is() -> None:
    pending = drive(short, stored(name=None)).pending
    assert pending is not None
    assert pending.name == "name"


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


def test_the_same_name_twice_in_a_loop_is_refused() -> None:
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


def test_orphans_after_a_branch_change_are_not_among_the_answers() -> None:
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
    assert drive_twice(visit, again).pending.name == "stars"  # type: ignore[union-attr]  # not over


# Whatever is stored


@given(st.sets(st.sampled_from(sorted(BOOKED))))
def test_a_run_is_the_answers_up_to_the_first_that_is_missing(missing: set[str]) -> None:
    _, whole = play(visit, **BOOKED)
    run = drive(visit, {name: each for name, each in whole.items() if name not in missing})
    order = [*BOOKED, "stars"]
    first = min([order.index(name) for name in missing], default=len(BOOKED))
    assert [command.name for command, _, _ in run.met] == order[:first]
    assert run.pending is not None
    assert run.pending.name == order[first]


@given(st.lists(st.sampled_from(["ask", "do", "look", "say"]), max_size=12))
def test_over_a_whole_conversation_every_word_is_said_once_and_in_order(steps: list[str]) -> None:
    async def flow(chat: Chat) -> None:
        for n, step in enumerate(steps):
            match step:
                case "ask":
                    await chat.ask(f"ask.{n}", Q, WORDS)
                case "do":
                    await chat.do(f"do.{n}", act)
                case "look":
                    await chat.look(f"look.{n}", act)
                case _:
                    chat.say(plain(f"{n}"))

    assert said_turn_by_turn(flow) == [f"{n}" for n, step in enumerate(steps) if step == "say"]


def said_turn_by_turn(flow: Flow) -> list[str]:
    """What a person hears who answers every question, when each turn sends what is fresh."""
    answers: dict[str, Answer] = {}
    heard: list[str] = []
    fresh: list[str] = []
    while (run := drive(flow, answers)).pending is not None:
        name = run.pending.name
        answers[name] = recorded(run, "x")
        if isinstance(run.pending, Effect):
            fresh.append(name)
        else:
            heard += words(run, *fresh)
            fresh = []
    return heard + words(run, *fresh)


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
