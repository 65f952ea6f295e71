from datetime import date, timedelta
from typing import Any

import pytest

from handlers.conversation.chat import Chat, Conversation, Flow, conversation
from handlers.conversation.drive import Run, drive, recorded
from handlers.conversation.forms import Field, Pick
from handlers.conversation.question import Answer, Effect, FlowError, Json, Option, Question, Said
from handlers.conversation.readers import short_text, whole_number
from handlers.here import Here
from handlers.messages import Attachment, Refused
from handlers.texts import Text, plain

Q = plain("Which?")
TITLE = plain("Title")
OPTIONS = [Option("a", "A"), Option("b", "B")]


def first(flow: Flow) -> Question | Effect:
    """The first command of a flow."""
    pending = drive(flow, {}).pending
    assert pending is not None
    return pending


def given(flow: Flow, name: str, value: Json) -> Run:
    """A flow that was given one value."""
    return drive(flow, {name: recorded(drive(flow, {}), value)})


def act(here: Here, *args: Any, **named: Any) -> dict[str, int]:
    raise AssertionError("driving runs nothing")


def test_choose_asks_for_one_option_and_gives_its_value() -> None:
    got: list[str] = []

    async def flow(chat: Chat) -> None:
        got.append(await chat.choose("base", Q, OPTIONS, title=TITLE, takes_only=True, was="place"))

    assert first(flow) == Question(
        "base", "choose", Q, TITLE, OPTIONS, takes_only=True, was="place"
    )
    given(flow, "base", "a")
    assert got == ["a"]


def test_pick_date_gives_a_day_kept_as_iso() -> None:
    got: list[date] = []

    async def flow(chat: Chat) -> None:
        got.append(await chat.pick_date("day", Q, OPTIONS, title=TITLE, was="date"))

    assert first(flow) == Question("day", "date", Q, TITLE, OPTIONS, was="date")
    given(flow, "day", "2028-02-29")
    assert got == [date(2028, 2, 29)]


def test_pick_many_gives_the_values_ticked() -> None:
    got: list[list[str]] = []

    async def flow(chat: Chat) -> None:
        got.append(
            await chat.pick_many(
                "who", Q, OPTIONS, at_least=0, at_most=2, title=TITLE, was="children"
            )
        )

    assert first(flow) == Question(
        "who", "many", Q, TITLE, OPTIONS, at_least=0, at_most=2, was="children"
    )
    given(flow, "who", ["a", "b"])
    assert got == [["a", "b"]]


def test_ask_takes_its_kind_from_the_reader_and_gives_what_it_read() -> None:
    reader = whole_number(1, 4)
    got: list[int] = []

    async def flow(chat: Chat) -> None:
        got.append(await chat.ask("adults", Q, reader, title=TITLE, was="grown_ups"))

    assert first(flow) == Question("adults", "number", Q, TITLE, reader=reader, was="grown_ups")
    given(flow, "adults", 2)
    assert got == [2]


def test_an_optional_question_that_is_skipped_gives_none() -> None:
    got: list[str | None] = []

    async def flow(chat: Chat) -> None:
        got.append(await chat.ask("wish", Q, short_text(40), is_optional=True))

    asked = first(flow)
    assert isinstance(asked, Question)
    assert asked.is_optional
    assert given(flow, "wish", None).pending is None
    assert got == [None]


def test_confirm_waits_for_a_yes() -> None:
    async def flow(chat: Chat) -> None:
        await chat.confirm(Q)
        await chat.confirm(Q, name="sure")

    assert first(flow) == Question("confirm", "confirm", Q)
    pending = given(flow, "confirm", "@yes").pending
    assert isinstance(pending, Question)
    assert pending.name == "sure"


def test_do_hands_over_an_action_with_what_it_is_given() -> None:
    got: list[dict[str, int]] = []

    async def flow(chat: Chat) -> None:
        got.append(await chat.do("book", act, 1, ask_again={Refused: "hall"}, name="Bo"))

    assert first(flow) == Effect("book", act, (1,), {"name": "Bo"}, {Refused: "hall"})
    given(flow, "book", {"code": 7})
    assert got == [{"code": 7}]


def test_look_hands_over_a_provider_that_only_reads() -> None:
    got: list[dict[str, int]] = []

    async def flow(chat: Chat) -> None:
        got.append(await chat.look("price", act, "a", day="b"))

    assert first(flow) == Effect("price", act, ("a",), {"day": "b"}, is_look=True)
    given(flow, "price", {"yuan": 20})
    assert got == [{"yuan": 20}]


def test_say_keeps_words_and_attachments_until_the_next_question() -> None:
    ticket = Attachment("image", "ticket.png", "/tickets/1")

    async def flow(chat: Chat) -> None:
        chat.say(Q, ticket)

    assert drive(flow, {}).said == [Said(Q, (ticket,))]


def test_ask_all_asks_a_form_kept_as_data_and_gives_its_answers_by_name() -> None:
    fields = [
        Field("stage", "choose", {"en": "Stage?"}, options=(Pick("primary", {"en": "Primary"}),)),
        Field("pupils", "number", {"en": "How many?"}, low=1, high=50),
    ]
    got: list[dict[str, Json]] = []

    async def flow(chat: Chat) -> None:
        got.append(await chat.ask_all(fields, prefix="school."))

    run = drive(flow, {"school.stage": Answer("primary"), "school.pupils": Answer(30)})
    assert [each.name for each, _ in run.asked] == ["school.stage", "school.pupils"]
    assert got == [{"stage": "primary", "pupils": 30}]


async def nothing(chat: Chat) -> None:
    """A flow that is over at once."""


def test_a_conversation_knows_how_it_is_started_and_given_up() -> None:
    made = conversation(
        "visit",
        command="book",
        words=["预约"],
        title=Text("Book a visit"),
        remind_after=timedelta(hours=2),
        expires_after=timedelta(days=1),
        is_beside=True,
    )(nothing)
    assert made == Conversation(
        "visit",
        nothing,
        "book",
        ("预约",),
        Text("Book a visit"),
        timedelta(hours=2),
        timedelta(days=1),
        True,
        made.code_hash,
    )


def test_a_conversation_without_a_title_is_called_by_its_name() -> None:
    assert conversation("visit")(nothing).title == plain("visit")


@pytest.mark.parametrize("hours", [0, 24, 25])
def test_a_reminder_comes_before_the_end(hours: int) -> None:
    with pytest.raises(FlowError, match=r"'visit' reminds after .* remind earlier than it"):
        conversation(
            "visit", remind_after=timedelta(hours=hours), expires_after=timedelta(hours=24)
        )


@pytest.mark.parametrize(("name", "command"), [("Visit", ""), ("x" * 41, ""), ("visit", "/book")])
def test_names_and_commands_are_small_and_short(name: str, command: str) -> None:
    with pytest.raises(FlowError, match="use at most 40 of a-z, 0-9 and _, a letter first"):
        conversation(name, command=command)
