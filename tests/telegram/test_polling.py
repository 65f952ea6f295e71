"""Is every update taken once, in its order, and acknowledged only when it is stored?"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels.telegram.usable import TelegramUnusable
from storage import chats
from storage.database import Database
from storage.models import Chat, Inbox, Outbox
from tests import stored
from tests.telegram.fake import FakeTelegram
from tests.telegram.faults import Fault, broken, dropped, flood
from tests.telegram.receiving import Receiving, receiving


@pytest.fixture
async def kepu(api: FakeTelegram, sqlite_database: Database) -> AsyncIterator[Receiving]:
    """Receiving that does not fetch yet."""
    async with receiving(api, sqlite_database) as made:
        yield made


def rows(kepu: Receiving, model: Any) -> list[Any]:
    """Every row of a table."""
    found: list[Any] = kepu.database.read_and_wait(lambda db: stored.rows(db, model))
    return found


def offsets(api: FakeTelegram) -> list[int]:
    """What was acknowledged, call by call."""
    return [each["offset"] for each in api.called("getUpdates")]


async def test_what_is_said_is_heard_and_acknowledged_after_the_commit(kepu: Receiving) -> None:
    li = kepu.api.user().says("预约")
    kepu.door.opened.clear()
    await kepu.poll()
    await kepu.door.until(lambda: kepu.door.inside != [])
    assert len(kepu.api.pending) == 1
    assert offsets(kepu.api) == [0]
    kepu.door.opened.set()
    await kepu.api.until(lambda: not kepu.api.pending)
    assert kepu.door.heard == [f"{li.id}: 预约"]
    assert len(rows(kepu, Outbox)) == 2
    [call] = kepu.api.called("getUpdates")
    assert call["allowed_updates"] == ["message", "callback_query", "my_chat_member"]
    assert call["limit"] == 100


async def test_one_chat_keeps_its_order_and_others_do_not_wait_for_it(kepu: Receiving) -> None:
    li, wang = kepu.api.user("Li"), kepu.api.user("Wang")
    li.says("一", "二", "三")
    wang.says("四")
    kepu.door.opened.clear()
    await kepu.poll()
    await kepu.door.until(lambda: len(kepu.door.inside) > 1)
    assert kepu.door.inside == [f"{li.id}", f"{wang.id}"]
    kepu.door.opened.set()
    await kepu.api.until(lambda: not kepu.api.pending)
    assert [each for each in kepu.door.heard if f"{li.id}" in each] == [
        f"{li.id}: 一", f"{li.id}: 二", f"{li.id}: 三",
    ]  # fmt: skip


async def test_what_could_not_be_stored_is_given_again_and_nothing_is_heard_twice(
    kepu: Receiving,
) -> None:
    kepu.api.user("Li").says("预约")
    kepu.api.user("Wang").says("预约")
    kepu.door.broken_times = 1
    await kepu.poll()
    await kepu.api.until(lambda: not kepu.api.pending)
    assert offsets(kepu.api)[:2] == [0, 0]
    assert len(rows(kepu, Inbox)) == 2
    assert len(rows(kepu, Outbox)) == 4


async def test_updates_delivered_twice_have_one_effect(kepu: Receiving) -> None:
    kepu.api.twice = 2
    kepu.api.user().says("预约", "取消")
    await kepu.poll()
    await kepu.api.until(lambda: not kepu.api.pending and kepu.api.twice == 0)
    assert len(rows(kepu, Inbox)) == 2


async def test_every_tap_is_answered_also_one_that_comes_again(kepu: Receiving) -> None:
    li = kepu.api.user().says("预约")
    await kepu.poll()
    await kepu.api.until(lambda: not kepu.api.pending)
    assert kepu.api.called("answerCallbackQuery") == []
    kepu.api.fails(broken(), "answerCallbackQuery")
    for _ in range(2):
        shown = li.api.methods.call("sendMessage", {"chat_id": li.id, "text": "?"}, {})
        li.taps_data("k1:0", li.chat.message(shown["message_id"]))
    li.taps_data("", li.messages[-1])
    await kepu.api.until(lambda: len(kepu.api.called("answerCallbackQuery")) == 3)
    assert len(kepu.api.unanswered) == 1  # the one that Telegram failed to take


@pytest.mark.parametrize(
    "fault",
    [broken(502), broken(500), dropped(is_after_effect=False), dropped(is_after_effect=True),
     flood(0), Fault(200, body=b"")],
)  # fmt: skip
async def test_whatever_the_network_does_it_goes_on(kepu: Receiving, fault: Fault) -> None:
    kepu.api.fails(fault, "getUpdates", times=2)
    kepu.api.user().says("预约")
    await kepu.poll()
    await kepu.api.until(lambda: not kepu.api.pending)
    assert len(rows(kepu, Inbox)) == 1


async def test_a_rival_ends_it_with_a_line(kepu: Receiving) -> None:
    words = "Conflict: terminated by other getUpdates request; make sure that only one bot"
    kepu.api.fails(Fault(409, words), "getUpdates")
    task = await kepu.poll()
    with pytest.raises(TelegramUnusable, match="another process fetches the updates of this bot"):
        await task


async def test_a_webhook_that_is_set_ends_it_with_a_line(kepu: Receiving) -> None:
    kepu.api.set_webhook({"url": "https://kepu.example/telegram/x"})
    task = await kepu.poll()
    with pytest.raises(TelegramUnusable, match="kepu telegram webhook delete"):
        await task


@pytest.mark.parametrize("status", [401, 404])
async def test_a_token_nobody_knows_ends_it_with_a_line(kepu: Receiving, status: int) -> None:
    kepu.api.fails(Fault(status, "Unauthorized"), "getUpdates")
    task = await kepu.poll()
    with pytest.raises(TelegramUnusable, match="KEPU_TELEGRAM_TOKEN"):
        await task


async def test_who_stops_acknowledges_what_was_taken(kepu: Receiving) -> None:
    kepu.api.user().says("预约")
    task = await kepu.poll()
    await kepu.door.until(lambda: kepu.door.heard != [])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert kepu.api.pending == []


async def test_blocking_and_coming_back_change_whether_somebody_can_be_written_to(
    kepu: Receiving,
) -> None:
    li = kepu.api.user().says("预约").blocks()
    await kepu.poll()
    await kepu.api.until(lambda: not kepu.api.pending)
    assert [each.is_reachable for each in rows(kepu, Chat)] == [False]
    blocked = kepu.api.called("getUpdates")
    assert blocked
    li.blocks(is_blocked=False)
    await kepu.api.until(lambda: not kepu.api.pending)
    assert [each.is_reachable for each in rows(kepu, Chat)] == [True]


async def test_an_old_block_that_comes_again_changes_nothing(kepu: Receiving) -> None:
    li = kepu.api.user().says("预约").blocks().blocks(is_blocked=False)
    updates = list(kepu.api.pending)
    assert await kepu.intake.take_all(updates) == []
    await kepu.intake.take(updates[1])
    assert [each.is_reachable for each in rows(kepu, Chat)] == [True]
    found = kepu.database.read_and_wait(lambda db: chats.find(db, "telegram", f"{li.id}"))
    assert found is not None


async def test_who_never_spoke_leaves_no_trace_by_blocking(kepu: Receiving) -> None:
    kepu.api.user().blocks()
    await kepu.intake.take_all(kepu.api.pending)
    assert rows(kepu, Chat) == []


async def test_a_group_is_declined_once_and_nobody_is_made_of_it(kepu: Receiving) -> None:
    li = kepu.api.in_group(kepu.api.user(language="en"))
    li.says("hello", "/book", "/start@kepu_test_bot", "预约")
    await kepu.intake.take_all(kepu.api.pending)
    await kepu.intake.finish()
    assert [(each.address, each.text) for each in kepu.channel.handed] == [
        ("-500", "I talk only with one person at a time. "
                 "Please write to me in a chat of your own.")
    ]  # fmt: skip
    assert rows(kepu, Chat) == []
