"""Does the sender hand over what is due, and account for whatever becomes of it?"""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import bindparam, select, text
from sqlmodel import col

from bot.channels.base import Outcome
from bot.outbound import ATTEMPTS_MAX
from handlers.conversation.testing import NUMBERS, Stage
from storage import chats, sending
from storage.database import Database
from storage.models import Chat, OutboxState
from storage.statements import Command, Query, scalar
from tests.builders import NOW
from tests.fakes import PATIENCE_SECONDS, rename_table, start
from tests.office import TALK, Office, an_office

_IS_REACHABLE = Query(
    select(col(Chat.is_reachable)).where(col(Chat.id) == bindparam("chat")), into=scalar
)
_CHATS = Query(select(col(Chat.id)), into=scalar)


@pytest.fixture
async def office(database: Database) -> Office:
    return an_office(database)


async def test_what_is_due_is_handed_over_and_recorded(office: Office) -> None:
    office.puts(office.chat(), "hello")
    await office.sends()
    assert [(one.address, one.text) for one in office.channel.handed] == [("li", "hello")]
    (row,) = office.rows()
    assert (row.state, row.attempts, row.sent_at) == (OutboxState.SENT, 1, NOW)
    assert row.external_id == "outside-1"
    await office.sends()
    assert len(office.channel.tried) == 1


async def test_what_is_due_later_waits_until_then(office: Office) -> None:
    office.puts(office.chat(), "tomorrow", "reminder", due_at=NOW + timedelta(days=1))
    await office.sends()
    assert office.channel.tried == []
    office.clock.passes(24 * 3600)
    await office.sends()
    assert office.channel.texts == ["tomorrow"]


async def test_a_flood_limit_pauses_the_account_loses_nothing_and_counts_no_attempt(
    office: Office,
) -> None:
    for n in range(12):
        office.puts(office.chat(f"person {n}"), f"{n}")
    office.channel.fails(Outcome.PAUSED, times=8, retry_after_seconds=30)
    await office.sends(3)
    assert len(office.channel.tried) == 8  # those in flight when the first limit was met
    assert office.states() == ["ready"] * 12
    assert {row.attempts for row in office.rows()} == {0}
    office.clock.passes(29)
    await office.sends()
    assert len(office.channel.tried) == 8
    office.clock.passes(1)
    await office.sends(2)
    assert sorted(office.channel.texts, key=int) == [f"{n}" for n in range(12)]
    assert {row.attempts for row in office.rows()} == {1}


async def test_a_message_not_sent_is_tried_again_later_and_later_then_given_up(
    office: Office,
) -> None:
    office.puts(office.chat(), "hello")
    office.channel.fails(Outcome.NOT_SENT, times=ATTEMPTS_MAX)
    waits = []
    for _ in range(ATTEMPTS_MAX):
        await office.sends(2)  # the second finds nothing due
        (row,) = office.rows()
        waits.append((row.due_at - office.clock.at).total_seconds())
        office.clock.at = row.due_at
    assert waits[:-1] == [1, 5, 30, 120, 600]
    assert (row.state, row.attempts) == (OutboxState.FAILED, ATTEMPTS_MAX)
    assert row.error == "told to be not_sent"
    assert len(office.channel.tried) == ATTEMPTS_MAX


async def test_a_message_not_sent_once_arrives_with_the_next_try(office: Office) -> None:
    office.puts(office.chat(), "hello")
    office.channel.fails(Outcome.NOT_SENT)
    await office.sends()
    office.clock.passes(1)
    await office.sends()
    assert office.channel.texts == ["hello"]
    assert office.states() == ["sent"]


@pytest.mark.parametrize("kind", ["reply", "confirmation", "urgent"])
async def test_what_must_arrive_is_sent_once_more_when_nobody_knows(
    office: Office, kind: str
) -> None:
    office.puts(office.chat(), "hello", kind)
    office.channel.fails(Outcome.UNKNOWN, times=2)
    await office.sends()
    assert office.states() == ["ready"]
    await office.sends(3)
    assert office.states() == ["in_doubt"]
    assert len(office.channel.tried) == 2


@pytest.mark.parametrize("kind", ["announcement", "reminder", "sign_in"])
async def test_what_may_not_come_twice_stays_in_doubt_when_nobody_knows(
    office: Office, kind: str
) -> None:
    office.puts(office.chat(), "hello", kind)
    office.channel.fails(Outcome.UNKNOWN)
    await office.sends(3)
    assert office.states() == ["in_doubt"]
    assert len(office.channel.tried) == 1


async def test_a_bug_in_a_channel_is_a_message_of_unknown_fate(office: Office) -> None:
    office.puts(office.chat(), "hello", "announcement")
    office.channel.breaks(KeyError("result"))
    await office.sends()
    (row,) = office.rows()
    assert (row.state, row.error) == (OutboxState.IN_DOUBT, "KeyError")


async def test_a_message_that_cannot_be_made_was_surely_not_sent(database: Database) -> None:
    office = an_office(database, name="wechat", capabilities=NUMBERS)
    Stage(database.write_and_wait, TALK, NOW).person("wechat").says("/visit")
    broken = Command(text("UPDATE conversation SET answers = '{\"room\": 1}'"))
    database.write_and_wait(lambda db: db.change(broken))
    (chat,) = database.read_and_wait(lambda db: db.all(_CHATS))
    office.puts(chat, "news", "announcement")
    for _ in range(ATTEMPTS_MAX):
        await office.sends()
        office.clock.passes(3600)
    row = office.rows()[-1]
    assert (row.state, row.attempts, row.error) == (OutboxState.FAILED, ATTEMPTS_MAX, "TypeError")
    assert "news" not in [one.text for one in office.channel.tried]


async def test_an_outside_that_never_answers_holds_nobody_up_for_ever(office: Office) -> None:
    office.sender.patience_seconds = 0.02
    office.puts(office.chat(), "hello", "announcement")
    office.channel.hangs()
    await office.sends()
    (row,) = office.rows()
    assert (row.state, row.error) == (OutboxState.IN_DOUBT, "no answer in time")


async def test_a_person_who_left_is_written_to_again_once_they_speak(office: Office) -> None:
    chat = office.chat()
    office.puts(chat, "one", "announcement")
    office.channel.fails(Outcome.UNREACHABLE)
    await office.sends()
    office.puts(chat, "two", "announcement")
    await office.sends()
    assert len(office.channel.tried) == 1
    assert not _is_reachable(office, chat)
    office.database.write_and_wait(lambda db: sending.give_up_unreachable(db, NOW))
    assert office.states() == ["unreachable", "unreachable"]

    office.database.write_and_wait(lambda db: chats.heard(db, chat, 0, NOW))
    office.puts(chat, "three", "announcement")
    await office.sends()
    assert office.channel.texts == ["three"]


async def test_words_the_outside_refuses_are_not_tried_again(office: Office) -> None:
    office.puts(office.chat(), "hello")
    office.channel.fails(Outcome.REFUSED)
    await office.sends(3)
    assert office.states() == ["failed"]
    assert len(office.channel.tried) == 1


async def test_messages_to_several_people_are_handed_over_side_by_side(office: Office) -> None:
    for n in range(20):
        office.puts(office.chat(f"person {n}"), "hello")
    office.channel.hangs()
    await office.sender.send_due()
    await office.channel.has_tried(office.channel.pace.in_flight_max)
    assert office.channel.in_flight == office.channel.pace.in_flight_max
    office.channel.answers()
    await office.sender.idle()
    await office.sends(2)
    assert len(office.channel.handed) == 20


async def test_a_sender_killed_between_claim_and_outcome_loses_and_doubles_nothing(
    office: Office,
) -> None:
    office.puts(office.chat("li"), "your visit is booked")
    office.puts(office.chat("wang"), "news", "announcement")
    office.channel.hangs()
    await office.sender.send_due()
    await office.channel.has_tried(2)  # and the process is dead from here

    after = office.another_sender()
    after.settles()
    await after.sends()
    assert after.channel.tried == []  # it may live: the lease is not over
    office.clock.passes(sending.LEASE_SECONDS + 1)
    after.settles()
    assert after.states() == ["ready", "in_doubt"]
    await after.sends()
    assert after.channel.texts == ["your visit is booked"]
    assert after.states() == ["sent", "in_doubt"]

    office.channel.answers()  # it was only asleep: what it tells now comes too late
    await office.sender.idle()
    assert after.states() == ["sent", "in_doubt"]
    assert after.rows()[0].external_id == "outside-1"


async def test_what_a_sender_tells_of_a_message_another_is_sending_comes_too_late(
    office: Office,
) -> None:
    office.puts(office.chat(), "hello")
    office.channel.hangs()
    office.channel.fails(Outcome.REFUSED)
    await office.sender.send_due()
    office.clock.passes(sending.LEASE_SECONDS + 1)
    after = office.another_sender()
    after.settles()
    after.channel.hangs()
    await after.sender.send_due()
    office.channel.answers()
    await office.sender.idle()
    assert after.states() == ["sending"]
    after.channel.answers()
    await after.sender.idle()
    assert after.states() == ["sent"]


async def test_a_reply_that_meets_two_crashes_is_not_sent_a_third_time(office: Office) -> None:
    office.puts(office.chat(), "hello")
    for _ in range(3):
        crashed = office.another_sender()
        crashed.channel.hangs()
        await crashed.sender.send_due()
        office.clock.passes(sending.LEASE_SECONDS + 1)
        office.settles()
        crashed.channel.answers()
        await crashed.sender.idle()
    assert office.states() == ["in_doubt"]
    (row,) = office.rows()
    assert row.attempts == 2


async def test_a_running_sender_sends_at_once_when_woken_and_ends_what_it_began(
    office: Office,
) -> None:
    running = start(office.sender.run())
    office.puts(office.chat("li"), "one")
    office.sender.wake()
    await office.channel.has_handed(1)
    office.channel.hangs()
    office.puts(office.chat("wang"), "two")
    office.sender.wake()
    await office.channel.has_tried(2)
    running.cancel()
    office.channel.answers()
    await asyncio.wait([running])
    assert office.states() == ["sent", "sent"]


async def test_a_running_sender_outlives_a_failure_of_the_database(office: Office) -> None:
    office.puts(office.chat(), "hello")
    rename_table(office.database, "outbox", "hidden")
    looks = iter(range(6))
    seen_often = asyncio.Event()

    def now() -> datetime:
        if next(looks, None) is None:
            seen_often.set()
        return NOW

    office.sender.now = now
    office.sender.pause_seconds = 0.01
    running = start(office.sender.run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        await seen_often.wait()
    rename_table(office.database, "hidden", "outbox")
    await office.channel.has_handed(1)
    running.cancel()
    await asyncio.wait([running])


def _is_reachable(office: Office, chat: int) -> bool:
    return bool(office.database.read_and_wait(lambda db: db.first(_IS_REACHABLE, chat=chat)))
