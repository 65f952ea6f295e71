"""How is Telegram spoken to over HTTP? By python-telegram-bot's requests, carried by aiohttp.

The token is part of every address: no address reaches a log or the words of an error.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, Self, cast

import aiohttp
import orjson
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

# Not part of the library's promises: tests/telegram/test_http.py notices when it changes.
from telegram.request._requestparameter import RequestParameter

CONNECTIONS_MAX = 100  # at once, getUpdates among them
IDLE_SECONDS = 15.0  # less than servers keep a silent connection: a cut one leaves doubts
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
WRITE_SECONDS = 20.0  # a photo over a slow line
TOO_MANY_REQUESTS = 429


class NotSent(NetworkError):
    """No connection was made: Telegram never heard of the call."""

    __slots__ = ()


class Unanswered(NetworkError):
    """The connection was cut before the answer: the call may have had its effect."""

    __slots__ = ()


class Flooded(RetryAfter):
    """Too fast. The library's own error warns of its future whenever it is made."""

    __slots__ = ()

    @property
    def retry_after(self) -> timedelta:
        """How long to wait."""
        return self._retry_after


class AiohttpRequest(BaseRequest):
    """Requests of python-telegram-bot, over aiohttp."""

    __slots__ = ("_session",)

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def initialize(self) -> None:
        """Make the pool of connections."""
        connector = aiohttp.TCPConnector(limit=CONNECTIONS_MAX, keepalive_timeout=IDLE_SECONDS)
        self._session = aiohttp.ClientSession(
            connector=connector, headers={"User-Agent": "Kepu"}, cookie_jar=aiohttp.DummyCookieJar()
        )

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer, unless a call says otherwise."""
        return READ_SECONDS

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer. What is no JSON is not logged: it may be anything."""
        try:
            return cast(dict[str, Any], orjson.loads(payload))
        except ValueError:
            raise TelegramError("Invalid server response") from None

    async def do_request(  # noqa: PLR0917 - the library's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one request; its status and body. Raises NotSent, TimedOut, Unanswered, Flooded."""
        assert self._session is not None, "initialize() was not called"
        read = _seconds(read_timeout, READ_SECONDS)
        connect = _seconds(connect_timeout, CONNECT_SECONDS)
        write = _seconds(write_timeout, WRITE_SECONDS)
        time = aiohttp.ClientTimeout(
            total=connect + write + read, connect=connect, sock_connect=connect, sock_read=read
        )
        body, headers = _body(request_data)
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=time, allow_redirects=False
            ) as answer:
                status, payload = answer.status, await answer.read()
        # "from None": what aiohttp raises may name the address.
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            raise NotSent(type(error).__name__) from None
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unanswered(type(error).__name__) from None
        if status == TOO_MANY_REQUESTS:
            raise Flooded(_pause(self.parse_json_payload(payload)))
        return status, payload


class Api:
    """Telegram's methods, for one bot: `async with Api(token) as api: await api.call("getMe")`.

    Answers stay the JSON they are.
    """

    def __init__(self, token: str, base_url: str = "https://api.telegram.org") -> None:
        self._address = f"{base_url.rstrip('/')}/bot{token}/"
        self._request = AiohttpRequest()

    def __repr__(self) -> str:
        return "Api()"

    async def __aenter__(self) -> Self:
        await self._request.initialize()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._request.shutdown()

    async def call(
        self,
        method: str,
        values: Mapping[str, Any] = {},  # noqa: B006 - read only
        *,
        read_seconds: float | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> Any:
        """Call a method; its result as JSON. Raises telegram.error.TelegramError.

        `files` are uploaded: for each parameter the file's name and its content.
        """
        parameters = [RequestParameter(name, each, None) for name, each in values.items()]
        parameters += [_Upload(name, *each) for name, each in (files or {}).items()]
        return await self._request.post(
            self._address + method,
            RequestData(parameters),
            read_timeout=READ_SECONDS if read_seconds is None else read_seconds,
        )
