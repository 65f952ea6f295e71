"""What does a visitor do whose server is killed? They say the same again, as the page does."""

import json
import random
import re
from dataclasses import dataclass, field
from typing import Any

from tests.kill import checker
from tests.kill.checker import Exchange, Told
from tests.kill.process import Kepu
from tests.load.connection import Connection, Response, header

CODE = re.compile(r"\b[2-9A-HJ-NP-TV-Z]{4}-[2-9A-HJ-NP-TV-Z]{4}\b")
PLACES_OF_A_PARTY = 2  # one child, one adult
TYPED = {"text": "豆豆", "month": "2018-05", "number": "1"}
WANTED = {"who": "adults", "consent": "agree", "adults": "1"}
TURNS_MAX = 30
HISTORY = "/chat/messages?after=0"


@dataclass(frozen=True)
class Target:
    """The visit somebody wants, by the values under which it is offered."""

    base: str
    day: str
    session: str


@dataclass
class Visitor:
    """One family in one browser. `play` books the target, through any number of kills."""

    kepu: Kepu
    name: str
    target: Target
    exchanges: list[Exchange] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    code: str = ""  # of the visit, once booked
    is_refused: bool = False  # told that the session is full
    kills_met: int = 0
    stored_unheard: int = 0  # answers that were committed, and lost on their way
    address: str = ""
    _cookie: str = ""
    _connection: Connection | None = None

    async def play(self) -> None:
        """From the first word to the code, or to hearing that the session is full."""
        prompt = await self.reach("confirm")
        while prompt is not None and not self.code and self.asked.count("session") < 2:
            body = answer_to(prompt, self.target)
            if body is None:
                break
            prompt = await self.say(body)
        self.is_refused = not self.code
        await self.compare()
        self.leave()

    async def reach(self, question: str) -> dict[str, Any] | None:
        """Go on until this question is open, or the session's again: it is full.

        None when it is not offered any more.
        """
        await self.enter()
        prompt = await self.say({"text": "预约"})
        for _turn in range(TURNS_MAX):
            if prompt is None or prompt["name"] == question or self.asked.count("session") > 1:
                return prompt
            body = answer_to(prompt, self.target)
            if body is None:
                return None
            prompt = await self.say(body)
        raise AssertionError(f"{self.name}: asked {self.asked}")

    async def say(self, body: dict[str, str]) -> dict[str, Any] | None:
        """Say something until it is answered; the question that is open then."""
        exchange = Exchange(f"{self.name}-{len(self.exchanges)}", body)
        self.exchanges.append(exchange)
        return self.hears(exchange, await self._say(exchange))

    def hears(self, exchange: Exchange, answer: bytes) -> dict[str, Any] | None:
        """Take an answer; the question that is open then."""
        exchange.answer = answer
        found = CODE.search(checker.words(answer))
        self.code = found[0].replace("-", "") if found else ""
        return checker.prompt(answer)

    def told(self, places: int = PLACES_OF_A_PARTY) -> Told:
        """What they came away with."""
        session, events = self.target.session, len(self.exchanges)
        return Told(self.address, session, self.code, self.is_refused, events, places)

    def leave(self) -> None:
        """Close the page."""
        if self._connection is not None:
            self._connection.close()

    @property
    def asked(self) -> list[str]:
        """The names of the questions, in the order they were asked."""
        prompts = [checker.prompt(each.answer) for each in self.exchanges if each.answer]
        return [prompt["name"] for prompt in prompts if prompt]

    async def compare(self) -> None:
        """Hold what is stored against what was acknowledged."""
        history = json.loads((await self._insist(self._http("GET", HISTORY))).body)["messages"]
        self.complaints += checker.history(self.exchanges, history)
        heard = sum(len(checker.messages(each.answer)) for each in self.exchanges)
        self.stored_unheard += len(history) > heard

    def request(self, exchange: Exchange) -> bytes:
        """What the page sends to say it."""
        return self._http("POST", "/chat/messages", {"id": exchange.event_id, **exchange.body})

    async def enter(self) -> None:
        """Open the page, as a browser does before it says anything: that sets the cookie."""
        response = await self._insist(self._http("GET", HISTORY))
        cookie = header(response.head, b"set-cookie") or b""
        self._cookie = cookie.split(b";")[0].decode()
        self.address = self._cookie.partition("=")[2].partition(".")[0]

    async def _say(self, exchange: Exchange) -> bytes:
        """Send until it is answered; after a kill, look first whether all is still there."""
        request = self.request(exchange)
        try:
            return self._taken(await self._request(request))
        except OSError:
            self.kills_met += 1
            await self.compare()
            exchange.answer = self._taken(await self._insist(request))
            again = await self._insist(request)
            self.complaints += checker.repeated(exchange, again.body)
            return exchange.answer

    def _taken(self, response: Response) -> bytes:
        if response.status != 200:
            self.complaints.append(f"{self.name}: {response.status} {response.body.decode()}")
        return response.body

    async def _insist(self, request: bytes) -> Response:
        """Ask until there is an answer, however often the server dies meanwhile."""
        while True:
            try:
                return await self._request(request)
            except OSError:
                await self.kepu.is_up()

    async def _request(self, request: bytes) -> Response:
        connection, self._connection = self._connection, None
        response, self._connection = await self.kepu.ask(request, connection)
        return response

    def _http(self, method: str, path: str, body: dict[str, str] | None = None) -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self._cookie}\r\n"
        content = json.dumps(body).encode() if body else b""
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        return head.encode() + b"\r\n" + content


def answer_to(prompt: dict[str, Any], target: Target) -> dict[str, str] | None:
    """What to say next to come to the target; None when it is not offered any more."""
    name, kind = prompt["name"], prompt["kind"]
    tokens = {choice["value"]: choice["token"] for choice in prompt["choices"]}
    wanted = {"base": target.base, "day": target.day, "session": target.session, **WANTED}
    if wanted.get(name) in tokens:
        return {"token": tokens[wanted[name]]}
    if name in ("base", "day", "session"):
        return None
    if kind == "confirm":
        return {"token": tokens["@yes"]}
    if name.endswith(".more"):
        return {"token": tokens["no"]}
    if kind in TYPED:
        return {"text": TYPED[kind]}
    return {"token": next(tokens[value] for value in tokens if not value.startswith("@"))}


def name(seed: int, number: int) -> str:
    """What a dialogue is called, the same whenever its seed is played again."""
    return f"{seed}-{number}-{random.Random(seed * 100_003 + number).getrandbits(32):08x}"
