"""Does every term of a base come in by its column, and do the phrases of real venues count?"""

from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import select

from handlers.booking import published
from handlers.exchange import rules, sheets, terms
from handlers.exchange.rows import BaseRow
from storage import timetable
from storage.database import Database
from storage.db import Db
from storage.models import Base, Policy, Refund, Step, Terms
from storage.statements import Query, whole
from tests.builders import NOW
from tests.exchange.imports import one, refused, take
from tests.exchange.workbooks import BASE, SCHEDULE, SESSION, a_workbook

OF_THE_SHEET = {  # terms that are said by columns every sheet has
    "release_days_ahead", "release_time", "party_max", "children_max", "cancel_rule", "pool_split",
}  # fmt: skip
GRADED = (Step(strikes=1, days=7), Step(strikes=2, days=30), Step(strikes=3, days=365))

CELLS: list[tuple[str, Any, dict[str, Any]]] = [
    ("放票方式", "固定", {"release_mode": "fixed"}),
    ("放票日期", date(2026, 12, 1), {"release_on": date(2026, 12, 1)}),
    ("开场前停止预约(分钟)", 60, {"closes_minutes": 60}),
    ("团体放票提前天数", 14, {"group_release_days_ahead": 14}),
    ("团体提前(工作日)", "5个工作日", {"group_lead_days": 5}),
    ("节假日团体提前天数", 10, {"group_lead_days_holiday": 10}),
    ("绿色通道余票回流(小时前)", "48小时", {"priority_flow_hours": 48}),
    ("团体余票回流(天前)", 5, {"group_flow_days": 5}),
    ("提前入场(分钟)", 15, {"entry_opens_minutes": 15}),
    ("迟到可入场(分钟)", 45, {"entry_closes_minutes": 45}),
    ("散场前停止入场(分钟)", 60, {"last_entry_minutes": 60}),
    ("周末团体人数上限", 200, {"weekend_group_cap": 200}),
    ("每单最少成人", 2, {"min_adults": 2}),
    ("每名儿童成人上限", "不限", {"max_adults_per_child": None}),
    ("每名儿童成人上限", 1, {"max_adults_per_child": 1}),
    ("每单最少儿童", 1, {"min_children": 1}),
    ("可单独入馆年龄", "12岁", {"unaccompanied_age": 12}),
    ("同行人最小年龄", 9, {"companion_min_age": 9}),
    ("联系人最小年龄", 18, {"contact_min_age": 18}),
    ("占名额", "仅儿童", {"capacity_counts": "children"}),
    ("证件", "每人", {"documents": "all"}),
    ("每名儿童每日次数", 2, {"visits_per_child_day": 2}),
    ("每名儿童30天次数", 5, {"visits_per_child_30_days": 5}),
    ("每家未完成预约上限", "不限", {"visits_active": None}),
    ("每家每日次数", 3, {"visits_per_day": 3}),
    ("取消后当日可再约", "否", {"rebook_same_day": False}),
    ("逾期取消", "不可取消", {"late_cancel": "refused"}),
    ("截止改期", "前2日12:00", {"change_rule": "前2日12:00"}),
    ("改期次数上限", 1, {"change_max": 1}),
    ("退票再放", "每日09:00", {"returns": "daily", "returns_time": time(9)}),
    ("退票再放", "立即", {"returns": "now"}),
    ("爽约禁约", "1次一周、2次一月、3次一年", {"ladder": GRADED}),
    ("爽约禁约", "无", {"ladder": ()}),
    ("爽约统计天数", 180, {"strike_window_days": 180}),
    ("申诉天数", 7, {"appeal_days": 7}),
    ("每家候补上限", 3, {"wait_max": 3}),
    ("候补确认(分钟)", 90, {"offer_minutes": 90}),
    ("24小时内候补确认(分钟)", 15, {"offer_minutes_soon": 15}),
    ("免打扰开始", "21:30", {"quiet_from": time(21, 30)}),
    ("免打扰结束", "07:30", {"quiet_until": time(7, 30)}),
    ("候补通知次数", 3, {"offers_max": 3}),
    ("候补跳过上限", 1, {"bypass_max": 1}),
    ("候补截止(分钟前)", 240, {"wait_cutoff_minutes": 240}),
    ("团体最少人数", 30, {"group_min": 30}),
    ("团体每场上限", 100, {"group_batch_max": 100}),
    ("团体每日批次", 2, {"group_batches_a_day": 2}),
    ("师生比", "1:15", {"group_ratio": 15}),
    ("幼儿师生比", 8, {"group_ratio_preschool": 8}),
    ("团体公函", "需要", {"group_letter": "needed"}),
    ("团体名单(天前)", 3, {"group_roster_days": 3}),
    (
        "退款",
        "前2日23:30退100%、当日09:00退90%",
        {
            "refunds": (
                Refund(days_ahead=2, at=time(23, 30), percent=100),
                Refund(days_ahead=0, at=time(9), percent=90),
            )
        },
    ),
    ("节假日照常开放", "否", {"open_on_holidays": False}),
    ("核验方式", "二维码,名单", {"checkin_modes": ("qr", "list")}),
    ("可离线核验", "否", {"checkin_offline": False}),
    ("绿色通道人群", "残障人士、军人", {"green_channel": ("残障人士", "军人")}),
    ("每分钟预约上限", 3, {"bookings_a_minute": 3}),
    ("儿童信息保留天数", 60, {"retention_days": 60}),
]


def of_base(**cells: Any) -> Terms:
    """The terms of a base whose row has these cells."""
    given = sheets.read(a_workbook(bases=[{**BASE, **cells}]))
    [row] = given.bases.rows
    assert not row.wrong
    return rules.policy_of(row, NOW).terms


def test_every_term_has_a_column() -> None:
    fields = [column.field for column in terms.COLUMNS]
    assert len(fields) == len(set(fields))
    assert {*fields, *OF_THE_SHEET} == {*Terms.model_fields} - {"returns_time"}
    titles = [column.title for column in sheets.BASES.columns]
    assert len(titles) == len(set(titles))
    assert {title for title, _cell, _terms in CELLS} >= {each.title for each in terms.COLUMNS}


@pytest.mark.parametrize(("title", "cell", "expected"), CELLS)
def test_a_column_says_its_term(title: str, cell: Any, expected: dict[str, Any]) -> None:
    assert of_base(**{title: cell}) == Terms(**expected)


@pytest.mark.parametrize(
    ("title", "cell", "why"),
    [
        ("放票方式", "随便", "随便 is none of 滚动、固定"),
        ("每单最少成人", "两位", "两位 is not a whole number"),
        ("退票再放", "明天", "明天 is not understood; write 立即 or 每日09:30"),
        ("爽约禁约", "三次", "三次 is not understood; write 1次7天、2次30天、3次365天"),
        ("退款", "全退", "全退 is not understood; write 前2日23:30退100%"),
        ("退款", "当日09:00退101%", "is not understood; write 前2日23:30退100%"),
        ("核验方式", "人脸", "人脸 is none of 二维码、取票码、名单"),
        ("截止改期", "随时", "随时 is not understood"),
    ],
)
def test_what_a_column_does_not_know_is_not_guessed(
    sqlite_database: Database, title: str, cell: str, why: str
) -> None:
    [said] = refused(sqlite_database, a_workbook(bases=[{**BASE, title: cell}]))
    assert title in said
    assert why in said


# What a base says in its 说明


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("退票次日09:30再放", {"returns": "daily", "returns_time": time(9, 30)}),
        (
            "每名儿童1—2位成人,不可单独入馆",
            {
                "min_adults": 1,
                "max_adults_per_child": 2,
                "min_children": 1,
                "unaccompanied_age": 18,
            },
        ),
        ("爽约1次一周、2次一月、3次一年", {"ladder": GRADED}),
        ("同行人须满9岁，联系人须满18岁", {"companion_min_age": 9, "contact_min_age": 18}),
        ("团体≥30人提前7日", {"group_min": 30, "group_lead_days": 7}),
        ("团体每场≤100人", {"group_batch_max": 100}),
        ("每位观众本人证件", {"documents": "all"}),
        ("儿童凭证件号", {"documents": "all"}),
        ("儿童占名额", {"capacity_counts": "all"}),
        ("仅儿童占名额", {"capacity_counts": "children"}),
        ("请早到, 不收退票", {}),
        ("", {}),
    ],
)
def test_phrases_of_real_venues_are_terms(note: str, expected: dict[str, Any]) -> None:
    assert published.read_note(note) == expected


def test_a_column_wins_over_a_phrase() -> None:
    note = "退票次日09:30再放;每名儿童1—2位成人"
    found = of_base(说明=note, 退票再放="立即", 每名儿童成人上限=3)
    assert (found.returns, found.returns_time) == ("now", None)
    assert (found.min_adults, found.max_adults_per_child) == (1, 3)


def test_a_graded_ladder_refines_the_columns_it_agrees_with_and_no_others() -> None:
    note = {"说明": "爽约1次一周、2次一月、3次一年"}
    assert of_base(**note).ladder == GRADED
    assert of_base(**note, 爽约次数=3, 禁约天数=365).ladder == GRADED
    assert of_base(**note, 爽约次数=3, 禁约天数=30).ladder == (Step(strikes=3, days=30),)
    assert of_base(**note, 爽约次数=3, 禁约天数=365, 爽约禁约="2次10天").ladder == (
        Step(strikes=2, days=10),
    )


def test_the_venues_of_the_sheet_have_the_terms_they_publish(sqlite_database: Database) -> None:
    take(sqlite_database, SCHEDULE.read_bytes())

    def work(db: Db) -> dict[str, Terms]:
        policies = db.all(Query(select(Policy), into=whole(Policy)))
        by_base = {policy.base_id: policy.terms for policy in policies}
        bases = db.all(Query(select(Base), into=whole(Base)))
        return {base.name: by_base[base.id or 0] for base in bases}

    found = sqlite_database.read_and_wait(work)
    assert found["中国科技馆"].documents == found["河南省科技馆"].documents == "all"
    assert (found["上海天文馆"].returns, found["上海天文馆"].returns_time) == ("daily", time(9, 30))
    assert found["湖北省科技馆"].cancel_rule == "不可取消"
    assert found["湖北省科技馆"].ladder == (Step(strikes=3, days=365),)
    assert (found["湖北省科技馆"].group_min, found["湖北省科技馆"].group_lead_days) == (30, 7)
    assert found["青岛科技馆"].capacity_counts == "all"
    assert found["老牛儿童探索馆"].min_children == 1
    assert found["成都自然博物馆"].ladder == GRADED
    assert found["钟山县科技馆"].group_batch_max == 100
    assert found["西涌天文台"].companion_min_age == 9
    assert found["重庆科技馆"] == Terms()


def test_a_changed_phrase_is_a_new_version_for_rows_imported_again(
    sqlite_database: Database,
) -> None:
    take(sqlite_database, a_workbook())
    taken = take(sqlite_database, a_workbook(bases=[{**BASE, "说明": "儿童凭证件号"}], sessions=[]))
    assert (taken.bases.changed, one(sqlite_database, Base).policy_version) == (1, 2)
    kept = sqlite_database.read_and_wait(timetable_version)
    assert kept == [1]
    taken = take(
        sqlite_database, a_workbook(bases=[{**BASE, "说明": "儿童凭证件号"}], sessions=[SESSION])
    )
    assert (taken.bases.same, taken.sessions.changed) == (1, 1)
    assert sqlite_database.read_and_wait(timetable_version) == [2]


def timetable_version(db: Db) -> list[int]:
    """The versions of the rules that sessions are under."""
    return [kept.session.policy_version for kept in timetable.sessions(db)]


def test_a_row_without_further_columns_has_none() -> None:
    [row] = sheets.read(a_workbook()).bases.rows
    assert isinstance(row, BaseRow)
    assert row.terms == {}
