"""Is the fake Bot API as strict, and as forgetful, as the real one?"""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientSession, FormData, ServerDisconnectedError, web

from tests.fakes import start
from tests.telegram.fake import FakeTelegram
from tests.telegram.faults import broken, dropped, flood, slow
from tests.telegram.people import NotSeen

KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "q:1"}]]}


async def call(api: FakeTelegram, method: str, **values: Any) -> tuple[int, Any]:
    """Call as a plain client would; the status and the answer."""
    form = FormData()
    for name, value in values.items():
        if isinstance(value, bytes):
            form.add_field(name, value, filename="file.png")
        else:
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    url = f"{api.url}/bot{api.token}/{method}"
    async with ClientSession() as session, session.post(url, data=form) as answer:
        is_json = answer.content_type == "application/json"
        return answer.status, await answer.json() if is_json else await answer.text()


async def test_a_person_sees_messages_their_edits_and_buttons(api: FakeTelegram) -> None:
    li = api.user()
    _, sent = await call(api, "sendMessage", chat_id=li.id, text="Yes?", reply_markup=KEYBOARD)
    li.sees("Yes?").taps("Yes")
    message_id = sent["result"]["message_id"]
    await call(api, "editMessageText", chat_id=li.id, message_id=message_id, text="Thank you")
    assert li.texts == ["Thank you"]
    assert li.labels == []
    with pytest.raises(NotSeen):
        li.taps("Yes")


async def test_a_message_that_is_not_changed_is_refused(api: FakeTelegram) -> None:
    li = api.user()
    await call(api, "sendMessage", chat_id=li.id, text="Hello")
    status, told = await call(api, "editMessageText", chat_id=li.id, message_id=1, text="Hello")
    assert (status, "message is not modified" in told["description"]) == (400, True)


async def test_a_tap_is_answered_once(api: FakeTelegram) -> None:
    li = api.user()
    await call(api, "sendMessage", chat_id=li.id, text="Yes?", reply_markup=KEYBOARD)
    li.taps("Yes")
    (query,) = api.unanswered
    assert (await call(api, "answerCallbackQuery", callback_query_id=query))[0] == 200
    assert (await call(api, "answerCallbackQuery", callback_query_id=query))[0] == 400
    assert api.unanswered == []


async def test_updates_are_polled_until_they_are_acknowledged(api: FakeTelegram) -> None:
    li = api.user().says("one", "two")
    _, first = await call(api, "getUpdates")
    assert [each["message"]["text"] for each in first["result"]] == ["one", "two"]
    _, same = await call(api, "getUpdates")
    assert same == first
    offset = first["result"][0]["update_id"] + 1
    _, rest = await call(api, "getUpdates", offset=offset)
    assert [each["message"]["text"] for each in rest["result"]] == ["two"]
    waiting = start_call(api, offset=offset + 1)
    await api.until(lambda: api.pending == [])
    li.says("three")
    _, later = await waiting
    assert [each["message"]["text"] for each in later["result"]] == ["three"]


async def test_the_first_of_two_who_poll_is_told_of_the_other(api: FakeTelegram) -> None:
    first = start_call(api)
    await api.until(lambda: api._poll is not None)
    second = start_call(api)
    status, told = await first
    assert (status, "terminated by other getUpdates" in told["description"]) == (409, True)
    api.user().says("one")
    assert (await second)[0] == 200


def start_call(api: FakeTelegram, **values: Any) -> "asyncio.Future[tuple[int, Any]]":
    """Begin to poll; what will be answered."""
    found: asyncio.Future[tuple[int, Any]] = asyncio.get_running_loop().create_future()

    async def poll() -> None:
        found.set_result(await call(api, "getUpdates", timeout=10, **values))

    start(poll())
    return found


async def test_an_update_told_twice_is_there_again_after_it_was_acknowledged(
    api: FakeTelegram,
) -> None:
    api.twice = 1
    api.user().says("one")
    _, first = await call(api, "getUpdates")
    offset = first["result"][0]["update_id"] + 1
    assert (await call(api, "getUpdates", offset=offset))[1] == first
    assert (await call(api, "getUpdates", offset=offset))[1]["result"] == []


async def test_a_webhook_gets_the_updates_of_a_chat_in_order_until_it_takes_them(
    api: FakeTelegram,
) -> None:
    answers = iter([500, 200, 200])
    heard = []

    async def hook(request: web.Request) -> web.Response:
        assert request.headers["X-Telegram-Bot-Api-Secret-Token"] == "secret"
        heard.append((await request.json())["message"]["text"])
        return web.Response(status=next(answers))

    application = web.Application()
    application.router.add_post("/hook", hook)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.hosts["https://kepu.example"] = f"http://127.0.0.1:{runner.addresses[0][1]}"
    url = "https://kepu.example/hook"
    await call(api, "setWebhook", url=url, secret_token="secret")
    api.user().says("one", "two")
    await api.until(lambda: len(heard) == 3)
    assert heard == ["one", "one", "two"]
    await api.until(lambda: api.pending == [])
    _, info = await call(api, "getWebhookInfo")
    assert (info["result"]["url"], info["result"]["pending_update_count"]) == (url, 0)
    assert "500" in info["result"]["last_error_message"]
    assert (await call(api, "getUpdates"))[0] == 409
    await call(api, "deleteWebhook")
    assert (await call(api, "getUpdates"))[0] == 200
    await runner.cleanup()


@pytest.mark.parametrize(
    ("method", "values"),
    [
        ("sendMessage", {"chat_id": 1}),
        ("sendMessage", {"chat_id": 1, "text": " "}),
        ("sendMessage", {"chat_id": 1, "text": "𝄞" * 2049}),
        ("sendMessage", {"chat_id": 1, "text": "a", "color": "red"}),
        ("sendMessage", {"chat_id": True, "text": "a"}),
        ("sendMessage", {"chat_id": 1, "text": "1 < 2", "parse_mode": "HTML"}),
        ("sendMessage", {"chat_id": 1, "text": "a", "parse_mode": "MarkdownV2"}),
        ("sendMessage", {"chat_id": 1, "text": "a", "reply_markup": {"inline_keyboard": [[]]}}),
        ("sendMessage", {"chat_id": 1, "text": "a", "entities": [{"type": "bold"}]}),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "a" * 201}),
        ("setMyCommands", {"commands": [{"command": "Book", "description": "Book"}]}),
        ("setWebhook", {"url": "http://kepu.example/"}),
        ("setWebhook", {"url": "https://kepu.example/", "secret_token": "a b"}),
        ("sendPhoto", {"chat_id": 1, "photo": "attach://nothing"}),
        ("getStarted", {}),
    ],
)
async def test_what_breaks_a_rule_is_refused_and_kept(
    api: FakeTelegram, method: str, values: dict[str, Any]
) -> None:
    assert (await call(api, method, **values))[0] == 400
    assert api.violations
    api.violations.clear()


@pytest.mark.parametrize(
    "button",
    [
        {"text": "a", "callback_data": "预" * 22},
        {"text": "a", "callback_data": ""},
        {"text": "a"},
        {"text": "a", "callback_data": "1", "url": "https://kepu.example"},
        {"text": " ", "callback_data": "1"},
    ],
)
async def test_a_button_that_telegram_would_refuse_is_refused(
    api: FakeTelegram, button: dict[str, Any]
) -> None:
    markup = {"inline_keyboard": [[button]]}
    values = {"chat_id": 1, "text": "a", "reply_markup": markup}
    assert (await call(api, "sendMessage", **values))[0] == 400
    assert api.violations
    api.violations.clear()


async def test_who_blocked_the_bot_is_not_written_to_and_the_bot_is_told(
    api: FakeTelegram,
) -> None:
    li = api.user().blocks()
    assert (await call(api, "sendMessage", chat_id=li.id, text="Hello"))[0] == 403
    assert (await call(api, "sendMessage", chat_id=1, text="Hello"))[0] == 400
    _, told = await call(api, "getUpdates", allowed_updates=["my_chat_member"])
    (update,) = told["result"]
    assert update["my_chat_member"]["new_chat_member"]["status"] == "kicked"


async def test_faults_come_as_planned(api: FakeTelegram) -> None:
    li = api.user()
    values = {"chat_id": li.id, "text": "Hello"}
    api.fails(flood(7), "sendMessage")
    status, told = await call(api, "sendMessage", **values)
    assert (status, told["parameters"]) == (429, {"retry_after": 7})
    api.fails(broken())
    assert (await call(api, "sendMessage", **values))[0] == 502
    api.fails(dropped(is_after_effect=False))
    with pytest.raises(ServerDisconnectedError):
        await call(api, "sendMessage", **values)
    assert li.texts == []
    api.fails(dropped(is_after_effect=True))
    with pytest.raises(ServerDisconnectedError):
        await call(api, "sendMessage", **values)
    assert li.texts == ["Hello"]
    api.fails(slow(0.01))
    assert (await call(api, "sendMessage", **values))[0] == 200
    assert li.texts == ["Hello", "Hello"]


async def test_files_are_kept_as_they_were_sent(api: FakeTelegram) -> None:
    li = api.user()
    png = b"\x89PNG and more"
    assert (await call(api, "sendPhoto", chat_id=li.id, photo=png, caption="Ticket"))[0] == 200
    named = {"document": "attach://ics", "ics": b"BEGIN:VCALENDAR"}
    assert (await call(api, "sendDocument", chat_id=li.id, **named))[0] == 200
    assert [each.photo for each in li.messages] == [png, None]
    assert li.messages[1].document == b"BEGIN:VCALENDAR"


async def test_another_token_is_nobody(api: FakeTelegram) -> None:
    api.token = "1:other"
    async with ClientSession() as session, session.get(f"{api.url}/bot2:me/getMe") as answer:
        assert answer.status == 401
