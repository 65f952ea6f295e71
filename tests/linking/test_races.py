"""Do codes and links hold when everything happens at once, on both databases?"""

import asyncio
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from bot.channels.base import Channel
from bot.inbound import Inbound
from handlers.here import Home
from handlers.menu import MENU
from handlers.messages import Incoming, Message
from storage import codes, outbox
from storage.database import Database
from storage.db import Db
from storage.models import Chat, Child, Code, Conversation, Duty, Inbox, Person, Purpose, Role
from tests.builders import NOW, a_child, a_consent
from tests.fakes import FakeStoring
from tests.stored import rows

CODE = re.compile(r"/(?:link|start) ([2-9A-Z]{4}-[2-9A-Z]{4})")
CROWD = 8
ROUNDS = 5


@dataclass
class House:
    """The door in, and the people who come to it at once."""

    database: Database
    events: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        channels: dict[str, Channel] = {"web": FakeStoring()}
        home = Home("en", "Asia/Shanghai")
        self.inbound = Inbound(self.database, MENU, channels, home, lambda _name: None)

    async def says(self, address: str, words: str) -> str:
        """Somebody types something; all that is answered."""
        event = f"{address}:{next(self.events)}"
        incoming = Incoming("web", address, event, NOW, words, locale="en")
        return _text(await self.inbound.receive(incoming))

    async def code(self, address: str, words: Sequence[str] = ("my chats",)) -> str:
        """The code that somebody is given."""
        for each in words:
            answer = await self.says(address, each)
        return str(CODE.findall(answer)[0])

    async def asks(self, giver: str, other: str) -> str:
        """A code of one typed by the other; the words of the giver's yes."""
        code = await self.code(giver)
        await self.says(other, f"/link {code}")
        assert "has to say yes too" in await self.says(other, "Confirm")
        return f"/join {codes.reference(code)} yes"

    def is_sound(self) -> bool:
        """Nothing was buried, and everybody who has a chat has a conversation."""
        found = self.database.read_and_wait(
            lambda db: (rows(db, Inbox), rows(db, Chat), rows(db, Conversation))
        )
        events, chats, conversations = found
        talking = {each.person_id for each in conversations}
        return (
            all(each.dead_error is None for each in events)
            and {each.person_id for each in chats} == talking
        )


def _text(messages: Sequence[Message]) -> str:
    labels = [choice.label for each in messages if each.prompt for choice in each.prompt.choices]
    return "\n".join([*(each.text for each in messages), *labels])


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_an_invitation_opened_by_many_at_once_is_one_role(house: House) -> None:
    code = await house.database.write(
        lambda db: codes.give(db, Purpose.INVITE, NOW, duty=Duty.DESK)
    )
    crowd = [f"web-{n}" for n in range(CROWD)]
    answers = await asyncio.gather(*(house.says(each, f"/start {code}") for each in crowd))
    assert sum("Every base: Desk" in each for each in answers) == 1
    assert sum("cannot be used" in each for each in answers) == CROWD - 1
    assert len(house.database.read_and_wait(lambda db: rows(db, Role))) == 1
    assert house.is_sound()


async def test_a_code_confirmed_in_two_chats_at_once_links_one(house: House) -> None:
    code = await house.code("li")
    crowd = [f"web-{n}" for n in range(CROWD)]
    for each in crowd:
        await house.says(each, f"/link {code}")
    answers = await asyncio.gather(*(house.says(each, "Confirm") for each in crowd))
    assert sum("has to say yes too" in each for each in answers) == 1
    assert sum("cannot be used" in each for each in answers) == CROWD - 1
    [kept] = house.database.read_and_wait(lambda db: rows(db, Code))
    assert kept.used_by_id is not None
    assert house.is_sound()


async def test_a_chat_that_speaks_while_it_is_linked_loses_nothing(house: House) -> None:
    for n in range(ROUNDS):
        giver, other = f"giver-{n}", f"other-{n}"
        yes = await house.asks(giver, other)
        lines = ("my visits", "help", "my visits")
        told, *answers = await asyncio.gather(
            house.says(giver, yes), *(house.says(other, each) for each in lines)
        )
        assert "Your chats are one now" in told
        assert all(answers)
        chats = house.database.read_and_wait(lambda db: rows(db, Chat))
        mine = {each.person_id for each in chats if each.address in (giver, other)}
        assert len(mine) == 1
    assert house.is_sound()


async def test_two_who_say_yes_to_each_other_at_once_are_one(house: House) -> None:
    for n in range(ROUNDS):
        one, other = f"one-{n}", f"other-{n}"
        yes = await house.asks(one, other)
        other_yes = await house.asks(other, one)
        answers = await asyncio.gather(house.says(one, yes), house.says(other, other_yes))
        assert sum("Your chats are one now" in each for each in answers) == 1
        chats = house.database.read_and_wait(lambda db: rows(db, Chat))
        assert len({each.person_id for each in chats if each.address in (one, other)}) == 1
    assert house.is_sound()


async def test_a_yes_given_twice_at_once_joins_once(house: House) -> None:
    yes = await house.asks("li", "li-phone")
    answers = await asyncio.gather(*(house.says("li", yes) for _n in range(4)))
    assert sum("Your chats are one now" in each for each in answers) == 1
    assert sum("nothing to say yes to" in each for each in answers) == 3
    assert len(house.database.read_and_wait(lambda db: rows(db, Person))) == 1


async def test_a_child_told_while_two_share_a_household_is_the_households(house: House) -> None:
    code = await house.code("li", ("my household", "Let the other parent join"))
    await house.says("wang", "hello")

    def consent(db: Db) -> None:
        for person in rows(db, Person):
            a_consent(db, person.id or 0)
            a_child(db, person.family_id, nickname=f"kid {person.id}")

    await house.database.write(consent)
    await house.says("wang", f"/start {code}")
    await house.says("wang", "Confirm")
    for line in ("my details", "Add a child", "小星"):
        await house.says("wang", line)
    yes = f"/join {codes.reference(code)} yes"
    told, _added = await asyncio.gather(house.says("li", yes), house.says("wang", "2019-05"))
    assert "share a household now" in told
    families = {each.family_id for each in house.database.read_and_wait(lambda db: rows(db, Child))}
    assert len(families) == 1
    assert "小星" in await house.says("li", "my details")
    assert house.is_sound()


async def test_what_was_used_up_is_told_to_its_giver_once(house: House) -> None:
    await house.asks("li", "phone")
    put = house.database.read_and_wait(lambda db: outbox.waiting(db, NOW))
    assert put[0] == 1
