"""How do many people talk with the writer at once, without HTTP between?"""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import NamedTuple, TypeVar

from handlers.conversation.menu import Menu
from handlers.conversation.turn import Turn, take
from handlers.here import Home
from handlers.messages import Capabilities, Incoming, Message
from storage.database import Database
from tests.load.visitor import START, Line, Tap, Visitor

T = TypeVar("T")

HOME = Home("zh_CN", "Asia/Shanghai")


class Step(NamedTuple):
    """One turn that is about to be taken."""

    address: str
    number: int  # of the turn in its dialogue
    line: Line
    name: str  # of the question it answers; "" for the first


@dataclass
class Crowd:
    """Takes turns on an open database and remembers how long each waited, in seconds."""

    database: Database
    menu: Menu
    capabilities: Capabilities
    waits: list[float] = field(default_factory=list)

    async def take(self, step: Step) -> list[Message]:
        """The answer to one turn. Raises what the turn raised."""
        event_id = f"{step.address}-{step.number}"
        line = step.line
        incoming = Incoming("web", step.address, event_id, datetime.now(UTC), line.text, line.token)
        turn = Turn(incoming, self.menu, self.capabilities, HOME)
        started = perf_counter()
        messages = await self.database.write(partial(take, turn=turn), f"web:{step.address}")
        self.waits.append(perf_counter() - started)
        return messages

    async def dialogue(self, address: str, chance: random.Random) -> AsyncGenerator[Step, None]:
        """Each turn of a new family's booking, before it is taken."""
        visitor, line, name = Visitor(chance), Line(text=START), ""
        while not visitor.is_done:
            step = Step(address, len(visitor.asked), line, name)
            yield step
            messages = await self.take(step)
            prompt = messages[-1].prompt
            assert prompt is not None
            taps = [Tap(choice.value, choice.token) for choice in prompt.choices]
            text, name = "\n".join(each.text for each in messages), prompt.name
            line = visitor.answer(text, name, prompt.kind, taps)


async def at_once(
    in_flight: int, work: Callable[[T], Awaitable[object]], amounts: Iterable[T]
) -> None:
    """Do the work for each of them, so many at a time."""
    left = iter(amounts)

    async def some() -> None:
        for each in left:
            await work(each)

    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(some())
