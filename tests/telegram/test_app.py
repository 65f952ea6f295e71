"""Does the real command talk on Telegram, and end with one line when it cannot?"""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Kepu, one_line
from tests.load.server import free_port
from tests.telegram.fake import FakeTelegram
from tests.telegram.faults import Fault


def settings(api: FakeTelegram, **more: str) -> dict[str, str]:
    """What the command is told."""
    return {
        "KEPU_TELEGRAM_TOKEN": api.token, "KEPU_TELEGRAM_API_URL": api.url,
        "KEPU_PORT": str(free_port()), **more,
    }  # fmt: skip


async def runs(folder: Path, given: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """`kepu run`, which ends by itself; what it says on standard output is where it serves."""
    done = await asyncio.to_thread(Kepu(folder), "run", **given)
    address = f"Kepu: http://127.0.0.1:{given['KEPU_PORT']}/\n"
    assert done.stdout in ("", address)
    assert given["KEPU_TELEGRAM_TOKEN"].partition(":")[2] not in done.stderr
    return subprocess.CompletedProcess(done.args, done.returncode, "", _last_line(done.stderr))


def _last_line(words: str) -> str:
    """What is said in the end, the log before it aside."""
    return words.splitlines()[-1] if words else ""


async def test_a_token_nobody_knows_ends_it_with_one_line(
    api: FakeTelegram, tmp_path: Path
) -> None:
    given = settings(api, KEPU_TELEGRAM_TOKEN="123456:" + "x" * 35)
    line = one_line(await runs(tmp_path, given))
    assert "Telegram does not know KEPU_TELEGRAM_TOKEN" in line
    assert "xxx" not in line


async def test_a_rival_ends_it_with_one_line(api: FakeTelegram, tmp_path: Path) -> None:
    words = "Conflict: terminated by other getUpdates request"
    api.fails(Fault(409, words), "getUpdates")
    line = one_line(await runs(tmp_path, settings(api)))
    assert "another process fetches the updates of this bot (Telegram answers 409)" in line


@pytest.mark.parametrize("is_on", [False, True])
def test_the_library_is_loaded_only_when_telegram_is_on(tmp_path: Path, *, is_on: bool) -> None:
    code = (
        "import asyncio, sys\n"
        "from bot import app, cli\n"
        "from bot.settings import load\n"
        "async def look():\n"
        "    settings = load()\n"
        "    with app.open_database(settings) as database:\n"
        "        async with app._telegram(settings, database):\n"
        "            print('telegram' in sys.modules)\n"
        "asyncio.run(look())\n"
    )
    kepu = Kepu(tmp_path)
    given: dict[str, Any] = {"KEPU_TELEGRAM_TOKEN": "123456:" + "x" * 35} if is_on else {}
    (tmp_path / "data").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**kepu.environment, **given},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (f"{is_on}\n", "")
