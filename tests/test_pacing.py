"""Does an account send as fast as it may and no faster, replies first?"""

import asyncio
import math
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Pace
from bot.pacing import Allowance
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
