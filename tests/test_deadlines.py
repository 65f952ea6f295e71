"""Is everybody reminded once and no conversation left open for ever, whatever comes between?"""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from bot.jobs import Jobs
from handlers.conversation.chat import Chat, conversation
from handlers.conversation.deadlines import Deadlines
from handlers.conversation.menu import Menu
from handlers.conversation.question import Option
from handlers.conversation.testing import CHANNELS, Person, Stage
from handlers.here import Home
from handlers.texts import plain
from storage import conversations, outbox
from storage.database import Database
from storage.models import Outbox
from storage.statements import Query, scalar
from tests.builders import NOW
from tests.conversation.flows import DESK, hint, visit, wish
from tests.fakes import Clock, FakeStoring

HOME = Home("en", "Asia/Shanghai")
_COUNT = Query(select(func.count(col(Outbox.id))), into=scalar)


@conversation(
    "doodle", command="doodle", title=plain("Doodle"), remind_after=timedelta(hours=1),
    expires_after=timedelta(days=1),
)  # fmt: skip
async def doodle(chat: Chat) -> None:
    """Asks with a name that a later Kepu may have changed."""
    await chat.choose("colour", plain("Which colour?"), [Option("red", plain("Red"))])
    await chat.choose("size", plain("Which size?"), [Option("big", plain("Big"))])


@conversation(
    "doodle", command="doodle", title=plain("Doodle"), remind_after=timedelta(hours=1),
    expires_after=timedelta(days=1),
)  # fmt: skip
async def changed_doodle(chat: Chat) -> None:
    """The same conversation after an update."""
    await chat.choose("shade", plain("Which shade?"), [Option("dark", plain("Dark"))])


MENU = Menu([visit, wish, hint, doodle], ["visit", "wish"], plain("Hello"))


class Bench:
    """People in the middle of something, the clock, and the jobs that look at it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock()
        self.stage = Stage(database.write_and_wait, MENU, NOW, HOME)
        self.web = FakeStoring()
        self.jobs = self.another_process(database)

    def another_process(self, database: Database) -> Jobs:
        """The jobs of one more process on the same database."""
        return Jobs(database, Deadlines(self.stage.menu, CHANNELS, HOME), self.web, self.clock)

    def person(self, channel: str = "web", address: str = "li") -> Person:
        """Somebody halfway through a visit."""
        return self.stage.person(channel, address).says("/visit").taps("Stars")

    def later(self, **time: float) -> None:
        """Let time pass, for people and jobs alike."""
        self.stage.later(**time)
        self.clock.at = self.stage.now

    def shown(self, address: str = "li") -> list[str]:
        """The words shown in somebody's web chat."""
        found = self.database.read_and_wait(lambda db: outbox.history(db, "web", address, 0))
        return [each.payload["text"] for each in found]

    def count(self, words: str, address: str = "li") -> int:
        """How often somebody was shown these words."""
        return sum(words in text for text in self.shown(address))

    def put(self) -> int:
        """How many messages there are, of everybody."""
        return int(self.database.read_and_wait(lambda db: db.first(_COUNT)) or 0)


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


async def test_who_left_a_question_open_is_reminded_once_with_its_buttons(bench: Bench) -> None:
    person = bench.person()
    bench.later(hours=2)
    for _ in range(3):
        await bench.jobs.keep_deadlines()
    assert bench.count("“Visit” is still open. Shall we go on?") == 1
    assert bench.shown()[-1] == "Which day?"
    assert set(bench.web.woken) == {"li"}
    person.taps("Mon 23 Nov").is_asked("hour")  # the buttons of before still work


async def test_nobody_is_reminded_before_their_time(bench: Bench) -> None:
    bench.person()
    bench.later(hours=1, minutes=59)
    await bench.jobs.keep_deadlines()
    assert bench.count("still open") == 0


async def test_an_answer_that_arrives_between_moves_the_reminder(bench: Bench) -> None:
    person = bench.person()
    bench.later(hours=2)
    (due,) = bench.database.read_and_wait(lambda db: conversations.due(db, bench.clock.at))
    person.taps("Mon 23 Nov")
    deadlines = bench.jobs.deadlines
    assert not bench.database.write_and_wait(lambda db: deadlines.keep(db, due, bench.clock.at))
    await bench.jobs.keep_deadlines()
    assert bench.count("still open") == 0
    bench.later(hours=2)
    await bench.jobs.keep_deadlines()
    assert bench.count("still open") == 1


async def test_what_was_left_too_long_is_put_away_and_said_so(bench: Bench) -> None:
    person = bench.person()
    bench.later(days=2)
    for _ in range(3):
        await bench.jobs.keep_deadlines()
    assert bench.count("was put away") == 1
    assert bench.count("still open") == 0  # ended, not reminded as well
    person.taps("Mon 23 Nov").sees("earlier question").is_asked("menu")
    assert DESK.visits == []


async def test_a_finished_conversation_has_no_deadline(bench: Bench) -> None:
    bench.stage.person("web").says("/wish", "a telescope")
    bench.later(days=30)
    before = bench.put()
    await bench.jobs.keep_deadlines()
    assert bench.put() == before


async def test_a_restart_between_reminds_once_and_ends_once(
    bench: Bench, database: Database
) -> None:
    bench.person()
    for hours in (2, 0, 46, 0):
        bench.later(hours=hours)
        await bench.another_process(database).keep_deadlines()
    assert bench.count("still open") == 1
    assert bench.count("was put away") == 1


async def test_processes_that_look_at_once_remind_everybody_once(postgres_url: str) -> None:
    with Database.open(postgres_url) as one, Database.open(postgres_url) as two:
        bench = Bench(one)
        for n in range(30):
            bench.person("web", f"person {n}")
        bench.later(hours=2)
        crowd = [bench.another_process(each) for each in (one, two, one, two)]
        await asyncio.gather(*(each.keep_deadlines() for each in crowd))
        for n in range(30):
            assert bench.count("still open", f"person {n}") == 1


async def test_an_answer_at_the_very_moment_of_the_end_is_never_half_of_both(
    bench: Bench,
) -> None:
    people = [bench.person("web", f"person {n}") for n in range(20)]
    bench.later(days=2)
    answers = (asyncio.to_thread(each.says, "2026-11-25") for each in people)
    await asyncio.gather(*answers, bench.jobs.keep_deadlines())
    await bench.jobs.keep_deadlines()
    for person in people:
        is_ended = bench.count("was put away", person.address) == 1
        assert person.messages[-1].prompt is not None
        assert person.messages[-1].prompt.name == ("menu" if is_ended else "hour")


async def test_a_channel_that_may_not_write_first_is_not_written_to(bench: Bench) -> None:
    bench.person("wechat")
    before = bench.put()
    for time in ({"hours": 2}, {"days": 2}):
        bench.later(**time)
        await bench.jobs.keep_deadlines()
    assert bench.put() == before


async def test_a_number_typed_under_a_question_put_away_in_silence_chooses_nothing(
    bench: Bench,
) -> None:
    person = bench.person("wechat").sees("Which day?")
    bench.later(days=2)
    await bench.jobs.keep_deadlines()
    person.says("2").sees("Hello", "What would you like to do?").does_not_see("wish for")


async def test_a_conversation_changed_by_an_update_is_not_reminded_of_but_still_ended(
    bench: Bench,
) -> None:
    person = bench.stage.person("web").says("/doodle").taps("Red").is_asked("size")
    bench.person("web", "wang")
    bench.stage.menu = Menu([visit, wish, hint, changed_doodle], ["visit", "wish"], plain("Hello"))
    bench.jobs = bench.another_process(bench.database)
    bench.later(hours=2)
    await bench.jobs.keep_deadlines()
    assert bench.count("still open") == 0
    assert bench.count("still open", "wang") == 1  # neighbours are
    person.says("/hint").sees("You can type", "changed on our side", "Which shade?")
    bench.later(days=1)
    await bench.jobs.keep_deadlines()
    assert bench.count("was put away") == 1


async def test_a_conversation_that_cannot_be_shown_keeps_nobody_else_waiting(
    bench: Bench,
) -> None:
    broken = bench.person("web", "broken")
    bench.person("web", "wang")
    bench.database.write_and_wait(
        lambda db: db.run(
            "UPDATE conversation SET prompt = '{\"name\": 1}' WHERE person_id ="
            " (SELECT person_id FROM chat WHERE address = 'broken')"
        )
    )
    bench.later(hours=2)
    for _ in range(2):
        await bench.jobs.keep_deadlines()
    assert bench.count("still open", "wang") == 1
    assert bench.count("still open", broken.address) == 0
    assert bench.database.read_and_wait(lambda db: conversations.due(db, bench.clock.at)) == []
    bench.later(days=2)
    await bench.jobs.keep_deadlines()
    assert bench.count("was put away", "wang") == 1
    assert bench.database.read_and_wait(lambda db: conversations.due(db, bench.clock.at)) == []
