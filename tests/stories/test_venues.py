"""Is what each of the twelve venues forbids refused with its reason, and what it allows done?

The venues, their rules and their sessions are those of the sheet that `kepu import` takes in.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from handlers.booking import actions, changes, deadlines, lapsing, words
from handlers.booking.party import Guests, NewChild
from handlers.here import Here
from handlers.messages import Refused
from handlers.texts import say
from storage import bookings
from storage.database import Database
from storage.db import Db
from storage.models import (
    Audience,
    Base,
    Booking,
    BookingState,
    EndedBy,
    Pool,
    Session,
    Strike,
    StrikeKind,
)
from storage.schema import migrate
from tests import stored
from tests.builders import SHANGHAI, a_consent, here
from tests.exchange.imports import take
from tests.exchange.workbooks import SCHEDULE

THURSDAY = datetime(2026, 11, 26, 12, 0, tzinfo=SHANGHAI)  # all is released for Saturday
SATURDAY, SUNDAY = date(2026, 11, 28), date(2026, 11, 29)
PUBLIC, FAMILY = Audience.PUBLIC, Audience.FAMILY
AT_8, AT_9, AT_15 = "2018-05", "2017-05", "2011-05"
STORIES = {  # a venue of the sheet, by the name its stories have
    "zhongguo": "中国科技馆",
    "shanghai": "上海天文馆",
    "hubei": "湖北省科技馆",
    "qingdao": "青岛科技馆",
    "laoniu": "老牛儿童探索馆",
    "xixia": "西峡县科技馆",
    "chengdu": "成都自然博物馆",
    "zhongshan": "钟山县科技馆",
    "xiyong": "西涌天文台",
    "chongqing": "重庆科技馆",
    "henan": "河南省科技馆",
    "tangshan": "唐山科技馆",
}


@dataclass(frozen=True)
class Visitors:
    """A family that talks with Kepu, in both languages at once."""

    db: Db
    here: Here

    def books(
        self,
        base: str,
        children: Sequence[str] = (),
        adults: int = 1,
        *,
        day: date = SATURDAY,
        audience: Audience = PUBLIC,
        now: datetime = THURSDAY,
    ) -> dict[str, str]:
        """Book the day's first session; children by their birth month. Why not, or nothing."""
        someone = replace(self.here, now=now)
        session = next(
            each
            for each in sorted(stored.rows(self.db, Session), key=lambda each: each.starts_at)
            if (each.base_id, each.local_date, each.audience) == (self.base(base).id, day, audience)
        )
        new = tuple(
            NewChild(f"孩子{number}{month}", {"birth_month": month})
            for number, month in enumerate(children)
        )
        guests = Guests(adults, new_children=new)
        return self._done(lambda: actions.book(someone, session.public_id, guests))

    def cancels(self, now: datetime) -> dict[str, str]:
        """Cancel the last visit. Why not, or nothing."""
        someone = replace(self.here, now=now)
        return self._done(lambda: changes.cancel(someone, self.last.public_id))

    def missed(self, base: str, *when: datetime) -> None:
        """Visits that nobody came to."""
        for at in when:
            assert self.books(base, now=THURSDAY) == {}
            visit = self.last
            stored.change(self.db, visit, state=BookingState.NO_SHOW)
            [pool] = [each for each in stored.rows(self.db, Pool) if each.id == visit.pool_id]
            stored.change(self.db, pool, confirmed=pool.confirmed - 1)
            self.db.insert(
                Strike(
                    booking_id=visit.id or 0,
                    base_id=self.base(base).id or 0,
                    family_id=visit.family_id,
                    kind=StrikeKind.NO_SHOW,
                    at=at,
                )
            )

    @property
    def last(self) -> Booking:
        """The newest booking of all."""
        return max(stored.rows(self.db, Booking), key=lambda each: each.id or 0)

    def base(self, name: str) -> Base:
        return next(each for each in stored.rows(self.db, Base) if each.name == name)

    def _done(self, action: Any) -> dict[str, str]:
        try:
            with self.db.savepoint():
                action()
        except Refused as refused:
            return {locale: say(refused.text, locale) for locale in ("zh_CN", "en")}
        return {}


def told(zh: str, en: str) -> dict[str, str]:
    """A reason in both languages."""
    return {"zh_CN": zh, "en": en}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that holds the sheet."""
    path = tmp_path_factory.mktemp("venues") / "kepu.db"
    migrate(f"sqlite:///{path}")
    with Database.open(f"sqlite:///{path}") as database:
        take(database, SCHEDULE.read_bytes(), THURSDAY)
    return path


@pytest.fixture
def visitors(imported: Path, tmp_path: Path) -> Iterator[Visitors]:
    """A family at the twelve venues; what they do is undone."""
    path = tmp_path / "kepu.db"
    shutil.copy(imported, path)
    with Database.open(f"sqlite:///{path}") as database, stored.transaction(database) as db:
        someone = here(db, now=THURSDAY)
        a_consent(db, someone.speaker.person_id)
        yield Visitors(db, someone)


def another(visitors: Visitors) -> Visitors:
    """Another family."""
    someone = here(visitors.db, now=THURSDAY)
    a_consent(visitors.db, someone.speaker.person_id)
    return Visitors(visitors.db, someone)


def test_zhongguo_takes_three_children_of_a_family_and_no_fourth(visitors: Visitors) -> None:
    assert visitors.books("中国科技馆", [AT_8] * 4) == told(
        "这里每次预约最多带3个孩子。", "One visit here takes at most 3 children."
    )
    assert visitors.books("中国科技馆", [AT_8] * 3, 2) == {}
    visit = bookings.visit(visitors.db, visitors.last.public_id)
    assert visit
    card = words.card(visit, THURSDAY)
    assert "请每人携带本人证件，这里不保存证件号。" in say(card, "zh_CN")
    assert "Everybody brings their own identity document; " in say(card, "en")


def test_shanghai_gives_returned_places_again_at_half_past_nine(visitors: Visitors) -> None:
    assert visitors.books("上海天文馆", [AT_8], 2) == {}
    [pool] = [each for each in stored.rows(visitors.db, Pool) if each.id == visitors.last.pool_id]
    stored.change(visitors.db, pool, confirmed=pool.capacity)
    assert visitors.cancels(THURSDAY) == {}
    other = another(visitors)
    friday = datetime(2026, 11, 27, 9, 30, tzinfo=SHANGHAI)
    before = friday - timedelta(minutes=1)
    for _pool, work in lapsing.due(visitors.db, before, "en"):
        work(visitors.db)
    full = other.books("上海天文馆", now=before)
    assert full["zh_CN"].startswith("这一场已约满。")
    assert full["en"].startswith("This session is full.")
    for _pool, work in lapsing.due(visitors.db, friday, "en"):
        work(visitors.db)
    assert other.books("上海天文馆", now=friday) == {}


def test_hubei_takes_nothing_back(visitors: Visitors) -> None:
    assert visitors.books("湖北省科技馆", [AT_8]) == {}
    assert visitors.cancels(THURSDAY) == told(
        "这个基地的预约不可取消。",
        "This base takes no places back, so the visit cannot be cancelled here.",
    )


def test_hubei_keeps_away_who_missed_three_visits(visitors: Visitors) -> None:
    week = timedelta(days=7)
    visitors.missed("湖北省科技馆", THURSDAY - 3 * week, THURSDAY - 2 * week, THURSDAY - week)
    assert visitors.books("湖北省科技馆") == told(
        "您在这里已爽约3次，2027-11-19 12:00起可再次预约。如有异议，请发送“我的预约”。",
        "You missed 3 visits here, so you can book again from 2027-11-19 12:00. "
        "If that is not right, type “my visits”.",
    )
    assert visitors.books("中国科技馆") == {}


def test_qingdao_counts_children_among_the_four_of_a_visit(visitors: Visitors) -> None:
    assert visitors.books("青岛科技馆", [AT_8] * 3, 2) == told(
        "这里每次预约最多4人，您这边是5人。", "One visit here takes at most 4 people; you are 5."
    )
    assert visitors.books("青岛科技馆", [AT_8] * 2, 2) == {}
    [pool] = [each for each in stored.rows(visitors.db, Pool) if each.id == visitors.last.pool_id]
    assert pool.confirmed == 4


def test_laoniu_lets_nobody_in_alone_and_two_adults_with_a_child(
    visitors: Visitors,
) -> None:
    base = "老牛儿童探索馆"
    with_child = told(
        "成人须带孩子入馆：请至少带1个孩子。",
        "Adults come here with children: please bring at least 1 child.",
    )
    with_adult = told(
        "这一场需要大人陪同孩子。", "Children need an adult with them in this session."
    )
    assert visitors.books(base, [], 1) == visitors.books(base, [], 2) == with_child
    assert visitors.books(base, [AT_8], 0) == visitors.books(base, [AT_15], 0) == with_adult
    assert visitors.books(base, [AT_8], 3) == told(
        "这里每名儿童最多由2位大人陪同。", "Here at most 2 adults come with each child."
    )
    assert visitors.books(base, [AT_8], 2) == {}


def test_laoniu_keeps_away_who_missed_two_visits(visitors: Visitors) -> None:
    base = "老牛儿童探索馆"
    strikes = [THURSDAY - timedelta(days=2), THURSDAY - timedelta(days=1)]
    family = visitors.here.speaker.family_id
    for at in strikes:
        assert another(visitors).books(base, [AT_8]) == {}
        visitors.db.insert(
            Strike(
                booking_id=visitors.last.id or 0, base_id=visitors.base(base).id or 0,
                family_id=family, kind=StrikeKind.NO_SHOW, at=at,
            )
        )  # fmt: skip
    assert visitors.books(base, [AT_8])["en"].startswith(
        "You missed 2 visits here, so you can book again from Fri 25 Dec 12:00."
    )
    assert another(visitors).books(base, [AT_8]) == {}


def test_xixia_takes_three_people_at_most_two_of_them_children(
    visitors: Visitors,
) -> None:
    assert visitors.books("西峡县科技馆", [AT_8] * 3, 0) == told(
        "这里每次预约最多带2个孩子。", "One visit here takes at most 2 children."
    )
    assert visitors.books("西峡县科技馆", [AT_8] * 2, 2) == told(
        "这里每次预约最多3人，您这边是4人。", "One visit here takes at most 3 people; you are 4."
    )
    assert visitors.books("西峡县科技馆", [AT_8] * 2, 1) == {}


def test_chengdu_keeps_away_for_a_week_after_one_missed_visit(
    visitors: Visitors,
) -> None:
    visitors.missed("成都自然博物馆", THURSDAY - timedelta(days=6))
    assert visitors.books("成都自然博物馆") == told(
        "您在这里已爽约1次，11月27日 周五 12:00起可再次预约。如有异议，请发送“我的预约”。",
        "You missed 1 visit here, so you can book again from Fri 27 Nov 12:00. "
        "If that is not right, type “my visits”.",
    )
    assert visitors.books("成都自然博物馆", now=THURSDAY + timedelta(days=1)) == {}
    assert another(visitors).books("成都自然博物馆") == {}


def test_chengdu_keeps_away_for_a_month_after_two(visitors: Visitors) -> None:
    long_ago, a_while_ago = THURSDAY - timedelta(days=60), THURSDAY - timedelta(days=20)
    visitors.missed("成都自然博物馆", long_ago, a_while_ago)
    assert visitors.books("成都自然博物馆")["en"].startswith(
        "You missed 2 visits here, so you can book again from Sun 6 Dec 12:00."
    )


def test_zhongshan_can_be_cancelled_freely_until_half_past_nine_that_day(
    visitors: Visitors,
) -> None:
    assert visitors.books("钟山县科技馆", [AT_8], day=SUNDAY, now=THURSDAY) == told(
        "这一场从11月27日 周五 09:00起可以预约。",
        "Places in this session can be booked from Fri 27 Nov 09:00.",
    )
    assert visitors.books("钟山县科技馆", [AT_8]) == {}
    visit = bookings.visit(visitors.db, visitors.last.public_id)
    assert visit
    until = datetime(2026, 11, 28, 9, 30, tzinfo=SHANGHAI)
    assert visit.cancel_until == until
    assert deadlines.late_warning(visit, until) is None
    assert visitors.cancels(min(until, visit.starts_at - timedelta(minutes=1))) == {}
    assert visitors.last.ended_by is EndedBy.FAMILY


def test_xiyong_asks_for_companions_of_nine_and_a_contact_of_eighteen(
    visitors: Visitors,
) -> None:
    base = "西涌天文台"
    young = visitors.books(base, [AT_8], audience=FAMILY)
    assert young["en"].startswith("Everybody who comes here is 9 or older; ")
    assert young["zh_CN"].startswith("来这里的人须年满9岁，参观当天")
    alone = visitors.books(base, [AT_9], 0, audience=FAMILY)
    assert alone == told(
        "这一场是亲子活动，至少要有一位大人陪同。",
        "This session is for families: at least one adult comes along.",
    )
    assert visitors.books(base, [AT_9], 1, audience=FAMILY) == {}


def test_chongqing_takes_a_family_once_a_day(visitors: Visitors) -> None:
    assert visitors.books("重庆科技馆", [AT_8]) == {}
    assert visitors.books("重庆科技馆", audience=FAMILY, children=[AT_9]) == told(
        "您11月28日 周六在这里已有1个预约，请另选一天，或发送“我的预约”改期。",
        "You have 1 visit here on Sat 28 Nov already; choose another day, or move it: “my visits”.",
    )
    assert visitors.books("重庆科技馆", day=SUNDAY) == {}


def test_henan_opens_two_days_before_at_nine(visitors: Visitors) -> None:
    nine = datetime(2026, 11, 26, 9, 0, tzinfo=SHANGHAI)
    assert visitors.books("河南省科技馆", now=nine - timedelta(seconds=1)) == told(
        "这一场从11月26日 周四 09:00起可以预约。",
        "Places in this session can be booked from Thu 26 Nov 09:00.",
    )
    assert visitors.books("河南省科技馆", now=nine) == {}


def test_tangshan_lets_a_family_hold_two_visits_and_no_child_come_alone(
    visitors: Visitors,
) -> None:
    base = "唐山科技馆"
    alone = visitors.books(base, [AT_8], 0)
    assert alone == told(
        "未满14岁的孩子须有大人陪同，孩子02018-05不能单独入馆。",
        "Children under 14 come here with an adult, so 孩子02018-05 cannot come alone.",
    )
    assert visitors.books(base, [AT_15], 0) == {}
    assert visitors.books(base, day=SUNDAY) == {}
    tuesday = date(2026, 12, 1)
    assert visitors.books(base, day=tuesday) == told(
        "您在这里已有2个未完成的预约，请先取消或改期其中一个：请发送“我的预约”。",
        "You hold 2 visits here already; cancel or move one first: “my visits”.",
    )
    assert visitors.cancels(THURSDAY) == {}
    assert visitors.books(base, day=tuesday) == {}


def test_every_venue_of_the_sheet_has_its_story(visitors: Visitors) -> None:
    assert {each.name for each in stored.rows(visitors.db, Base)} == {*STORIES.values()}
    told_of = {name.split("_")[1] for name in globals() if name.startswith("test_")}
    assert {*STORIES} <= told_of
