"""How is a ticket opened by somebody it was passed on to, once?

The page only asks; its button uses the code. So whoever looks at a link on the way, as messengers
do to show a preview, does not use it up. Afterwards the browser is known by the chat's own cookie,
and finds the ticket at the same link again.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from aiohttp import web

from bot.channels.chat_json import NotTaken
from bot.limits import Limits
from bot.pages import ERRORS, PAGE_FOLDER, PAGE_HEADERS, Pages
from bot.settings import Settings
from bot.static_files import StaticFiles
from bot.ticket_pages import UNLISTED
from bot.visitors import Visitor, Visitors
from handlers.booking import sharing
from storage.database import Database

ADDRESS = "/share/{code:[0-9A-Za-z-]{8,9}}"
CHANNEL = "web"
PER_MINUTE = 20  # of one visitor
OPENED_PER_MINUTE = 300  # by all visitors together: who guesses takes a new cookie each time
_ALL = "all"


class SharePages:
    """Everything below /share/."""

    def __init__(self, database: Database, settings: Settings, now: Callable[[], datetime]) -> None:
        self.database = database
        self.settings = settings
        self.now = now
        self.pages = Pages(StaticFiles([PAGE_FOLDER / "static"]))
        self.visitors = Visitors(settings.secret_key.get_secret_value(), settings.public_url)
        self.limits = Limits(PER_MINUTE)
        self.opened = Limits(OPENED_PER_MINUTE)

    def routes(self) -> list[web.RouteDef]:
        """What is answered here."""
        return [web.get(ADDRESS, self.ask), web.post(ADDRESS, self.open)]

    async def ask(self, request: web.Request) -> web.Response:
        """A button; or the ticket, in the browser that opened it."""
        visitor = self._welcome(request)
        found = await self.database.read(
            partial(sharing.opened_by, address=visitor.address, code=request.match_info["code"])
        )
        if found is not None:
            return _to_ticket(found, visitor)
        response = self.pages.page("share.html", self._locale(visitor))
        response.headers.update(UNLISTED)
        return _known(response, visitor)

    async def open(self, request: web.Request) -> web.Response:
        """Use the code and show the ticket; or say why not."""
        visitor = self._welcome(request)
        if self.visitors.is_from_elsewhere(request.headers):
            raise NotTaken(403, ERRORS[403])
        if visitor.cookie:  # without a cookie a browser could not be known again
            return _known(_see_other(request.path), visitor)
        _take(self.opened, _ALL, self.now())
        found = await self.database.write(
            partial(
                sharing.open_link,
                visitor=sharing.Opening(visitor.address, visitor.locale, self.now()),
                code=request.match_info["code"],
            ),
            f"{CHANNEL}:{visitor.address}",
        )
        if isinstance(found, str):
            return _to_ticket(found, visitor)
        raise NotTaken(404, found)

    def _welcome(self, request: web.Request) -> Visitor:
        visitor = self.visitors.visitor(request.headers)
        _take(self.limits, visitor.address, self.now())
        return visitor

    def _locale(self, visitor: Visitor) -> str:
        return visitor.locale or self.settings.default_locale


def _take(limits: Limits, whose: str, now: datetime) -> None:
    wait = limits.take(whose, now.timestamp())
    if wait:
        raise NotTaken(429, ERRORS[429], retry_after_seconds=int(wait) + 1)


def _to_ticket(public_id: str, visitor: Visitor) -> web.Response:
    return _known(_see_other(f"/tickets/{public_id}"), visitor)


def _see_other(address: str) -> web.Response:
    return web.Response(status=303, headers={**PAGE_HEADERS, **UNLISTED, "Location": address})


def _known(response: web.Response, visitor: Visitor) -> web.Response:
    if visitor.cookie:
        response.headers.add("Set-Cookie", visitor.cookie)
    return response
