"""Does a call reach Telegram as it was meant, and is its failure told without the token?"""

import asyncio
import traceback
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from telegram import InputFile
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.telegram.api import BotApi
from bot.channels.telegram.http import AiohttpRequest, NotSent, Unanswered, proxy_for
from tests.telegram.fake import TOKEN, FakeTelegram
from tests.telegram.faults import Fault, broken, dropped, flood, slow


@pytest.fixture
async def request_() -> AsyncIterator[AiohttpRequest]:
    async with AiohttpRequest() as request:
        yield request


@pytest.fixture
def bot(api: FakeTelegram, request_: AiohttpRequest) -> BotApi:
    return BotApi(request_, api.url, api.token)


async def test_words_numbers_and_keyboards_arrive_as_they_are(
    api: FakeTelegram, bot: BotApi
) -> None:
    li = api.user()
    markup = {"inline_keyboard": [[{"text": "是", "callback_data": "1"}]]}
    values = {"chat_id": li.id, "text": "预约 & <b>", "reply_markup": markup}
    answer = await bot.call("sendMessage", values)
    assert answer["message_id"] == 1
    assert api.called("sendMessage") == [values]
    assert li.texts == ["预约 & <b>"]


async def test_files_are_uploaded(api: FakeTelegram, bot: BotApi) -> None:
    li = api.user()
    photo = InputFile(b"\x89PNG...", filename="ticket.png")
    await bot.call("sendPhoto", {"chat_id": li.id, "photo": photo, "caption": "票"})
    document = InputFile(b"BEGIN", filename="日历.ics")
    await bot.call("sendDocument", {"chat_id": li.id, "document": document})
    first, second = li.messages
    assert (first.photo, first.text) == (b"\x89PNG...", "票")
    assert (second.document, second.file_name) == (b"BEGIN", "日历.ics")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(400, "Bad Request: chat not found"), BadRequest),
        (Fault(401, "Unauthorized"), InvalidToken),
        (Fault(403, "Forbidden: bot was blocked by the user"), Forbidden),
        (Fault(409, "Conflict: terminated by other getUpdates request"), Conflict),
        (broken(502), NetworkError),
        (Fault(200, body=b"<html>"), TelegramError),
        (dropped(is_after_effect=False), Unanswered),
        (dropped(is_after_effect=True), Unanswered),
    ],
)
async def test_a_failure_is_an_error_of_the_library(
    api: FakeTelegram, bot: BotApi, fault: Fault, error: type[TelegramError]
) -> None:
    api.fails(fault)
    with pytest.raises(error) as raised:
        await bot.call("getMe", {})
    assert type(raised.value) is error


async def test_a_flood_limit_says_how_long_to_wait(api: FakeTelegram, bot: BotApi) -> None:
    api.fails(flood(7))
    with pytest.raises(RetryAfter) as raised:
        await bot.call("getMe", {})
    assert raised.value.retry_after == timedelta(seconds=7)


async def test_an_answer_that_takes_too_long_is_given_up(api: FakeTelegram, bot: BotApi) -> None:
    api.fails(slow(5))
    with pytest.raises(TimedOut):
        await bot.call("getMe", {}, read_seconds=0.05)


async def test_the_token_is_in_no_words_of_any_failure(
    api: FakeTelegram, request_: AiohttpRequest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    faults = [broken(), dropped(is_after_effect=True), Fault(200, body=b"<html>"), flood(1)]
    for fault in faults:
        api.fails(fault)
    addresses = [api.url] * len(faults) + ["http://127.0.0.1:1", "http://[", "http://no.invalid"]
    for address in addresses:
        with pytest.raises(TelegramError) as raised:
            await BotApi(request_, address, TOKEN).call("getMe", {}, read_seconds=1)
        assert TOKEN not in "".join(traceback.format_exception(raised.value))
    assert TOKEN not in caplog.text


async def test_what_never_left_is_told_apart(request_: AiohttpRequest) -> None:
    with pytest.raises(NotSent):
        await BotApi(request_, "http://127.0.0.1:1", TOKEN).call("getMe", {})


async def test_a_call_is_made_once_even_when_an_idle_connection_proves_dead(
    request_: AiohttpRequest,
) -> None:
    calls = []

    async def serve(request: web.Request) -> web.Response:
        calls.append(request.path)
        if len(calls) == 2 and request.transport is not None:
            request.transport.abort()
        return web.json_response({"ok": True, "result": True})

    application = web.Application()
    application.router.add_post("/{tail:.*}", serve)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bot = BotApi(request_, f"http://127.0.0.1:{runner.addresses[0][1]}", TOKEN)
    await bot.call("sendMessage", {"chat_id": 1, "text": "one"})
    with pytest.raises(Unanswered):
        await bot.call("sendMessage", {"chat_id": 1, "text": "two"})
    assert len(calls) == 2
    await runner.cleanup()


async def test_many_calls_share_connections(api: FakeTelegram, bot: BotApi) -> None:
    li = api.user()
    calls = (bot.call("sendMessage", {"chat_id": li.id, "text": f"{n}"}) for n in range(150))
    await asyncio.gather(*calls)
    assert len(li.texts) == 150


@pytest.mark.parametrize(
    ("origin", "proxy"),
    [
        ("https://api.telegram.org", "http://proxy:3128"),
        ("http://bots.example:8081", None),
        ("https://api.inside.example", None),
        ("http://127.0.0.1:8081", None),
        ("https://localhost", None),
        ("http://[::1]:8081", None),
    ],
)
def test_a_proxy_is_used_where_there_is_one_for_the_server(origin: str, proxy: str | None) -> None:
    proxies = {"https": "http://proxy:3128", "no": "inside.example"}
    assert proxy_for(origin, proxies) == proxy
