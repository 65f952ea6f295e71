"""Do two families become one whole, and does nobody speak for a family they have left?"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from storage import audit, bookings, chats, codes, households, people, roles
from storage.chats import Met
from storage.database import Database
from storage.db import Db
from storage.models import (
    Booking,
    BookingChild,
    BookingState,
    Chat,
    Child,
    Code,
    Consent,
    Conversation,
    Duty,
    Family,
    Outbox,
    Person,
    Purpose,
    Role,
    Strike,
    StrikeKind,
)
from storage.statements import Query, scalar
from tests.builders import NOW, a_base, a_booking, a_chat, a_consent, a_parent, a_session
from tests.stored import rows, transaction

PATIENCE_SECONDS = 20
_WAITING = Query(
    text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"), into=scalar
)


@pytest.fixture
def db(database: Database) -> Iterator[Db]:
    with transaction(database) as db:
        yield db


def ids(db: Db, family_id: int) -> list[int]:
    """The children of a family."""
    return [each.id or 0 for each in people.children_of(db, family_id)]


def test_everything_of_a_family_goes_to_the_other(db: Db) -> None:
    li, wang = a_parent(db), a_parent(db, ["豆豆"])
    mine, theirs = li.speaker.family_id, wang.speaker.family_id
    session, later = a_session(db), a_session(db, hour=14)
    a_booking(db, session, wang, child_ids=ids(db, theirs))
    late = a_booking(db, later, wang, state=BookingState.CANCELLED)
    missed: dict[str, Any] = {
        "booking_id": late,
        "base_id": a_base(db),
        "kind": StrikeKind.NO_SHOW,
        "at": NOW,
    }
    db.insert(Strike(**missed, family_id=theirs))
    households.prioritise(db, theirs)
    households.join_families(db, theirs, mine, [])
    assert {each.family_id for each in rows(db, Booking)} == {mine}
    assert {each.family_id for each in rows(db, Child)} == {mine}
    assert {each.family_id for each in rows(db, Strike)} == {mine}
    assert people.priority_of(db, mine) == 1
    assert [each.code for each in bookings.ahead(db, theirs, NOW)] == []


def test_a_child_that_both_have_told_of_is_one_on_every_visit(db: Db) -> None:
    li, wang = a_parent(db, ["豆豆"]), a_parent(db, ["豆豆", "小星"])
    mine, theirs = li.speaker.family_id, wang.speaker.family_id
    a_booking(db, a_session(db), wang, child_ids=ids(db, theirs))
    [kept], [same, other] = people.children_of(db, mine), people.children_of(db, theirs)
    households.join_families(db, theirs, mine, [(same, kept)])
    assert ids(db, mine) == [kept.id, other.id]
    assert {each.child_id for each in rows(db, BookingChild)} == {kept.id, other.id}


def test_everything_of_a_person_goes_to_the_other_and_the_rest_is_erased(db: Db) -> None:
    li, wang = a_parent(db), a_parent(db)
    mine, theirs = li.speaker.person_id, wang.speaker.person_id
    base = a_base(db)
    a_consent(db, theirs)
    roles.grant(db, mine, Duty.DESK, base, NOW)
    roles.grant(db, theirs, Duty.LEAD, base, NOW)
    roles.grant(db, theirs, Duty.DESK, None, NOW)
    codes.give(db, Purpose.TICKET, NOW, person_id=theirs)
    codes.use(db, codes.give(db, Purpose.TICKET, NOW, person_id=mine), theirs, NOW)
    people.speak(db, theirs, "en")
    db.insert(Conversation(person_id=theirs, chat_id=wang.speaker.chat_id, touched_at=NOW))
    households.join_people(db, theirs, mine, NOW)
    households.drop_family(db, wang.speaker.family_id)
    assert {each.person_id for each in rows(db, Chat)} == {mine}
    assert {each.person_id for each in rows(db, Consent)} == {mine}
    assert {each.person_id for each in rows(db, Code)} == {mine}
    held = {(each.person_id, each.base_id, each.duty) for each in rows(db, Role)}
    assert held == {(mine, base, Duty.LEAD), (mine, None, Duty.DESK)}
    assert rows(db, Conversation) == []
    [person], [family] = rows(db, Person), rows(db, Family)
    assert (person.id, person.locale, family.id) == (mine, "en", li.speaker.family_id)


def test_of_a_person_whom_the_record_names_an_empty_row_is_left(db: Db) -> None:
    li, wang = a_parent(db), a_parent(db)
    theirs = wang.speaker.person_id
    audit.note(db, "booking", 1, "cancelled", NOW, person_id=theirs)
    households.join_people(db, theirs, li.speaker.person_id, NOW)
    households.drop_family(db, wang.speaker.family_id)
    [left] = [each for each in rows(db, Person) if each.id == theirs]
    assert (left.locale, left.calendar_token) == (None, None)
    assert households.people_of(db, wang.speaker.family_id) == []


@pytest.mark.parametrize(
    ("state", "come"),
    [
        (BookingState.CONFIRMED, True),
        (BookingState.WAITING, True),
        (BookingState.OFFERED, True),
        (BookingState.CHECKED_IN, True),
        (BookingState.CANCELLED, False),
        (BookingState.MOVED, False),
    ],
)
def test_two_live_visits_to_one_session_are_found(db: Db, state: BookingState, come: bool) -> None:
    li, wang, session = a_parent(db), a_parent(db), a_session(db)
    a_booking(db, session, li, public_id="a" * 32)
    a_booking(db, session, wang, state=state)
    a_booking(db, a_session(db), wang)
    families = (li.speaker.family_id, wang.speaker.family_id)
    assert households.both_come(db, *families) == ("a" * 32 if come else None)


def test_an_unlinked_chat_is_somebody_new_without_a_past(db: Db) -> None:
    li = a_parent(db)
    person = li.speaker.person_id
    a_chat(db, person_id=person, channel="telegram", address="9", last_heard_at=NOW)
    [linked] = [each for each in households.chats_of(db, person) if each.channel == "telegram"]
    assert households.unlink(db, person, linked, NOW)
    met = chats.find(db, "telegram", "9")
    assert met is not None
    assert met.person_id != person
    assert met.family_id != li.speaker.family_id
    assert rows(db, Outbox) == []
    assert not households.unlink(db, person, linked, NOW)


def test_a_person_without_a_conversation_cannot_be_held(db: Db) -> None:
    assert not households.hold(db, a_parent(db).speaker.person_id)


def _meanwhile(database: Database, work: Callable[[Db, Met], Any]) -> tuple[Met, Met]:
    """Somebody speaks while `work` is done to them: as who before it, and as who after."""
    before = database.write_and_wait(lambda db: chats.meet(db, "web", "wang", "", NOW))
    is_done, may_end = threading.Event(), threading.Event()

    def change(db: Db) -> None:
        work(db, before)
        is_done.set()
        assert may_end.wait(PATIENCE_SECONDS)

    def speak(db: Db) -> Met:
        return chats.meet(db, "web", "wang", "", NOW + timedelta(minutes=1))

    with ThreadPoolExecutor() as pool:
        changed = pool.submit(database.write_and_wait, change)
        assert is_done.wait(PATIENCE_SECONDS)
        spoken: Future[Met] = pool.submit(database.write_and_wait, speak)
        while not database.read_and_wait(lambda db: db.first(_WAITING)):
            assert not spoken.done()
        may_end.set()
        changed.result()
        return before, spoken.result()


def test_who_waited_while_they_left_speaks_for_their_new_family(
    postgres_database: Database,
) -> None:
    def leave(db: Db, met: Met) -> None:
        assert households.hold(db, met.person_id)
        households.leave(db, met.person_id, NOW)

    before, after = _meanwhile(postgres_database, leave)
    assert after.person_id == before.person_id
    assert after.family_id != before.family_id


def test_who_waited_while_their_chat_was_linked_speaks_as_the_other(
    postgres_database: Database,
) -> None:
    li = postgres_database.write_and_wait(lambda db: chats.meet(db, "web", "li", "", NOW))

    def link(db: Db, met: Met) -> None:
        assert households.hold(db, met.person_id)
        households.join_families(db, met.family_id, li.family_id, [])
        households.join_people(db, met.person_id, li.person_id, NOW)
        households.drop_family(db, met.family_id)

    _before, after = _meanwhile(postgres_database, link)
    assert (after.person_id, after.family_id) == (li.person_id, li.family_id)
    families = postgres_database.read_and_wait(lambda db: rows(db, Family))
    assert [each.id for each in families] == [li.family_id]


def test_who_waited_while_their_chat_was_unlinked_speaks_as_somebody_new(
    postgres_database: Database,
) -> None:
    def unlink(db: Db, met: Met) -> None:
        households.hold(db, met.person_id)
        [linked] = households.chats_of(db, met.person_id)
        assert households.unlink(db, met.person_id, linked, NOW)

    before, after = _meanwhile(postgres_database, unlink)
    assert after.person_id != before.person_id
    assert after.family_id != before.family_id
