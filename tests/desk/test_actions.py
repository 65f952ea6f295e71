"""Is whoever stands at the door let in once, and is what devices noted merged without doubling?"""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.booking import called_off, seal
from handlers.desk import actions
from handlers.desk.actions import Scan
from handlers.desk.rules import Why
from handlers.texts import say
from storage.database import Database
from storage.db import Db
from storage.models import BookingState, CheckIn, EndedBy
from tests.builders import a_booking, a_parent, a_session
from tests.desk.door import CODE, KEY, TEN, Door
from tests.stored import pool_of, rows, transaction

CONFIRMED, CHECKED_IN = BookingState.CONFIRMED, BookingState.CHECKED_IN


def test_a_whole_party_comes_in_by_one_code(db: Db) -> None:
    door = Door(db)
    [result] = actions.sync(door.desk(), [door.scan(payload="k7mw 2qrt")], KEY)
    assert (result.why, result.counted, result.inside, result.surplus) == (None, 3, 3, 0)
    assert say(result.text, "en") == "Checked in. · K7MW-2QRT · 3 of 3 inside"
    assert (door.visit.state, door.visit.heads) == (CHECKED_IN, 3)
    assert door.audited() == [("check_in", CONFIRMED, CHECKED_IN, "")]


def test_a_ticket_is_scanned_by_its_sealed_address(db: Db) -> None:
    door = Door(db)
    address = "https://kepu.example" + seal.sealed(door.visit.public_id, KEY)
    [result] = actions.sync(door.desk(), [door.scan(payload=address)], KEY)
    assert result.inside == 3


def test_a_ticket_without_our_seal_is_not_even_looked_up(db: Db) -> None:
    door = Door(db)
    forged = f"https://kepu.example/tickets/{door.visit.public_id}?s=AAAAAAAAAAAAAAAA"
    results = actions.sync(
        door.desk(), [door.scan("a", payload=forged), door.scan("b", payload="hello")], KEY
    )
    assert [each.why for each in results] == [Why.FORGED, Why.FORGED]
    assert [each.visit for each in results] == ["", ""]
    assert door.visit.state is CONFIRMED


def test_a_code_nobody_has_is_unknown(db: Db) -> None:
    door = Door(db)
    [result] = actions.sync(door.desk(), [door.scan(payload="K7MW-2QRS")], KEY)
    assert result.why is Why.UNKNOWN


def test_fewer_heads_come_in_and_the_others_later(db: Db) -> None:
    door = Door(db)
    [first] = actions.sync(door.desk(), [door.scan("a", heads=1)], KEY)
    [second] = actions.sync(door.desk(), [door.scan("b", minutes=5, heads=2)], KEY)
    assert [(each.counted, each.inside) for each in (first, second)] == [(1, 1), (2, 3)]
    assert [each[:3] for each in door.audited()] == [
        ("check_in", CONFIRMED, CHECKED_IN),
        ("check_in", CHECKED_IN, CHECKED_IN),
    ]


def test_more_than_the_party_are_cut_and_told(db: Db) -> None:
    door = Door(db)
    [result] = actions.sync(door.desk(), [door.scan(heads=5)], KEY)
    assert (result.counted, result.surplus, door.visit.heads) == (3, 2, 3)
    assert "2 more were not counted" in say(result.text, "en")


def test_the_same_scan_again_is_the_same_answer_and_nothing_else(db: Db) -> None:
    door = Door(db)
    first = actions.sync(door.desk(), [door.scan(heads=2)], KEY)
    again = actions.sync(door.desk(TEN + timedelta(hours=9)), [door.scan(heads=2)] * 3, KEY)
    assert again == first * 3
    assert len(rows(db, CheckIn)) == 1
    assert len(door.audited()) == 1


def test_two_devices_that_scanned_the_same_family_let_it_in_once(db: Db) -> None:
    door = Door(db)
    soon = TEN + timedelta(minutes=5)
    actions.sync(door.desk(soon, "a"), [door.scan("a", minutes=3)], KEY)
    [late] = actions.sync(door.desk(TEN + timedelta(hours=3), "b"), [door.scan("b")], KEY)
    assert (late.counted, door.visit.heads) == (3, 3)
    [first] = actions.sync(door.desk(soon, "a"), [door.scan("a", minutes=3)], KEY)
    assert (first.why, first.counted) == (Why.COMPLETE, 0)


@pytest.mark.parametrize(
    ("minutes", "state", "expected"),
    [
        (-31, CONFIRMED, Why.TOO_EARLY),
        (31, CONFIRMED, Why.TOO_LATE),
        (0, BookingState.CANCELLED, Why.CANCELLED),
        (0, BookingState.WAITING, Why.UNCONFIRMED),
        (24 * 60, CONFIRMED, Why.OTHER_DAY),
    ],
)
def test_who_does_not_come_in_is_told_why(
    db: Db, minutes: int, state: BookingState, expected: Why
) -> None:
    door = Door(db, booking={"state": state})
    [result] = actions.sync(
        door.desk(TEN + timedelta(days=2)), [door.scan(minutes=minutes, heads=1)], KEY
    )
    assert (result.why, result.counted, rows(db, CheckIn)) == (expected, 0, [])
    assert door.visit.state is state
    assert door.audited() == []


def test_a_desk_of_another_base_lets_nobody_in(db: Db) -> None:
    door = Door(db)
    elsewhere = replace(door.desk(), bases=frozenset({door.base_id + 1}))
    [result] = actions.sync(elsewhere, [door.scan()], KEY)
    assert result.why is Why.OTHER_BASE
    assert actions.undo(elsewhere, door.visit.public_id, "mistaken").why is Why.OTHER_BASE


def test_a_late_party_is_let_in_anyway_and_that_is_noted(db: Db) -> None:
    door = Door(db)
    scan = door.scan(minutes=40, is_late_welcome=True)
    [result] = actions.sync(door.desk(TEN + timedelta(minutes=40)), [scan], KEY)
    assert result.inside == 3
    assert door.audited() == [("check_in", CONFIRMED, CHECKED_IN, "late")]


def test_a_moved_visit_says_where_it_is_now(db: Db) -> None:
    door = Door(db, booking={"state": BookingState.MOVED})
    two = a_session(db, base_id=door.base_id, hour=14)
    between = a_booking(
        db, two, door.family, moved_from_id=door.booking_id, state=BookingState.MOVED
    )
    four = a_session(db, base_id=door.base_id, hour=16)
    a_booking(db, four, door.family, moved_from_id=between)
    [result] = actions.sync(door.desk(), [door.scan()], KEY)
    assert (result.why, say(result.text, "en")) == (
        Why.MOVED,
        "This visit was moved to Sat 28 Nov, 16:00.",
    )


# One at a desk


def test_at_the_desk_a_complete_party_is_said_to_be_so_and_nothing_is_kept(db: Db) -> None:
    door = Door(db)
    assert actions.admit(door.desk(), door.booking_id, door.scan("a")).inside == 3
    again = actions.admit(door.desk(), door.booking_id, door.scan("b"))
    assert (again.why, len(rows(db, CheckIn))) == (Why.COMPLETE, 1)


# Undo


def test_the_last_check_in_is_undone_with_a_reason(db: Db) -> None:
    door = Door(db)
    actions.sync(door.desk(), [door.scan("a", heads=1), door.scan("b", minutes=1, heads=2)], KEY)
    first = actions.undo(door.desk(), door.visit.public_id, "wrong code")
    assert (first.inside, door.visit.heads, door.visit.state) == (1, 1, CHECKED_IN)
    second = actions.undo(door.desk(), door.visit.public_id, "wrong code")
    assert (second.inside, door.visit.heads, door.visit.state) == (0, 0, CONFIRMED)
    assert door.audited()[2:] == [
        ("undo_check_in", CHECKED_IN, CHECKED_IN, "wrong code"),
        ("undo_check_in", CHECKED_IN, CONFIRMED, "wrong code"),
    ]
    assert {each.undone_because for each in rows(db, CheckIn)} == {"wrong code"}


def test_who_was_inside_when_the_session_was_called_off_is_not_booked_again(db: Db) -> None:
    door = Door(db)
    actions.sync(door.desk(), [door.scan()], KEY)
    called_off.call_off(db, door.session_id, "no power", now=TEN, locale="en")
    actions.undo(door.desk(), door.visit.public_id, "wrong family")
    assert (door.visit.state, door.visit.ended_by) == (BookingState.CANCELLED, EndedBy.BASE)
    assert pool_of(db, door.session_id).confirmed == 0


def test_undoing_nothing_is_nothing(db: Db) -> None:
    door = Door(db)
    assert actions.undo(door.desk(), door.visit.public_id, "why not").inside == 0
    assert door.audited() == []


def test_an_undone_scan_sent_again_lets_nobody_in(db: Db) -> None:
    door = Door(db)
    actions.sync(door.desk(), [door.scan()], KEY)
    actions.undo(door.desk(), door.visit.public_id, "wrong family")
    [again] = actions.sync(door.desk(), [door.scan()], KEY)
    assert (again.why, door.visit.heads, door.visit.state) == (Why.UNDONE, 0, CONFIRMED)
    [new] = actions.sync(door.desk(), [door.scan("s2")], KEY)
    assert new.inside == 3


def test_check_ins_leave_the_places_as_they_are(db: Db) -> None:
    door = Door(db)
    before = pool_of(db, door.session_id).confirmed
    actions.sync(door.desk(), [door.scan(heads=1)], KEY)
    actions.undo(door.desk(), door.visit.public_id, "")
    assert pool_of(db, door.session_id).confirmed == before


# Offline


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_scans_of_two_families_come_in_any_order(
    sqlite_database: Database, order: tuple[int, ...]
) -> None:
    with transaction(sqlite_database) as db:
        door = Door(db)
        a_booking(db, door.session_id, a_parent(db), code="BBBB3333", adults=2)
        scans = [
            door.scan("a", heads=1),
            door.scan("b", minutes=2),
            door.scan("c", payload="BBBB3333", heads=1),
            door.scan("d", minutes=1, payload="BBBB3333", heads=1),
        ]
        for index in order:
            actions.sync(door.desk(TEN + timedelta(hours=2)), [scans[index]], KEY)
        together = actions.sync(door.desk(TEN + timedelta(hours=2)), scans, KEY)
        assert [(each.counted, each.inside) for each in together] == [
            (1, 3),
            (2, 3),
            (1, 2),
            (1, 2),
        ]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_two_offline_devices_merge_to_the_same_whatever_the_order(
    sqlite_database: Database, data: st.DataObject
) -> None:
    made = st.builds(
        Scan,
        scan_id=st.sampled_from("abcdef"),
        payload=st.just(CODE),
        at=st.integers(-60, 60).map(lambda minutes: TEN + timedelta(minutes=minutes)),
        heads=st.one_of(st.none(), st.integers(1, 5)),
    )
    scans = data.draw(st.lists(made, max_size=6, unique_by=lambda each: each.scan_id))
    batches = data.draw(st.permutations(scans + scans[:2]))
    cut = data.draw(st.integers(0, len(batches)))
    with transaction(sqlite_database) as db:
        door = Door(db)
        desk = door.desk(TEN + timedelta(hours=4))
        actions.sync(desk, scans, KEY)
        expected = (kept(db), door.visit.heads, door.visit.state)
    with transaction(sqlite_database) as db:
        door = Door(db)
        for batch in (batches[:cut], batches[cut:]):
            actions.sync(door.desk(TEN + timedelta(hours=4), "other"), batch, KEY)
        assert (kept(db), door.visit.heads, door.visit.state) == expected
        assert door.visit.heads <= 3


def kept(db: Db) -> set[tuple[str, int]]:
    return {(each.scan_id, each.heads) for each in rows(db, CheckIn)}


def test_a_scan_of_nobody_is_a_bug() -> None:
    with pytest.raises(ValueError, match="0 people"):
        Scan("s", CODE, TEN, heads=0)


def test_a_device_whose_clock_is_fast_keeps_nobody_waiting(db: Db) -> None:
    door = Door(db)
    actions.sync(door.desk(TEN), [door.scan(minutes=20)], KEY)
    [row] = rows(db, CheckIn)
    assert (row.at, row.stored_at, row.device) == (TEN, TEN, "web")
