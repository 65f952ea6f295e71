"""Kill Kepu while families book in Telegram: is every update taken once, every answer given?"""

import os
from pathlib import Path

import pytest

from tests.kill import telegram

KILLS = int(os.environ.get("KEPU_TELEGRAM_KILLS", "8"))  # by polling, and by webhook
SEED = int(os.environ.get("KEPU_SEED", "20261122"))
MODES = {
    "polling": {},
    "webhook": {
        "KEPU_TELEGRAM_MODE": "webhook", "KEPU_TELEGRAM_WEBHOOK_SECRET": "s3cret_-" * 4,
        "KEPU_PUBLIC_URL": telegram.PUBLIC,
    },
}  # fmt: skip

pytestmark = pytest.mark.kill


@pytest.mark.parametrize("mode", sorted(MODES))
async def test_no_update_is_lost_and_none_is_answered_anew(
    sqlite_url: str, tmp_path: Path, mode: str
) -> None:
    report = await telegram.play(sqlite_url, tmp_path, MODES[mode], seed=SEED, kills=KILLS)
    assert report.complaints == [], f"KEPU_SEED={SEED}, killed by {report.kills}"
    assert len(report.families) >= telegram.VISITORS
    assert report.still_turning <= KILLS * telegram.VISITORS
    assert report.sent_again <= KILLS * telegram.VISITORS + 20  # dropped connections among them


async def test_with_repeats_taken_for_new_the_checks_complain(
    sqlite_url: str, tmp_path: Path
) -> None:
    webhook = MODES["webhook"]
    report = await telegram.play(
        sqlite_url, tmp_path, webhook, seed=1, kills=2, faults="dedupe_off"
    )  # fmt: skip
    assert any("heard" in complaint for complaint in report.complaints)
