"""Which optional columns of the sheet 基地 say a base's terms, and which terms come of a row?

A column wins over what the base says in its 说明; what neither says is as usual.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.booking import published
from handlers.exchange import cells, term_cells
from handlers.exchange.rows import BaseRow
from handlers.exchange.term_cells import count, count_or_none, one_of
from storage.models import Step, Terms

DAY = 24 * 60  # minutes


@dataclass(frozen=True, slots=True)
class TermColumn:
    """An optional column: the term it fills, its title, how a cell is read."""

    field: str
    title: str
    read: cells.Reader[Any]


COLUMNS = (
    TermColumn("release_mode", "放票方式", one_of({"滚动": "rolling", "固定": "fixed"})),
    TermColumn("release_on", "放票日期", cells.day),
    TermColumn("closes_minutes", "开场前停止预约(分钟)", count(0, 30 * DAY)),
    TermColumn("group_release_days_ahead", "团体放票提前天数", count(0, 365)),
    TermColumn("group_lead_days", "团体提前(工作日)", count(0, 365)),
    TermColumn("group_lead_days_holiday", "节假日团体提前天数", count(0, 365)),
    TermColumn("priority_flow_hours", "绿色通道余票回流(小时前)", count(0, 8760)),
    TermColumn("group_flow_days", "团体余票回流(天前)", count(0, 365)),
    TermColumn("entry_opens_minutes", "提前入场(分钟)", count(0, DAY)),
    TermColumn("entry_closes_minutes", "迟到可入场(分钟)", count(0, DAY)),
    TermColumn("last_entry_minutes", "散场前停止入场(分钟)", count(0, DAY)),
    TermColumn("weekend_group_cap", "周末团体人数上限", count(0, 100_000)),
    TermColumn("min_adults", "每单最少成人", count(0, 100)),
    TermColumn("max_adults_per_child", "每名儿童成人上限", count_or_none(0, 100)),
    TermColumn("min_children", "每单最少儿童", count(0, 100)),
    TermColumn("unaccompanied_age", "可单独入馆年龄", count(0, 120)),
    TermColumn("companion_min_age", "同行人最小年龄", count(0, 120)),
    TermColumn("contact_min_age", "联系人最小年龄", count(0, 120)),
    TermColumn("capacity_counts", "占名额", one_of({"所有人": "all", "仅儿童": "children"})),
    TermColumn("documents", "证件", one_of({"不需要": "none", "联系人": "lead", "每人": "all"})),
    TermColumn("visits_per_child_day", "每名儿童每日次数", count_or_none(0, 100)),
    TermColumn("visits_per_child_30_days", "每名儿童30天次数", count_or_none(0, 100)),
    TermColumn("visits_active", "每家未完成预约上限", count_or_none(0, 100)),
    TermColumn("visits_per_day", "每家每日次数", count_or_none(0, 100)),
    TermColumn("rebook_same_day", "取消后当日可再约", cells.yes_or_no),
    TermColumn("late_cancel", "逾期取消", one_of({"记爽约": "strike", "不可取消": "refused"})),
    TermColumn("change_rule", "截止改期", cells.cancel_rule),
    TermColumn("change_max", "改期次数上限", count(0, 100)),
    TermColumn("returns", "退票再放", term_cells.returns),
    TermColumn("ladder", "爽约禁约", term_cells.ladder),
    TermColumn("strike_window_days", "爽约统计天数", count(1, 3650)),
    TermColumn("appeal_days", "申诉天数", count(0, 365)),
    TermColumn("wait_max", "每家候补上限", count(0, 100)),
    TermColumn("offer_minutes", "候补确认(分钟)", count(1, 30 * DAY)),
    TermColumn("offer_minutes_soon", "24小时内候补确认(分钟)", count(1, DAY)),
    TermColumn("quiet_from", "免打扰开始", cells.clock),
    TermColumn("quiet_until", "免打扰结束", cells.clock),
    TermColumn("offers_max", "候补通知次数", count(1, 100)),
    TermColumn("bypass_max", "候补跳过上限", count(0, 1000)),
    TermColumn("wait_cutoff_minutes", "候补截止(分钟前)", count(0, 30 * DAY)),
    TermColumn("group_min", "团体最少人数", count(1, 100_000)),
    TermColumn("group_batch_max", "团体每场上限", count_or_none(1, 100_000)),
    TermColumn("group_batches_a_day", "团体每日批次", count(0, 1000)),
    TermColumn("group_ratio", "师生比", term_cells.ratio),
    TermColumn("group_ratio_preschool", "幼儿师生比", term_cells.ratio),
    TermColumn("group_letter", "团体公函", one_of({"需要": "needed", "不需要": "optional"})),
    TermColumn("group_roster_days", "团体名单(天前)", count(0, 365)),
    TermColumn("refunds", "退款", term_cells.refunds),
    TermColumn("open_on_holidays", "节假日照常开放", cells.yes_or_no),
    TermColumn(
        "checkin_modes",
        "核验方式",
        term_cells.several_of({"二维码": "qr", "取票码": "code", "名单": "list"}),
    ),
    TermColumn("checkin_offline", "可离线核验", cells.yes_or_no),
    TermColumn("green_channel", "绿色通道人群", term_cells.words),
    TermColumn("bookings_a_minute", "每分钟预约上限", count(1, 1000)),
    TermColumn("retention_days", "儿童信息保留天数", count(0, 3650)),
)


def terms_of(row: BaseRow) -> Terms:
    """The terms of a base's row without faults."""
    said = published.read_note(row.note or "")
    given = dict(row.terms)
    if "returns" in given:
        given["returns"], given["returns_time"] = given["returns"]
    published_ladder = said.pop("ladder", None)
    return Terms(
        **{
            **said,
            **_given(
                cancel_rule=row.cancel_rule,
                release_days_ahead=row.release_days_ahead,
                release_time=row.release_time,
                party_max=row.party_max,
                children_max=row.children_max,
                pool_split=row.pool_split and published.read_shares(row.pool_split),
                ladder=_ladder(row, published_ladder),
            ),
            **given,
        }
    )


def _ladder(row: BaseRow, said: tuple[Step, ...] | None) -> tuple[Step, ...] | None:
    """What missing visits brings: by the columns, which a graded ladder may only make finer."""
    if row.no_shows_allowed is None and row.ban_days is None:
        return said
    usual = Terms().ladder[0]
    strikes = usual.strikes if row.no_shows_allowed is None else row.no_shows_allowed
    days = usual.days if row.ban_days is None else row.ban_days
    step = Step(strikes=strikes, days=days)
    if said is not None and step in said:
        return said
    return (step,) if strikes and days else ()


def _given(**values: Any) -> Mapping[str, Any]:
    return {field: value for field, value in values.items() if value is not None}
