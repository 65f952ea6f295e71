"""Does the webhook take what is Telegram's, once, and nothing else?"""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bot.channels.telegram.webhook import HEADER, Webhook, host_of, is_ours, secret_path, to_be_set
from storage.database import Database
from storage.models import Inbox
from tests import stored
from tests.telegram.fake import FakeTelegram
from tests.telegram.receiving import Receiving, receiving

SECRET = "s3cret_-" * 4
PUBLIC = "https://kepu.example"
MEGABYTE = 1024 * 1024


@pytest.fixture
async def kepu(api: FakeTelegram, sqlite_database: Database) -> AsyncIterator[Receiving]:
    """Receiving by a webhook, which Telegram knows."""
    async with receiving(api, sqlite_database) as made:
        application = web.Application(client_max_size=MEGABYTE)
        application.add_routes(Webhook(SECRET, made.intake).routes())
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        api.hosts[PUBLIC] = f"http://127.0.0.1:{runner.addresses[0][1]}"
        api.set_webhook(to_be_set(PUBLIC, SECRET))
        yield made
        await runner.cleanup()


def heard(kepu: Receiving) -> int:
    """How many events were stored."""
    return len(kepu.database.read_and_wait(lambda db: stored.rows(db, Inbox)))


async def post(kepu: Receiving, path: str, secret: str | None, **sent: Any) -> int:
    """The status of one call."""
    headers = {} if secret is None else {HEADER: secret}
    async with ClientSession() as session:
        url = kepu.api.hosts[PUBLIC] + path
        async with session.post(url, headers=headers, **sent) as response:
            return response.status


async def test_what_is_said_is_heard_and_answered_200_after_the_commit(kepu: Receiving) -> None:
    kepu.door.opened.clear()
    li = kepu.api.user().says("预约")
    await kepu.door.until(lambda: kepu.door.inside != [])
    assert kepu.api.webhook is not None
    assert kepu.api.webhook.statuses == []
    kepu.door.opened.set()
    await kepu.api.until(lambda: not kepu.api.pending)
    assert kepu.api.webhook.statuses == [200]
    assert kepu.door.heard == [f"{li.id}: 预约"]


async def test_an_update_that_comes_twice_is_answered_200_and_has_one_effect(
    kepu: Receiving,
) -> None:
    kepu.api.twice = 2
    kepu.api.user().says("预约", "取消")
    await kepu.api.until(lambda: not kepu.api.pending)
    assert kepu.api.webhook is not None
    assert kepu.api.webhook.statuses == [200] * 4
    assert heard(kepu) == 2


async def test_what_cannot_be_stored_is_not_answered_200_and_comes_again(kepu: Receiving) -> None:
    kepu.door.broken_times = 1
    kepu.api.user().says("预约")
    await kepu.api.until(lambda: not kepu.api.pending)
    assert kepu.api.webhook is not None
    assert kepu.api.webhook.statuses == [500, 200]
    assert heard(kepu) == 1


async def test_another_address_is_not_there_and_another_secret_is_refused(kepu: Receiving) -> None:
    update = {"update_id": 1, "message": {}}
    path = secret_path(SECRET)
    assert await post(kepu, path, SECRET, json=update) == 200
    assert await post(kepu, path, None, json=update) == 403
    assert await post(kepu, path, "", json=update) == 403
    assert await post(kepu, path, SECRET[:-1], json=update) == 403
    assert await post(kepu, path, "ключ", json=update) == 403
    assert await post(kepu, path[:-1], SECRET, json=update) == 404
    assert await post(kepu, path + "0", SECRET, json=update) == 404
    assert await post(kepu, "/telegram/%FF", SECRET, json=update) == 404
    assert heard(kepu) == 0


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"7", b'{"update_id": "x"}',
                                  b"[" * 100_000])  # fmt: skip
async def test_what_is_no_update_is_answered_200_so_that_it_does_not_come_again(
    kepu: Receiving, body: bytes
) -> None:
    assert await post(kepu, secret_path(SECRET), SECRET, data=body) == 200
    assert heard(kepu) == 0


async def test_more_than_a_megabyte_is_refused_said_or_not(kepu: Receiving) -> None:
    path = secret_path(SECRET)
    assert await post(kepu, path, SECRET, data=BytesIO(b"x" * (MEGABYTE + 1))) == 413

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"x" * 65536

    assert await post(kepu, path, SECRET, data=drip()) == 413


def test_what_telegram_is_told_can_be_known_again_and_tells_no_secret() -> None:
    told = to_be_set(PUBLIC, SECRET)
    assert told["url"].startswith("https://kepu.example/telegram/")
    assert SECRET not in told["url"]
    info = {"url": told["url"], "allowed_updates": ["my_chat_member", "message", "callback_query"]}
    assert is_ours(info, PUBLIC, SECRET)
    assert not is_ours({**info, "allowed_updates": ["message"]}, PUBLIC, SECRET)
    assert not is_ours(info, PUBLIC, "another")
    assert not is_ours({"url": ""}, PUBLIC, "")
    assert host_of(info) == PUBLIC
    assert host_of({"url": ""}) == ""
