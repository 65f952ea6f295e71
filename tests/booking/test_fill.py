"""What does a sentence answer, given the sessions that there are? On both databases."""

from datetime import date
from typing import Any

import pytest

from handlers.booking import options
from handlers.booking.fill import fill
from handlers.conversation.hints import Filled, Hint
from handlers.here import Here
from handlers.texts import say
from storage import wished
from storage.db import Db
from storage.models import Audience, Base, Child, Session
from tests.builders import NOW, SATURDAY, a_base, a_booking, a_course, a_parent, a_session, at
from tests.stored import rows

TODAY = date(2026, 11, 22)
SUNDAY = date(2026, 11, 29)


@pytest.fixture
def parent(db: Db) -> Here:
    """A family of two, and two bases; the stars shine at one, on Saturday and Sunday."""
    stars = a_base(db, name="星河天文馆", district="滨江区")
    garden = a_base(db, name="绿谷植物园", district="山前区")
    theatre, walk = a_course(db, name="天象厅:冬季星空"), a_course(db, name="自由参观")
    of_stars: dict[str, Any] = {"base_id": stars, "course_id": theatre, "capacity": 8}
    a_session(db, hour=10, room="穹幕", **of_stars)
    a_session(db, hour=14, room="穹幕", taken=6, **of_stars)
    a_session(db, local_date=SUNDAY, hour=10, room="穹幕", audience=Audience.FAMILY, **of_stars)
    a_session(db, hour=9, room="温室", base_id=garden, course_id=walk)
    return a_parent(db, ["小明", "小红"])


def base_id(parent: Here, name: str) -> str:
    return next(each.public_id for each in rows(parent.db, Base) if each.name == name)


def values(filled: Filled, name: str) -> list[list[str]]:
    return [list(hint.values) for hint in filled.hints.get(name, ())]


def told(filled: Filled) -> list[str]:
    return [say(each, "en") for each in filled.notes]


def test_a_course_tells_its_base_and_its_days(parent: Here) -> None:
    filled = fill(parent, "天象厅", TODAY)
    assert values(filled, "base")[0] == [base_id(parent, "星河天文馆")]
    assert values(filled, "base.there") == [[base_id(parent, "星河天文馆")]]
    assert values(filled, "day") == [["2026-11-28", "2026-11-29"]]
    assert filled.hints["session"] == [Hint(traits={"course": ("天象厅:冬季星空",)})]
    assert not filled.starts


def test_a_room_does_when_something_else_is_said(parent: Here) -> None:
    assert values(fill(parent, "温室 周六", TODAY), "day") == [["2026-11-28"]]
    assert fill(parent, "温室", TODAY).hints == {}


def test_one_base_is_also_found_in_its_district_several_are_all(parent: Here) -> None:
    one = fill(parent, "植物园 周六", TODAY)
    assert values(one, "base") == [[base_id(parent, "绿谷植物园")], ["in:山前区"]]
    a_base(parent.db, name="北门植物园", district="北区")
    several = values(fill(parent, "植物园 周六", TODAY), "base")
    assert [len(each) for each in several] == [4]


def test_only_days_with_room_for_all_count(parent: Here) -> None:
    filled = fill(parent, "周六下午 一大两小 天象厅", TODAY)
    assert told(filled) == [
        "What you named cannot be booked then.\nThe nearest are:\n"
        "Sat 28 Nov 10:00 天象厅:冬季星空, 星河天文馆\n"
        "Sun 29 Nov 10:00 天象厅:冬季星空, 星河天文馆"
    ]
    assert values(filled, "day") == [["2026-11-28", "2026-11-29"]]
    assert filled.hints["session"] == [
        Hint(traits={"course": ("天象厅:冬季星空",)}, between={"children": ("000002", "999999")}),
        Hint(traits={"course": ("天象厅:冬季星空",)}),  # a full one can be waited for
    ]
    assert not told(fill(parent, "周六下午 一大一小 天象厅", TODAY))


def test_a_single_day_that_was_not_wished_is_not_taken(parent: Here) -> None:
    filled = fill(parent, "植物园 自由参观 周日", TODAY)
    assert told(filled)
    assert "day" not in filled.hints


def test_two_known_children_are_meant_by_their_number(parent: Here) -> None:
    ids = [each.public_id for each in rows(parent.db, Child)]
    filled = fill(parent, "周六 一大两小", TODAY)
    assert filled.starts
    assert values(filled, "who") == [[".".join(["1", *ids])], ["children"]]
    assert values(filled, "children") == [ids]
    assert filled.hints["adults"] == [Hint(words="1")]


def test_as_last_time_is_the_same_base_hour_and_people(parent: Here) -> None:
    assert not fill(parent, "again", TODAY).hints
    a_booking(parent.db, rows(parent.db, Session)[0].id or 0, parent)
    filled = fill(parent, options.AGAIN, TODAY)
    assert values(filled, "base") == [[base_id(parent, "星河天文馆")]]
    assert filled.hints["session"][0] == Hint(
        traits={"course": ["天象厅:冬季星空"]}, between={"starts": ("10:00", "10:00")}
    )
    assert "day" not in filled.hints
    assert values(fill(parent, "老地方 周六", TODAY), "day") == [["2026-11-28"]]


def test_the_weekday_of_today_is_next_week_when_today_cannot_be_had(parent: Here) -> None:
    assert values(fill(parent, "周日 天象厅", TODAY), "day")[0] == ["2026-11-29"]
    assert values(fill(parent, "周日 天文馆", TODAY), "day") == [["2026-11-22"], ["2026-11-29"]]
    assert values(fill(parent, "今天 天文馆", TODAY), "day") == [["2026-11-22"]]


@pytest.mark.parametrize("words", ["", "你好", "谢谢", "x" * 500, "取消周六的天象厅"])
def test_what_is_no_wish_says_nothing(parent: Here, words: str) -> None:
    assert fill(parent, words, TODAY) == Filled()


def test_showings_are_the_open_ones_in_their_order(parent: Here) -> None:
    db = parent.db
    a_session(db, hour=8, course_id=rows(db, Session)[0].course_id, release_at=at(SUNDAY, 9))
    shown = wished.showings_of(db, "天象厅:冬季星空", NOW)
    assert [(each.day, each.places_left) for each in shown] == [
        (SATURDAY, 8),
        (SATURDAY, 2),
        (SUNDAY, 8),
    ]
    assert wished.showings_in(db, "穹幕", NOW) == shown
    assert sorted(wished.rooms(db, NOW)) == ["温室", "穹幕"]
    assert wished.last_of(db, parent.speaker.family_id) is None


def test_a_link_to_a_base_answers_where_and_one_to_a_session_when_as_well(parent: Here) -> None:
    stars = base_id(parent, "星河天文馆")
    filled = fill(parent, stars, TODAY)
    assert filled.starts
    assert values(filled, "base")[0] == values(filled, "base.there")[0] == [stars]
    session = rows(parent.db, Session)[0]
    filled = fill(parent, session.public_id, TODAY)
    assert values(filled, "base")[0] == [stars]
    assert values(filled, "day") == [[SATURDAY.isoformat()]]
    assert values(filled, "session") == [[session.public_id]]
    assert fill(parent, "0" * 32, TODAY) == Filled({}, starts=True)
