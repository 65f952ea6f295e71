"""Does a family book at a real base, from the very sheet its office keeps?"""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from handlers.conversation.testing import Stage
from handlers.menu import MENU
from storage.database import Database
from storage.models import Booking
from storage.schema import migrate
from tests.builders import SHANGHAI
from tests.exchange.imports import take
from tests.exchange.workbooks import SCHEDULE
from tests.stories.town import Town

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)
BASES = ["中国科技馆", "西峡县科技馆", "成都自然博物馆", "重庆科技馆", "唐山科技馆"]  # of 09:00


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that holds the sheet; reading it takes a second."""
    path = tmp_path_factory.mktemp("timetable") / "kepu.db"
    migrate(f"sqlite:///{path}")
    with Database.open(f"sqlite:///{path}") as database:
        take(database, SCHEDULE.read_bytes(), TUESDAY)
    return path


@pytest.fixture
def county(imported: Path, tmp_path: Path) -> Iterator[Town]:
    """The twelve bases on a Tuesday in November."""
    path = tmp_path / "kepu.db"
    shutil.copy(imported, path)
    with Database.open(f"sqlite:///{path}") as database:
        yield Town(database, Stage(database.write_and_wait, MENU, TUESDAY))


def test_all_twelve_bases_can_be_chosen_on_every_channel(county: Town, channel: str) -> None:
    parent = county.person(channel).says("预约")
    seen = parent.seen
    if "更多" in seen:
        seen += parent.taps("更多").seen
    for each in [
        *BASES,
        "上海天文馆",
        "湖北省科技馆",
        "青岛科技馆",
        "老牛儿童探索馆",
        "钟山县科技馆",
    ]:
        assert each in seen
    assert "西涌天文台" in seen
    assert "河南省科技馆" in seen


@pytest.mark.parametrize("base", BASES)
def test_a_family_books_a_saturday_at_a_real_base(county: Town, channel: str, base: str) -> None:
    parent = county.person(channel).says("预约", base, "周六").sees("常设展厅参观")
    parent.says("1").sees("谁来参加").taps("带孩子").sees("您是孩子的监护人").taps("同意")
    parent.says("小明", "2018-05").taps("没有了").says("1").sees(base, "11月28日 周六")
    parent.taps("确认").sees("预约成功", base, "1位大人和1个孩子")
    assert len(county.rows(Booking)) == 1


def test_what_the_sheet_says_of_a_session_holds(county: Town) -> None:
    parent = county.person().says("预约", "中国科技馆", "11月28日")
    parent.sees("10:00–11:00 天象厅:冬季星空 · 余36 · ¥20 · 4–12岁").taps("10:00").taps("同意")
    parent.says("太小", "2024-01").sees("这一场面向4–12岁，参观当天太小2岁")
    parent.says("2019-01").taps("没有了").says("2").sees("共¥60，到馆支付")
    parent.taps("确认").sees("预约成功", "如需取消，请在11月27日 周五 20:00前")


def test_a_base_that_opens_its_days_later_says_when(county: Town) -> None:
    parent = county.person().says("预约").sees("上海天文馆 · 11月25日 周三 09:30起可约")
    parent.taps("上海天文馆").sees("下一批名额将于11月25日 周三 09:30开放")
    county.stage.later(days=1)
    parent.taps("上海天文馆").sees("您想哪天去", "11月28日 周六")


def test_a_base_that_takes_nothing_back_says_so_on_the_ticket(county: Town) -> None:
    county.stage.later(days=1)
    parent = county.person().says("预约", "湖北省科技馆", "周六", "1").taps("只有大人").says("1")
    parent.taps("确认").sees("预约成功", "这个基地的预约不可取消")


def test_a_session_for_classes_is_not_offered_to_families(county: Town) -> None:
    county.stage.later(days=7)  # then 4 December is released, with 电与磁 for classes at 14:00
    parent = county.person().says("预约", "中国科技馆", "12月4日").sees("常设展厅参观")
    parent.does_not_see("电与磁")
