"""Does what happens by itself happen, and go on happening after a failure?"""

from datetime import datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from bot.jobs import Jobs, schedule
from handlers.conversation.deadlines import Deadlines
from handlers.conversation.menu import Menu
from handlers.here import Home
from handlers.messages import Message
from handlers.texts import plain
from storage import inbox, outbox
from storage.database import Database
from tests.builders import NOW, a_chat
from tests.fakes import FakeStoring, rename_table
from tests.office import Office, an_office


@pytest.fixture
async def office(database: Database) -> Office:
    return an_office(database)


@pytest.fixture
def jobs(office: Office) -> Jobs:
    deadlines = Deadlines(Menu([], [], plain("Hello")), {}, Home("en", "Asia/Shanghai"))
    return Jobs(office.database, deadlines, FakeStoring(), office.clock)


async def test_what_is_due_in_the_web_chat_is_shown_and_its_pages_woken(
    office: Office, jobs: Jobs
) -> None:
    chat = office.database.write_and_wait(lambda db: a_chat(db, address="li"))
    office.puts(chat, "soon", "reminder", due_at=NOW + timedelta(minutes=1))
    await jobs.show_due()
    assert office.states() == ["ready"]
    office.clock.passes(60)
    await jobs.show_due()
    assert office.states() == ["sent"]
    assert isinstance(jobs.storing, FakeStoring)
    assert jobs.storing.woken == ["li"]


async def test_what_came_too_late_or_cannot_come_is_accounted_for(
    office: Office, jobs: Jobs
) -> None:
    gone = office.database.write_and_wait(lambda db: a_chat(db, channel="fake", is_reachable=False))
    office.puts(office.chat("li"), "late", "reminder", expires_at=NOW + timedelta(hours=1))
    office.puts(gone, "to nobody", "announcement")
    office.puts(office.chat("wang"), "good")
    office.clock.passes(3600)
    await jobs.settle()
    assert office.states() == ["expired", "unreachable", "ready"]


async def test_what_a_dead_sender_left_is_settled_when_its_lease_is_over(
    office: Office, jobs: Jobs
) -> None:
    office.puts(office.chat("li"), "booked")
    office.puts(office.chat("wang"), "news", "announcement")
    office.channel.hangs()
    await office.sender.send_due()
    office.clock.passes(59)
    await jobs.settle()
    assert office.states() == ["sending", "sending"]
    office.clock.passes(2)
    await jobs.settle()
    assert office.states() == ["ready", "in_doubt"]
    office.channel.answers()
    await office.sender.idle()


async def test_how_much_waits_and_for_how_long_is_measured(office: Office, jobs: Jobs) -> None:
    for n in range(3):
        office.puts(office.chat(f"person {n}"), "hello", due_at=NOW + timedelta(seconds=n))
    office.clock.passes(60)
    await jobs.settle()
    assert REGISTRY.get_sample_value("kepu_outbox_waiting") == 3
    assert REGISTRY.get_sample_value("kepu_outbox_lag_seconds") == 60
    await office.sends()
    await jobs.settle()
    assert REGISTRY.get_sample_value("kepu_outbox_waiting") == 0
    assert REGISTRY.get_sample_value("kepu_outbox_lag_seconds") == 0


async def test_what_was_kept_long_enough_is_forgotten_and_nothing_else(
    office: Office, jobs: Jobs
) -> None:
    chat = office.chat()
    office.puts(chat, "old and said")
    await office.sends()
    office.puts(chat, "old and still due")
    dead = office.database.write_and_wait(lambda db: inbox.accept(db, "fake", "e1", NOW).first())
    assert dead is not None
    office.database.write_and_wait(lambda db: inbox.bury(db, dead, "words", "KeyError"))
    _reply(office, chat, dead, NOW)
    office.clock.passes(31 * 24 * 3600)
    _reply(office, chat, dead, office.clock.at)
    await jobs.forget()
    assert [row.payload["text"] for row in office.rows()] == ["old and still due", "reply"]
    assert office.database.read_and_wait(inbox.dead_letters) == 1


async def test_the_log_of_the_database_is_emptied(office: Office, jobs: Jobs) -> None:
    office.puts(office.chat(), "reply")
    await jobs.checkpoint()
    assert [row.payload["text"] for row in office.rows()] == ["reply"]


async def test_every_job_ticks_and_none_is_dropped_for_being_late(jobs: Jobs) -> None:
    ticking = schedule(jobs).get_jobs()
    assert {job.id for job in ticking} == {
        "show_due", "keep_deadlines", "settle", "forget", "checkpoint", "keep_queues", "seal",
        "find_missed", "remind",
    }  # fmt: skip
    assert {job.misfire_grace_time for job in ticking} == {None}
    assert {job.coalesce for job in ticking} == {True}


async def test_a_job_that_fails_is_logged_and_ticks_again(
    office: Office, jobs: Jobs, capsys: pytest.CaptureFixture[str]
) -> None:
    settle = schedule(jobs).get_job("settle").func
    rename_table(office.database, "outbox", "hidden")
    await settle()
    assert "job failed" in capsys.readouterr().out
    rename_table(office.database, "hidden", "outbox")
    office.puts(office.chat(), "late", "reminder", expires_at=NOW)
    await settle()
    assert office.states() == ["expired"]


def _reply(office: Office, chat: int, inbox_id: int, at: datetime) -> None:
    message = {**Message("reply").as_json(), "number": at.day}
    office.database.write_and_wait(
        lambda db: outbox.reply(db, chat, inbox_id, [message], at, is_shown=True)
    )
