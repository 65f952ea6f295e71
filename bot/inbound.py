"""How does an event become a transaction, then words? This is the one door in.

Nothing is acknowledged before the commit. An event heard before gets the answer it got before.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

import structlog

from bot.channels.base import Channel
from bot.metrics import DEAD_LETTERS, EVENTS, TURN_SECONDS
from bot.overtaking import Overtaking
from handlers.conversation.menu import Menu
from handlers.conversation.turn import Turn, apologise, take
from handlers.here import Home
from handlers.messages import Incoming, Message
from storage.database import Database
from storage.failpoints import reached

log = structlog.get_logger()


class Inbound:
    """Takes events of every channel, one transaction each."""

    def __init__(
        self,
        database: Database,
        menu: Menu,
        channels: Mapping[str, Channel],
        home: Home,
        after_commit: Callable[[str], None],
    ) -> None:
        self.database = database
        self.menu = menu
        self.channels = channels
        self.home = home
        self.overtaking = Overtaking(database)
        self.after_commit = after_commit  # told the channel's name: its sender has work

    async def receive(self, incoming: Incoming) -> list[Message]:
        """Answer one event. Raises what the database raises when nothing could be stored."""
        capabilities = self.channels[incoming.channel].capabilities
        turn = Turn(incoming, self.menu, capabilities, self.home)
        order = f"{incoming.channel}:{incoming.address}"
        clock = asyncio.get_running_loop().time
        await self.overtaking.wait(incoming)
        started = clock()
        try:
            messages = await self.database.write(partial(take, turn=turn), order)
        except Exception as error:
            # A bug in a turn: it was rolled back, and the person must still hear something.
            log.exception("turn failed", channel=incoming.channel, error=type(error).__name__)
            DEAD_LETTERS.inc()
            messages = await self.database.write(
                partial(apologise, turn=turn, error=type(error).__name__), order
            )
        self.overtaking.taken(incoming)
        reached("before_hand_over")
        TURN_SECONDS.observe(clock() - started)
        EVENTS.labels(incoming.channel).inc()
        self.after_commit(incoming.channel)
        return messages
