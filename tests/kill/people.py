"""What does a visitor do whose server is killed? They say the same again, as the page does."""

import json
import random
import re
from dataclasses import dataclass, field
from typing import Any

from tests.kill import checker
from tests.kill.checker import Exchange
from tests.kill.process import Kepu
from tests.load.connection import Connection, Response, header

CODE = re.compile(r"\b[2-9A-HJ-NP-TV-Z]{4}-[2-9A-HJ-NP-TV-Z]{4}\b")
PLACES_OF_A_PARTY = 2  # one child, one adult
TYPED = {"text": "豆豆", "month": "2018-05", "number": "1"}
WANTED = {"consent": "agree", "adults": "1"}
TURNS_MAX = 30


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
        await self._enter()
        body = {"text": "预约"}
        for turn in range(TURNS_MAX):
            exchange = Exchange(f"{self.name}-{turn}", body)
            self.exchanges.append(exchange)
            await self._say(exchange)
            said = checker.words(exchange.answer)
            prompt = checker.prompt(exchange.answer)
            found = CODE.search(said)
            if found:
                self.code = found[0].replace("-", "")
                break
            if prompt is None or self.asked.count("session") > 1:
                self.is_refused = self.asked.count("session") > 1
                break
            answer = self._answer(prompt)
            if answer is None:
                self.is_refused = True
                break
            body = answer
        await self.compare()
        if self._connection is not None:
            self._connection.close()

    @property
    def asked(self) -> list[str]:
        """The names of the questions, in the order they were asked."""
        prompts = [checker.prompt(each.answer) for each in self.exchanges if each.answer]
        return [prompt["name"] for prompt in prompts if prompt]

    async def compare(self) -> None:
        """Hold what is stored against what was acknowledged."""
        history = await self._get("/chat/messages?after=0")
        self.complaints += checker.history(self.exchanges, history["messages"])

    async def _say(self, exchange: Exchange) -> None:
        """Send until it is answered; after a kill, look first whether all is still there."""
        attempts = 0
        while exchange.answer is None:
            attempts += 1
            try:
                exchange.answer = await self._post(exchange)
            except OSError:
                self._connection = None
                self.kills_met += 1
                await self.kepu.is_up()
                await self._try_to_compare()
        if attempts > 1:
            await self._repeat(exchange)

    async def _repeat(self, exchange: Exchange) -> None:
        """The same once more gets the same once more."""
        again = None
        while again is None:
            try:
                again = await self._post(exchange)
            except OSError:
                self._connection = None
                await self.kepu.is_up()
        self.complaints += checker.repeated(exchange, again)

    async def _try_to_compare(self) -> None:
        try:
            history = json.loads((await self._request("GET", "/chat/messages?after=0")).body)
        except OSError:
            self._connection = None
            await self.kepu.is_up()
            return
        self.complaints += checker.history(self.exchanges, history["messages"])
        heard = sum(len(checker.messages(each.answer)) for each in self.exchanges)
        self.stored_unheard += len(history["messages"]) > heard

    def _answer(self, prompt: dict[str, Any]) -> dict[str, str] | None:
        """What to send next; None when the wanted session is not offered any more."""
        name, kind = prompt["name"], prompt["kind"]
        tokens = {choice["value"]: choice["token"] for choice in prompt["choices"]}
        targets = {"base": self.target.base, "day": self.target.day, "session": self.target.session}
        if name in targets:
            token = tokens.get(targets[name])
            return None if token is None else {"token": token}
        if kind == "confirm":
            return {"token": tokens["@yes"]}
        if name.endswith(".more"):
            return {"token": tokens["no"]}
        if WANTED.get(name, "") in tokens:
            return {"token": tokens[WANTED[name]]}
        if kind in TYPED:
            return {"text": TYPED[kind]}
        first = next(value for value in tokens if not value.startswith("@"))
        return {"token": tokens[first]}

    async def _enter(self) -> None:
        """Open the page, as a browser does before it says anything: that sets the cookie."""
        while not self._cookie:
            try:
                response = await self._request("GET", "/chat/messages?after=0")
            except OSError:
                self._connection = None
                await self.kepu.is_up()
                continue
            cookie = header(response.head, b"set-cookie") or b""
            self._cookie = cookie.split(b";")[0].decode()
            self.address = self._cookie.partition("=")[2].partition(".")[0]

    async def _get(self, path: str) -> dict[str, Any]:
        while True:
            try:
                found: dict[str, Any] = json.loads((await self._request("GET", path)).body)
            except OSError:
                self._connection = None
                await self.kepu.is_up()
            else:
                return found

    async def _post(self, exchange: Exchange) -> bytes:
        body = json.dumps({"id": exchange.event_id, **exchange.body}).encode()
        response = await self._request("POST", "/chat/messages", body)
        if response.status != 200:
            self.complaints.append(f"{self.name}: {response.status} {response.body.decode()}")
        return response.body

    async def _request(self, method: str, path: str, body: bytes = b"") -> Response:
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self._cookie}\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        response, self._connection = await self.kepu.ask(
            head.encode() + b"\r\n" + body, self._connection
        )
        return response


def name(seed: int, number: int) -> str:
    """What a dialogue is called, the same whenever its seed is played again."""
    return f"{seed}-{number}-{random.Random(seed * 100_003 + number).getrandbits(32):08x}"
