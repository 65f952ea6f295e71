"""What does a family in Telegram do while Kepu is killed? They tap on, whenever it asks."""

import asyncio
import contextlib
import json
import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from bot.channels.telegram.keyboards import IDLE
from tests.kill import ledger
from tests.kill.people import CODE
from tests.kill.process import LOOK_SECONDS, Kepu, Nursery
from tests.telegram.fake import FakeTelegram
from tests.telegram.faults import dropped
from tests.telegram.people import Shown, User

VISITORS = 8  # who talk at once
PATIENCE_SECONDS = 4.0  # of a family; restarts are quicker
END_SECONDS = 40.0
PLACES = 1000
PUBLIC = "https://kepu.example"
FAILPOINTS = (
    "after_inbox", "after_effect", "before_commit", "after_commit", "before_hand_over",
    "before_send", "after_send",
)  # fmt: skip
_TOKEN = re.compile(r"k(\d+):(\w+)")
_TAKEN = ("只有大人", "确认")  # where these are offered; else one of those that are
_EVENTS = "SELECT event_id FROM inbox WHERE channel = 'telegram'"
_BOOKINGS = """
    SELECT chat.address, booking.code FROM booking
    JOIN chat ON chat.person_id = booking.person_id ORDER BY booking.id
"""
_OPEN = """
    SELECT count(*) FROM outbox JOIN chat ON chat.id = outbox.chat_id
    WHERE chat.channel = 'telegram' AND lane = '1_reply' AND state IN ('ready', 'sending')
"""
_OUTBOX = """
    SELECT outbox.state, outbox.attempts, outbox.id FROM outbox
    JOIN chat ON chat.id = outbox.chat_id WHERE chat.channel = 'telegram'
"""


@dataclass
class Family:
    """Two thumbs and a telephone. `play` books a visit, through any number of kills."""

    user: User
    chance: random.Random
    code: str = ""
    events: int = 0
    asked: list[int] = field(default_factory=list)  # the numbers of the questions
    asked_again: int = 0
    _is_confirmed: bool = False

    async def play(self) -> None:
        """From the first word to the code."""
        self._says("预约")
        while not self.code:
            await self._waits()
            self.code = self._code()
            shown = self._open()
            if shown is None or self.code:
                continue
            self.asked.append(_number(shown))
            if self._is_confirmed:  # where is the ticket?
                self.asked_again += 1
                self._says("我的预约")
            else:
                self._taps(self._choice(shown), shown)

    async def _waits(self) -> None:
        """Wait for an answer; ask again when none comes: it was sent twice into the dark."""
        api, what = self.user.api, f"an answer for {self.user.name}"
        while True:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await api.until(lambda: self._open() is not None or bool(self._code()), what)
                    return
            except TimeoutError:
                self.asked_again += 1
                self._says("我的预约" if self._is_confirmed else "预约")

    def _says(self, words: str) -> None:
        self.events += 1
        self.user.says(words)

    def _taps(self, token: str, shown: Shown) -> None:
        self.events += 1
        self._is_confirmed = token.endswith(":yes")
        self.user.taps_data(token, shown)

    def _open(self) -> Shown | None:
        """The newest question, unless it was answered: one sent twice is no new one."""
        there = [each for each in self.user.messages if _number(each)]
        newest = max(there, key=_number, default=None)
        is_new = newest is not None and _number(newest) > max(self.asked, default=0)
        return newest if is_new else None

    def _code(self) -> str:
        found = [each[0].replace("-", "") for each in map(CODE.search, self.user.texts) if each]
        return found[-1] if found else ""

    def _choice(self, shown: Shown) -> str:
        buttons = [each for row in shown.buttons for each in row if "callback_data" in each]
        for each in buttons:
            if each["text"] in _TAKEN:
                return str(each["callback_data"])
        tokens = [each["callback_data"] for each in buttons if each["callback_data"] != IDLE]
        offered = [each for each in tokens if _TOKEN.fullmatch(each) and each[-1].isdigit()]
        return str(self.chance.choice(offered))


@dataclass
class Report:
    """What was played and found."""

    kills: list[str] = field(default_factory=list)
    families: list[Family] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    sent_again: int = 0
    in_doubt: int = 0  # interrupted twice: left to a person
    still_turning: int = 0  # buttons of taps whose answer died with its process


async def play(
    url: str,
    folder: Path,
    settings: Mapping[str, str],
    *,
    seed: int,
    kills: int,
    faults: str = "",
) -> Report:
    """Kill Kepu so often while families book in Telegram, and look whether anything is wrong.

    `faults` are switched off in every process, for the control.
    """
    ledger.lay_out(url, PLACES, for_adults=True)
    report, chance = Report(), random.Random(seed)
    async with FakeTelegram() as api, Nursery() as nursery:
        more = {
            "KEPU_TELEGRAM_TOKEN": api.token, "KEPU_TELEGRAM_API_URL": api.url, **settings,
        }  # fmt: skip
        kepu = Kepu(nursery, folder, url, more_settings=more)
        api.hosts[PUBLIC] = f"http://127.0.0.1:{kepu.port}"
        api.fails_every(50, dropped(is_after_effect=True), "editMessageText")
        is_closing = asyncio.Event()
        talking = asyncio.gather(*(_crowd(api, report, is_closing) for _ in range(VISITORS)))
        for number in range(kills):
            api.twice += 1
            fault = f"{chance.choice(FAILPOINTS)}:{chance.randint(1, 8)}" if number % 2 else ""
            report.kills.append(fault or "from outside")
            await _live_and_die(kepu, faults, fault, chance.uniform(0.1, 0.5))
        is_closing.set()
        await kepu.start(faults)
        async with asyncio.timeout(END_SECONDS):
            await talking
            await api.until(lambda: not api.pending)
            await _until_all_is_sent(url)
        await kepu.kill()
        report.still_turning = len(api.unanswered)
        report.complaints += _said_too_often(api)
    _check(url, report)
    return report


async def _live_and_die(kepu: Kepu, faults: str, fault: str, seconds: float) -> None:
    if not fault:
        await kepu.start(faults)
        await asyncio.sleep(seconds)
        await kepu.kill()
        return
    with contextlib.suppress(RuntimeError):  # it died before its first page
        await kepu.start(",".join(filter(None, (faults, fault))))
    await kepu.gone()


async def _until_all_is_sent(url: str) -> None:
    with ledger.opened(url) as connection:
        while connection.execute(text(_OPEN)).scalar_one():
            connection.rollback()
            await asyncio.sleep(LOOK_SECONDS)


async def _crowd(api: FakeTelegram, report: Report, is_closing: asyncio.Event) -> None:
    while not is_closing.is_set():
        number = len(report.families)
        family = Family(api.user(f"family {number}", "zh-hans"), random.Random(number))
        report.families.append(family)
        await family.play()


def _number(shown: Shown) -> int:
    """The number of the question a message asks; 0 when it asks none."""
    found = [
        _TOKEN.fullmatch(each.get("callback_data", "")) for row in shown.buttons for each in row
    ]
    return max((int(each[1]) for each in found if each), default=0)


def _said_too_often(api: FakeTelegram) -> list[str]:
    """New messages that stand in a chat more than twice; an edit may come as often as it likes."""
    said = Counter(
        json.dumps(
            [each.values.get(name) for name in ("chat_id", "text", "caption", "reply_markup")]
        )
        for each in api.calls
        if each.method in ("sendMessage", "sendPhoto") and each.status == 200
    )
    return [f"said {count} times: {message}" for message, count in said.items() if count > 2]


def _check(url: str, report: Report) -> None:
    with ledger.opened(url) as connection:
        events = [row[0] for row in connection.execute(text(_EVENTS))]
        bookings = [tuple(row) for row in connection.execute(text(_BOOKINGS))]
        outbox = [tuple(row) for row in connection.execute(text(_OUTBOX))]
    told = {(str(each.user.id), each.code): each for each in report.families}
    if len(bookings) != len(told) or set(bookings) != set(told):
        report.complaints += [f"told and not stored {each}" for each in set(told) - set(bookings)]
        report.complaints.append(f"stored and not told {set(bookings) - set(told)}")
    said = sum(each.events for each in report.families)
    if len(events) != said:
        report.complaints.append(f"{said} updates, {len(events)} heard")
    for each in report.families:
        if each.asked != sorted(set(each.asked)):
            report.complaints.append(f"{each.user.name} was asked {each.asked}")
    for state, attempts, row in outbox:
        if state not in ("sent", "in_doubt"):
            report.complaints.append(f"message {row} is {state} after {attempts} attempts")
        report.sent_again += attempts > 1
        report.in_doubt += state == "in_doubt"
    asked_again = sum(each.asked_again for each in report.families)
    if asked_again > report.in_doubt:
        report.complaints.append(f"{asked_again} answers missed, {report.in_doubt} in doubt")
