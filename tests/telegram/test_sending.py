"""Does the outbox reach Telegram within every limit, losing nothing when it is told to wait?"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from bot.channels.base import Outcome, Pace, SendError
from bot.channels.telegram.api import BotApi
from bot.channels.telegram.channel import CAPABILITIES, Telegram
from bot.channels.telegram.http import AiohttpRequest
from bot.outbound import Sender
from handlers.conversation.voice import Voice
from handlers.here import Home
from handlers.messages import Message
from storage import outbox
from storage.database import Database
from storage.db import Db
from storage.models import Lane
from tests.builders import a_chat
from tests.fakes import start
from tests.office import TALK
from tests.telegram.fake import FakeTelegram
from tests.telegram.faults import broken, dropped, flood
from tests.telegram.simulated import by_chat, clock, most_within, simulate
from tests.telegram.test_channel import Shelf


@dataclass
class Post:
    """A running sender on a simulated loop, with people who wait for what it brings."""

    database: Database
    api: FakeTelegram
    sender: Sender
    now: Callable[[], datetime]
    chats: dict[int, int] = field(default_factory=dict)  # by address

    def puts(self, text: str, addresses: list[int], lane: Lane = Lane.REPLY) -> None:
        """Have something said to everybody, now."""
        kind = "announcement" if lane is Lane.ANNOUNCEMENT else "reply"

        def work(db: Db) -> None:
            for each in addresses:
                if each not in self.chats:
                    self.chats[each] = a_chat(db, channel="telegram", address=f"{each}")
                message = Message(text).as_json()
                outbox.put(db, self.chats[each], message, kind=kind, lane=lane, due_at=self.now())

        self.database.write_and_wait(work)
        self.sender.wake()

    def sent(self) -> list[tuple[float, int]]:
        """When a message was added to which chat."""
        return [
            (each.at, each.values["chat_id"])
            for each in self.api.calls
            if each.method == "sendMessage" and each.status == 200
        ]


@asynccontextmanager
async def posting(database: Database) -> AsyncIterator[Post]:
    async with FakeTelegram() as api, AiohttpRequest() as request:
        channel = Telegram(BotApi(request, api.url, api.token), Shelf())
        voice = Voice(TALK, {"telegram": CAPABILITIES}, Home("en", "Asia/Shanghai"))
        now = clock()
        sender = Sender(database, channel, now, start, voice)
        running = start(sender.run())
        yield Post(database, api, sender, now)
        running.cancel()
        await asyncio.wait([running])


def test_a_minute_of_everything_at_once_keeps_every_limit(sqlite_url: str) -> None:
    async def work(database: Database) -> None:
        async with posting(database) as post:
            crowd = [post.api.user().id for _ in range(400)]
            groups = [post.api.in_group(post.api.user(), -n).chat.id for n in (1, 2)]
            post.puts("news", crowd, Lane.ANNOUNCEMENT)
            for n in range(3):
                post.puts(f"answer {n}", crowd[:60])
            for n in range(30):
                post.puts(f"to a group {n}", groups)
            await post.api.until(lambda: len(post.sent()) == 400 + 180 + 60, patience=600)
            sent = post.sent()
            assert most_within([at for at, _chat in sent], 1.0) <= 30
            chats = by_chat(sent)
            assert max(most_within(chats[each], 1.0) for each in chats) == 1
            assert max(most_within(chats[each], 60.0) for each in groups) <= 20
            assert sorted(sent)[-1][0] - sorted(sent)[0][0] > 60

    simulate(sqlite_url, work)


def test_a_reply_does_not_wait_behind_an_announcement(sqlite_url: str) -> None:
    async def work(database: Database) -> None:
        async with posting(database) as post:
            crowd = [post.api.user().id for _ in range(600)]
            post.puts("news", crowd, Lane.ANNOUNCEMENT)
            loop, waited = asyncio.get_running_loop(), []
            for _ in range(60):
                await asyncio.sleep(0.25)
                somebody = post.api.user()
                asked = loop.time()
                post.puts("answer", [somebody.id])
                await somebody.comes_to_see("answer")
                waited.append(loop.time() - asked)
            assert len(post.sent()) - 60 > 200  # the announcement went on
            assert sorted(waited)[-4] < 0.3  # a busy machine may have had other things to do

    simulate(sqlite_url, work)


def test_a_flood_limit_costs_its_seconds_and_no_message(sqlite_url: str) -> None:
    async def work(database: Database) -> None:
        async with posting(database) as post:
            crowd = [post.api.user().id for _ in range(120)]
            post.puts("news", crowd, Lane.ANNOUNCEMENT)
            await post.api.until(lambda: len(post.sent()) > 30)
            post.api.fails(flood(7))
            await post.api.until(lambda: any(each.status == 429 for each in post.api.calls))
            (told,) = (each.at for each in post.api.calls if each.status == 429)
            await post.api.until(lambda: len(post.sent()) == 120)
            after = [at for at, _chat in post.sent() if at > told + 0.2]
            assert 7 <= min(after) - told < 8.2
            assert {len(each) for each in by_chat(post.sent()).values()} == {1}

    simulate(sqlite_url, work)


def test_a_server_in_trouble_loses_no_answer(sqlite_url: str) -> None:
    async def work(database: Database) -> None:
        async with posting(database) as post:
            crowd = [post.api.user() for _ in range(150)]
            post.api.fails_every(50, flood(2))
            post.api.fails_every(30, broken(500))
            post.api.fails_every(40, dropped(is_after_effect=False))
            post.puts("answer", [each.id for each in crowd])
            await post.api.until(lambda: all(each.texts for each in crowd))
            assert {len(each.texts) for each in crowd} == {1}

    simulate(sqlite_url, work)


def test_what_does_not_get_its_turn_is_surely_not_sent(sqlite_url: str) -> None:
    async def work(database: Database) -> None:
        async with FakeTelegram() as api, AiohttpRequest() as request:
            one_a_second = Pace(1, 1)
            channel = Telegram(BotApi(request, api.url, api.token), Shelf(), pace=one_a_second)
            crowd = [api.user() for _ in range(30)]
            sends = (channel.send(str(each.id), Message("hello")) for each in crowd)
            outcomes = await asyncio.gather(*sends, return_exceptions=True)
            for somebody, outcome in zip(crowd, outcomes, strict=True):
                if isinstance(outcome, SendError):
                    assert outcome.outcome is Outcome.NOT_SENT
                assert len(somebody.texts) == isinstance(outcome, str)
            assert 9 <= sum(isinstance(each, str) for each in outcomes) <= 11

    simulate(sqlite_url, work)
