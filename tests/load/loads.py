"""What is the writer given to do? Each load prepares a database once, then is timed on copies."""

import random
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import NamedTuple, Protocol

from handlers.booking import actions
from handlers.booking.party import Guests, NewChild
from handlers.conversation.menu import Menu
from handlers.here import Here, Speaker
from handlers.messages import Capabilities
from handlers.profile import consent
from storage import chats, timetable
from storage.database import Database
from storage.db import Db
from tests.load.people import HOME, Crowd, Step, at_once

IN_FLIGHT = 64


class Load(Protocol):
    """Works of one kind."""

    @property
    def measure(self) -> str:
        """What it is called in the figures."""

    @property
    def amount(self) -> int:
        """How many works are timed."""

    async def prepare(self, database: Database) -> None:
        """What has to be there before."""

    async def do(self, database: Database) -> list[float]:
        """The timed part: seconds each work waited."""


class Turns:
    """Whole dialogues, turn by turn: as many turns as asked for, the last dialogues cut off."""

    def __init__(self, measure: str, amount: int, menu: Menu, capabilities: Capabilities) -> None:
        self.measure = measure
        self.amount = amount
        self._menu = menu
        self._capabilities = capabilities

    async def prepare(self, database: Database) -> None:
        """Nobody was here before."""

    async def do(self, database: Database) -> list[float]:
        """Everybody talks at once."""
        crowd = Crowd(database, self._menu, self._capabilities)
        begun = 0

        async def person(number: int) -> None:
            nonlocal begun
            chance = random.Random(f"turns {number}")
            dialogues = 0
            while begun < self.amount:
                dialogues += 1
                address = f"{self.measure}-{number}-{dialogues}"
                async with aclosing(crowd.dialogue(address, chance)) as steps:
                    async for _step in steps:
                        if begun == self.amount:
                            return
                        begun += 1

        await at_once(IN_FLIGHT, person, range(IN_FLIGHT))
        return crowd.waits


class Confirms:
    """The last tap of a booking, by families that answered everything before."""

    def __init__(self, measure: str, amount: int, menu: Menu, capabilities: Capabilities) -> None:
        self.measure = measure
        self.amount = amount
        self._menu = menu
        self._capabilities = capabilities
        self._ready: list[Step] = []

    async def prepare(self, database: Database) -> None:
        """Every family answers until it is asked to confirm."""
        crowd = Crowd(database, self._menu, self._capabilities)

        async def person(number: int) -> None:
            address = f"{self.measure}-{number}"
            async with aclosing(crowd.dialogue(address, random.Random(address))) as steps:
                async for step in steps:
                    if step.name == "confirm":
                        self._ready.append(step)
                        return

        await at_once(IN_FLIGHT, person, range(self.amount))

    async def do(self, database: Database) -> list[float]:
        """All of them confirm."""
        crowd = Crowd(database, self._menu, self._capabilities)
        await at_once(IN_FLIGHT, crowd.take, self._ready)
        return crowd.waits


class Booking(NamedTuple):
    """A booking about to be made."""

    speaker: Speaker
    session: str


class Bookings:
    """The action alone, without the talk around it: new families, one session after the other."""

    GUESTS = Guests(adults=1, new_children=(NewChild("豆豆", {"birth_month": "2018-05"}),))

    def __init__(self, measure: str, amount: int, *, in_flight: int = IN_FLIGHT) -> None:
        self.measure = measure
        self.amount = amount
        self._in_flight = in_flight
        self._ready: list[Booking] = []

    async def prepare(self, database: Database) -> None:
        """Every family agrees that something of its child is kept."""
        kept = await database.read(timetable.sessions)
        sessions = [each.session.public_id for each in kept]

        async def family(number: int) -> None:
            speaker = await database.write(partial(meet, address=f"{self.measure}-{number}"))
            self._ready.append(Booking(speaker, sessions[number % len(sessions)]))

        await at_once(IN_FLIGHT, family, range(self.amount))

    async def do(self, database: Database) -> list[float]:
        """All of them book."""
        waits: list[float] = []

        async def book(booking: Booking) -> None:
            started = perf_counter()
            await database.write(partial(_book, booking=booking, guests=self.GUESTS))
            waits.append(perf_counter() - started)

        await at_once(self._in_flight, book, self._ready)
        return waits


def meet(db: Db, address: str) -> Speaker:
    """A new family that agrees to what is kept of children."""
    now = datetime.now(UTC)
    met = chats.meet(db, "web", address, HOME.locale, now)
    speaker = Speaker(met.person_id, met.family_id, met.chat_id, "web", address, HOME.locale)
    consent.keep(Here(db, speaker, now), consent.AGREE)
    return speaker


def _book(db: Db, booking: Booking, guests: Guests) -> None:
    actions.book(Here(db, booking.speaker, datetime.now(UTC)), booking.session, guests)
