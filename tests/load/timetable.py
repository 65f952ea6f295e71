"""What can be booked during a measurement? Twelve bases, with places enough for everybody."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage import timetable
from storage.database import Database
from storage.db import Db
from storage.models import Audience, Base, Course, Policy, Session
from storage.schema import migrate

BASES = 12
COURSES = 8
DAYS = 14
SESSIONS_A_DAY = 7  # at each base: 1,176 sessions in all
PLACES = 500  # a session; a measurement must not end because one is full
ZONE = "Asia/Shanghai"
SUBJECTS = ("天文", "物理", "生物学", "化学", "地理", "信息技术", "通用技术", "综合实践")


def make(url: str) -> None:
    """A migrated database at `url` with a timetable of the days after today."""
    migrate(url)
    with Database.open(url) as database:
        database.write_and_wait(lambda db: fill(db, datetime.now(UTC)))


def fill(db: Db, now: datetime) -> None:
    """Store bases, their policies, courses and sessions, all released and open."""
    courses = [timetable.add(db, _course(n)) for n in range(COURSES)]
    for n in range(BASES):
        base_id = timetable.add(db, _base(n))
        policy = Policy(base_id=base_id, version=1, effective_from=now)
        timetable.add(db, policy)
        timetable.add_sessions(db, _sessions(n, base_id, courses, now))


def _course(number: int) -> Course:
    return Course(
        public_id="", name=f"{SUBJECTS[number]}探索课", subject=SUBJECTS[number],
        min_age=4, max_age=14, audience=Audience.FAMILY,
    )  # fmt: skip


def _base(number: int) -> Base:
    return Base(
        public_id="", name=f"第{number + 1}科普教育基地", kind="科技馆",
        district=f"第{number % 4 + 1}区", address=f"样例路{number + 1}号", time_zone=ZONE,
    )  # fmt: skip


def _sessions(number: int, base_id: int, courses: list[int], now: datetime) -> list[Session]:
    today = now.astimezone(ZoneInfo(ZONE)).date()
    return [
        _session(f"LOAD-{number}-{day}-{slot}", base_id, courses[slot % COURSES], starts_at)
        for day in range(1, DAYS + 1)
        for slot in range(SESSIONS_A_DAY)
        for starts_at in [
            datetime.combine(today + timedelta(days=day), time(9 + slot), ZoneInfo(ZONE))
        ]
    ]


def _session(code: str, base_id: int, course_id: int, starts_at: datetime) -> Session:
    return Session(
        public_id="", code=code, base_id=base_id, course_id=course_id, room="一号厅",
        local_date=starts_at.date(), starts_at=starts_at, ends_at=starts_at + timedelta(hours=1),
        capacity=PLACES, party_max=5, audience=Audience.FAMILY, min_age=4, max_age=14,
        is_accompanied=True, release_at=starts_at - timedelta(days=30),
        cancel_until=starts_at - timedelta(days=1),
    )  # fmt: skip
