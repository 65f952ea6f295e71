"""Is every message taken once, in its order, while it is good?"""

import asyncio
from datetime import timedelta

import pytest

from bot.channels.base import Outcome, Pace
from bot.outbound import show_due
from handlers.messages import Message
from storage import outbox, sending
from storage.database import Database
from storage.db import Db
from storage.models import Lane
from tests.builders import NOW, a_chat
from tests.fakes import FakeStoring
from tests.office import Office, an_office


@pytest.fixture
async def office(database: Database) -> Office:
    return an_office(database)


async def test_several_replies_to_one_person_keep_their_order(office: Office) -> None:
    chat = office.chat()
    for n in range(5):
        office.puts(chat, f"{n}")
    office.channel.fails(Outcome.NOT_SENT)
    await office.sends(3)
    assert office.channel.handed == []  # the first is tried again later, the others wait for it
    office.clock.passes(1)
    await office.sends(5)
    assert office.channel.texts == ["0", "1", "2", "3", "4"]
    assert office.channel.most_in_flight == 1


async def test_replies_keep_their_order_through_a_pause(office: Office) -> None:
    chat = office.chat()
    for n in range(3):
        office.puts(chat, f"{n}")
    office.channel.fails(Outcome.PAUSED, retry_after_seconds=3)
    await office.sends()
    office.clock.passes(60)
    await office.sends(3)
    assert office.channel.texts == ["0", "1", "2"]


async def test_what_is_due_in_two_days_holds_nothing_up(office: Office) -> None:
    chat = office.chat()
    office.puts(chat, "later", "reminder", due_at=NOW + timedelta(days=2))
    office.puts(chat, "now", "reminder")
    await office.sends()
    assert office.channel.texts == ["now"]


async def test_a_message_that_comes_too_late_is_not_sent_and_that_is_recorded(
    office: Office,
) -> None:
    office.puts(office.chat(), "in an hour", "reminder", expires_at=NOW + timedelta(hours=1))
    office.clock.passes(3601)
    await office.sends()
    assert office.channel.tried == []
    assert office.database.write_and_wait(lambda db: sending.expire(db, office.clock.at)) == 1
    assert office.states() == ["expired"]


async def test_what_is_said_once_is_said_once_however_often_it_is_put(office: Office) -> None:
    chat = office.chat()
    message = Message("an offer").as_json()

    def put(db: Db) -> bool:
        return outbox.put(
            db, chat, message, kind="reply", lane=Lane.REPLY, due_at=NOW, once_key="offer-1"
        )

    told = await asyncio.gather(*(office.database.write(put) for _ in range(20)))
    assert sorted(told) == [False] * 19 + [True]
    await office.sends(3)
    assert office.channel.texts == ["an offer"]


async def test_a_channel_that_stores_to_deliver_shows_what_is_due_with_rising_numbers(
    database: Database,
) -> None:
    office, channel = an_office(database), FakeStoring()
    clock = office.clock
    chat = database.write_and_wait(lambda db: a_chat(db, address="li", last_number=7))
    for n in range(3):
        office.puts(chat, f"due {n}", "reminder", due_at=NOW - timedelta(minutes=3 - n))
    office.puts(chat, "later", "reminder", due_at=NOW + timedelta(hours=1))
    assert await show_due(database, channel, clock) == 3
    assert set(channel.woken) == {"li"}
    assert await show_due(database, channel, clock) == 0
    assert _shown(database) == [(8, "due 0"), (9, "due 1"), (10, "due 2")]
    clock.passes(3600)
    await show_due(database, channel, clock)
    assert _shown(database)[-1] == (11, "later")


async def test_two_that_look_at_once_show_every_message_once(postgres_url: str) -> None:
    with Database.open(postgres_url) as one, Database.open(postgres_url) as two:
        office = an_office(one)
        chat = one.write_and_wait(lambda db: a_chat(db, address="li"))
        for n in range(60):
            office.puts(chat, f"{n}", "reminder")
        shown = await asyncio.gather(
            *(show_due(each, FakeStoring(), office.clock) for each in (one, two) * 4)
        )
        assert sum(shown) == 60
        assert [number for number, _text in _shown(one)] == list(range(1, 61))


async def test_two_senders_never_hand_the_same_message_over_twice(postgres_url: str) -> None:
    with Database.open(postgres_url) as one, Database.open(postgres_url) as two:
        pace = Pace(1000, 1000, in_flight_max=20)
        offices = [an_office(each, pace=pace) for each in (one, two)]
        for n in range(200):
            kind = ("reply", "announcement")[n % 2]
            offices[0].puts(offices[0].chat(f"person {n}"), f"{n}", kind)
        while "ready" in offices[0].states():
            await asyncio.gather(*(each.sends() for each in offices))
        handed = [text for each in offices for text in each.channel.texts]
        assert sorted(handed, key=int) == [f"{n}" for n in range(200)]
        assert set(offices[0].states()) == {"sent"}


def _shown(database: Database) -> list[tuple[int, str]]:
    found = database.read_and_wait(lambda db: outbox.history(db, "web", "li", after=0))
    return [(each.number, each.payload["text"]) for each in found]
