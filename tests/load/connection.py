"""How does a load generator speak HTTP/1.1 for less than the server pays?

One keep-alive connection, one request at a time, no header parsed but what is needed.
"""

import asyncio
from typing import NamedTuple, cast


class Response(NamedTuple):
    """What came back; `head` is the status line and the header as they were."""

    status: int
    head: bytes
    body: bytes


class Connection(asyncio.Protocol):
    """One connection. `open` makes it, `ask` uses it."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._answer: asyncio.Future[Response] | None = None

    @classmethod
    async def open(cls, host: str, port: int) -> "Connection":
        """A new connection. Raises OSError."""
        _transport, connection = await asyncio.get_running_loop().create_connection(cls, host, port)
        return connection

    async def ask(self, request: bytes) -> Response:
        """The answer to a whole request. Raises OSError when the server hangs up."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("the server hung up")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        head = self._received[:end]
        length = header(head, b"content-length")
        body = self._received[end + 4 :]
        if len(body) >= int(length or 0):
            self._received = b""
            if not self._answer.done():
                self._answer.set_result(Response(int(head[9:12]), head, body))


def header(head: bytes, name: bytes) -> bytes | None:
    """The value of a header, its name given in lower case; None when it is not there."""
    start = head.lower().find(b"\r\n" + name + b":")
    if start < 0:
        return None
    start += len(name) + 3
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else None].strip()
