"""Do values come back from both databases as they went in?"""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, delete, select
from sqlmodel import col

from storage.database import Database
from storage.models import Conversation, Lane, Outbox, OutboxState
from storage.statements import Command, Query, scalar, whole
from tests.builders import NOW, a_chat, a_person

_ALL = Query(select(Conversation), into=whole(Conversation))
_NONE = Command(delete(Conversation))
_BEFORE = Query(
    select(col(Conversation.touched_at)).where(col(Conversation.touched_at) < bindparam("at")),
    into=scalar,
)

instants = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis takes naive bounds
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - see above
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=3.5))]),
)
texts = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"])
)  # PostgreSQL's no
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def kept(database: Database, **fields: Any) -> Conversation:
    """A conversation with these fields, stored and read again."""

    def work(db: Any) -> Any:
        db.change(_NONE)
        person = a_person(db)
        chat = a_chat(db, person_id=person)
        whole_row = {"person_id": person, "chat_id": chat, "touched_at": NOW, **fields}
        db.insert(Conversation(**whole_row))
        return db.first(_ALL)

    found = database.write_and_wait(work)
    assert isinstance(found, Conversation)
    return found


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=instants, answers=st.dictionaries(texts, values, max_size=4))
def test_instants_and_json_come_back_as_they_were(
    database: Database, at: datetime, answers: dict[str, Any]
) -> None:
    found = kept(database, touched_at=at, answers=answers)
    assert found.touched_at == at
    assert found.touched_at.tzinfo == UTC
    assert found.answers == answers
    assert list(found.answers) == list(answers)


def test_nothing_comes_back_as_nothing(database: Database) -> None:
    found = kept(database, remind_at=None, prompt=None, name=None)
    assert (found.remind_at, found.prompt, found.name) == (None, None, None)


def test_a_naive_instant_is_a_bug(database: Database) -> None:
    with pytest.raises(Exception, match="naive"):
        kept(database, touched_at=datetime(2026, 1, 1))  # noqa: DTZ001 - what the test is about


def test_instants_are_compared_in_time_not_as_words(database: Database) -> None:
    tokyo = timezone(timedelta(hours=9))
    earlier = datetime(2026, 11, 22, 10, 0, tzinfo=tokyo)  # 01:00 in UTC
    kept(database, touched_at=earlier)
    assert database.read_and_wait(lambda db: db.all(_BEFORE, at=NOW)) == [earlier]
    assert database.read_and_wait(lambda db: db.all(_BEFORE, at=earlier)) == []


def test_a_state_comes_back_as_the_word_it_is(database: Database) -> None:
    query = Query(select(Outbox), into=whole(Outbox))

    def work(db: Any) -> Any:
        row = Outbox(
            chat_id=a_chat(db), lane=Lane.REPLY, kind="reply", payload={"text": "您好"},
            state=OutboxState.READY, due_at=NOW,
        )  # fmt: skip
        db.insert(row)
        return db.first(query)

    found = database.write_and_wait(work)
    assert found.state is OutboxState.READY
    assert found.lane is Lane.REPLY
    assert found.payload == {"text": "您好"}


def test_a_word_that_is_no_state_is_refused(database: Database) -> None:
    query = Query(select(Outbox).where(col(Outbox.state) == bindparam("state")), into=whole(Outbox))
    with pytest.raises(Exception, match="is not a valid OutboxState"):
        database.read_and_wait(lambda db: db.all(query, state="lost"))


def test_a_day_is_a_day(database: Database) -> None:
    days = Query(select(bindparam("day", date(2026, 12, 5))), into=scalar)
    assert str(database.read_and_wait(lambda db: db.first(days))) == "2026-12-05"
