"""What becomes of a message that overtakes the one said before it?

Each may come over a connection of its own. One that names its predecessor waits for it here, with
no transaction open; a predecessor that does not come in time is waited for no longer. Taken by
another process meanwhile, it cannot be heard of here: then the wait only ends later.
"""

import asyncio
from dataclasses import dataclass
from functools import partial

from handlers.messages import Incoming
from storage import inbox
from storage.database import Database

PATIENCE_SECONDS = 2.0  # a lost packet is there again by then; longer would be felt


@dataclass(frozen=True, slots=True)
class _Held:
    """A message that waits, however many copies of it came."""

    after: str
    turn: asyncio.Event
    patience: asyncio.TimerHandle


class Overtaking:
    """Holds back what came too early."""

    def __init__(self, database: Database, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.database = database
        self.patience_seconds = patience_seconds
        self._held: dict[tuple[str, str], dict[str, _Held]] = {}  # by person, by event

    def __len__(self) -> int:
        """How many messages wait."""
        return sum(map(len, self._held.values()))

    async def wait(self, incoming: Incoming) -> None:
        """Return when it is this message's turn. Raises what the database raises."""
        if not incoming.after:
            return
        turn = self._hold(incoming)
        # It is held before it looks: a predecessor taken at this moment is seen by one of the two.
        look = partial(inbox.was_heard, channel=incoming.channel)
        for event_id in (incoming.after, incoming.event_id):
            if not turn.is_set() and await self.database.read(partial(look, event_id=event_id)):
                self._let_go(_who(incoming), incoming.event_id)
        await turn.wait()

    def taken(self, incoming: Incoming) -> None:
        """Let go what waits for this message: it was answered, and that is stored."""
        held = self._held.get(_who(incoming), {})
        for event_id in [each for each in held if held[each].after == incoming.event_id]:
            self._let_go(_who(incoming), event_id)

    def _hold(self, incoming: Incoming) -> asyncio.Event:
        who, event_id = _who(incoming), incoming.event_id
        here = self._held.setdefault(who, {})
        if event_id not in here:
            later = asyncio.get_running_loop().call_later
            patience = later(self.patience_seconds, self._let_go, who, event_id)
            here[event_id] = _Held(incoming.after, asyncio.Event(), patience)
        return here[event_id].turn

    def _let_go(self, who: tuple[str, str], event_id: str) -> None:
        """Let a message go, behind those before it that wait as well."""
        here = self._held.get(who, {})
        chain = []
        while held := here.pop(event_id, None):  # each once, should they stand in a ring
            chain.append(held)
            event_id = held.after
        if not here:
            self._held.pop(who, None)
        for held in reversed(chain):
            held.patience.cancel()
            held.turn.set()  # tasks go on in this order, and hand over their work as they do


def _who(incoming: Incoming) -> tuple[str, str]:
    return incoming.channel, incoming.address
