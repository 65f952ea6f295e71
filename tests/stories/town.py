"""Where do the stories happen? Two bases, a week of sessions, and the families that come."""

import asyncio
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import SQLModel

from bot.jobs import Jobs
from handlers.conversation.deadlines import Deadlines
from handlers.conversation.testing import CHANNELS, Person, Stage
from handlers.menu import MENU
from storage import outbox
from storage.database import Database
from storage.db import Db
from storage.models import Audience
from tests import stored
from tests.builders import NOW, SATURDAY, a_base, a_course, a_session, at
from tests.fakes import Clock, FakeStoring

SUNDAY = date(2026, 11, 29)
NEXT_SATURDAY = date(2026, 12, 5)
CODE = re.compile(r"\b[2-9A-HJ-NP-TV-Z]{4}-[2-9A-HJ-NP-TV-Z]{4}\b")

# What stands on the buttons, in each language, so that a dialogue is written once.
WORDS: dict[str, dict[str, str]] = {
    "zh_CN": {
        "book": "预约", "saturday": "11月28日", "agree": "同意", "refuse": "不同意",
        "no more": "没有了", "confirm": "确认", "adults only": "只有大人", "with a child": "带孩子",
        "booked": "预约成功", "free": "免费", "mine": "我的预约", "details": "我的资料",
        "cancel visit": "取消这次预约", "which base": "您想去哪个基地", "menu": "您想办理哪一项",
    },
    "en": {
        "book": "book", "saturday": "Sat 28 Nov", "agree": "I agree", "refuse": "I do not agree",
        "no more": "No, that is all", "confirm": "Confirm", "adults only": "Adults only",
        "with a child": "With a child", "booked": "Your visit is booked", "free": "free of charge",
        "mine": "my visits", "details": "my details", "cancel visit": "Cancel this visit",
        "which base": "Which base would you like to visit", "menu": "What would you like to do",
    },
}  # fmt: skip


@dataclass
class Town:
    """A database with two bases, the people who talk, and the jobs that look at the clock."""

    database: Database
    stage: Stage

    def person(self, channel: str = "web", address: str = "li", locale: str = "zh_CN") -> Person:
        """Somebody who has not said anything yet."""
        return self.stage.person(channel, address, locale)

    def known_family(self, channel: str = "web", address: str = "li") -> Person:
        """Somebody who came with 小明 and one adult before."""
        parent = self.person(channel, address)
        parent.says("预约").taps("星河", "11月28日", "10:00", "同意").says("小明", "2018-05")
        parent.taps("没有了").says("1").taps("确认").sees("预约成功")
        parent.taps_and_lines = 0
        return parent

    def rows(self, model: type[SQLModel]) -> list[Any]:
        """Every row of a table, in the order they were made."""
        found: list[Any] = self.database.read_and_wait(lambda db: stored.rows(db, model))
        return sorted(found, key=lambda row: getattr(row, "id", 0))

    def changes(self, row: SQLModel, **values: Any) -> None:
        """Somebody else changes columns of a row."""
        self.database.write_and_wait(lambda db: stored.change(db, row, **values))

    def shown(self, address: str = "li") -> list[str]:
        """The words shown in somebody's web chat, what came by itself included."""
        found = self.database.read_and_wait(lambda db: outbox.history(db, "web", address, 0))
        return [each.payload["text"] for each in found]

    def time_passes(self, **time: float) -> None:
        """Let time pass, and what is due then happen."""
        self.stage.later(**time)
        voices = Deadlines(MENU, CHANNELS, self.stage.home)
        jobs = Jobs(self.database, voices, FakeStoring(), Clock(self.stage.now))

        async def look() -> None:
            await jobs.keep_deadlines()
            await jobs.keep_queues()
            await jobs.remind()
            await jobs.find_missed()
            await jobs.show_due()

        asyncio.run(look())


def build(database: Database) -> Town:
    """The town, empty of people, on a Sunday morning."""
    database.write_and_wait(_fill)
    return Town(database, Stage(database.write_and_wait, MENU, NOW))


def _fill(db: Db) -> None:
    where = {"district": "滨江区", "address": "观星路8号", "phone": "010-8000"}
    stars = a_base(db, name="星河天文馆", late_cancel="refused", **where)
    garden = a_base(db, name="绿谷植物园", district="山前区", address="花园路1号", phone="010-9000")
    theatre = a_course(db, name="星空剧场", min_age=6, max_age=12, audience=Audience.FAMILY)
    telescope = a_course(db, name="小小望远镜", min_age=8, max_age=14)
    stroll = a_course(db, name="自由参观")
    family = {"audience": Audience.FAMILY, "is_accompanied": True, "min_age": 6, "max_age": 12}
    shows: dict[str, Any] = {"base_id": stars, "course_id": theatre, "capacity": 8, **family}
    a_session(db, hour=10, room="天象厅", **shows)
    a_session(db, hour=14, taken=6, room="天象厅", **shows)
    a_session(db, hour=16, taken=8, room="天象厅", **shows)
    a_session(db, local_date=SUNDAY, hour=10, **shows)
    a_session(db, local_date=NEXT_SATURDAY, hour=10, **shows)
    alone: dict[str, Any] = {"audience": Audience.STUDENT_ONLY, "min_age": 8, "max_age": 14}
    a_session(db, local_date=SUNDAY, hour=15, base_id=stars, course_id=telescope, **alone)
    walk: dict[str, Any] = {"base_id": garden, "course_id": stroll}
    a_session(db, hour=9, price_fen=2000, **walk)
    a_session(db, local_date=SUNDAY, hour=9, cancel_until=None, **walk)
    later: dict[str, Any] = {"release_at": at(SATURDAY, 9)}
    a_session(db, local_date=date(2026, 12, 12), hour=9, **later, **walk)
    soon = a_base(db, name="新区科技馆", district="新区")
    a_session(db, local_date=date(2026, 12, 13), hour=9, base_id=soon, course_id=stroll, **later)
