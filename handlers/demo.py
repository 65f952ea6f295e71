"""What does an empty Kepu show, so that it can be tried at once? Nothing in it is real."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage import timetable
from storage.db import Db
from storage.models import Audience, Base, Course, Policy, Session, Terms

DAYS = 14  # that have sessions, after today
RELEASE_DAYS_AHEAD = 30  # more than DAYS: all of it can be booked at once
NOTE = "演示数据，并非真实场馆"
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Item:
    """A course as a demo base offers it. Places on workdays, Saturdays, Sundays; None: not then."""

    course: str
    starts: time
    room: str
    places: tuple[int | None, int | None, int | None]
    price_fen: int = 0


@dataclass(frozen=True, slots=True)
class Venue:
    """A demo base."""

    name: str
    kind: str
    district: str
    address: str
    phone: str
    closed_weekdays: tuple[int, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """How many rows were made."""

    bases: int
    courses: int
    sessions: int


HALL = "常设展厅自由参观（演示）"
STARS = "星空下的故事（演示）"
BRIDGES = "小小工程师：搭一座桥（演示）"
WATER = "显微镜下的一滴水（演示）"
ROBOTS = "机器人入门（演示）"

# Name, subject, youngest, oldest, for whom, minutes.
COURSES = (
    (HALL, "综合实践", 3, 99, Audience.PUBLIC, 150),
    (STARS, "天文", 4, 14, Audience.FAMILY, 60),
    (BRIDGES, "通用技术", 6, 12, Audience.FAMILY, 60),
    (WATER, "生物学", 8, 15, Audience.STUDENT_ONLY, 60),
    (ROBOTS, "信息技术", 7, 14, Audience.FAMILY, 90),
)
# Weekends are fuller. On Saturdays one session has a single place, on Sundays one has none: nobody
# is made up to take the places, so there are only that many.
VENUES = (
    Venue(
        "演示市科技馆（演示）",
        "科技馆",
        "演示市中心区",
        "演示市中心区样例路1号（虚构）",
        "000-0000-0001（虚构）",
        (0,),
        (
            Item(HALL, time(9), "主展厅", (120, 36, 30)),
            Item(BRIDGES, time(10), "工作坊一", (16, 5, 8)),
            Item(HALL, time(13, 30), "主展厅", (120, 24, 18)),
            Item(ROBOTS, time(14), "工作坊二", (None, 6, 4)),
            Item(BRIDGES, time(15, 30), "工作坊一", (12, 1, 3)),
        ),
    ),
    Venue(
        "云顶天文台（演示）",
        "天文台",
        "演示市山前区",
        "演示市山前区观星路8号（虚构）",
        "000-0000-0002（虚构）",
        (0, 1),
        (
            Item(HALL, time(14), "观测平台", (40, 15, 12)),
            Item(STARS, time(16), "天象厅", (None, 9, 7)),
            Item(STARS, time(19), "天象厅", (24, 4, 0), price_fen=1000),
            Item(STARS, time(20, 30), "天象厅", (None, 6, 10), price_fen=1000),
        ),
    ),
    Venue(
        "青禾自然博物馆（演示）",
        "博物馆",
        "演示市滨河区",
        "演示市滨河区样例大道20号（虚构）",
        "000-0000-0003（虚构）",
        (1,),
        (
            Item(HALL, time(9, 30), "一层展厅", (80, 20, 25)),
            Item(WATER, time(10), "实验室一", (None, 5, 6)),
            Item(HALL, time(14), "一层展厅", (80, 16, 22)),
            Item(WATER, time(15), "实验室一", (10, 3, 2)),
        ),
    ),
)


def fill(db: Db, now: datetime, zone: str = "Asia/Shanghai") -> Filled:
    """Make demo bases where there is no base at all, and the days that demo bases lack.

    The same day again it makes nothing. A base that is not marked as demo is never touched.
    """
    timetable.lock(db)
    counts = (0, 0) if timetable.bases(db) else _open_bases(db, now, zone)
    bases = {base.name: base for base in timetable.bases(db) if base.is_demo}
    if not bases:
        return Filled(0, 0, 0)
    courses = {course.name: course for course in timetable.courses(db)}
    known = timetable.session_ids(db)
    wanted = (
        session
        for number, venue in enumerate(VENUES, 1)
        if venue.name in bases
        for session in _sessions(f"DEMO-{number}", venue.items, bases[venue.name], courses, now)
    )
    new = [session for session in wanted if session.code not in known]
    timetable.add_sessions(db, new)
    return Filled(*counts, len(new))


def _open_bases(db: Db, now: datetime, zone: str) -> tuple[int, int]:
    """Store the demo bases and courses; how many of each."""
    known = {course.name for course in timetable.courses(db)}
    for name, subject, youngest, oldest, audience, minutes in COURSES:
        if name not in known:
            course = Course(public_id="", name=name, subject=subject, note=NOTE)
            course.min_age, course.max_age = youngest, oldest
            course.audience, course.minutes = audience, minutes
            timetable.add(db, course)
    for venue in VENUES:
        base_id = timetable.add(db, _base(venue, zone))
        terms = Terms(release_days_ahead=RELEASE_DAYS_AHEAD)
        policy = Policy(base_id=base_id, version=1, effective_from=now, terms=terms)
        timetable.add(db, policy)
    return len(VENUES), len({name for name, *_rest in COURSES} - known)


def _base(venue: Venue, zone: str) -> Base:
    return Base(
        public_id="",
        name=venue.name,
        kind=venue.kind,
        district=venue.district,
        address=venue.address,
        phone=venue.phone,
        time_zone=zone,
        closed_weekdays=list(venue.closed_weekdays),
        note=NOTE,
        is_demo=True,
    )


def _sessions(
    code: str, items: tuple[Item, ...], base: Base, courses: Mapping[str, Course], now: datetime
) -> Iterator[Session]:
    """What the base offers from now to the last of the days."""
    today = now.astimezone(ZoneInfo(base.time_zone)).date()
    for day in (today + timedelta(days=ahead) for ahead in range(DAYS + 1)):
        if day.weekday() in base.closed_weekdays:
            continue
        for item in items:
            places = item.places[max(0, day.weekday() - SATURDAY + 1)]
            if places is None or item.course not in courses:
                continue
            session = _session(item, day, places, base, courses[item.course])
            session.code = f"{code}-{day:%Y%m%d}-{item.starts:%H%M}"
            if session.starts_at > now:
                yield session


def _session(item: Item, day: date, places: int, base: Base, course: Course) -> Session:
    assert base.id
    assert course.id
    zone = ZoneInfo(base.time_zone)
    starts_at = datetime.combine(day, item.starts, zone).astimezone(UTC)
    return Session(
        public_id="",
        code="",
        base_id=base.id,
        course_id=course.id,
        local_date=day,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=course.minutes),
        room=item.room,
        capacity=places,
        party_max=5,
        audience=course.audience,
        min_age=course.min_age,
        max_age=course.max_age,
        is_accompanied=course.audience is Audience.FAMILY,
        release_at=_evening_before(day, RELEASE_DAYS_AHEAD, zone),
        cancel_until=_evening_before(day, 1, zone),
        price_fen=item.price_fen,
        policy_version=base.policy_version,
    )


def _evening_before(day: date, days: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day - timedelta(days=days), time(20), zone).astimezone(UTC)
