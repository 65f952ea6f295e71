"""Are messages answered as they were said, however they arrive, and is none kept for long?"""

import asyncio
import itertools
import random
from collections.abc import Sequence

import pytest

from bot.channels.base import Channel
from bot.inbound import Inbound
from bot.overtaking import PATIENCE_SECONDS, Overtaking
from handlers.conversation.menu import Menu
from handlers.here import Home
from handlers.messages import Incoming, Message
from handlers.texts import plain
from storage.database import Database
from tests.builders import NOW
from tests.conversation.flows import visit, wish
from tests.fakes import FakeStoring

MENU = Menu([visit, wish], ["visit", "wish"], plain("Hello"))
SAID = ("/visit", "Stars", "2026-11-23")
ASKED = ["room", "day", "hour"]
BRIEF = 0.2  # seconds, where the predecessor does not come
LONG = 60.0  # where it does, also on a busy machine


class Door:
    """The door in, and how long an answer took."""

    def __init__(self, database: Database, patience_seconds: float = PATIENCE_SECONDS) -> None:
        channels: dict[str, Channel] = {"web": FakeStoring()}
        self.inbound = Inbound(
            database, MENU, channels, Home("en", "Asia/Shanghai"), lambda _name: None
        )
        self.inbound.overtaking = Overtaking(database, patience_seconds)

    async def hears(self, event: str, text: str, after: str = "", who: str = "li") -> list[Message]:
        """Answer words that somebody typed after something else."""
        return await self.inbound.receive(Incoming("web", who, event, NOW, text, after=after))

    async def hears_in_turn(self, order: Sequence[int], who: str = "li") -> list[list[Message]]:
        """What was said, arriving in this order; the answers in the order it was said."""
        arriving = [
            self.hears(f"{who}-{n}", SAID[n], f"{who}-{n - 1}" if n else "", who) for n in order
        ]
        answers = dict(zip(order, await asyncio.gather(*arriving), strict=True))
        return [answers[n] for n in sorted(answers)]


@pytest.fixture
async def door(database: Database) -> Door:
    return Door(database, LONG)


@pytest.fixture
async def brief_door(database: Database) -> Door:
    return Door(database, BRIEF)


def asked(answers: Sequence[Sequence[Message]]) -> list[str]:
    return [answer[-1].prompt.name for answer in answers if answer[-1].prompt]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
async def test_three_messages_are_answered_as_they_were_said_in_whatever_order_they_arrive(
    door: Door, order: Sequence[int]
) -> None:
    answers = await door.hears_in_turn(order)
    assert asked(answers) == ASKED
    numbers = [message.number for answer in answers for message in answer]
    assert numbers == sorted(numbers)
    assert len(door.inbound.overtaking) == 0


async def test_messages_that_name_no_predecessor_are_answered_as_they_arrive(door: Door) -> None:
    first, _second = await asyncio.gather(door.hears("b", "Stars"), door.hears("a", "/visit"))
    assert asked([first]) == ["menu"]


async def test_many_people_whose_messages_arrive_reversed_are_each_heard_in_order(
    door: Door,
) -> None:
    people = [f"person {n}" for n in range(40)]
    answers = await asyncio.gather(*(door.hears_in_turn((2, 1, 0), who) for who in people))
    assert [asked(each) for each in answers] == [ASKED] * len(people)


async def test_a_message_whose_predecessor_was_heard_before_waits_for_nothing(
    database: Database,
) -> None:
    await Door(database).hears("a", "/visit")
    other = Door(database, LONG)  # as another process, which did not hear it itself
    async with asyncio.timeout(LONG / 2):
        assert asked([await other.hears("b", "Stars", "a")]) == ["day"]


async def test_a_predecessor_that_never_comes_is_waited_for_two_seconds_and_no_longer(
    database: Database,
) -> None:
    clock = asyncio.get_running_loop().time
    started = clock()
    assert asked([await Door(database).hears("b", "/visit", "a")]) == ["room"]
    assert PATIENCE_SECONDS == 2
    assert PATIENCE_SECONDS - 0.05 < clock() - started < PATIENCE_SECONDS + 1


async def test_nobody_else_and_no_other_message_waits_with_it(door: Door) -> None:
    waits = asyncio.gather(door.hears("b", "Stars", "a"))
    assert asked([await door.hears("c", "/wish", who="wang")]) == ["words"]
    assert asked([await door.hears("d", "/wish")]) == ["words"]
    assert len(door.inbound.overtaking) == 1
    await door.hears("a", "/visit")
    assert asked(await waits) == ["day"]


async def test_without_the_first_the_others_still_go_in_the_order_they_were_said(
    brief_door: Door,
) -> None:
    said = [("b", "/visit", "a"), ("c", "Stars", "b"), ("d", "2026-11-23", "c")]
    answers = await asyncio.gather(*(brief_door.hears(*each) for each in reversed(said)))
    assert asked(answers[::-1]) == ASKED
    assert len(brief_door.inbound.overtaking) == 0


async def test_one_that_comes_after_its_time_is_still_taken(brief_door: Door) -> None:
    assert asked([await brief_door.hears("b", "/visit", "a")]) == ["room"]
    assert asked([await brief_door.hears("a", "/wish")]) == ["words"]


async def test_messages_that_name_each_other_or_themselves_are_taken(brief_door: Door) -> None:
    answers = await asyncio.gather(
        brief_door.hears("a", "/visit", "b"),
        brief_door.hears("b", "/wish", "a"),
        brief_door.hears("c", "/wish", "c"),
    )
    assert sorted(asked(answers)) == ["room", "words", "words"]
    assert len(brief_door.inbound.overtaking) == 0


async def test_the_same_message_again_gets_the_same_answer_while_it_waits_and_afterwards(
    door: Door,
) -> None:
    copies = [door.hears("b", "Stars", "a") for _ in range(5)]
    *answers, _first = await asyncio.gather(*copies, door.hears("a", "/visit"))
    assert asked(answers) == ["day"] * 5
    assert all(answer == answers[0] for answer in answers)
    assert await door.hears("b", "Stars", "a") == answers[0]


async def test_one_taken_without_its_predecessor_is_not_kept_again(database: Database) -> None:
    answer = await Door(database, BRIEF).hears("b", "/visit", "a")
    async with asyncio.timeout(LONG / 2):
        assert await Door(database, LONG).hears("b", "/visit", "a") == answer


async def test_no_transaction_is_open_while_messages_wait(door: Door, database: Database) -> None:
    waits = asyncio.gather(*(door.hears(f"b{n}", "Stars", "a") for n in range(20)))
    for n in range(8):  # every writer is free
        await door.hears(f"c{n}", "/wish", who=f"person {n}")
    await asyncio.gather(*(database.read(lambda db: None) for _ in range(8)))  # every reader too
    assert len(door.inbound.overtaking) == 20
    await door.hears("a", "/visit")
    await waits


async def test_a_long_talk_in_any_order_is_heard_as_it_was_said(door: Door) -> None:
    said = ["/visit", *("Stars", "/back") * 20]
    arriving = [(f"m{n}", words, f"m{n - 1}" if n else "") for n, words in enumerate(said)]
    random.Random(7).shuffle(arriving)
    answers = await asyncio.gather(*(door.hears(*each) for each in arriving))
    by_event = {each[0]: answer for each, answer in zip(arriving, answers, strict=True)}
    in_turn = [by_event[f"m{n}"] for n in range(len(said))]
    assert asked(in_turn) == ["room", *("day", "room") * 20]
