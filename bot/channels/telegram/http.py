"""How is Telegram spoken to over HTTP? By python-telegram-bot's requests, carried by aiohttp.

`async with AiohttpRequest() as request:` makes and closes the connections. The token is part of
every address: no address reaches a log or the words of an error.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast
from urllib.request import getproxies

import aiohttp
import orjson
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

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

    __slots__ = ("_proxies", "_session")

    def __init__(self) -> None:
        self._proxies: dict[str, str | None] = {}  # by origin
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
        time = _limits(read_timeout, write_timeout, connect_timeout)
        body, headers = _body(request_data)
        try:
            async with self._session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=time,
                allow_redirects=False,
                proxy=self._proxy(url),
            ) as answer:
                status, payload = answer.status, await answer.read()
        # "from None": what aiohttp raises may name the address.
        except (
            aiohttp.ConnectionTimeoutError,
            aiohttp.ClientConnectorError,
            aiohttp.ClientHttpProxyError,
        ) as error:
            raise NotSent(type(error).__name__) from None
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unanswered(type(error).__name__) from None
        if status == TOO_MANY_REQUESTS:
            raise Flooded(_pause(self.parse_json_payload(payload)))
        return status, payload

    def _proxy(self, url: str) -> str | None:
        """The proxy that HTTPS_PROXY names, where Telegram cannot be reached without one."""
        origin, _bot, _rest = url.partition("/bot")
        if origin not in self._proxies:
            self._proxies[origin] = proxy_for(origin, getproxies())
        return self._proxies[origin]


def proxy_for(origin: str, proxies: Mapping[str, str]) -> str | None:
    """The proxy for a server; None for one of this machine, or that NO_PROXY names."""
    scheme, _, host = origin.partition("://")
    host = host.rpartition("@")[2].partition(":")[0]
    if host == "localhost" or host.startswith(("127.", "[")):
        return None
    spared = [each.strip().lstrip(".") for each in proxies.get("no", "").split(",")]
    if "*" in spared or any(each and f".{host}".endswith(f".{each}") for each in spared):
        return None
    return proxies.get(scheme) or proxies.get("all")


def _body(data: RequestData | None) -> tuple[Any, dict[str, str]]:
    """What is sent, and how that is said."""
    if data is None:
        return None, {}
    if not data.contains_files:  # JSON is half as long as a form, where words are Chinese
        return orjson.dumps(data.parameters), {"Content-Type": "application/json"}
    form = aiohttp.FormData(quote_fields=False)  # file names stay Chinese, not %E6…
    for name, words in data.json_parameters.items():
        form.add_field(name, words)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form, {}


def _limits(
    read_timeout: ODVInput[float], write_timeout: ODVInput[float], connect_timeout: ODVInput[float]
) -> aiohttp.ClientTimeout:
    read = _seconds(read_timeout, READ_SECONDS)
    connect = _seconds(connect_timeout, CONNECT_SECONDS)
    total = connect + _seconds(write_timeout, WRITE_SECONDS) + read
    return aiohttp.ClientTimeout(total, connect=connect, sock_connect=connect, sock_read=read)


def _seconds(given: ODVInput[float], usual: float) -> float:
    """A time limit; None, which would be none at all, is the usual one here."""
    return usual if given is None or isinstance(given, DefaultValue) else given


def _pause(answer: dict[str, Any]) -> int:
    told = (answer.get("parameters") or {}).get("retry_after", 1)
    return told if isinstance(told, int) and told > 0 else 1
