"""What is a family offered, at each step of a booking? On both databases."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.booking import options, rules, words
from handlers.messages import Refused
from handlers.profile.rules import YES
from handlers.texts import say
from storage import venues
from storage.database import Database
from storage.db import Db
from storage.models import Audience, Base, Session, SessionState
from tests.booking.shown import shown
from tests.builders import (
    NOW,
    SATURDAY,
    a_base,
    a_booking,
    a_course,
    a_parent,
    a_session,
    at,
    later,
)
from tests.stored import rows, transaction

SUNDAY = SATURDAY + timedelta(days=1)


def base_of(db: Db, number: int) -> str:
    return next(each.public_id for each in rows(db, Base) if each.id == number)


# Bases


def test_bases_visited_before_come_first_then_by_name(db: Db) -> None:
    parent = a_parent(db)
    for name in ("丙馆", "甲馆", "乙馆", "丁馆"):
        a_session(db, base_id=a_base(db, name=name, district="渝中区"))
    by_name = ["丙馆", "丁馆", "甲馆", "乙馆"]  # bing ding jia yi
    assert [say(each.label, "en") for each in options.places(parent)] == by_name
    sessions = {each.base_id: each.id for each in rows(db, Session)}
    for base in rows(db, Base)[:2]:
        assert base.id
        a_booking(db, sessions[base.id] or 0, parent)
    rest = [name for name in by_name if name in ("乙馆", "丁馆")]
    offered = [say(each.label, "en") for each in options.places(parent)]
    assert offered == ["As last time", "甲馆", "丙馆", *rest]


def test_a_base_that_opens_later_says_when_and_one_with_nothing_is_left_out(db: Db) -> None:
    parent = a_parent(db)
    a_session(db, base_id=a_base(db, name="开放", district="渝中区"))
    later_base = a_base(db, name="未放票", district="渝中区")
    a_session(db, base_id=later_base, release_at=at(date(2026, 11, 25), 9))
    a_session(db, base_id=later_base, release_at=at(date(2026, 11, 24), 9))
    a_base(db, name="空")
    past = a_base(db, name="过去")
    a_session(db, base_id=past, local_date=date(2026, 11, 20))
    classes = a_base(db, name="班级")
    a_session(db, base_id=classes, audience=Audience.CLASS)
    off = a_base(db, name="取消")
    a_session(db, base_id=off, state=SessionState.CANCELLED)
    assert sorted(shown(options.places(parent))) == [
        "开放 · 渝中区",
        "未放票 · from Tue 24 Nov 09:00",
    ]


def test_what_is_not_open_yet_stands_last_the_soonest_first(db: Db) -> None:
    parent = a_parent(db)
    for name, released_in in [("安馆", 3), ("波馆", 2), ("中馆", 0), ("晨馆", 2), ("阳馆", 0)]:
        base = a_base(db, name=name, district="渝中区" if released_in else "南岸区")
        release_at = NOW + timedelta(days=released_in or -1)
        session = a_session(db, base_id=base, release_at=release_at)
        if name == "波馆":
            a_booking(db, session, parent)
    labels = [say(each.label, "en") for each in options.places(parent)]
    assert labels == ["阳馆", "中馆", "波馆", "晨馆", "安馆"]


def test_without_any_base_the_reason_is_told(db: Db) -> None:
    with pytest.raises(Refused, match="No base has visits to offer"):
        options.places(a_parent(db))


def many_bases(db: Db, count: int, districts: int) -> None:
    for number in range(count):
        base = a_base(db, name=f"馆{number}", district=f"区{number % districts}")
        a_session(db, base_id=base)


@pytest.mark.parametrize(
    ("count", "districts", "by_district"), [(8, 2, False), (9, 4, True), (9, 5, False)]
)
def test_many_bases_are_chosen_by_district_where_that_is_shorter(
    db: Db, count: int, districts: int, by_district: bool
) -> None:
    many_bases(db, count, districts)
    offered = options.places(a_parent(db))
    assert len(offered) == (districts if by_district else count)
    assert [options.is_district(each.value) for each in offered] == [by_district] * len(offered)


def test_the_bases_of_a_district_are_offered_after_it(db: Db) -> None:
    parent = a_parent(db)
    many_bases(db, 9, 2)
    first = options.places(parent)[0]
    assert shown([first]) == ["区0 · 5 bases"]
    bases = options.places_in(parent, first.value)
    assert shown(bases) == ["馆0 · 区0", "馆2 · 区0", "馆4 · 区0", "馆6 · 区0", "馆8 · 区0"]


def test_a_family_still_finds_the_bases_it_visited_before_the_districts(db: Db) -> None:
    parent = a_parent(db)
    many_bases(db, 9, 2)
    a_booking(db, rows(db, Session)[3].id or 0, parent)
    offered = options.places(parent)
    assert [say(each.label, "en") for each in offered] == ["As last time", "馆3", "区0", "区1"]
    assert [options.is_district(each.value) for each in offered] == [False, False, True, True]


def test_bases_without_a_district_are_found_elsewhere(db: Db) -> None:
    parent = a_parent(db)
    many_bases(db, 9, 1)
    a_session(db, base_id=a_base(db, name="山里", district=""))
    elsewhere = options.places(parent)[-1]
    assert shown([elsewhere]) == ["Elsewhere · 1 base"]
    assert shown(options.places_in(parent, elsewhere.value)) == ["山里"]


# Days


def test_days_tell_the_places_left_and_full_ones_are_left_out(db: Db) -> None:
    parent = a_parent(db)
    base = a_base(db)
    a_session(db, base_id=base, capacity=10, taken=3)
    a_session(db, base_id=base, hour=14, capacity=5)
    a_session(db, base_id=base, local_date=SUNDAY, capacity=5, taken=5)
    offered = options.open_days(parent, base_of(db, base))
    assert [each.value for each in offered] == ["2026-11-28"]
    assert shown(offered) == ["Sat 28 Nov · 12 left"]
    assert [say(each.note, "zh_CN") for each in offered] != [""]


def test_full_days_are_shown_when_there_is_nothing_else(db: Db) -> None:
    parent = a_parent(db)
    base = a_base(db)
    a_session(db, base_id=base, capacity=5, taken=5)
    a_session(db, base_id=base, local_date=SUNDAY, capacity=5, taken=5)
    assert shown(options.open_days(parent, base_of(db, base))) == [
        "Sat 28 Nov · full",
        "Sun 29 Nov · full",
    ]


def test_a_base_without_open_days_tells_when_the_next_places_are_released(db: Db) -> None:
    base = a_base(db, name="科技馆")
    a_session(db, base_id=base, release_at=at(date(2026, 11, 24), 9))
    with pytest.raises(Refused) as refused:
        options.open_days(a_parent(db), base_of(db, base))
    assert say(refused.value.text, "en") == (
        "Nothing can be booked at 科技馆 yet. The next places are released on Tue 24 Nov at 09:00."
    )


def test_a_base_with_nothing_planned_says_so(db: Db) -> None:
    a_session(db)
    base = a_base(db)
    for unknown in (base_of(db, base), "0" * 32):
        with pytest.raises(Refused, match="nothing to book at the moment"):
            options.open_days(a_parent(db), unknown)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_what_is_offered_is_what_the_rules_let_book(
    sqlite_database: Database, data: st.DataObject
) -> None:
    moments = st.integers(-72, 72).map(lambda hours: NOW + timedelta(hours=hours))
    with transaction(sqlite_database) as db:
        base = a_base(db)
        for _each in range(data.draw(st.integers(0, 6))):
            starts_at = data.draw(moments)
            a_session(
                db,
                base_id=base,
                local_date=starts_at.date(),
                starts_at=starts_at,
                release_at=data.draw(moments),
                audience=data.draw(st.sampled_from(Audience)),
                state=data.draw(st.sampled_from(SessionState)),
            )
        sessions = [venues.session_for(db, 0, each.public_id) for each in rows(db, Session)]
        bookable = {
            (each.local_date, each.public_id)
            for each, _has_visit in filter(None, sessions)
            if rules.may_book(words.rules_of(each), NOW, has_visit=False) is YES
        }
        public_id = base_of(db, base)
        days = [each.day for each in venues.open_days(db, public_id, NOW)]
        assert set(days) == {day for day, _session in bookable}
        offered = {
            (day, each.public_id)
            for day in days
            for each in venues.sessions_on(db, public_id, day, NOW)
        }
        assert offered == bookable
        [place] = venues.places(db, NOW)
        assert place.is_open == bool(bookable)


# Sessions


def test_sessions_are_told_by_time_course_places_price_and_ages(db: Db) -> None:
    parent = a_parent(db)
    base = a_base(db)
    stars = a_course(db, name="星空")
    a_session(db, base_id=base, course_id=stars, hour=14, price_fen=2000, min_age=4, max_age=12)
    a_session(db, base_id=base, course_id=stars, hour=9, capacity=5, taken=5)
    a_session(db, base_id=base, course_id=stars, hour=10, capacity=3)
    offered = options.sessions(parent, base_of(db, base), SATURDAY)
    assert shown(offered) == [
        "10:00–11:00 星空 · 3 left",
        "14:00–15:00 星空 · 40 left · ¥20 · ages 4–12",
    ]


def test_when_a_day_is_full_the_nearest_others_are_offered_with_their_day(db: Db) -> None:
    parent = a_parent(db)
    base = a_base(db, district="渝中区")
    near = a_base(db, name="天文馆", district="渝中区")
    stars, robots = a_course(db, name="星空"), a_course(db, name="机器人")
    a_session(db, base_id=base, course_id=stars, capacity=5, taken=5)
    a_session(db, base_id=base, course_id=robots, hour=12, capacity=5, taken=5)
    a_session(db, base_id=base, course_id=robots, local_date=SUNDAY)
    a_session(db, base_id=near, course_id=stars, local_date=SUNDAY, hour=9)
    offered = options.sessions(parent, base_of(db, base), SATURDAY)
    assert shown(offered) == [
        "10:00–11:00 星空 · full",
        "12:00–13:00 机器人 · full",
        "Sun 29 Nov instead, 10:00–11:00 机器人 · 40 left",
        "天文馆 instead, Sun 29 Nov, 09:00–10:00 星空 · 40 left",
    ]


def test_a_day_that_is_over_is_refused(db: Db) -> None:
    base = a_base(db)
    a_session(db, base_id=base)
    with pytest.raises(Refused, match="choose another day"):
        options.sessions(later(a_parent(db), days=7), base_of(db, base), SATURDAY)
