"""Can an operator tell Telegram where to bring updates, and see what it knows?"""

import asyncio
import json
import subprocess
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.channels.telegram.api import calling
from bot.channels.telegram.command_menu import LANGUAGES, tell_commands
from bot.channels.telegram.webhook import to_be_set
from bot.cli import commands
from bot.operating import Failed
from handlers.menu import MENU
from tests.commands import Kepu, one_line
from tests.telegram.fake import FakeTelegram
from tests.telegram.faults import Fault

SECRET = "s3cret_-" * 4
PUBLIC = "https://kepu.example"


class Operator:
    """Somebody with a shell, while Telegram answers here."""

    def __init__(self, folder: Path, api: FakeTelegram) -> None:
        self.kepu = Kepu(folder)
        self.settings = {
            "KEPU_TELEGRAM_TOKEN": api.token, "KEPU_TELEGRAM_API_URL": api.url,
            "KEPU_TELEGRAM_MODE": "webhook", "KEPU_TELEGRAM_WEBHOOK_SECRET": SECRET,
            "KEPU_PUBLIC_URL": PUBLIC, "KEPU_DEFAULT_LOCALE": "en",
        }  # fmt: skip

    async def types(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """What the real command says to `kepu telegram webhook …`."""
        return await asyncio.to_thread(self.kepu, "telegram", "webhook", *words, **self.settings)

    async def reads(self, *words: str, **settings: str) -> str:
        """The same within this process, for it is quicker: what is said, or the refusal."""
        given = {**self.settings, **settings}
        invoke = partial(CliRunner().invoke, commands, ["telegram", "webhook", *words], env=given)
        done = await asyncio.to_thread(invoke)
        if done.exception is not None:
            assert isinstance(done.exception, Failed), done.exception
            return str(done.exception)
        return done.stdout


@pytest.fixture
def operator(tmp_path: Path, api: FakeTelegram) -> Operator:
    """Somebody with a shell."""
    return Operator(tmp_path, api)


async def test_a_webhook_is_set_seen_and_deleted(operator: Operator, api: FakeTelegram) -> None:
    done = await operator.types("set")
    assert (done.returncode, done.stdout) == (
        0, "Telegram brings updates to https://kepu.example now.\n"
    )  # fmt: skip
    assert api.called("setWebhook") == [to_be_set(PUBLIC, SECRET)]
    told = await operator.reads("info")
    assert "Telegram brings updates to https://kepu.example, as it should." in told
    told = json.loads(await operator.reads("info", "--json"))
    assert (told["is_ours"], told["host"]) == (True, PUBLIC)
    assert SECRET not in str(told)
    assert json.loads(await operator.reads("delete", "--json")) == {"ok": True}
    assert "Telegram brings updates nowhere" in await operator.reads("info")


async def test_another_kepus_webhook_is_named(operator: Operator, api: FakeTelegram) -> None:
    api.set_webhook({"url": "https://elsewhere.example/telegram/secret"})
    told = await operator.reads("info")
    assert "https://elsewhere.example, which is not this Kepu" in told
    assert "telegram/secret" not in told


async def test_what_cannot_be_done_is_one_line(operator: Operator, api: FakeTelegram) -> None:
    polling = {"KEPU_TELEGRAM_MODE": "polling", "KEPU_TELEGRAM_WEBHOOK_SECRET": ""}
    assert "KEPU_TELEGRAM_MODE is polling" in await operator.reads("set", **polling)
    api.fails(Fault(400, "Bad Request: bad webhook: HTTPS url must be provided"), "setWebhook")
    refused = await operator.reads("set")
    assert "Telegram refused setWebhook" in refused
    assert "https url must be provided" in refused
    none = dict.fromkeys(operator.settings, "")
    assert "KEPU_TELEGRAM_TOKEN is not set" in await operator.reads("info", **none)


async def test_a_token_nobody_knows_is_one_line_without_it(operator: Operator) -> None:
    other = operator.settings["KEPU_TELEGRAM_TOKEN"] = "123456:" + "x" * 35
    line = one_line(await operator.types("info"))
    assert "KEPU_TELEGRAM_TOKEN" in line
    assert other not in line


async def test_the_menu_of_commands_is_told_in_each_language_and_only_when_it_changed(
    api: FakeTelegram,
) -> None:
    async with calling(api.url, api.token) as bot:
        assert await tell_commands(bot, "zh_CN") == 3
        assert await tell_commands(bot, "zh_CN") == 0
        assert await tell_commands(bot, "en") == 1  # who has neither language
    shown = {code: api.methods.commands["default", code] for code in ("", *LANGUAGES)}
    assert shown[""] == shown["en"] != shown["zh"]
    for each in shown["en"]:
        is_way = each["command"] in ("back", "cancel")
        assert is_way or MENU.started_by(f"/{each['command']}") is not None
