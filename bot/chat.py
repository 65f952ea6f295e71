"""What happens at the web chat's addresses? The page, its protocol, and the form without script."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Protocol

import structlog
from aiohttp import web

from bot.channels.chat_json import (
    BODY_BYTES_MAX,
    TOO_MUCH,
    WRONG_AFTER,
    Line,
    NotTaken,
    Spoken,
    prompt_as_seen,
    read,
    spoken,
    written,
    written_error,
    written_event,
    written_history,
)
from bot.channels.chat_view import Frame, answers, chat_view, layout, ways
from bot.channels.webchat import NAME, Inbound, Opened, TooManyStreams, WebChat
from bot.limits import Limits
from bot.pages import ERRORS, PAGE_HEADERS, Pages
from bot.visitors import Visitor, Visitors
from handlers.messages import Incoming
from handlers.texts import LOCALES, Text, Value, _, say
from storage.failpoints import reached

log = structlog.get_logger()

SHOWN_MAX = 60  # messages on a page that is opened
RETRY_MS = 2000  # what a page waits before it asks for the stream again
NUMBER_DIGITS_MAX = 10
PROTOCOL = ("/chat/messages", "/chat/events")  # answered in JSON, errors too

JSON_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Server": "kepu",
}
STREAM_HEADERS = {
    **JSON_HEADERS,
    "Content-Type": "text/event-stream; charset=utf-8",
    "X-Accel-Buffering": "no",  # nginx would keep events back until it has 4 KiB
}
TOO_MANY_TABS = _("This chat is open in too many tabs. Please close some.")
NOT_JSON_TYPE = _("Please send JSON.")


class Starter(Protocol):
    """Something a newcomer may tap."""

    @property
    def value(self) -> str:
        """The command that is said."""

    @property
    def label(self) -> Value:
        """What it is called."""


class Greeting(Protocol):
    """What a newcomer sees: the menu, as far as the page needs it."""

    @property
    def greeting(self) -> Text:
        """The first words."""

    @property
    def options(self) -> Sequence[Starter]:
        """What may be tapped first."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What the addresses of the chat rest on."""

    inbound: Inbound
    webchat: WebChat
    visitors: Visitors
    limits: Limits
    pages: Pages
    now: Callable[[], datetime]
    default_locale: str
    zone: str
    greeting: Greeting
    is_demo: bool = False


class ChatAddresses:
    """GET /, and everything below /chat/."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    def routes(self) -> list[web.RouteDef]:
        """What is answered here."""
        return [
            web.get("/", self.page),
            web.post("/chat/messages", self.take_message),
            web.get("/chat/messages", self.history),
            web.get("/chat/events", self.events, allow_head=False),
            web.post("/chat/form", self.take_form),
            web.post("/chat/language", self.choose_language),
        ]

    async def take_message(self, request: web.Request) -> web.Response:
        """One message of the visitor, answered after the commit."""
        visitor = self._welcome(request)
        if not request.headers.get("Content-Type", "").startswith("application/json"):
            raise NotTaken(415, NOT_JSON_TYPE)
        if (request.content_length or 0) > BODY_BYTES_MAX:
            raise NotTaken(413, TOO_MUCH)
        lines = await self._say(visitor, read(await request.read()))
        headers = _with_cookie(visitor, JSON_HEADERS)
        # Called when this turn of the loop is over, and with it the answer written.
        asyncio.get_running_loop().call_soon(reached, "after_hand_over")
        return web.Response(body=written(line.message for line in lines), headers=headers)

    async def history(self, request: web.Request) -> web.Response:
        """What was said after a message, for a page that is opened again."""
        visitor = self.talk.visitors.visitor(request.headers)
        after = _number(request.query.get("after", "0"))
        lines = [] if visitor.cookie else await self.talk.webchat.history(visitor.address, after)
        headers = _with_cookie(visitor, JSON_HEADERS)
        return web.Response(body=written_history(lines), headers=headers)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """What is said, as it is said, from the message the page saw last."""
        visitor = self.talk.visitors.visitor(request.headers)
        seen = request.headers.get("Last-Event-ID") or request.query.get("after", "0")
        stream = self.talk.webchat.stream(visitor.address, _number(seen))
        async with aclosing(stream):
            try:
                first = await anext(stream)
            except TooManyStreams:
                raise NotTaken(429, TOO_MANY_TABS, retry_after_seconds=60) from None
            response = web.StreamResponse(headers=_with_cookie(visitor, STREAM_HEADERS))
            await response.prepare(request)
            try:
                await response.write(f"retry: {RETRY_MS}\n\n".encode() + _events(first))
                async for lines in stream:
                    await response.write(_events(lines))
            except ConnectionResetError:
                pass  # the page was closed
            except Exception as error:
                # Too late for an error page: the stream ends, and the page asks again.
                log.exception("stream broke", error=type(error).__name__)
        return response

    async def page(self, request: web.Request) -> web.Response:
        """The chat, with what was said so far."""
        talk, visitor = self.talk, self.talk.visitors.visitor(request.headers)
        lines, chosen = Opened([], "")
        if not visitor.cookie:
            lines, chosen = await talk.webchat.opened(visitor.address, SHOWN_MAX)
        locale = chosen or visitor.locale or talk.default_locale
        commands = {each.value: say(each.label, locale) for each in talk.greeting.options}
        view = chat_view(lines, Frame(talk.now(), talk.zone, commands))
        response = talk.pages.page(
            "chat.html",
            locale,
            view=view,
            is_whole=len(lines) < SHOWN_MAX,
            prompt=view.prompt and prompt_as_seen(view.prompt),
            layout=layout(view.prompt) if view.prompt else "pills",
            answers=answers(view.prompt) if view.prompt else [],
            ways=ways(view.prompt) if view.prompt else [],
            greeting=talk.greeting.greeting,
            commands=commands,
            zone=talk.zone,
            is_demo=talk.is_demo,
            form_id=secrets.token_urlsafe(12),
            other_locales=[each for each in LOCALES if each != locale],
        )
        if visitor.cookie:
            response.headers["Set-Cookie"] = visitor.cookie
        return response

    async def take_form(self, request: web.Request) -> web.Response:
        """The same as a message, from a page without script; then back to the page."""
        visitor = self._welcome(request)
        sent = await request.post()
        given = {name: value for name, value in sent.items() if value or name == "id"}
        if given.keys() == {"id"}:
            return _see_other("/", visitor)
        await self._say(visitor, spoken(given))
        return _see_other("/#latest", visitor)

    async def choose_language(self, request: web.Request) -> web.Response:
        """Keep the language tapped in the page's head, on this browser and for the person."""
        visitor = self._welcome(request)
        locale = str((await request.post()).get("lang", ""))
        if locale not in LOCALES:
            raise NotTaken(400, ERRORS[400])
        if not visitor.cookie:
            await self.talk.webchat.speak(visitor.address, locale)
        response = _see_other("/", visitor)
        response.headers.add("Set-Cookie", self.talk.visitors.language_cookie(locale))
        return response

    def _welcome(self, request: web.Request) -> Visitor:
        """The visitor who sends something. Raises NotTaken: too much, or made by another site."""
        talk = self.talk
        if talk.visitors.is_from_elsewhere(request.headers):
            raise NotTaken(403, ERRORS[403])
        visitor = talk.visitors.visitor(request.headers)
        wait = talk.limits.take(visitor.address, asyncio.get_running_loop().time())
        if wait:
            raise NotTaken(429, ERRORS[429], retry_after_seconds=ceil(wait))
        return visitor

    async def _say(self, visitor: Visitor, sent: Spoken) -> list[Line]:
        """Have the message answered, and tell the visitor's open pages."""
        talk, at = self.talk, self.talk.now()
        # The visitor is part of the id: nobody gets the answer to another's message.
        whose = f"{visitor.address}:"
        incoming = Incoming(
            NAME, visitor.address, whose + sent.id, at, sent.text, sent.token, visitor.locale,
            after=sent.after and whose + sent.after,
        )  # fmt: skip
        lines = [Line(message, at) for message in await talk.inbound.receive(incoming)]
        talk.webchat.tell(visitor.address, lines)
        return lines


def refused(error: NotTaken, locale: str) -> web.Response:
    """The JSON that says in one sentence why a message was not taken."""
    headers = dict(JSON_HEADERS)
    if error.retry_after_seconds:
        headers["Retry-After"] = str(error.retry_after_seconds)
    body = written_error(say(error.sentence, locale))
    return web.Response(status=error.status, body=body, headers=headers)


def _number(words: str) -> int:
    """The number of a message. Raises NotTaken."""
    if not (words.isascii() and words.isdecimal() and len(words) <= NUMBER_DIGITS_MAX):
        raise NotTaken(400, WRONG_AFTER)
    return int(words)


def _events(lines: Sequence[Line]) -> bytes:
    return b"".join(map(written_event, lines)) or b": \n\n"


def _with_cookie(visitor: Visitor, headers: dict[str, str]) -> dict[str, str]:
    return {**headers, "Set-Cookie": visitor.cookie} if visitor.cookie else headers


def _see_other(address: str, visitor: Visitor) -> web.Response:
    response = web.Response(status=303, headers={**PAGE_HEADERS, "Location": address})
    if visitor.cookie:
        response.headers.add("Set-Cookie", visitor.cookie)
    return response
