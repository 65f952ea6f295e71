import pytest

from handlers.conversation.months import is_only_year, month_of


@pytest.mark.parametrize(
    "words",
    [
        "2018-05", "2018-5", "2018/5", "2018.05", "2018 5", " 2018-05 ", "２０１８－０５",
        "201805", "20180512", "2018-05-12", "2018/5/12", "2018. 5. 12",
        "5/2018", "05-2018", "5 2018",
        "2018年5月", "2018 年 5 月", "２０１８年５月", "2018年05月",
        "2018年5月12日", "2018年5月12号",
        "2018年5月份", "2018年5月生", "2018年5月出生的", "2018年5", "18年5月",
        "二〇一八年五月", "二零一八年五月", "一八年五月", "2018年五月", "二〇一八年五月十二日",
        "May 2018", "may 2018", "May, 2018", "2018 May", "2018, may", "12 May 2018",
        "12th of May 2018", "May 12, 2018", "May 12th 2018",
    ],
)  # fmt: skip
def test_a_month_is_read_however_it_is_written(words: str) -> None:
    assert month_of(words) == "2018-05"


@pytest.mark.parametrize(
    ("words", "month"),
    [
        ("2019年十二月", "2019-12"),
        ("2019年十一月", "2019-11"),
        ("2019年十月", "2019-10"),
        ("Sept 2019", "2019-09"),
        ("Sep. 2019", "2019-09"),
        ("December 2019", "2019-12"),
    ],
)
def test_other_months_are_read_too(words: str, month: str) -> None:
    assert month_of(words) == month


@pytest.mark.parametrize(
    "words",
    [
        "", "2018", "5", "5月", "May", "2018-13", "2018-0", "2018年13月", "0000-05", "13/2018",
        "2018-05-", "201813", "20185", "maybe 2018", "Mayo 2018", "五月", "2018年二十月", "8岁",
        "13800138000", "x" * 5000, "2018" + " " * 5000 + "x",
    ],
)  # fmt: skip
def test_what_names_no_month_of_a_year_is_not_guessed(words: str) -> None:
    assert month_of(words) is None


@pytest.mark.parametrize(
    "words", ["2018", "２０１８", "2018年", "2018年生", "二〇一八年", " 2018 "]
)
def test_a_year_alone_is_known_for_what_it_is(words: str) -> None:
    assert is_only_year(words)


@pytest.mark.parametrize("words", ["2018-05", "18", "5月", ""])
def test_what_is_not_a_year_alone_is_not_called_one(words: str) -> None:
    assert not is_only_year(words)
