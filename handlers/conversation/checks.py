"""Can this flow be run again over its answers, and has its code changed?

A flow runs from its first line at every message, and Python leaves it at every question. So it may
ask, do and say, and calculate with what it was told; everything else belongs into an action or a
provider. That is checked once, when the flow is registered, in its source and in the source of
every function it gives its chat to.
"""

import inspect
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from handlers.conversation.question import FlowError
from handlers.conversation.replayable import Reading, faults_of
from handlers.conversation.source import source_of


def code_hash(name: str, flow: Callable[..., Any], *, is_beside: bool = False) -> str:
    """A hash of the conversation's name and code, 16 digits; layout and comments do not change it.

    Raises FlowError with a line for each fault: file, line, what it does, why not, what instead.
    """
    if not inspect.iscoroutinefunction(flow):
        raise FlowError(f"the flow {name!r} is {flow!r}: write it as `async def` without `yield`")
    source = source_of(flow)
    waiting = [Reading(source, chat=source.parameters[0], is_flow=True, is_beside=is_beside)]
    seen: dict[Callable[..., Any], str] = {}
    faults: set[tuple[str, int, str]] = set()
    while waiting:
        reading = waiting.pop()
        source = reading.source
        seen[source.function] = source.dump()
        faults.update((source.file, *fault) for fault in faults_of(reading))
        for function, chat in reading.given_to:
            if function not in seen:
                waiting.append(Reading(source_of(function), chat=chat, is_beside=is_beside))
    if faults:
        lines = [f"{file}:{line}: {words}" for file, line, words in sorted(faults)]
        raise FlowError("\n".join([f"the flow {name!r} could not be run again:", *lines]))
    return blake2b("\n".join([name, *seen.values()]).encode(), digest_size=8).hexdigest()
