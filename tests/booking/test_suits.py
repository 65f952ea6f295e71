"""When is a session said to suit the children of a family?"""

from dataclasses import replace

from handlers.booking import rules
from handlers.booking.suits import suits
from handlers.texts import say
from storage.models import Audience
from storage.people import OfFamily
from tests.builders import NOW, SATURDAY, at

MING = OfFamily(1, "c1", "小明", "2018-05", None, None)
HONG = OfFamily(2, "c2", "小红", None, 3, 2026)
SESSION = rules.Session(
    audience=Audience.FAMILY,
    day=SATURDAY,
    starts_at=at(SATURDAY, 10),
    zone="Asia/Shanghai",
    release_at=NOW,
    is_cancelled=False,
    min_age=6,
    max_age=12,
    is_accompanied=True,
    party_max=6,
    children_max=4,
)


def said(*family: OfFamily, low: int = 6, high: int = 12) -> str:
    found = suits(replace(SESSION, min_age=low, max_age=high), family)
    return say(found, "en") if found else ""


def test_the_age_is_the_reason() -> None:
    assert said(MING) == "suits 小明, 8"
    assert said(HONG) == "suits 小红, 8–9"


def test_it_suits_only_when_it_suits_all() -> None:
    assert said(MING, HONG) == "suits 小明 and 小红"
    assert said(MING, HONG, high=8) == ""
    assert said(MING, low=9) == ""


def test_what_is_for_everybody_is_not_said_to_suit() -> None:
    assert said(MING, low=0, high=99) == ""
    assert said() == ""
