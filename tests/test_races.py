"""Do many people at once, and events that come many times, end as if one came after the other?"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import Channel
from bot.channels.chat_json import as_seen
from bot.inbound import Inbound
from handlers.here import Home
from handlers.menu import MENU
from handlers.messages import Incoming
from storage.database import Database
from storage.db import Db
from tests.builders import NOW, SATURDAY, a_base, a_course, a_session
from tests.fakes import FakeStoring
from tests.kill import checker, ledger
from tests.kill.checker import Exchange, Told
from tests.kill.people import CODE, Target, Visitor, answer_to
from tests.kill.process import Kepu, Nursery
from tests.load.connection import Connection

PLACES = 40
CROWD = 500
CONNECTIONS = 4
PROCESSES = 4
COPIES = 5


@pytest.fixture
async def nursery() -> AsyncIterator[Nursery]:
    async with Nursery() as nursery:
        yield nursery


@dataclass
class Guest:
    """Somebody who talks with the door in, without HTTP between."""

    inbound: Inbound
    address: str
    target: Target
    events: int = 0
    texts: list[str] = field(default_factory=list)

    async def say(self, body: dict[str, str]) -> dict[str, Any]:
        """Say something; the question that is open then."""
        self.events += 1
        event_id = f"{self.address}:{self.events}"
        incoming = Incoming("web", self.address, event_id, NOW, **body, locale="en")
        answer = [as_seen(message) for message in await self.inbound.receive(incoming)]
        self.texts.append("\n".join(message["text"] for message in answer))
        prompt: dict[str, Any] = answer[-1]["prompt"]
        return prompt

    async def reach(self, question: str) -> dict[str, Any]:
        """Go on until this question is open."""
        prompt = await self.say({"text": "/book"})
        while prompt["name"] != question:
            body = answer_to(prompt, self.target)
            assert body is not None, self.texts
            prompt = await self.say(body)
        return prompt

    async def confirm(self, prompt: dict[str, Any]) -> str:
        """Tap what books; the name of the question asked then."""
        asked = await self.say({"token": _yes(prompt)})
        return str(asked["name"])

    @property
    def told(self) -> Told:
        """What they came away with."""
        found = CODE.search(self.texts[-1])
        code = found[0].replace("-", "") if found else ""
        return Told(self.address, self.target.session, code, not code, self.events, places=1)


async def test_five_hundred_people_at_once_get_forty_places_between_them(
    database: Database, database_url: str
) -> None:
    target = database.write_and_wait(_one_session_and_others)
    channels: dict[str, Channel] = {"web": FakeStoring()}
    inbound = Inbound(database, MENU, channels, Home("en", "Asia/Shanghai"), lambda _name: None)
    crowd = [Guest(inbound, f"guest-{n}", target) for n in range(CROWD)]
    prompts = await asyncio.gather(*(guest.reach("confirm") for guest in crowd))
    asked = await asyncio.gather(
        *(guest.confirm(prompt) for guest, prompt in zip(crowd, prompts, strict=True))
    )
    assert asked.count("menu") == PLACES
    assert asked.count("session") == CROWD - PLACES
    for guest, question in zip(crowd, asked, strict=True):
        if question == "session":
            assert "This session is full." in guest.texts[-1]
            assert "These have places for you:" in guest.texts[-1]
    found = ledger.read(database_url)
    assert checker.ledger(found, [guest.told for guest in crowd]) == []
    assert len(found.bookings) == PLACES
    assert {pool.taken for pool in found.pools if pool.session == target.session} == {PLACES}


@pytest.mark.kill
async def test_five_hundred_people_at_once_over_http_get_forty_places_between_them(
    nursery: Nursery, tmp_path: Path, database_url: str
) -> None:
    found, crowd = await _rush(Kepu(nursery, tmp_path, database_url), CROWD)
    assert sum(bool(one.code) for one in crowd) == PLACES
    assert checker.ledger(found, crowd) == []


@pytest.mark.kill
async def test_with_the_guard_switched_off_the_same_rush_oversells(
    nursery: Nursery, tmp_path: Path, database_url: str
) -> None:
    ledger.without_check(database_url)
    kepu = Kepu(nursery, tmp_path, database_url)
    found, crowd = await _rush(kepu, PLACES * 3, faults="capacity_guard")
    assert sum(bool(one.code) for one in crowd) > PLACES
    assert any("oversold" in complaint for complaint in checker.ledger(found, crowd))


@pytest.mark.kill
async def test_with_the_guard_switched_off_the_check_of_the_table_still_holds(
    nursery: Nursery, tmp_path: Path, database_url: str
) -> None:
    kepu = Kepu(nursery, tmp_path, database_url)
    found, _crowd = await _rush(kepu, PLACES + 20, faults="capacity_guard")
    assert sum(booking.places for booking in found.bookings) == PLACES
    assert found.dead_letters == 20


@pytest.mark.kill
async def test_the_same_event_five_times_over_four_connections_is_one_event(
    nursery: Nursery, tmp_path: Path, database_url: str
) -> None:
    await _many_times([Kepu(nursery, tmp_path, database_url)])


@pytest.mark.kill
async def test_the_same_event_five_times_over_four_processes_is_one_event(
    nursery: Nursery, tmp_path: Path, postgres_url: str
) -> None:
    await _many_times([Kepu(nursery, tmp_path, postgres_url) for _ in range(PROCESSES)])


@pytest.mark.kill
async def test_taps_on_four_processes_at_once_book_once(
    nursery: Nursery, tmp_path: Path, postgres_url: str
) -> None:
    await _taps_at_once([Kepu(nursery, tmp_path, postgres_url) for _ in range(PROCESSES)])


@pytest.mark.kill
async def test_a_double_tap_books_once(nursery: Nursery, tmp_path: Path, database_url: str) -> None:
    await _taps_at_once([Kepu(nursery, tmp_path, database_url)])


@pytest.mark.kill
async def test_three_messages_that_arrive_reversed_are_answered_as_they_were_said(
    nursery: Nursery, tmp_path: Path, database_url: str
) -> None:
    kepu = Kepu(nursery, tmp_path, database_url)
    target = ledger.lay_out(kepu.url, PLACES)[0]
    await kepu.start()
    lines = [await _line(kepu) for _ in range(3)]
    for number in range(8):
        visitor = Visitor(kepu, f"v{number}", target)
        await visitor.enter()
        visitor.exchanges = [
            Exchange("a", {"text": "预约"}),
            Exchange("b", {"text": "1", "after": "a"}),
            Exchange("c", {"text": "1", "after": "b"}),
        ]
        for again in range(2):
            answers = await asyncio.gather(
                *(_over(lines, n, visitor.request(visitor.exchanges[n])) for n in (2, 1, 0))
            )
            for exchange, answer in zip(visitor.exchanges, reversed(answers), strict=True):
                assert not again or exchange.answer == answer
                exchange.answer = answer
        await visitor.compare()
        visitor.leave()
        assert visitor.complaints == []
        assert visitor.asked == ["base", "day", "session"]
    await kepu.kill()


async def _rush(kepu: Kepu, people: int, faults: str = "") -> tuple[checker.Ledger, list[Told]]:
    """Everybody comes to the last question, then everybody confirms at once."""
    target = ledger.lay_out(kepu.url, PLACES, for_adults=True)[0]
    await kepu.start(faults)
    crowd = [Visitor(kepu, f"v{n}", target) for n in range(people)]
    yes = await asyncio.gather(*(_ready(visitor) for visitor in crowd))
    await asyncio.gather(
        *(visitor.say({"token": token}) for visitor, token in zip(crowd, yes, strict=True))
    )
    for visitor in crowd:
        visitor.is_refused = "满" in checker.words(visitor.exchanges[-1].answer)
        visitor.leave()
    await kepu.kill()
    return ledger.read(kepu.url), [visitor.told(places=1) for visitor in crowd]


async def _many_times(processes: Sequence[Kepu]) -> None:
    """Every event of a booking five times at once, and in the end all of them again, shuffled."""
    target = ledger.lay_out(processes[0].url, PLACES)[0]
    await asyncio.gather(*(each.start() for each in processes))
    visitors = [Visitor(processes[0], f"v{n}", target) for n in range(6)]
    lines = [await _line(processes[n % len(processes)]) for n in range(CONNECTIONS)]
    await asyncio.gather(*(_five_times(visitor, lines) for visitor in visitors))
    again = [(visitor, each) for visitor in visitors for each in visitor.exchanges] * COPIES
    random.Random(5).shuffle(again)
    answers = await asyncio.gather(
        *(_over(lines, n, visitor.request(each)) for n, (visitor, each) in enumerate(again))
    )
    for (_visitor, exchange), answer in zip(again, answers, strict=True):
        assert checker.repeated(exchange, answer) == []
    await asyncio.gather(*(visitor.compare() for visitor in visitors))
    for each in processes:
        await each.kill()
    assert [visitor.complaints for visitor in visitors] == [[]] * len(visitors)
    told = [visitor.told() for visitor in visitors]
    assert all(one.code for one in told)
    assert checker.ledger(ledger.read(processes[0].url), told) == []


async def _five_times(visitor: Visitor, lines: Sequence["_Line"]) -> None:
    """Book a visit, each message sent five times at once over all the connections."""
    body: dict[str, str] | None = {"text": "预约"}
    await visitor.enter()
    while body is not None and not visitor.code:
        exchange = Exchange(f"{visitor.name}-{len(visitor.exchanges)}", body)
        visitor.exchanges.append(exchange)
        copies = [_over(lines, n, visitor.request(exchange)) for n in range(COPIES)]
        answers = await asyncio.gather(*copies)
        assert len(set(answers)) == 1, answers
        prompt = visitor.hears(exchange, answers[0])
        body = prompt and answer_to(prompt, visitor.target)


async def _taps_at_once(processes: Sequence[Kepu]) -> None:
    """Events of their own that all say yes to the same question, one on each connection."""
    target = ledger.lay_out(processes[0].url, PLACES)[0]
    await asyncio.gather(*(each.start() for each in processes))
    visitors = [Visitor(processes[0], f"v{n}", target) for n in range(8)]
    yes = await asyncio.gather(*(_ready(visitor) for visitor in visitors))
    lines = [await _line(processes[n % len(processes)]) for n in range(CONNECTIONS)]
    for visitor, token in zip(visitors, yes, strict=True):
        taps = [Exchange(f"tap-{n}", {"token": token}) for n in range(CONNECTIONS)]
        answers = await asyncio.gather(
            *(_over(lines, n, visitor.request(tap)) for n, tap in enumerate(taps))
        )
        booked = [answer for answer in answers if CODE.search(checker.words(answer))]
        assert len(booked) == 1, answers
        for tap, answer in zip(taps, answers, strict=True):
            visitor.exchanges.append(tap)
            visitor.hears(tap, answer)
        visitor.hears(taps[answers.index(booked[0])], booked[0])
        visitor.leave()
    for each in processes:
        await each.kill()
    told = [visitor.told() for visitor in visitors]
    assert checker.ledger(ledger.read(processes[0].url), told) == []


@dataclass
class _Line:
    """A connection that takes one request at a time."""

    connection: Connection
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


async def _line(kepu: Kepu) -> _Line:
    return _Line(await Connection.open("127.0.0.1", kepu.port))


async def _over(lines: Sequence[_Line], number: int, request: bytes) -> bytes:
    line = lines[number % len(lines)]
    async with line.turn:
        response = await line.connection.ask(request)
    assert response.status == 200, response
    return response.body


async def _ready(visitor: Visitor) -> str:
    """Come to the last question; the token that says yes to it."""
    prompt = await visitor.reach("confirm")
    assert prompt is not None, visitor.exchanges
    return _yes(prompt)


def _yes(prompt: dict[str, Any]) -> str:
    tokens = {each["value"]: str(each["token"]) for each in prompt["choices"]}
    return tokens["@yes"]


def _one_session_and_others(db: Db) -> Target:
    base, course = a_base(db), a_course(db)
    for days in range(3):
        day = SATURDAY + timedelta(days=days)
        capacity = 1000 if days else PLACES
        a_session(db, base_id=base, course_id=course, local_date=day, capacity=capacity)
    (target, *_others) = ledger.targets(db)
    return target
