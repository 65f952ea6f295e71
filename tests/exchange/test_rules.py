"""Which session does a row describe, and can there be such a session?"""

from datetime import UTC, date, datetime, time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from handlers.booking.published import Release
from handlers.exchange import rules
from handlers.exchange.rows import BaseRow, CourseRow, SessionRow, key
from handlers.exchange.rules import Host
from handlers.texts import say
from storage.models import (
    Audience,
    Base,
    Course,
    Holiday,
    Policy,
    Session,
    SessionState,
    Step,
    Terms,
)
from tests.builders import NOW


def a_row(**fields: Any) -> SessionRow:
    """A row whose optional cells are empty."""
    empty = dict.fromkeys(set(SessionRow.__dataclass_fields__) - {"number", "wrong"})
    usual = {"code": "A-1", "base": "江边科技馆", "course": "电与磁", "day": date(2026, 12, 5)}
    usual |= {"starts": time(9), "ends": time(10), "capacity": 40}
    return SessionRow(**{"number": 2, "wrong": frozenset(), **empty, **usual, **fields})


def a_host(closed: tuple[int, ...] = (), **terms: Any) -> Host:
    """A base with its policy."""
    base = Base(id=7, public_id="", name="江边科技馆", closed_weekdays=list(closed))
    return Host(base, Policy(base_id=7, version=3, effective_from=NOW, terms=Terms(**terms)))


def a_course(**fields: Any) -> Course:
    """A course for families."""
    usual = {"name": "电与磁", "min_age": 6, "max_age": 14, "audience": Audience.FAMILY}
    return Course(**{"id": 9, "public_id": "", **usual, **fields})


def faults(row: SessionRow, host: Host | None, course: Course | None) -> dict[str, str]:
    """What is wrong with a row, in words, by field."""
    return {field: say(text, "en") for field, text in rules.session_faults(row, host, course)}


def session(row: SessionRow, host: Host | None = None, course: Course | None = None) -> Session:
    """The session of a sound row."""
    return rules.session_of(row, host or a_host(), course or a_course())


def test_empty_cells_follow_the_course_and_the_policy() -> None:
    found = session(a_row(ends=None), a_host(party_max=4, cancel_rule="不可取消"))
    assert found.ends_at == datetime(2026, 12, 5, 2, tzinfo=UTC)
    assert (found.party_max, found.min_age, found.max_age) == (4, 6, 14)
    assert (found.audience, found.is_accompanied) == (Audience.FAMILY, True)
    assert found.release_at == datetime(2026, 11, 28, 1, tzinfo=UTC)
    assert found.cancel_until is None
    assert found.priority_places == 2  # 5 % of 40
    assert (found.waiting_max, found.docents_needed, found.price_fen) == (0, 0, 0)
    assert (found.room, found.note, found.policy_version) == ("", "", 3)
    assert (found.base_id, found.course_id) == (7, 9)


def test_cells_that_are_filled_win_even_when_they_are_nought_or_no() -> None:
    row = a_row(
        min_age=0, max_age=5, is_accompanied=False, priority_places=0, party_max=2,
        release=Release(0, time(7)), cancel_rule="当日08:00", audience=Audience.PUBLIC,
    )  # fmt: skip
    found = session(row)
    assert (found.min_age, found.max_age, found.party_max) == (0, 5, 2)
    assert (found.audience, found.is_accompanied) == (Audience.PUBLIC, False)
    assert found.priority_places == 0
    assert found.release_at == datetime(2026, 12, 4, 23, tzinfo=UTC)
    assert found.cancel_until == datetime(2026, 12, 5, tzinfo=UTC)


def test_every_filled_cell_of_a_session_is_kept() -> None:
    row = a_row(
        room="实验室一", party_max=2, waiting_max=30, audience=Audience.STUDENT_ONLY, min_age=8,
        max_age=12, is_accompanied=True, release=Release(3, time(7)), cancel_rule="当日08:00",
        priority_places=4, docents_needed=2, price_fen=1990, note="请早到",
    )  # fmt: skip
    assert session(row).model_dump() == {
        "id": None,
        "public_id": "",
        "code": "A-1",
        "base_id": 7,
        "course_id": 9,
        "local_date": date(2026, 12, 5),
        "starts_at": datetime(2026, 12, 5, 1, tzinfo=UTC),
        "ends_at": datetime(2026, 12, 5, 2, tzinfo=UTC),
        "room": "实验室一",
        "capacity": 40,
        "party_max": 2,
        "waiting_max": 30,
        "audience": Audience.STUDENT_ONLY,
        "min_age": 8,
        "max_age": 12,
        "is_accompanied": True,
        "release_at": datetime(2026, 12, 1, 23, tzinfo=UTC),
        "cancel_until": datetime(2026, 12, 5, tzinfo=UTC),
        "priority_places": 4,
        "docents_needed": 2,
        "price_fen": 1990,
        "note": "请早到",
        "policy_version": 3,
        "sequence": 0,
        "cancelled_because": "",
        "state": SessionState.PUBLISHED,
    }


def test_a_base_or_course_that_is_not_stored_yet_has_no_id() -> None:
    host, course = a_host(), a_course(id=None)
    host.base.id = None
    found = session(a_row(), host, course)
    assert (found.base_id, found.course_id) == (0, 0)


def test_only_family_sessions_need_an_adult_unless_the_sheet_says_so() -> None:
    accompanied = {
        audience: session(a_row(audience=audience)).is_accompanied for audience in Audience
    }
    assert [audience for audience, is_needed in accompanied.items() if is_needed] == ["family"]
    assert session(a_row(audience=Audience.CLASS, is_accompanied=True)).is_accompanied


def test_a_base_that_publishes_no_cancelling_rule_has_the_usual_one() -> None:
    assert session(a_row()).cancel_until == datetime(2026, 12, 4, 12, tzinfo=UTC)


def closed(row: SessionRow, host: Host | None, *holidays: Holiday) -> str:
    """Why the base is closed that day, in words; "" when it is open."""
    found = rules.day_faults(row, host, {each.day: each for each in holidays})
    return "; ".join(say(text, "en") for _field, text in found)


def test_a_session_on_a_closed_weekday_is_a_fault() -> None:
    monday = a_row(day=date(2026, 12, 7))
    why = "江边科技馆 is closed on Mon 7 Dec: its weekly day off"
    assert closed(monday, a_host(closed=(0,))) == why
    assert closed(monday, a_host(closed=(1,))) == ""
    assert closed(monday, None) == ""


def test_a_session_on_a_day_off_instead_of_a_holiday_is_a_fault() -> None:
    monday = date(2026, 12, 7)
    host, off = a_host(closed=(0,)), Holiday(day=monday, name="馆庆")
    assert closed(a_row(day=monday), host, off) == ""
    assert closed(a_row(day=date(2026, 12, 8)), host, off) == (
        "江边科技馆 is closed on Tue 8 Dec: its day off instead of Mon 7 Dec, 馆庆"
    )


def test_a_base_that_names_one_day_of_release_opens_all_later_sessions_then() -> None:
    host = a_host(release_mode="fixed", release_on=date(2026, 12, 1), release_time=time(8))
    assert session(a_row(), host).release_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert session(a_row(release=Release(1, time(9))), host).release_at == datetime(
        2026, 12, 4, 1, tzinfo=UTC
    )
    earlier = session(a_row(day=date(2026, 11, 28)), host)
    assert earlier.release_at == datetime(2026, 11, 21, 0, tzinfo=UTC)


def test_a_session_must_end_after_it_starts() -> None:
    before = {"ends": "it does not end after it starts"}
    assert faults(a_row(ends=time(8)), None, None) == before
    assert faults(a_row(ends=time(8)), a_host(), a_course()) == before
    assert faults(a_row(ends=time(9)), a_host(), a_course()) == before
    assert faults(a_row(ends=time(9, 1)), a_host(), a_course()) == {}


def test_a_course_that_would_pass_midnight_needs_an_end() -> None:
    late = a_row(starts=time(23), ends=None)
    assert faults(late, a_host(), a_course(minutes=59)) == {}
    why = {"ends": "the course would go on past midnight; say when it ends"}
    assert faults(late, a_host(), a_course(minutes=60)) == why
    assert faults(late, a_host(), None) == {}
    assert (
        faults(a_row(starts=time(23), ends=None, wrong=frozenset({"ends"})), None, a_course()) == {}
    )


def test_ages_that_leave_nobody_are_a_fault_of_the_cell_that_was_typed() -> None:
    why = "the lowest age is above the highest"
    assert faults(a_row(min_age=15), a_host(), a_course()) == {"min_age": why}
    assert faults(a_row(max_age=5), a_host(), a_course()) == {"max_age": why}
    assert faults(a_row(min_age=9, max_age=8), None, None) == {"max_age": why}
    assert faults(a_row(min_age=99), None, None) == {}
    assert faults(a_row(min_age=14, max_age=14), a_host(), a_course()) == {}


def test_the_green_channel_cannot_have_more_than_all_places() -> None:
    assert faults(a_row(capacity=5, priority_places=5), a_host(), a_course()) == {}
    why = {"priority_places": "it is more than there are places"}
    assert faults(a_row(capacity=5, priority_places=6), a_host(), a_course()) == why
    assert faults(a_row(capacity=None, priority_places=6), a_host(), a_course()) == {}
    assert faults(a_row(capacity=0), a_host(), a_course()) == {}


def test_booking_cannot_open_after_the_session_has_begun() -> None:
    why = {"release": "booking would open after the session has begun"}
    assert faults(a_row(release=Release(0, time(9, 1))), a_host(), a_course()) == why
    assert faults(a_row(release=Release(1, time(9, 1))), a_host(), a_course()) == {}
    assert faults(a_row(release=Release(0, time(9))), a_host(), a_course()) == {}
    late_policy = a_host(release_days_ahead=0, release_time=time(12))
    assert faults(a_row(), late_policy, a_course()) == why
    assert faults(a_row(wrong=frozenset({"release"})), late_policy, a_course()) == {}
    assert faults(a_row(starts=None), late_policy, a_course()) == {}
    assert faults(a_row(), None, a_course()) == {}


def test_what_is_wrong_already_is_not_found_wrong_twice() -> None:
    row = a_row(day=None, starts=None, ends=None, capacity=None, min_age=None, max_age=None)
    assert faults(row, a_host(closed=(5,)), a_course()) == {}


def test_a_course_whose_ages_leave_nobody_is_a_fault() -> None:
    row = CourseRow(
        number=2, wrong=frozenset(), name="电", subject=None, min_age=9, max_age=8,
        audience=None, minutes=None, note=None,
    )  # fmt: skip
    assert [field for field, _text in rules.course_faults(row)] == ["max_age"]


def test_a_base_and_a_course_take_the_usual_values_where_cells_are_empty() -> None:
    fields = set(BaseRow.__dataclass_fields__) - {"number", "wrong", "name", "terms"}
    empty: dict[str, Any] = dict.fromkeys(fields)
    row = BaseRow(number=2, wrong=frozenset(), name="江边科技馆", **empty)
    base, policy = rules.base_of(row, "Asia/Urumqi"), rules.policy_of(row, NOW)
    assert (base.name, base.kind, base.closed_weekdays) == ("江边科技馆", "", [])
    assert (base.time_zone, base.is_demo) == ("Asia/Urumqi", False)
    assert policy.terms == Terms()
    assert (policy.version, policy.effective_from) == (1, NOW)


def test_every_filled_cell_of_a_base_and_its_rules_is_kept() -> None:
    row = BaseRow(
        number=2, wrong=frozenset(), name="江边科技馆", kind="科技馆", district="江边区",
        address="江边路1号", phone="023-1", closed_weekdays=[0, 1], release_days_ahead=3,
        release_time=time(7), party_max=4, children_max=2, cancel_rule="不可取消",
        no_shows_allowed=2, ban_days=60, pool_split="60/20/10/10", note="带水杯",
    )  # fmt: skip
    assert rules.base_of(row, "Asia/Shanghai").model_dump() == {
        "id": None,
        "public_id": "",
        "name": "江边科技馆",
        "kind": "科技馆",
        "district": "江边区",
        "address": "江边路1号",
        "phone": "023-1",
        "time_zone": "Asia/Shanghai",
        "closed_weekdays": [0, 1],
        "note": "带水杯",
        "policy_version": 1,
        "is_demo": False,
    }
    policy = rules.policy_of(row, NOW)
    assert (policy.base_id, policy.version, policy.effective_from) == (0, 1, NOW)
    assert policy.terms == Terms(
        release_days_ahead=3,
        release_time=time(7),
        party_max=4,
        children_max=2,
        cancel_rule="不可取消",
        ladder=(Step(strikes=2, days=60),),
        pool_split=(60, 20, 10, 10),
    )


def test_every_filled_cell_of_a_course_is_kept() -> None:
    row = CourseRow(
        number=2, wrong=frozenset(), name="电与磁", subject="物理", min_age=10, max_age=15,
        audience=Audience.CLASS, minutes=45, note="带纸笔",
    )  # fmt: skip
    assert rules.course_of(row).model_dump() == {
        "id": None,
        "public_id": "",
        "name": "电与磁",
        "subject": "物理",
        "min_age": 10,
        "max_age": 15,
        "audience": Audience.CLASS,
        "minutes": 45,
        "note": "带纸笔",
    }


def test_the_green_channel_has_its_share_of_the_places() -> None:
    host = a_host(pool_split=(60, 10, 25, 5))
    assert session(a_row(capacity=39), host).priority_places == 9  # 9.75: never more than the share


@given(st.times(), st.integers(0, 400), st.integers(1, 1440))
def test_a_session_without_faults_ends_after_it_starts_and_opens_before(
    starts: time, days_ahead: int, minutes: int
) -> None:
    row = a_row(starts=starts.replace(second=0, microsecond=0), ends=None)
    host, course = a_host(release_days_ahead=days_ahead), a_course(minutes=minutes)
    if faults(row, host, course):
        return
    found = session(row, host, course)
    assert found.release_at <= found.starts_at < found.ends_at


def test_spellings_of_one_name_share_a_key() -> None:
    assert key("天象厅：冬季星空") == key(" 天象厅:冬季 星空 ")
    assert key("Kepu（A）") == key("kepu(a)")
    assert key("天象厅") != key("天文厅")
