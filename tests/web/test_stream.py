"""Does a page that stays open hear everything, once, in order?"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import pytest
from aiohttp import ClientResponse

from bot.channels import webchat as channel
from handlers.messages import Message
from storage import chats, inbox, outbox
from storage.database import Database
from tests.builders import NOW
from tests.web.site import Site, Visitor

PATIENCE_SECONDS = 5.0


class Event(NamedTuple):
    """One server-sent event."""

    id: int
    message: dict[str, Any]


class Stream:
    """An open stream of events."""

    def __init__(self, response: ClientResponse) -> None:
        self.response = response
        self.comments = 0
        self.retry_ms = 0

    async def next(self) -> Event:
        """The next message."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                block = (await self.response.content.readuntil(b"\n\n")).decode()
                fields = dict(line.split(": ", 1) for line in block.splitlines() if line)
                self.comments += "" in fields
                self.retry_ms = int(fields.get("retry", self.retry_ms))
                if "data" in fields:
                    return Event(int(fields["id"]), json.loads(fields["data"]))


@asynccontextmanager
async def listening(
    visitor: Visitor, *, after: int | None = None, last_event: str = ""
) -> AsyncIterator[Stream]:
    headers = {"Last-Event-ID": last_event} if last_event else {}
    query = "" if after is None else f"?after={after}"
    async with visitor.http.get(f"/chat/events{query}", headers=headers) as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        yield Stream(response)


async def test_a_stream_begins_with_what_was_said_and_goes_on(visitor: Visitor) -> None:
    await visitor.says("/book")
    async with listening(visitor) as stream:
        first = await stream.next()
        assert stream.retry_ms >= 1000
        assert (first.id, first.message["said"]) == (1, "/book")
        (answer,) = await visitor.says("重庆科技馆")
        second = await stream.next()
        assert second.id == answer["id"] == 2
        at = second.message.pop("at")
        assert second.message == answer
        assert at == "2026-11-22T02:00:00+00:00"


async def test_a_stream_goes_on_after_the_last_event_that_was_seen(visitor: Visitor) -> None:
    for text in ("/book", "重庆科技馆"):
        await visitor.says(text)
    async with listening(visitor, last_event="1") as stream:
        assert (await stream.next()).id == 2
    async with listening(visitor, after=1) as stream:
        assert (await stream.next()).id == 2


async def test_a_notice_wakes_an_open_stream(site: Site, visitor: Visitor) -> None:
    await visitor.says("/book")
    async with listening(visitor, after=1) as stream:
        await site.notice("明天闭馆")
        event = await stream.next()
    assert (event.id, event.message["text"]) == (2, "明天闭馆")
    assert [each["text"] for each in await visitor.has_heard(1)] == ["明天闭馆"]


async def test_what_another_process_said_is_found_by_reading(site: Site, visitor: Visitor) -> None:
    await visitor.says("/book")
    async with listening(visitor, after=1) as stream:
        other = channel.WebChat(site.database)  # nobody listens there
        await replace(site, webchat=other).notice("一")
        await visitor.says("重庆科技馆")
        events = [await stream.next(), await stream.next()]
    assert [event.id for event in events] == [2, 3]


async def test_every_open_tab_hears_it_once(visitor: Visitor) -> None:
    async with listening(visitor) as one, listening(visitor) as other:
        await visitor.says("/book", "a")
        await visitor.says("/book", "a")
        await visitor.says("重庆科技馆")
        for stream in (one, other):
            assert [(await stream.next()).id for _ in range(2)] == [1, 2]


async def test_nobody_hears_another_visitor(site: Site, visitor: Visitor) -> None:
    async with site.visitor() as other, listening(other) as stream:
        await visitor.says("秘密")
        await other.says("/book")
        event = await stream.next()
    assert event.message["said"] == "/book"


async def test_a_silent_stream_is_kept_alive_and_looks_for_news(sqlite_database: Database) -> None:
    webchat = channel.WebChat(sqlite_database)
    stream = webchat.stream("nobody", 0, keep_alive=0.01)
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert [await anext(stream) for _ in range(3)] == [[], [], []]
        await sqlite_database.write(partial(_first_words, address="nobody"))
        while not (lines := await anext(stream)):
            pass
    assert [line.message.text for line in lines] == ["你好"]
    await stream.aclose()


async def test_one_visitor_cannot_hold_all_connections(site: Site, visitor: Visitor) -> None:
    await visitor.sees()
    streams = [await visitor.http.get("/chat/events") for _ in range(channel.STREAMS_MAX)]
    async with visitor.http.get("/chat/events") as response:
        assert response.status == 429
        assert (await response.json()).keys() == {"error"}
        assert int(response.headers["Retry-After"]) > 0
    async with site.visitor() as other, listening(other):
        pass
    for stream in streams:
        stream.close()


async def test_a_closed_page_is_forgotten(site: Site, visitor: Visitor) -> None:
    await visitor.says("/book")
    async with listening(visitor) as stream:
        await stream.next()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while site.webchat.listeners:
            await visitor.says("/help")  # writing to it finds that nobody is there


async def test_streams_end_when_the_process_stops(site: Site, visitor: Visitor) -> None:
    async with listening(visitor) as stream:
        site.webchat.close()
        async with asyncio.timeout(PATIENCE_SECONDS):
            rest = await stream.response.content.read()
    assert rest.startswith(b"retry:")


async def test_only_the_head_of_a_stream_is_not_to_be_had(visitor: Visitor) -> None:
    async with visitor.http.head("/chat/events") as response:
        assert response.status == 405


@pytest.mark.parametrize("seen", ["x", "-1", "1;2"])
async def test_an_event_id_that_is_no_number_is_refused(visitor: Visitor, seen: str) -> None:
    async with visitor.http.get("/chat/events", headers={"Last-Event-ID": seen}) as response:
        assert response.status == 400
        assert (await response.json()).keys() == {"error"}


def _first_words(db: Any, address: str) -> None:
    met = chats.meet(db, channel.NAME, address, "", NOW)
    message = Message("你好", number=1).as_json()
    chats.heard(db, met.chat_id, 1, NOW)
    event = inbox.accept(db, channel.NAME, "event", NOW).first()
    assert event is not None
    outbox.reply(db, met.chat_id, event, [message], NOW, is_shown=True)
