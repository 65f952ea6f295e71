"""How does a base make one session larger or smaller, as a workbook does it?"""

from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.exchange import actions
from handlers.exchange.problems import Unfit
from handlers.exchange.rows import BaseRow, CourseRow, HolidayRow, SessionRow
from handlers.exchange.sheets import BASES, COURSES, HOLIDAYS, SESSIONS, Reading, Sheets
from storage import timetable
from storage.database import Database
from storage.db import Db
from storage.models import Base, Course, Session


def resize(database: Database, session_id: int, capacity: int, now: datetime) -> list[str] | None:
    """Bring the session in again with so many places; None when that is done.

    Else the codes of who would have to go, with their places, as they are told: nothing is changed.
    """

    def work(db: Db) -> None:
        [kept] = [each for each in timetable.sessions(db) if each.session.id == session_id]
        [base], [course] = timetable.bases(db), timetable.courses(db)
        actions.take_in(db, _sheets(_row(kept.session, base, course, capacity)), "", now)

    try:
        database.write_and_wait(work)
    except Unfit as unfit:
        [problem] = unfit.problems
        assert problem.column == "名额", problem
        codes = str(problem.what.values.get("codes", ""))
        return codes.split(", ") if codes else []
    return None


def _row(session: Session, base: Base, course: Course, capacity: int) -> SessionRow:
    """The session as its base's sheet has it, with other places; what is empty is by the terms."""
    zone = ZoneInfo(base.time_zone)
    return SessionRow(
        number=2,
        wrong=frozenset(),
        code=session.code,
        base=base.name,
        course=course.name,
        day=session.local_date,
        starts=session.starts_at.astimezone(zone).time(),
        ends=session.ends_at.astimezone(zone).time(),
        room=session.room,
        capacity=capacity,
        party_max=session.party_max,
        waiting_max=session.waiting_max,
        audience=None,
        min_age=None,
        max_age=None,
        is_accompanied=None,
        release=None,
        cancel_rule=None,
        priority_places=None,
        docents_needed=None,
        price_fen=None,
        note=None,
    )


def _sheets(row: SessionRow) -> Sheets:
    places = {column.field: place for place, column in enumerate(SESSIONS.columns)}
    no_bases: Reading[BaseRow] = Reading(BASES, {}, (), ())
    no_courses: Reading[CourseRow] = Reading(COURSES, {}, (), ())
    no_holidays: Reading[HolidayRow] = Reading(HOLIDAYS, {}, (), ())
    return Sheets(no_bases, no_courses, Reading(SESSIONS, places, [row], ()), no_holidays, ())
