"""What does a test of the web chat talk to? The real application on a port of its own."""

import itertools
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse, ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.channels.webchat import WebChat
from bot.inbound import Inbound
from bot.outbound import show_due
from bot.settings import Settings
from bot.web import web_application
from handlers.conversation.menu import Menu
from handlers.here import Home
from handlers.messages import Choice, Message, Prompt
from storage import outbox
from storage.database import Database
from storage.db import Db
from storage.models import Lane
from tests.fakes import Clock
from tests.web.flows import MENU

KEY = "a key of thirty-two characters or more"
_ids = itertools.count(1)


@dataclass
class Fitness:
    """What /readyz is told."""

    wrong: list[str] = field(default_factory=list)

    async def complaints(self) -> list[str]:
        return self.wrong


@dataclass
class Site:
    """A running web chat."""

    url: str
    webchat: WebChat
    database: Database
    clock: Clock
    fitness: Fitness

    async def notice(self, text: str, **tokens: str) -> None:
        """Have something said to the first chat, as the jobs do when it is due.

        `tokens`: what can be tapped below it, by label.
        """
        choices = [Choice(label, token, token) for label, token in tokens.items()]

        def put(db: Db) -> None:
            asked = Prompt("notice", "choose", choices) if choices else None
            message = Message(text, prompt=asked).as_json()
            outbox.put(db, 1, message, kind="notice", lane=Lane.ANNOUNCEMENT, due_at=self.clock())

        await self.database.write(put)
        await show_due(self.database, self.webchat, self.clock)

    @asynccontextmanager
    async def visitor(self, **headers: str) -> AsyncIterator["Visitor"]:
        """Somebody with a browser of their own."""
        jar = CookieJar(unsafe=True)  # keeps cookies of an address without a name
        async with ClientSession(self.url, cookie_jar=jar, headers=headers) as session:
            yield Visitor(session)


@dataclass
class Visitor:
    """One visitor; every verb is one request."""

    http: ClientSession

    async def says(self, text: str, event_id: str = "") -> Any:
        """Type a line; the messages that answer it."""
        return await self._messages({"id": event_id or new_id(), "text": text})

    async def taps(self, token: str, event_id: str = "") -> Any:
        """Tap a choice; the messages that answer it."""
        return await self._messages({"id": event_id or new_id(), "token": token})

    async def sends(self, body: Any, **headers: str) -> ClientResponse:
        """Any body at all."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **headers}
        response = await self.http.post("/chat/messages", data=data, headers=sent)
        await response.read()
        return response

    async def has_heard(self, after: int = 0) -> Any:
        """The history after a message."""
        async with self.http.get(f"/chat/messages?after={after}") as response:
            assert response.status == 200, await response.text()
            return (await response.json())["messages"]

    async def sees(self, path: str = "/") -> str:
        """A page's HTML."""
        async with self.http.get(path) as response:
            return await response.text()

    async def _messages(self, body: dict[str, str]) -> Any:
        response = await self.sends(body)
        assert response.status == 200, await response.text()
        return (await response.json())["messages"]


@asynccontextmanager
async def running(
    database: Database,
    *,
    more_routes: Sequence[web.RouteDef] = (),
    is_demo: bool = False,
    menu: Menu = MENU,
    **settings: Any,
) -> AsyncIterator[Site]:
    """The application, served until left."""
    clock, fitness, webchat = Clock(), Fitness(), WebChat(database)
    home = Home("zh_CN", "Asia/Shanghai")
    inbound = Inbound(database, menu, {webchat.name: webchat}, home, lambda _channel: None)
    application = web_application(
        Settings(secret_key=SecretStr(KEY), **settings),
        inbound=inbound,
        webchat=webchat,
        health=fitness,
        greeting=menu,
        now=clock,
        is_demo=is_demo,
        more_routes=more_routes,
    )
    server = TestServer(application)
    await server.start_server(shutdown_timeout=1)
    try:
        yield Site(str(server.make_url("/")), webchat, database, clock, fitness)
    finally:
        await server.close()


def new_id() -> str:
    """An id that no message had before."""
    return f"id-{next(_ids)}"


def tokens(messages: Any) -> dict[str, str]:
    """What can be tapped: value → token."""
    return {each["value"]: each["token"] for each in messages[-1]["prompt"]["choices"]}
