"""What stands in for Telegram's servers? A strict Bot API over real HTTP on this machine.

Each call is checked against the Bot API's description and its limits; what is wrong is refused
and kept in `violations`, which is empty at the end of a good test (`async with` checks it).
Updates are polled, or pushed to the webhook in the order of each chat.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, web

from tests.fakes import PATIENCE_SECONDS, start
from tests.telegram.faults import Fault
from tests.telegram.limits import broken
from tests.telegram.methods import Methods, Refusal
from tests.telegram.people import Chat, Shown, User
from tests.telegram.schema import checked

Json = dict[str, Any]

TOKEN = "123456:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
USERNAME = "kepu_test_bot"
_NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
_GONE = object()  # an answer that is never given: the connection is cut


@dataclass(frozen=True)
class Call:
    """A call that came in, as values; `at` is the loop's clock."""

    method: str
    values: Json
    at: float
    status: int  # of the answer; 0 when the connection was cut


@dataclass
class _Planned:
    fault: Fault
    method: str  # "" is any but getUpdates
    chat_id: int | None
    left: int
    every: int = 1
    seen: int = 0


@dataclass
class Webhook:
    """Where updates are pushed to."""

    url: str
    secret: str
    last_error: str = ""
    queues: dict[int, "asyncio.Queue[Json]"] = field(default_factory=dict)
    workers: "set[asyncio.Task[None]]" = field(default_factory=set)
    statuses: list[int] = field(default_factory=list)  # answered by the bot; 0 is a cut connection


class FakeTelegram:
    """The Bot API at `url`, for one bot, and the people who talk with it."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.url = ""
        self.date = 1_784_000_000  # unix seconds, in updates and messages
        self.me = {"id": int(token.split(":")[0]), "is_bot": True, "first_name": "Kepu",
                   "username": USERNAME}  # fmt: skip
        self.violations: list[str] = []
        self.calls: list[Call] = []
        self.chats: dict[int, Chat] = {}
        self.unanswered: list[str] = []  # ids of taps whose spinner still turns
        self.toasts: dict[str, str] = {}  # what answered taps said
        self.file_names: dict[str, str] = {}
        self.methods = Methods(self)
        self.pending: list[Json] = []
        self.hosts: dict[str, str] = {}  # "https://kepu.example" → where it listens in truth
        self.retry_seconds = 0.02  # of a webhook that was not taken
        self.twice = 0  # so many of the next updates are delivered twice
        self.webhook: Webhook | None = None
        self.allowed: list[str] | None = None
        self._faults: list[_Planned] = []
        self._ids = 1000
        self._users: dict[int, User] = {}
        self._poll: asyncio.Future[None] | None = None
        self._news = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=60 * 1024 * 1024)
        application.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._session = ClientSession()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        await self.close()
        if kind is None:
            assert self.violations == []

    async def close(self) -> None:
        """Stop serving."""
        await self._stop_pushing()
        if self._poll is not None and not self._poll.done():
            self._poll.cancel()
        if self._session is not None:
            await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def user(self, name: str = "Li", language: str = "zh-hans", user_id: int = 0) -> User:
        """A person with a private chat; the same one when the id is known."""
        user_id = user_id or 7000 + len(self._users)
        if user_id not in self._users:
            chat = self.chats[user_id] = Chat(user_id)
            self._users[user_id] = User(self, user_id, name, language, chat)
        return self._users[user_id]

    def in_group(self, user: User, group_id: int = -500, kind: str = "group") -> User:
        """The same person, speaking in a group (or "supergroup", "channel")."""
        chat = self.chats.setdefault(group_id, Chat(group_id, kind))
        return User(self, user.id, user.name, user.language, chat)

    def fails(
        self, fault: Fault, method: str = "", *, times: int = 1, chat: int | None = None
    ) -> None:
        """Let the next calls (of a method, to a chat) go wrong; any but getUpdates by default."""
        self._faults.append(_Planned(fault, method, chat, times))

    def fails_every(self, count: int, fault: Fault, method: str = "") -> None:
        """Let every so-manieth call go wrong, for ever."""
        self._faults.append(_Planned(fault, method, None, -1, count))

    def called(self, method: str) -> list[Json]:
        """The values of every answered call of a method."""
        return [each.values for each in self.calls if each.method == method]

    async def until(
        self, is_so: Callable[[], bool], what: str = "", *, patience: float = PATIENCE_SECONDS
    ) -> None:
        """Wait until something is so, looking whenever anything happened here."""
        try:
            async with asyncio.timeout(patience):
                while not is_so():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain for {what or is_so}") from None

    # What people's doing becomes

    def push(self, kind: str, content: Json) -> None:
        """Have an update delivered."""
        self._ids += 1
        update = {"update_id": self._ids, kind: content}
        self.push_raw(update, kind)

    def push_raw(self, update: Json, kind: str = "") -> None:
        """Have an update delivered just as it is, however strange."""
        allowed = self.allowed
        if allowed and kind and kind not in allowed:
            return
        if not allowed and kind in _NOT_BY_DEFAULT:
            return
        self.pending.append(update)
        if self.webhook is not None:
            self._enqueue(update)
        self._tell()

    def new_query(self) -> str:
        """The id of a tap, which has to be answered."""
        self._ids += 1
        self.unanswered.append(f"{self._ids}")
        return self.unanswered[-1]

    def message_json(self, chat: Chat, message: Shown) -> Json:
        """A message as Telegram tells of it."""
        user = self._users.get(chat.id)
        told: Json = {
            "message_id": message.message_id,
            "chat": user.chat_json() if user else {"id": chat.id, "type": chat.kind},
            "date": self.date,
        }
        if message.is_by_bot:
            told["from"] = self.me
        if message.buttons:
            told["reply_markup"] = {"inline_keyboard": message.buttons}
        if message.edits:
            told["edit_date"] = self.date
        told["caption" if message.is_file else "text"] = message.text
        if message.photo is not None:
            told["photo"] = [{"file_id": f"p{message.message_id}", "file_unique_id": "p",
                              "width": 1, "height": 1}]  # fmt: skip
        if message.document is not None:
            told["document"] = {"file_id": f"d{message.message_id}", "file_unique_id": "d"}
        return told

    # The webhook

    def set_webhook(self, values: Json) -> None:
        """Push to another address from now on; to none for ""."""
        if "allowed_updates" in values:
            self.allowed = values["allowed_updates"]
        if values.get("drop_pending_updates"):
            self.pending.clear()
        workers = self.webhook.workers if self.webhook else set()
        for each in workers:
            each.cancel()
        url = values["url"]
        self.webhook = Webhook(url, values.get("secret_token", "")) if url else None
        for update in self.pending if url else ():
            self._enqueue(update)

    def webhook_info(self) -> Json:
        """What getWebhookInfo answers."""
        told: Json = {
            "url": self.webhook.url if self.webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
            "max_connections": 40,
        }
        if self.allowed:
            told["allowed_updates"] = self.allowed
        if self.webhook and self.webhook.last_error:
            told |= {"last_error_date": self.date, "last_error_message": self.webhook.last_error}
        return told

    def _enqueue(self, update: Json) -> None:
        """Put an update behind those of its chat."""
        assert self.webhook is not None
        hook, key = self.webhook, _chat_of(update)
        if key not in hook.queues:
            hook.queues[key] = asyncio.Queue()
            hook.workers.add(start(self._push_all(hook, hook.queues[key])))
        hook.queues[key].put_nowait(update)

    async def _push_all(self, hook: Webhook, queue: "asyncio.Queue[Json]") -> None:
        while True:
            update = await queue.get()
            times = 1
            if self.twice > 0:
                self.twice, times = self.twice - 1, 2
            for _ in range(times):
                while not await self._taken(hook, update):
                    pass
            with contextlib.suppress(ValueError):
                self.pending.remove(update)
            self._tell()

    async def _taken(self, hook: Webhook, update: Json) -> bool:
        assert self._session is not None
        parts = urlsplit(hook.url)
        public = f"{parts.scheme}://{parts.netloc}"
        url = self.hosts.get(public, public) + hook.url.removeprefix(public)
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        try:
            async with self._session.post(url, json=update, headers=headers) as answer:
                status = answer.status
        except ClientError as error:
            status, hook.last_error = 0, f"{error}"
        hook.statuses.append(status)
        self._tell()
        if 200 <= status < 300:
            return True
        if status:
            hook.last_error = f"Wrong response from the webhook: {status}"
        await asyncio.sleep(self.retry_seconds)  # Telegram waits as well
        return False

    async def _stop_pushing(self) -> None:
        workers = self.webhook.workers if self.webhook else set()
        for each in workers:
            each.cancel()
        if workers:
            await asyncio.wait(workers)

    # Calls

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        token, method = request.match_info["token"], request.match_info["method"]
        if token != self.token:
            return _answer(Fault(401, "Unauthorized"))
        given, files = await self._read(request)
        values, problems = checked(method, given, files)
        problems = problems or broken(method, values, files)
        if problems:
            self.violations += [f"{method}: {each}" for each in problems]
            return self._done(method, values, _answer(Fault(400, f"Bad Request: {problems[0]}")))
        fault = self._fault(method, values)
        if fault is not None and not fault.is_after_effect:
            return await self._go_wrong(request, method, values, fault)
        try:
            if method == "getUpdates":
                result = await self._get_updates(values)
            else:
                result = self.methods.call(method, values, files)
        except Refusal as refusal:
            return self._done(method, values, _answer(refusal.fault))
        if fault is not None and fault.status != 200:
            return await self._go_wrong(request, method, values, fault)
        if fault is not None:
            self._tell()
            await asyncio.sleep(fault.seconds)  # a slow server
        return self._done(method, values, web.json_response({"ok": True, "result": result}))

    async def _read(self, request: web.Request) -> tuple[Json, dict[str, bytes]]:
        if request.content_type == "application/json":
            return await request.json(), {}
        given: Json = {}
        files: dict[str, bytes] = {}
        for name, value in {**request.query, **await request.post()}.items():
            if isinstance(value, web.FileField):
                with value.file:
                    files[name] = value.file.read()
                self.file_names[name] = value.filename
            else:
                given[name] = value
        return given, files

    def _fault(self, method: str, values: Json) -> Fault | None:
        for planned in self._faults:
            if planned.left == 0 or planned.method not in ("", method):
                continue
            if planned.method == "" and method == "getUpdates":
                continue
            if planned.chat_id not in (None, values.get("chat_id")):
                continue
            planned.seen += 1
            if planned.seen % planned.every == 0:
                planned.left -= 1
                return planned.fault
        return None

    async def _go_wrong(
        self, request: web.Request, method: str, values: Json, fault: Fault
    ) -> web.StreamResponse:
        self._tell()
        await asyncio.sleep(fault.seconds)  # as slow as told
        if fault.status:
            return self._done(method, values, _answer(fault))
        self.calls.append(Call(method, values, asyncio.get_running_loop().time(), 0))
        if request.transport is not None:
            request.transport.abort()
        self._tell()
        return web.Response()

    def _done(self, method: str, values: Json, answer: web.Response) -> web.Response:
        at = asyncio.get_running_loop().time()
        self.calls.append(Call(method, values, at, answer.status))
        self._tell()
        return answer

    async def _get_updates(self, values: Json) -> list[Json]:
        """Long polling; what lies before `offset` is acknowledged. Raises Refusal for a rival."""
        if self.webhook is not None:
            words = "Conflict: can't use getUpdates method while webhook is active"
            raise Refusal(Fault(409, words))
        if "allowed_updates" in values:
            self.allowed = values["allowed_updates"]
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
            self._tell()
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poll = mine
        self._acknowledge(values.get("offset", 0))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(values.get("timeout", 0)):
                while not self.pending and not mine.done():
                    self._news.clear()
                    await self._news.wait()
        if mine.done():
            words = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"  # noqa: E501 - as the server says it
            raise Refusal(Fault(409, words))
        mine.cancel()
        return self.pending[: values.get("limit", 100)]

    def _acknowledge(self, offset: int) -> None:
        self._tell()
        if offset < 0:
            self.pending = self.pending[offset:]
            return
        taken = [each for each in self.pending if each["update_id"] < offset]
        # Delivered twice: the server forgot that it was told.
        again, self.twice = taken[: self.twice], max(0, self.twice - len(taken))
        self.pending = again + [each for each in self.pending if each["update_id"] >= offset]

    def _tell(self) -> None:
        self._news.set()


def _chat_of(update: Json) -> int:
    for content in update.values():
        if isinstance(content, dict):
            content = content.get("message", content)
            chat = content.get("chat") if isinstance(content, dict) else None
            if isinstance(chat, dict):
                return int(chat.get("id", 0))
    return 0


def _answer(fault: Fault) -> web.Response:
    if fault.body is not None:
        return web.Response(status=fault.status, body=fault.body, content_type="text/html")
    told: Json = {"ok": False, "error_code": fault.status, "description": fault.description}
    if fault.parameters:
        told["parameters"] = fault.parameters
    return web.json_response(told, status=fault.status)
