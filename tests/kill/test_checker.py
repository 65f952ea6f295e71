"""Do the checks of the kill tests complain of what they are there for?"""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.kill import checker
from tests.kill.checker import Booked, Course, Exchange, Ledger, Pool, Told

QUESTIONS = ("base", "day", "session", "confirm", "menu")


def message(number: int, text: str = "", name: str = "base") -> dict[str, Any]:
    return {"id": number, "text": text or f"message {number}", "prompt": {"name": name}}


def answer(*messages: dict[str, Any]) -> bytes:
    return json.dumps({"messages": messages}).encode()


@pytest.fixture
def exchanges() -> list[Exchange]:
    return [
        Exchange("e1", {"text": "预约"}, answer(message(1), message(2))),
        Exchange("e2", {"token": "k1:1"}, answer(message(3))),
    ]


@pytest.fixture
def stored() -> list[dict[str, Any]]:
    return [{**message(number), "at": "2026-11-22T02:00:00+00:00"} for number in (1, 2, 3)]


def test_a_history_of_what_was_acknowledged_is_in_order(
    exchanges: list[Exchange], stored: list[dict[str, Any]]
) -> None:
    assert checker.history(exchanges, stored) == []
    assert checker.history([], []) == []


def test_an_answer_committed_and_never_heard_is_in_order(
    exchanges: list[Exchange], stored: list[dict[str, Any]]
) -> None:
    exchanges[-1].answer = None
    assert checker.history(exchanges, stored) == []
    assert checker.history(exchanges, stored[:2]) == []  # as is one that was never committed


def test_an_answer_acknowledged_and_lost_is_complained_of(
    exchanges: list[Exchange], stored: list[dict[str, Any]]
) -> None:
    assert "acknowledged" in checker.history(exchanges, stored[:2])[0]


def test_an_answer_that_reads_otherwise_now_is_complained_of(
    exchanges: list[Exchange], stored: list[dict[str, Any]]
) -> None:
    stored[1]["text"] = "something else"
    assert "acknowledged" in checker.history(exchanges, stored)[0]


def test_an_answer_stored_twice_is_complained_of(
    exchanges: list[Exchange], stored: list[dict[str, Any]]
) -> None:
    assert checker.history(exchanges, [*stored, {**message(4), "at": ""}])
    assert checker.history(exchanges, [*stored, stored[-1]])


def test_a_hole_in_the_numbers_is_complained_of(
    exchanges: list[Exchange], stored: list[dict[str, Any]]
) -> None:
    exchanges[-1].answer = None
    stored[-1]["id"] = 4
    assert "numbered" in checker.history(exchanges, stored)[0]


def test_another_answer_to_the_same_event_is_complained_of(exchanges: list[Exchange]) -> None:
    assert checker.repeated(exchanges[0], answer(message(1), message(2))) == []
    assert checker.repeated(exchanges[0], answer(message(4), message(5)))


@pytest.mark.parametrize(
    "asked",
    [
        ("base", "day", "day", "session", "confirm", "menu"),
        ("base", "session", "confirm", "menu"),
        ("base", "session", "day", "confirm", "menu"),
        ("base", "day", "session", "confirm"),
    ],
    ids=["again", "left out", "out of turn", "too few"],
)
def test_a_talk_that_does_not_go_on_where_it_stood_is_complained_of(asked: tuple[str]) -> None:
    assert checker.course(Course(QUESTIONS, asked, is_booked=True))
    assert checker.course(Course(QUESTIONS, QUESTIONS, is_booked=True)) == []


def test_a_session_asked_again_because_it_is_full_is_in_order() -> None:
    refused = ("base", "day", "session", "confirm", "session")
    assert checker.course(Course(QUESTIONS, refused)) == []
    assert checker.course(Course(QUESTIONS, ("base", "day"))) == []  # not even offered any more
    assert checker.course(Course(QUESTIONS, ("base", "day", "day")))


LI = Told("li", "s1", "K7M2QXBA", is_refused=False, events=9)
WANG = Told("wang", "s1", "", is_refused=True, events=4)
BOOKED = Booked("li", "K7M2QXBA", "s1", "confirmed", 2)
FULL = Ledger([BOOKED], [Pool("s1", 3, 2)], {"li": 9, "wang": 4})


def test_a_ledger_that_says_what_people_were_told_is_in_order() -> None:
    assert checker.ledger(FULL, [LI, WANG]) == []


@pytest.mark.parametrize(
    "ledger",
    [
        replace(FULL, bookings=[]),
        replace(FULL, bookings=[BOOKED, BOOKED], pools=[Pool("s1", 5, 4)]),
        replace(FULL, bookings=[BOOKED._replace(code="22222222")]),
        replace(FULL, bookings=[BOOKED._replace(session="s2")]),
        replace(FULL, bookings=[BOOKED._replace(state="cancelled")], pools=[Pool("s1", 1, 0)]),
        replace(FULL, bookings=[BOOKED, BOOKED._replace(address="nobody")]),
        replace(FULL, bookings=[BOOKED, BOOKED._replace(address="wang")]),
        replace(FULL, pools=[Pool("s1", 3, 3)]),
        replace(FULL, pools=[Pool("s1", 1, 2)]),
        replace(FULL, pools=[Pool("s1", 9, 2)]),
        replace(FULL, events={"li": 10, "wang": 4}),
        replace(FULL, events={"li": 9}),
        replace(FULL, dead_letters=1),
    ],
    ids=[
        "lost", "twice", "another code", "another session", "cancelled", "untold", "refused and "
        "booked", "counted wrong", "oversold", "refused with places left", "heard twice",
        "not heard", "a bug",
    ],
)  # fmt: skip
def test_a_ledger_that_says_something_else_is_complained_of(ledger: Ledger) -> None:
    assert checker.ledger(ledger, [LI, WANG])
