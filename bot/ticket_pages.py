"""What does the holder of a ticket's address get? A page, a QR code, and a calendar file.

The address is the key: it is random, and whoever was given it may look. It tells how many come,
never who.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial

from aiohttp import web

from bot.pages import PAGE_FOLDER, PAGE_HEADERS, Pages
from bot.settings import Settings
from bot.static_files import StaticFiles
from bot.visitors import Visitors
from handlers.booking import seal, tickets
from handlers.booking.tickets import Ticket
from storage.database import Database

# A public id and nothing else: any other address is the same plain 404.
ADDRESS = "/tickets/{public_id:[0-9a-f]{32}}"
_NUMBER = re.compile(r"\+?\d[\d -]{5,}\d")  # the first to call, where a base names several
UNLISTED = {"X-Robots-Tag": "noindex, nofollow, noarchive"}
FILE_HEADERS = {
    name: PAGE_HEADERS[name]
    for name in ("X-Content-Type-Options", "Referrer-Policy", "Cache-Control", "Server")
}


class TicketPages:
    """Everything below /tickets/."""

    def __init__(self, database: Database, settings: Settings, now: Callable[[], datetime]) -> None:
        self.database = database
        self.settings = settings
        self.now = now
        self.pages = Pages(StaticFiles([PAGE_FOLDER / "static"]))
        secret = settings.secret_key.get_secret_value()
        self.key = seal.key_of(secret)
        self.visitors = Visitors(secret, settings.public_url)

    def routes(self) -> list[web.RouteDef]:
        """What is answered here."""
        return [
            web.get(ADDRESS, self.page),
            web.get(f"{ADDRESS}/qr.png", self.qr_code),
            web.get(f"{ADDRESS}.ics", self.calendar),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """The ticket, to show at the door or to print."""
        ticket = await self._ticket(request)
        is_over = self.now() >= ticket.ends_at
        number = _NUMBER.search(ticket.phone)
        response = self.pages.page(
            "ticket.html",
            self._locale(request),
            ticket=ticket,
            is_over=is_over,
            number=number and number[0].replace(" ", ""),
        )
        response.headers.update(UNLISTED)
        return response

    async def qr_code(self, request: web.Request) -> web.Response:
        """The picture that is read at the door."""
        body = tickets.qr_png(await self._ticket(request), self.settings.public_url, self.key)
        return _file(body, "image/png")

    async def calendar(self, request: web.Request) -> web.Response:
        """The visit as a calendar file."""
        ticket = await self._ticket(request)
        body = tickets.ics(ticket, self.settings.public_url, self.now(), self._locale(request))
        response = _file(body, "text/calendar; charset=utf-8")
        # Inline: a phone then offers its calendar instead of a download.
        response.headers["Content-Disposition"] = f'inline; filename="{ticket.code}.ics"'
        return response

    async def _ticket(self, request: web.Request) -> Ticket:
        public_id = request.match_info["public_id"]
        found = await self.database.read(partial(tickets.ticket_for, public_id=public_id))
        if found is None:
            raise web.HTTPNotFound
        return found

    def _locale(self, request: web.Request) -> str:
        return self.visitors.visitor(request.headers).locale or self.settings.default_locale


def ticket_routes(
    database: Database, settings: Settings, now: Callable[[], datetime]
) -> list[web.RouteDef]:
    """The addresses of tickets."""
    return TicketPages(database, settings, now).routes()


def _file(body: bytes, content_type: str) -> web.Response:
    headers = {**FILE_HEADERS, **UNLISTED, "Content-Type": content_type}
    return web.Response(body=body, headers=headers)
