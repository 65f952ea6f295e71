"""What does the Telegram channel need that is kept here: files of tickets, languages, addresses?"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial

from bot.channels.telegram.channel import NAME
from bot.settings import Settings
from handlers.booking import seal, tickets
from handlers.texts import known_locale
from storage import addresses, chats
from storage.database import Database
from storage.db import Db

_TICKET = re.compile(r"/tickets/([0-9a-f]{32})(/qr\.png|\.ics)")


class Kept:
    """The supplies of the channel, out of the database."""

    def __init__(self, database: Database, settings: Settings, now: Callable[[], datetime]) -> None:
        self.database = database
        self.settings = settings
        self.now = now
        self.key = seal.key_of(settings.secret_key.get_secret_value())

    async def file(self, path: str, address: str) -> bytes | None:
        """The QR code or the calendar file of a ticket; None for anything else."""
        found = _TICKET.fullmatch(path)
        if found is None:
            return None
        public_id, kind = found.groups()
        ticket = await self.database.read(partial(tickets.ticket_for, public_id=public_id))
        if ticket is None:
            return None
        if kind == ".ics":
            locale = await self.locale(address)
            return tickets.ics(ticket, self.settings.public_url, self.now(), locale)
        return tickets.qr_png(ticket, self.settings.public_url, self.key)

    async def locale(self, address: str) -> str:
        """The language somebody chose, or that Telegram told of."""

        def work(db: Db) -> str:
            met = chats.find(db, NAME, address)
            told = (met.chosen_locale or met.channel_locale) if met else ""
            return known_locale(told, self.settings.default_locale)

        return await self.database.read(work)

    async def moved(self, address: str, new_address: str) -> None:
        """Write to a chat at its new address from now on."""
        move = partial(addresses.move, channel=NAME, address=address, new_address=new_address)
        await self.database.write(move)
