"""What do a base's published rules mean?"""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from handlers.booking.published import (
    Release,
    Returns,
    cancel_until,
    read_release,
    read_returns,
    read_shares,
    release_at,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
SATURDAY = date(2026, 12, 5)


@pytest.mark.parametrize(
    ("words", "release"),
    [
        ("前7日09:00", Release(7, time(9))),
        ("前 10 天 9:30", Release(10, time(9, 30))),
        ("前三日11:30", Release(3, time(11, 30))),
        ("前十日07:00", Release(10, time(7))),
        ("当日07:00", Release(0, time(7))),
    ],
)
def test_a_release_is_so_many_days_before_at_a_time(words: str, release: Release) -> None:
    assert read_release(words) == release


@pytest.mark.parametrize(
    "words", ["", "09:00", "前7日", "前日09:00", "前7日25:00", "7日前09:00", "前7日09:00/10:00"]
)
def test_another_release_is_not_guessed(words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words) or "^$"):
        read_release(words)


def test_places_are_released_at_the_wall_time_of_the_base() -> None:
    at = release_at(Release(7, time(9)), SATURDAY, SHANGHAI)
    assert at == datetime(2026, 11, 28, 1, tzinfo=UTC)
    # In Berlin the clocks went back in between: nine o'clock stays nine o'clock.
    berlin = ZoneInfo("Europe/Berlin")
    assert release_at(Release(7, time(9)), date(2026, 10, 28), berlin).hour == 7
    assert release_at(Release(0, time(9)), date(2026, 10, 28), berlin).hour == 8


@pytest.mark.parametrize(
    ("rule", "starts", "until"),
    [
        ("前1日20:00", time(9), datetime(2026, 12, 4, 12, tzinfo=UTC)),
        ("当日09:30", time(14), datetime(2026, 12, 5, 1, 30, tzinfo=UTC)),
        ("当日10:30/15:00", time(11, 59), datetime(2026, 12, 5, 2, 30, tzinfo=UTC)),
        ("当日10:30/15:00", time(12), datetime(2026, 12, 5, 7, tzinfo=UTC)),
        ("不可取消", time(9), None),
    ],
)
def test_a_visit_can_be_cancelled_until_what_the_rule_says(
    rule: str, starts: time, until: datetime | None
) -> None:
    assert cancel_until(rule, SATURDAY, starts, SHANGHAI) == until


def test_no_returns_is_a_rule_and_nonsense_is_none() -> None:
    assert read_returns("不可取消") is None
    assert read_returns("前1日20:00") == Returns(1, time(20), time(20))
    with pytest.raises(ValueError, match="随时"):
        read_returns("随时")


@pytest.mark.parametrize("words", ["70/20/5", "70/20/5/6", "a/b/c/d", "", "-70/160/5/5"])
def test_shares_are_four_and_make_a_hundred(words: str) -> None:
    assert read_shares("70/20/5/5") == (70, 20, 5, 5)
    with pytest.raises(ValueError, match=re.escape(words) or "^$"):
        read_shares(words)
