"""What does a calendar get that fetches a person's visits by itself?

The address is the key: it is random, and its person can end it with a new one.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import partial

from aiohttp import web

from bot.channels.chat_json import NotTaken
from bot.limits import Limits
from bot.pages import ERRORS
from bot.settings import Settings
from bot.ticket_pages import FILE_HEADERS, UNLISTED
from handlers.booking import feed
from storage.database import Database

ADDRESS = "/calendar/{token:[0-9a-f]{32}}.ics"
FETCHES_PER_MINUTE = 20  # of one address: phones fetch every few hours
HEADERS = {
    **FILE_HEADERS,
    **UNLISTED,
    "Content-Type": "text/calendar; charset=utf-8",
    "Cache-Control": "private, no-cache",  # kept by the calendar, which asks whether it holds
}


class CalendarPages:
    """Everything below /calendar/."""

    def __init__(self, database: Database, settings: Settings, now: Callable[[], datetime]) -> None:
        self.database = database
        self.settings = settings
        self.now = now
        self.limits = Limits(FETCHES_PER_MINUTE)

    def routes(self) -> list[web.RouteDef]:
        """What is answered here."""
        return [web.get(ADDRESS, self.calendar)]

    async def calendar(self, request: web.Request) -> web.Response:
        """A person's visits; 304 when the calendar has them already."""
        token, now = request.match_info["token"], self.now()
        wait = self.limits.take(token, now.timestamp())
        if wait:
            raise NotTaken(429, ERRORS[429], retry_after_seconds=int(wait) + 1)
        body = await self.database.read(
            partial(
                feed.calendar_at,
                token=token,
                public_url=self.settings.public_url,
                locale=self.settings.default_locale,
                now=now,
            )
        )
        if body is None:
            raise web.HTTPNotFound
        tag = hashlib.sha256(body).hexdigest()[:32]
        headers = {**HEADERS, "ETag": f'"{tag}"'}
        known = {each.value for each in request.if_none_match or ()}
        if known & {tag, "*"}:
            del headers["Content-Type"]
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers)
