"""The Lis have 小明 and 小红; the Zhaos have nobody yet."""

import pytest

from handlers.booking.company import Company, called
from handlers.booking.heads import Heads
from storage.people import OfFamily

MING, HONG = (
    OfFamily(n, f"c{n}", name, f"201{n}-05", None, None)
    for n, name in enumerate(["小明", "小红"], 7)
)
LIS = [MING, HONG]
SOME = Heads(has_children=True)


def hinted(company: Company, last: tuple[int, list[str]] | None = None) -> dict[str, list[str]]:
    """The values or words of the first hint for each question."""
    hints = company.hints(last)
    return {name: list(each[0].values) or [each[0].words] for name, each in hints.items()}


def heads(children: int | None, adults: int | None = None) -> Heads:
    return Heads(children, adults, has_children=bool(children))


def test_as_many_as_are_known_are_they() -> None:
    found = hinted(Company(heads(2, 1), LIS, ()))
    assert found == {"adults": ["1"], "who": ["1.c7.c8"], "children": ["c7", "c8"]}


def test_without_a_number_of_adults_any_may_be_meant() -> None:
    who = hinted(Company(heads(2), LIS, ()))["who"]
    assert who[:2] == ["0.c7.c8", "1.c7.c8"]


def test_one_of_two_is_either() -> None:
    found = hinted(Company(heads(1, 1), LIS, ()))
    assert found == {"adults": ["1"], "who": ["1.c7", "1.c8"]}


def test_a_child_called_by_name_is_that_child() -> None:
    assert called("周六带小红去", LIS) == [HONG]
    assert hinted(Company(SOME, LIS, [HONG]))["children"] == ["c8"]
    assert hinted(Company(heads(2), LIS, [HONG])) == {"who": ["children"]}


def test_a_name_of_one_character_may_be_any_word() -> None:
    assert called("小朋友", [MING._replace(nickname="小")]) == []


def test_the_only_child_is_meant_without_being_counted() -> None:
    assert hinted(Company(SOME, [MING], ()))["children"] == ["c7"]
    assert hinted(Company(SOME, LIS, ())) == {}


def test_more_than_are_known_are_asked_for() -> None:
    assert hinted(Company(heads(3), LIS, ())) == {"who": ["children"]}
    three = [*LIS, MING._replace(public_id="c9", nickname="小刚")]
    assert hinted(Company(heads(2, 1), three, ()), (1, ["c7", "c9"]))["who"] == ["1.c7.c9"]


def test_children_not_yet_known_are_told_of_as_often_as_was_said() -> None:
    assert hinted(Company(heads(2), [], ())) == {
        "who": ["children"], "child.1.more": ["yes"], "child.2.more": ["no"],
    }  # fmt: skip
    assert hinted(Company(SOME, [], ())) == {"who": ["children"]}


@pytest.mark.parametrize("family", [LIS, []])
def test_adults_alone_are_adults_alone(family: list[OfFamily]) -> None:
    assert hinted(Company(heads(0, 2), family, ())) == {"adults": ["2"], "who": ["adults"]}
    assert hinted(Company(Heads(), family, ())) == {}
