"""What may be typed of a child, and when is it turned down before anything is kept?"""

from datetime import date

import pytest

from handlers.booking.party import Guests, NewChild, preset, preset_value
from handlers.booking.readers import AgeFor
from handlers.messages import Refused
from handlers.texts import say
from tests.booking.test_rules import a_session

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "value", "shown"),
    [
        ("2018-05", {"birth_month": "2018-05"}, "May 2018"),
        ("三年级", {"grade": 3}, "Grade 3"),
    ],
)
def test_an_age_that_fits_is_taken(typed: str, value: object, shown: str) -> None:
    reader = AgeFor(a_session(min_age=8, max_age=14), "小明")
    assert reader.read(typed, TODAY) == value
    assert say(reader.shown(reader.read(typed, TODAY)), "en") == shown
    assert (reader.kind, list(reader.quick())) == ("month", [])


@pytest.mark.parametrize(
    ("typed", "age"),
    [("2020-05", "6 years old"), ("一年级", "6 to 7 years old"), ("高三", "17 to 18 years old")],
)
def test_a_child_of_the_wrong_age_is_told_so_at_once(typed: str, age: str) -> None:
    with pytest.raises(Refused) as refused:
        AgeFor(a_session(min_age=8, max_age=14), "小明").read(typed, TODAY)
    assert say(refused.value.text, "en") == (
        f"This session is for ages 8–14; 小明 will be {age} that day. "
        "To choose another session, type “back”."
    )


def test_what_is_no_age_is_asked_again() -> None:
    with pytest.raises(Refused, match="birth month or the grade"):
        AgeFor(a_session(), "小明").read("八岁半", TODAY)


def test_a_preset_is_the_party_it_stands_for() -> None:
    assert preset(preset_value(2, ["a" * 32, "b" * 32])) == Guests(2, ("a" * 32, "b" * 32))
    assert preset(preset_value(0, ["a" * 32])) == Guests(0, ("a" * 32,))
    assert preset("children") is None


def test_guests_count_everybody() -> None:
    guests = Guests(2, ("a",), (NewChild("小明", {"grade": 1}),))
    assert (guests.children_count, guests.places) == (2, 4)
