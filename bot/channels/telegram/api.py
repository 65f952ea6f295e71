"""How is a method of the Bot API called, and its answer left as it is?

python-telegram-bot decides what an answer means and raises its errors; no object is made of it.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.channels.telegram.http import AiohttpRequest


class BotApi:
    """The methods of one bot."""

    def __init__(self, request: BaseRequest, url: str, token: str) -> None:
        self._request = request
        self._folder = f"{url}/bot{token}/"

    async def call(
        self, method: str, values: Mapping[str, Any], *, read_seconds: float | None = None
    ) -> Any:
        """Call a method; its result as JSON. Raises telegram.error.TelegramError."""
        given = [RequestParameter.from_input(name, value) for name, value in values.items()]
        read_timeout = BaseRequest.DEFAULT_NONE if read_seconds is None else read_seconds
        return await self._request.post(
            self._folder + method, RequestData(given), read_timeout=read_timeout
        )


@asynccontextmanager
async def calling(url: str, token: str) -> AsyncIterator[BotApi]:
    """The methods of one bot, over connections that are closed in the end."""
    request = AiohttpRequest()
    await request.initialize()
    try:
        yield BotApi(request, url, token)
    finally:
        await request.shutdown()
