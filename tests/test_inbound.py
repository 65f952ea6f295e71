"""Is every event answered once, in its order, and a bug in one turn nobody else's trouble?"""

import asyncio
import random
import sqlite3
from datetime import timedelta
from typing import Any, NamedTuple

import psycopg
import pytest
import structlog
from sqlalchemy import select
from sqlmodel import col

from bot.channels.base import Channel
from bot.inbound import Inbound
from bot.logs import configure_logs
from handlers.conversation.chat import Chat, conversation
from handlers.conversation.menu import Menu
from handlers.conversation.testing import BUTTONS
from handlers.here import Here, Home
from handlers.messages import Incoming, Message
from handlers.texts import plain
from storage import inbox
from storage.database import Database
from storage.models import Inbox
from storage.statements import Query
from tests.builders import NOW
from tests.conversation.flows import DESK, hint, visit, wish
from tests.fakes import Clock, FakeSending, FakeStoring, rename_table
from tests.storage.works import Gate

CANARY = "豆豆 13800138000"


class Letter(NamedTuple):
    """An event that was heard."""

    event_id: str
    dead_words: str | None
    dead_error: str | None


_LETTERS = Query(
    select(col(Inbox.event_id), col(Inbox.dead_words), col(Inbox.dead_error)), into=Letter
)


def fail(here: Here, words: str) -> None:
    raise RuntimeError(f"cannot take {words}")


@conversation("poison", command="poison", title=plain("Poison"))
async def poison(chat: Chat) -> None:
    """Meets a bug at once."""
    await chat.do("fail", fail, CANARY)


MENU = Menu([visit, wish, hint, poison], ["visit", "wish"], plain("Hello"))


class Door:
    """The door in, with people who send events through it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.told: list[str] = []
        channels: dict[str, Channel] = {
            "web": FakeStoring(),
            "fake": FakeSending(Clock(), capabilities=BUTTONS),
        }
        home = Home("en", "Asia/Shanghai")
        self.inbound = Inbound(database, MENU, channels, home, self.told.append)

    async def hears(self, text: str, event: str = "", who: str = "li", **how: Any) -> list[Message]:
        """Answer words that somebody typed."""
        event = event or f"{who}: {text}"
        return await self.inbound.receive(Incoming(
            **{"channel": "web", "address": who, "event_id": event, "at": NOW, "text": text, **how}
        ))  # fmt: skip

    def letters(self) -> dict[str, Letter]:
        """Every event that was heard, by its id."""
        found = self.database.read_and_wait(lambda db: db.all(_LETTERS))
        return {letter.event_id: letter for letter in found}


@pytest.fixture
async def door(database: Database) -> Door:
    return Door(database)


async def test_an_event_is_answered_and_its_sender_told_after_the_commit(door: Door) -> None:
    answer = await door.hears("/wish", channel="fake")
    assert [message.text for message in answer] == ["What do you wish for?"]
    assert door.told == ["fake"]


async def test_the_same_event_many_times_at_once_gets_one_effect_and_equal_answers(
    door: Door,
) -> None:
    for words in ("/visit", "Stars", "2026-11-23", "10:00", "Ada", "2"):
        await door.hears(words)
    answers = await asyncio.gather(*(door.hears("", "yes", token=TOKEN) for _ in range(20)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0].text == "Booked for 10:00"
    assert len(DESK.visits) == 1
    await asyncio.gather(*(door.hears("/wish", "yes") for _ in range(5)))  # whatever it says now
    assert len(DESK.visits) == 1


TOKEN = "k6:yes"


async def test_several_messages_sent_at_once_are_heard_in_the_order_they_came(door: Door) -> None:
    words = ("/visit", "Stars", "2026-11-23", "10:00", "Ada", "2", "yes")
    answers = await asyncio.gather(*(door.hears(each) for each in words))
    asked = [answer[-1].prompt.name for answer in answers if answer[-1].prompt]
    assert asked == ["room", "day", "hour", "children", "adults", "confirm", "menu"]
    numbers = [message.number for answer in answers for message in answer]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_many_people_at_once_are_each_heard_in_their_own_order(door: Door) -> None:
    async def person(who: str) -> list[str]:
        answers = await asyncio.gather(
            *(door.hears(each, who=who) for each in ("/visit", "Stars", "2026-11-23"))
        )
        return [answer[-1].prompt.name for answer in answers if answer[-1].prompt]

    asked = await asyncio.gather(*(person(f"person {n}") for n in range(40)))
    assert asked == [["room", "day", "hour"]] * 40


async def test_a_bug_in_a_turn_becomes_one_polite_line_and_a_dead_letter(door: Door) -> None:
    answer = await door.hears("/poison", "e1")
    assert [message.text for message in answer] == [
        "Something went wrong on our side, and nothing was changed. Please try again."
    ]
    assert door.letters()["e1"] == Letter("e1", "/poison", "RuntimeError")
    assert door.database.read_and_wait(inbox.dead_letters) == 1
    assert await door.hears("/poison", "e1") == answer  # repeated, not tried again
    assert door.database.read_and_wait(inbox.dead_letters) == 1


async def test_after_a_bug_the_conversation_stands_where_it_stood(door: Door) -> None:
    for words in ("/visit", "Stars", "2026-11-23"):
        await door.hears(words)
    sorry = await door.hears("/poison")
    assert sorry[-1].prompt is None
    answer = await door.hears("10:00")
    assert answer[-1].prompt is not None
    assert answer[-1].prompt.name == "children"


async def test_a_bug_in_one_turn_touches_no_turn_that_shares_its_commit(door: Door) -> None:
    gate = Gate()
    held = asyncio.gather(door.database.write(gate.work, "web:li"))
    await asyncio.to_thread(gate.entered)
    crowd = [("/poison", "li"), *(("/wish", f"person {n}") for n in range(20)), ("/wish", "li")]
    random.Random(1).shuffle(crowd)
    waiting = asyncio.gather(*(door.hears(words, who=who) for words, who in crowd))
    await asyncio.sleep(0)
    gate.open()
    await held
    for (words, _who), answer in zip(crowd, await waiting, strict=True):
        expected = "Something went wrong" if words == "/poison" else "What do you wish for?"
        assert expected in answer[-1].text
    assert door.database.read_and_wait(inbox.dead_letters) == 1


async def test_nothing_a_person_said_is_logged_when_a_turn_meets_a_bug(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("INFO")
    try:
        await door.hears(f"/poison {CANARY}", "e1")
    finally:
        structlog.reset_defaults()
    logged = capsys.readouterr().err
    assert "RuntimeError" in logged
    assert "test_inbound.py" in logged  # where it happened
    assert not any(each in logged for each in CANARY.split())


async def test_an_event_whose_sender_went_away_is_answered_when_it_comes_again(
    door: Door,
) -> None:
    gate = Gate()
    held = asyncio.gather(door.database.write(gate.work, "web:li"))
    await asyncio.to_thread(gate.entered)
    gone = asyncio.gather(door.hears("/visit", "e1"))
    await asyncio.sleep(0)
    gone.cancel()
    gate.open()
    await held
    again = await door.hears("/visit", "e1")
    assert again[-1].prompt is not None
    assert again[-1].prompt.name == "room"
    assert len(door.letters()) == 1


async def test_when_nothing_can_be_stored_the_sender_is_told_and_may_come_again(
    door: Door,
) -> None:
    rename_table(door.database, "inbox", "hidden")
    with pytest.raises((sqlite3.Error, psycopg.Error)):
        await door.hears("/visit", "e1")
    assert door.told == []
    rename_table(door.database, "hidden", "inbox")
    answer = await door.hears("/visit", "e1")
    assert answer[-1].prompt is not None


async def test_words_of_a_dead_letter_are_kept_for_a_week(door: Door) -> None:
    await door.hears("/poison", "e1")
    forgotten = door.database.write_and_wait(
        lambda db: inbox.forget_words(db, NOW + timedelta(days=7))
    )
    assert forgotten == 1
    assert door.letters()["e1"] == Letter("e1", None, "RuntimeError")
