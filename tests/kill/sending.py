"""What is the sender that is killed? A real one, whose outside is a file."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bot import app
from bot.channels.base import Pace
from bot.outbound import Sender
from handlers.conversation.menu import Menu
from handlers.conversation.testing import BUTTONS
from handlers.conversation.voice import Voice
from handlers.here import Home
from handlers.messages import Message
from handlers.texts import plain
from storage import sending
from storage.database import Database

PACE = Pace(100_000, 100_000)  # it is killed before any limit would matter


class Slate:
    """A channel whose outside is a file: a line once written has arrived, whoever dies then."""

    name = "fake"
    capabilities = BUTTONS
    pace = PACE

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def send(self, address: str, message: Message) -> str:
        """Let it arrive, some time after it was begun and before it is told."""
        await asyncio.sleep(0.001)
        os.write(self._file, f"{message.text}\n".encode())
        await asyncio.sleep(0.001)
        return message.text


def main(order: dict[str, Any]) -> None:
    """Settle what the sender before left, as the job does, and send until killed."""
    ahead = timedelta(seconds=order["seconds_ahead"])  # so that no test waits for a lease to end

    def now() -> datetime:
        return datetime.now(UTC) + ahead

    async def send() -> None:
        lease = timedelta(seconds=sending.LEASE_SECONDS)
        await database.write(partial(sending.settle_interrupted, claimed_before=now() - lease))
        voice = Voice(Menu([], [], plain("Hello")), {}, Home("en", "Asia/Shanghai"))
        await Sender(database, Slate(Path(order["slate"])), now, app.start, voice).run()

    with Database.open(order["settings"]["KEPU_DATABASE_URL"]) as database:
        asyncio.run(send())
