"""Can a family say why it missed a visit, and does a coordinator's word settle it?"""

from datetime import timedelta
from typing import Any

import pytest

from handlers.conversation.testing import CHANNELS, Person, Stage
from handlers.desk import actions, excuses, noshows
from handlers.desk.actions import Scan
from handlers.desk.staff import Desk, NotStaff
from handlers.menu import MENU
from handlers.messages import Message, Refused
from handlers.profile.actions import NotThere
from storage import audit, chats, limits, strikes
from storage.database import Database
from storage.db import Db
from storage.models import Appeal, Booking, BookingState, Duty, Outbox, Strike
from tests.builders import NOW, a_base, a_booking, a_chat, a_course, a_parent, a_person, a_session
from tests.desk.door import KEY, TEN, a_role
from tests.stored import rows

CLOSED = TEN + timedelta(minutes=31)


class Base:
    """A base where one family came and another, who speaks English, did not."""

    def __init__(self, database: Database, channel: str = "web") -> None:
        self.database = database
        self.channel = channel
        self.stage = Stage(database.write_and_wait, MENU, CLOSED)
        self.family = self.stage.person(channel, "li", "en")
        self.coordinator = self.stage.person(channel, "wang", "en")
        self.write(self._fill)

    def write(self, work: Any) -> Any:
        return self.database.write_and_wait(work)

    def _fill(self, db: Db) -> None:
        self.base_id = base = a_base(db, name="天文馆")
        session = a_session(db, base_id=base, course_id=a_course(db, name="星空"))
        li = chats.meet(db, self.channel, "li", "en", NOW)
        wang = chats.meet(db, self.channel, "wang", "en", NOW)
        a_role(db, wang.person_id, base, Duty.COORDINATOR)
        self.husband = a_person(db, family_id=wang.family_id)
        a_chat(db, person_id=self.husband)
        self.family_id = li.family_id
        parent = a_parent(db, family_id=li.family_id, person_id=li.person_id, chat_id=li.chat_id)
        self.missed_id = a_booking(db, session, parent, code="BBBB3333", adults=2)
        a_booking(db, session, a_parent(db), code="K7MW2QRT")
        desk = Desk(db, wang.person_id, "door", frozenset({base}), TEN)
        actions.sync(desk, [Scan("s", "K7MW2QRT", TEN)], KEY)
        for ids in noshows.due(db, CLOSED):
            noshows.miss(db, ids, CLOSED, "zh_CN")

    def told(self, kind: str) -> list[str]:
        """What was said unasked."""
        found = self.database.read_and_wait(lambda db: rows(db, Outbox))
        return [each.payload["text"] for each in found if each.kind == kind]

    def button(self) -> str:
        """The token below the message that the visit was missed."""
        found = self.database.read_and_wait(lambda db: rows(db, Outbox))
        [message] = [Message.from_json(each.payload) for each in found if each.kind == "strike"]
        assert message.prompt is not None
        return message.prompt.choices[0].token

    def strike(self) -> Strike:
        [strike] = self.database.read_and_wait(lambda db: rows(db, Strike))
        assert isinstance(strike, Strike)
        return strike

    def counting(self) -> int:
        def work(db: Db) -> int:
            return len(limits.strikes(db, self.family_id, self.base_id))

        return self.database.read_and_wait(work)


@pytest.fixture(params=sorted(CHANNELS))
def base(sqlite_database: Database, request: pytest.FixtureRequest) -> Base:
    return Base(sqlite_database, str(request.param))


@pytest.fixture
def web(sqlite_database: Database) -> Base:
    return Base(sqlite_database)


def objects(base: Base) -> Person:
    base.family.says("申诉").sees("Sat 28 Nov 10:00 星空, 天文馆", "What happened?")
    return base.family.says("The bus broke down.").sees("Thank you.")


def decides(base: Base, label: str) -> Person:
    person = base.coordinator.says("/today").taps("1 objection waits")
    person.sees("BBBB-3333 · 2 people · nobody was checked in", "The bus broke down.")
    return person.taps(label)


def test_an_objection_is_granted_and_the_visit_no_longer_counts(base: Base) -> None:
    assert base.counting() == 1
    objects(base)
    assert base.strike().appeal is Appeal.OPEN
    decides(base, "Excuse the visit").sees("The family is told.").does_not_see("objection")
    assert (base.strike().appeal, base.counting()) == (Appeal.GRANTED, 0)
    assert "does not count against you any more" in base.told("strike")[-1]
    base.family.says("申诉").sees("No visit of yours counts as missed.")


def test_an_objection_is_refused_and_the_visit_counts(base: Base) -> None:
    objects(base)
    decides(base, "It still counts").sees("The family is told.")
    assert (base.strike().appeal, base.counting()) == (Appeal.REFUSED, 1)
    assert "The visit still counts" in base.told("strike")[-1]
    base.family.says("申诉").sees("No visit of yours counts as missed.")


def test_my_visits_say_how_to_object(base: Base) -> None:
    base.stage.later(hours=2)
    base.family.says("/mine").sees("1 visit counts as missed. If that is not right, type “object”.")
    base.family.says("object").sees("What happened?").says("We were there.")
    base.family.says("/mine").does_not_see("counts as missed")


def test_a_decision_can_wait(base: Base) -> None:
    objects(base)
    decides(base, "Decide later").sees("1 objection waits")
    assert base.strike().appeal is Appeal.OPEN


def test_the_button_below_the_message_opens_its_visit(web: Base) -> None:
    web.family.taps_token(web.button()).sees("Sat 28 Nov 10:00 星空").says("We were ill.")
    assert web.strike().appeal_words == "We were ill."
    web.family.taps_token(web.button()).sees("You have objected already.")


def test_only_the_coordinator_is_told_and_not_their_family(web: Base) -> None:
    objects(web)
    [told] = web.told("objection")
    assert "A family objects to a missed visit" in told


def test_another_family_cannot_object(web: Base) -> None:
    stranger = web.stage.person("web", "zhao", "en")
    stranger.taps_token(web.button()).sees("No visit of yours counts as missed.")
    assert web.strike().appeal is Appeal.NONE


def test_after_the_time_for_it_nobody_can_object(web: Base) -> None:
    web.stage.later(days=15)
    web.family.taps_token(web.button()).sees("You could object until Sat 12 Dec.")


def test_a_coordinator_excuses_a_whole_session(base: Base) -> None:
    person = base.coordinator.says("/today").taps("Excuse missed visits")
    person.sees("Sat 28 Nov 10:00 星空").taps("Sat 28 Nov").says("a storm")
    person.sees("1 missed visit no longer counts.").does_not_see("Excuse missed visits")
    assert base.counting() == 0
    assert "does not count against you any more" in base.told("strike")[-1]
    noted = base.write(lambda db: audit.of(db, "strike", 1))
    assert [(each.action, each.after, each.reason) for each in noted] == [
        ("decide", Appeal.GRANTED, "a storm")
    ]


def test_the_desk_alone_decides_nothing(web: Base) -> None:
    def work(db: Db) -> None:
        who = a_parent(db)
        a_role(db, who.speaker.person_id, web.base_id)
        visit = strikes.of_family(db, web.family_id, NOW)[0].visit
        with pytest.raises(NotStaff):
            excuses.decide(who, visit, is_granted=True)
        with pytest.raises(NotStaff):
            excuses.excuse_session(who, strikes.of_family(db, web.family_id, NOW)[0].session, "x")
        with pytest.raises(NotThere):
            excuses.object_to(who, visit, "Let me.")

    web.write(work)


def test_a_decision_holds_against_a_second_coordinator(web: Base) -> None:
    objects(web)

    def work(db: Db) -> None:
        who = a_parent(db)
        a_role(db, who.speaker.person_id, None, Duty.ADMIN)
        visit = strikes.of_family(db, web.family_id, NOW)[0].visit
        excuses.decide(who, visit, is_granted=False)
        with pytest.raises(Refused, match="Somebody has decided"):
            excuses.decide(who, visit, is_granted=True)

    web.write(work)


def test_what_a_family_said_is_forgotten_a_while_after_the_decision(web: Base) -> None:
    objects(web)
    decides(web, "It still counts")
    at = web.stage.now
    web.write(lambda db: strikes.forget_words(db, at))
    assert web.strike().appeal_words
    web.write(lambda db: strikes.forget_words(db, at + timedelta(seconds=1)))
    assert not web.strike().appeal_words


def test_what_a_family_said_is_erased_with_all_the_rest(web: Base) -> None:
    objects(web)
    web.family.says("/me").taps("Delete").taps("Confirm", "Confirm").sees("Everything is deleted.")
    assert not web.strike().appeal_words


def test_a_missed_visit_stays_missed(web: Base) -> None:
    objects(web)
    decides(web, "Excuse the visit")
    found = web.write(lambda db: rows(db, Booking))
    assert [each.state for each in found if each.id == web.missed_id] == [BookingState.NO_SHOW]
