"""What do many visitors at once see of the web chat? A process of its own: JSON in, JSON out.

Each visitor books like a new family, over its own keep-alive connection, one dialogue after the
other, each time without a cookie.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter, process_time

import uvloop

from tests.load import proc
from tests.load.connection import Connection, Response, header
from tests.load.figures import percentile
from tests.load.visitor import START, Line, Tap, Visitor


@dataclass
class Load:
    """What is asked of the generator, and what it saw between warming up and the end."""

    port: int
    visitors: int
    seconds: float
    warm_up_seconds: float
    server_pid: int
    seed: int = 1
    waits: list[float] = field(default_factory=list)
    booked: int = 0
    dialogues: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    is_counting: bool = False
    is_over: bool = False

    async def run(self) -> dict[str, object]:
        """Have everybody talk; the figures."""
        async with asyncio.TaskGroup() as group:
            for number in range(self.visitors):
                group.create_task(self._visit(random.Random(f"{self.seed} {number}")))
            await asyncio.sleep(self.warm_up_seconds)
            started, ours, theirs = (
                perf_counter(),
                process_time(),
                proc.cpu_seconds(self.server_pid),
            )
            self.is_counting = True
            await asyncio.sleep(self.seconds)
            self.is_counting, self.is_over = False, True
            took = perf_counter() - started
            ours, theirs = process_time() - ours, proc.cpu_seconds(self.server_pid) - theirs
        return self._figures(took, ours, theirs)

    async def _visit(self, chance: random.Random) -> None:
        connection = None
        while not self.is_over:
            try:
                connection = connection or await Connection.open("127.0.0.1", self.port)
                await self._dialogue(connection, Visitor(chance))
            except (OSError, ValueError, LookupError) as error:
                self.errors[f"{type(error).__name__}: {error}"[:200]] += 1
                if connection is not None:
                    connection.close()
                connection = None
                await asyncio.sleep(0.1)

    async def _dialogue(self, connection: Connection, visitor: Visitor) -> None:
        line, cookie = Line(text=START), b""
        name = f"{random.getrandbits(64):x}"
        while not self.is_over:
            request = _request(f"{name}-{len(visitor.asked)}", line, cookie)
            started = perf_counter()
            response = await connection.ask(request)
            if self.is_counting:
                self.waits.append(perf_counter() - started)
            if response.status != 200:
                raise ValueError(f"{response.status} {response.body[:120]!r}")
            cookie = cookie or _cookie(response)
            line = _answer(visitor, response.body)
            if visitor.is_done:
                break
        if visitor.is_done and self.is_counting:
            self.dialogues += 1
            self.booked += visitor.has_booked

    def _figures(self, took: float, ours: float, theirs: float) -> dict[str, object]:
        updates = len(self.waits)
        return {
            "updates_per_s": round(updates / took),
            "p50_ms": round(percentile(self.waits, 50) * 1000, 1),
            "p99_ms": round(percentile(self.waits, 99) * 1000, 1),
            "server_cpu_s_per_1000_updates": round(theirs / max(updates, 1) * 1000, 3),
            "server_cores": round(theirs / took, 2),
            "generator_cores": round(ours / took, 2),
            "updates": updates,
            "dialogues": self.dialogues,
            "bookings": self.booked,
            "errors": sum(self.errors.values()),
            "error_kinds": dict(self.errors.most_common(3)),
        }


def _request(event_id: str, line: Line, cookie: bytes) -> bytes:
    sent = (
        {"id": event_id, "token": line.token} if line.token else {"id": event_id, "text": line.text}
    )
    body = json.dumps(sent).encode()
    return (
        b"POST /chat/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        + (b"Cookie: " + cookie + b"\r\n" if cookie else b"")
        + b"Content-Length: %d\r\n\r\n" % len(body)
        + body
    )


def _cookie(response: Response) -> bytes:
    found = header(response.head, b"set-cookie")
    if found is None:
        raise ValueError("no cookie was set")
    return found.partition(b";")[0]


def _answer(visitor: Visitor, body: bytes) -> Line:
    messages = json.loads(body)["messages"]
    prompt = messages[-1].get("prompt")
    if prompt is None:
        raise ValueError(f"nothing was asked: {messages[-1]['text'][:80]}")
    taps = [Tap(choice["value"], choice["token"]) for choice in prompt["choices"]]
    text = "\n".join(message["text"] for message in messages)
    return visitor.answer(text, prompt["name"], prompt["kind"], taps)


def main() -> None:
    """Read the order from stdin, print the figures."""
    load = Load(**json.load(sys.stdin))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(load.run())), flush=True)


if __name__ == "__main__":
    main()
