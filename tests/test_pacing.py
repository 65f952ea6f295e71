"""Does an account send as fast as it may and no faster, replies first?"""

import asyncio
import math
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Pace
from bot.pacing import Allowance, Gate
from storage.database import Database
from tests.builders import NOW
from tests.fakes import most_within, start, ticks
from tests.office import Office, an_office

SECOND = timedelta(seconds=1)


@pytest.fixture
async def office(database: Database) -> Office:
    return an_office(database)


async def test_replies_go_before_reminders_before_announcements(office: Office) -> None:
    office.channel.pace = office.sender.allowance.pace = Pace(1, 1)
    for kind in ("announcement", "reminder", "reply"):
        office.puts(office.chat(kind), kind, kind)
    for _ in range(3):
        await office.sends()
        office.clock.passes(2)
    assert office.channel.texts == ["reply", "reminder", "announcement"]


async def test_announcements_never_keep_a_reply_waiting(office: Office) -> None:
    crowd = [office.chat(f"person {n}") for n in range(120)]
    for chat in crowd:
        office.puts(chat, "news", "announcement")
    put: dict[str, datetime] = {}
    for n, _ in enumerate(ticks(office.clock, 3)):
        if n % 13 == 0:  # under eight replies a second, which is what announcements leave them
            text = f"reply {n}"
            put[text] = office.clock.at
            office.puts(crowd[n % 120], text)
        await office.sends()
    waits = [one.at - put[one.text] for one in office.channel.handed if one.text in put]
    assert len(waits) == len(put)
    assert max(waits) <= timedelta(seconds=0.05)  # the reply before it was in flight
    moments = [one.at for one in office.channel.handed]
    news = [one.at for one in office.channel.handed if one.text == "news"]
    assert most_within(moments, SECOND) <= 30
    assert most_within(news, SECOND) <= 22
    assert len(news) >= 60  # and announcements do go on


async def test_announcements_that_hang_leave_room_for_replies(office: Office) -> None:
    for n in range(20):
        office.puts(office.chat(f"person {n}"), "news", "announcement")
    office.channel.hangs()
    await office.sender.send_due()
    await office.sender.send_due()
    office.puts(office.chat("wang"), "reply")
    await office.sender.send_due()
    await office.channel.has_tried(7)
    assert [one.text for one in office.channel.tried] == ["news"] * 6 + ["reply"]
    office.channel.answers()
    await office.sender.idle()


@given(st.lists(st.tuples(st.integers(0, 700), st.booleans()), max_size=120))
def test_no_second_ever_sees_more_than_the_pace_allows(tries: list[tuple[int, bool]]) -> None:
    allowance, now = Allowance(Pace(5, 3)), NOW
    sent: list[datetime] = []
    announced: list[datetime] = []
    for milliseconds, is_announcement in tries:
        now += timedelta(milliseconds=milliseconds)
        allowed = allowance.announcements if is_announcement else allowance.messages
        if allowed(now) > 0:
            allowance.take(now, is_announcement=is_announcement)
            sent.append(now)
            announced += [now] if is_announcement else []
    assert most_within(sent, SECOND) <= 5
    assert most_within(announced, SECOND) <= 3


@given(st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=30))
def test_when_more_may_be_sent_is_told_in_time(tries: list[tuple[int, bool]]) -> None:
    allowance, now = Allowance(Pace(4, 2)), NOW
    for milliseconds, is_announcement in tries:
        now += timedelta(milliseconds=milliseconds)
        if (allowance.announcements if is_announcement else allowance.messages)(now) > 0:
            allowance.take(now, is_announcement=is_announcement)
    before = allowance.messages(now), allowance.announcements(now)
    seconds = allowance.seconds_until_more(now)
    if min(before) > 0:
        assert seconds == math.inf
    else:
        assert seconds <= 1.01
        later = now + timedelta(seconds=seconds)
        assert allowance.messages(later) + allowance.announcements(later) > sum(before)


def test_a_pause_is_waited_for_and_only_ever_made_longer() -> None:
    allowance = Allowance(Pace(4, 2))
    allowance.pause(NOW + timedelta(seconds=30))
    allowance.pause(NOW + timedelta(seconds=5))
    assert allowance.messages(NOW + timedelta(seconds=29)) == 0
    assert allowance.seconds_until_more(NOW) == 30
    assert allowance.messages(NOW + timedelta(seconds=30)) == 4


async def test_a_running_sender_keeps_a_full_account_busy(office: Office) -> None:
    office.channel.pace = office.sender.allowance.pace = Pace(10, 10, in_flight_max=50)
    loop = asyncio.get_running_loop()
    for n in range(20):
        office.puts(office.chat(f"person {n}"), "hello")
    begun = loop.time()
    office.sender.now = lambda: NOW + timedelta(seconds=loop.time() - begun)
    office.sender.pause_seconds = 15  # so that only the pace can wake it in time
    running = start(office.sender.run())
    await office.channel.has_handed(20)
    assert 1 < loop.time() - begun < 12
    running.cancel()
    await asyncio.wait([running])


TELEGRAM = Pace(30, 22, chat_seconds=1.01, group_per_minute=20)
CALLS = st.tuples(
    st.floats(0, 0.05),  # after the one before
    st.floats(0, 0.4),  # until the platform counts it
    st.floats(0, 0.4),  # and until its answer is here
    st.sampled_from(["1", "2", "3", "-4"]),
    st.booleans(),
)


@given(st.lists(CALLS, max_size=300))
def test_no_account_chat_or_group_is_ever_written_to_too_fast(
    calls: list[tuple[float, float, float, str, bool]],
) -> None:
    gate, now = Gate(TELEGRAM), 0.0
    counted: list[tuple[float, str]] = []
    flying: list[tuple[float, str, bool]] = []
    for after, there, back, chat, is_new in calls:
        now += after
        while True:
            for each in sorted(flying):
                if each[0] <= now:
                    flying.remove(each)
                    gate.land(each[0], each[1], is_new=each[2], is_group=each[1] == "-4")
            seconds = gate.wait(now, chat, is_new=is_new)
            if seconds <= 0:
                break
            now = min(flying)[0] if seconds == math.inf else now + seconds
        gate.take(chat, is_new=is_new)
        flying.append((now + there + back, chat, is_new))
        counted.append((now + there, chat if is_new else ""))
    assert _most([at for at, _chat in counted], 1.0) <= 30
    for chat in "123":
        assert _most([at for at, each in counted if each == chat], 1.0) <= 1
    assert _most([at for at, each in counted if each == "-4"], 60.0) <= 20


def test_an_hour_at_full_speed_keeps_every_limit_and_wastes_little() -> None:
    gate, now = Gate(TELEGRAM), 0.0
    counted: list[float] = []
    while now < 3600:
        chat = f"{len(counted) % 5000}"
        if (seconds := gate.wait(now, chat, is_new=True)) > 0:
            now += seconds
            continue
        gate.take(chat, is_new=True)
        gate.land(now, chat, is_new=True, is_group=False)
        counted.append(now)
    assert _most(counted, 1.0) <= 30
    assert len(counted) > 29.5 * 3600


def test_edits_wait_for_the_account_and_never_for_their_chat() -> None:
    gate = Gate(TELEGRAM)
    gate.take("1", is_new=True)
    assert gate.wait(0, "1", is_new=True) == math.inf
    gate.land(0.5, "1", is_new=True, is_group=False)
    assert gate.wait(0.5, "1", is_new=True) == pytest.approx(1.01)
    assert gate.wait(0.5, "1", is_new=False) == 0
    for _ in range(29):
        gate.take("2", is_new=False)
    assert gate.wait(0.5, "1", is_new=False) == pytest.approx(1.01)
    gate.take("2", is_new=False)
    assert gate.wait(0.5, "1", is_new=False) == math.inf


def test_without_a_pace_nothing_waits() -> None:
    gate = Gate(Pace(math.inf, math.inf))
    for _ in range(100):
        gate.take("1", is_new=True)
    assert gate.wait(0, "1", is_new=True) == 0


def _most(moments: list[float], window: float) -> int:
    moments, most, first = sorted(moments), 0, 0
    for last, at in enumerate(moments):
        while at - moments[first] >= window:
            first += 1
        most = max(most, last - first + 1)
    return most
