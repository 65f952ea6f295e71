"""Does a morning at the door go as families and the desk need it?"""

from handlers.conversation.testing import Person
from storage import chats
from storage.database import Database
from storage.db import Db
from storage.models import Booking, BookingState, Duty, Role, Strike, StrikeKind
from tests.builders import NOW, SATURDAY, a_booking, a_parent, a_session, at
from tests.stored import rows
from tests.stories import town as towns
from tests.stories.town import CODE, Town


def works_here(town: Town, channel: str = "web", duty: Duty = Duty.DESK) -> Person:
    """Somebody who works at 星河天文馆."""

    def work(db: Db) -> None:
        met = chats.meet(db, channel, "desk", "zh_CN", NOW)
        db.insert(Role(person_id=met.person_id, base_id=1, duty=duty, granted_at=NOW))

    town.database.write_and_wait(work)
    return town.person(channel, "desk")


def books(town: Town, address: str) -> tuple[Person, str]:
    """A parent with a child and a visit on Saturday at ten; the code."""
    parent = town.known_family(address=address)
    return parent, CODE.findall(parent.seen)[0]


def test_a_morning_at_the_door(town: Town, channel: str) -> None:
    li, code_of_li = books(town, "li")
    zhao, code_of_zhao = books(town, "zhao")
    desk = works_here(town, channel)
    town.stage.now = at(SATURDAY, 9, 40)
    desk.says("今日场次").sees(
        "星河天文馆 11月28日 周六", "10:00 星空剧场 · 已约4/8", "未到2单（4人）"
    )
    desk.says(f"/checkin {code_of_li.lower()}").sees("1位大人和1个孩子").taps("2人，全部到场")
    desk.sees("已核销", "已入场2/2人", "请输入下一个预约码")
    desk.says(code_of_li).sees("2人均已入场。").taps("下一个")
    desk.says(code_of_zhao.replace("-", " ")).taps("1人").sees("已入场1/2人")
    desk.says(code_of_zhao).taps("其余1人到了").sees("已入场2/2人")
    town.stage.now = at(SATURDAY, 11)
    li.says("我的预约").sees("已参观")
    zhao.says("我的预约").sees("已参观").does_not_see("爽约")


def test_a_family_that_missed_is_told_objects_and_is_excused(database: Database) -> None:
    town = towns.build(database)
    _li, code_of_li = books(town, "li")
    zhao, _code = books(town, "zhao")
    desk = works_here(town, duty=Duty.COORDINATOR)
    town.stage.now = at(SATURDAY, 10)
    desk.says(f"核销 {code_of_li}").taps("2人，全部到场")
    town.time_passes(minutes=31)
    [told] = [words for words in town.shown("zhao") if "没有等到您" in words]
    assert "11月28日 周六 10:00，星河天文馆“星空剧场”" in told
    assert "请在12月12日 周六（含当日）前告诉基地" in told
    town.time_passes(minutes=5)
    assert len(town.rows(Strike)) == 1
    zhao.says("申诉").sees("星空剧场").says("地铁停运，没能赶到").sees("谢谢")
    desk.says("/today").taps("1条申诉待处理").sees("家庭说明", "没能赶到")
    desk.taps("同意，不计爽约").sees("已告知该家庭")
    town.time_passes(seconds=1)
    assert any("不再计为爽约" in words for words in town.shown("zhao"))
    states = {each.state for each in town.rows(Booking)}
    assert states == {BookingState.CHECKED_IN, BookingState.NO_SHOW}


def test_where_nobody_is_checked_in_nobody_is_struck(town: Town) -> None:
    books(town, "li")
    town.stage.now = at(SATURDAY, 10)
    town.time_passes(hours=3)
    assert town.rows(Strike) == []


def test_three_missed_visits_close_the_book_for_a_while(town: Town) -> None:
    zhao, _code = books(town, "zhao")
    town.database.write_and_wait(_missed_twice_before)
    _li, code_of_li = books(town, "li")
    town.stage.now = at(SATURDAY, 10)
    works_here(town).says(f"核销 {code_of_li}").taps("2人，全部到场")
    town.time_passes(minutes=31)
    assert any("要到12月28日 周一才能再约" in words for words in town.shown("zhao"))
    zhao.says("预约").taps("星河天文馆 · 滨江区", "11月29日", "10:00").sees("12月28日")
    zhao.does_not_see("谁来参观")
    zhao.says("预约").taps("绿谷植物园", "11月29日", "09:00").does_not_see("12月28日")


def _missed_twice_before(db: Db) -> None:
    [family] = {each.family_id for each in rows(db, Booking)}
    someone = a_parent(db, family_id=family)
    for day in (1, 8):
        session = a_session(db, base_id=1, local_date=at(SATURDAY, 10).date().replace(day=day))
        booking = a_booking(db, session, someone, state=BookingState.NO_SHOW)
        kind = StrikeKind.NO_SHOW
        db.insert(Strike(booking_id=booking, base_id=1, family_id=family, kind=kind, at=NOW))
