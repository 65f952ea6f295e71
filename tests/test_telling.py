"""Is a family told once, where it can be reached, in the language of each of its people?"""

from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select
from sqlmodel import col

from handlers.conversation.question import Option
from handlers.messages import Choice, Message, Prompt, command_token
from handlers.telling import Says, message_in, tell_family
from handlers.texts import _
from storage import sending
from storage.database import Database
from storage.db import Db
from storage.models import Lane, Outbox
from storage.statements import Query
from tests.builders import NOW, a_chat, a_family, a_person, public_id

OFFER = public_id()
SAYS: Says = (
    _("Confirm"),
    [
        Option(command_token("offer", OFFER, "yes"), _("Done")),
        Option(command_token("offer", OFFER, "no"), _("Skip")),
    ],
)


class Put(NamedTuple):
    """A message that waits."""

    chat_id: int
    payload: dict[str, Any]
    kind: str
    lane: Lane
    due_at: Any
    expires_at: Any


_PUT = Query(
    select(
        col(Outbox.chat_id),
        col(Outbox.payload),
        col(Outbox.kind),
        col(Outbox.lane),
        col(Outbox.due_at),
        col(Outbox.expires_at),
    ).order_by(col(Outbox.chat_id)),
    into=Put,
)


class House:
    """A family of two: one who speaks English in two chats, and one who chose nothing."""

    def __init__(self, database: Database) -> None:
        self.database = database
        database.write_and_wait(self._move_in)

    def _move_in(self, db: Db) -> None:
        self.family = a_family(db)
        self.li = a_person(db, family_id=self.family, locale="en")
        self.wang = a_person(db, family_id=self.family)
        self.old = a_chat(db, person_id=self.li, last_heard_at=NOW - timedelta(days=9))
        self.new = a_chat(db, person_id=self.li, channel="telegram", locale="zh-hans")
        self.other = a_chat(db, person_id=self.wang, last_heard_at=NOW - timedelta(days=1))
        a_chat(db)  # neighbours

    def tells(self, says: Says = SAYS, **how: Any) -> int:
        """Tell the family."""
        named = {"kind": "offer", "once_key": "offer:1", "now": NOW, "locale": "zh_CN", **how}
        return self.database.write_and_wait(lambda db: tell_family(db, self.family, says, **named))

    def put(self) -> list[Put]:
        """What waits."""
        return self.database.read_and_wait(lambda db: db.all(_PUT))

    def leaves(self, chat_id: int) -> None:
        """Let a chat be one that cannot be written to."""
        self.database.write_and_wait(lambda db: sending.mark_unreachable(db, chat_id))


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def test_each_person_is_told_where_they_were_last_heard_in_their_language(house: House) -> None:
    assert house.tells() == 2
    to_li, to_wang = house.put()
    assert (to_li.chat_id, to_wang.chat_id) == (house.new, house.other)
    english, chinese = (Message.from_json(each.payload) for each in (to_li, to_wang))
    assert (english.text, chinese.text) == ("Confirm", "确认")
    yes = command_token("offer", OFFER, "yes")
    assert english.prompt is not None
    assert english.prompt.name == "offer"
    assert english.prompt.choices[0] == Choice("Done", yes, yes)


def test_every_chat_is_told_when_it_matters_everywhere(house: House) -> None:
    assert house.tells(everywhere=True) == 3
    assert [each.chat_id for each in house.put()] == sorted([house.old, house.new, house.other])


def test_only_one_of_them_is_told_what_is_not_the_familys(house: House) -> None:
    assert house.tells(person_id=house.li) == 1
    assert [each.chat_id for each in house.put()] == [house.new]


@pytest.mark.parametrize("everywhere", [True, False])
def test_nobody_is_told_twice(house: House, everywhere: bool) -> None:
    count = house.tells(everywhere=everywhere)
    assert house.tells(everywhere=everywhere) == count
    assert len(house.put()) == count


def test_who_cannot_be_written_to_is_told_elsewhere_or_not_at_all(house: House) -> None:
    house.leaves(house.new)
    assert house.tells(once_key="1") == 2
    assert [each.chat_id for each in house.put()] == [house.old, house.other]
    for chat_id in (house.old, house.other):
        house.leaves(chat_id)
    assert house.tells(once_key="2") == 0
    assert house.tells(once_key="2", everywhere=True) == 0


def test_when_and_how_long_is_the_callers(house: House) -> None:
    later, end = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    house.tells(due_at=later, expires_at=end, lane=Lane.ANNOUNCEMENT)
    assert {each[2:] for each in house.put()} == {("offer", Lane.ANNOUNCEMENT, later, end)}


def test_words_without_choices_ask_nothing(house: House) -> None:
    assert message_in((_("Done"), []), "news", "en") == Message("Done")
    assert message_in(Message, "news", "en").text == "en"


@pytest.mark.parametrize("token", ["k1:0", "", "/offer " + "x" * 60])
def test_a_choice_that_could_not_be_tapped_is_a_bug(token: str) -> None:
    asking = Prompt("offer", "choose", [Choice("Yes", token, token)])
    with pytest.raises(ValueError, match="command_token"):
        message_in(lambda _locale: Message("?", prompt=asking), "offer", "en")
