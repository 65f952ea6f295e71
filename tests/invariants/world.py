"""Where does the machine act? A real database, the real turn, and families who say what to do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlmodel import SQLModel, col

from handlers.booking import (
    actions,
    called_off,
    changes,
    flowing,
    lapsing,
    published,
    queue,
    tickets,
)
from handlers.booking.offer import answer_offer, let_go
from handlers.booking.party import Guests
from handlers.conversation.chat import Chat, conversation
from handlers.conversation.menu import Menu
from handlers.conversation.testing import CHANNELS
from handlers.conversation.turn import Turn, take
from handlers.desk import actions as desk
from handlers.desk import noshows
from handlers.desk.actions import Scan
from handlers.desk.staff import Desk
from handlers.here import Here, Home
from handlers.messages import Incoming, Message
from handlers.texts import plain
from storage import audit
from storage.database import Database
from storage.db import Db
from storage.models import Child, Conversation, Outbox, OutboxState
from storage.statements import Command
from tests.builders import a_base, a_chat, a_consent, a_course, a_family, a_person, a_session
from tests.builders import public_id as new_public_id
from tests.invariants import importing, stored
from tests.invariants.records import Base, Slot
from tests.invariants.stored import Stored

DONE = "It is done."
HOME = Home("en", "Asia/Shanghai")
_SENT = Command(
    update(Outbox)
    .where(
        col(Outbox.state) == OutboxState.READY,
        col(Outbox.expires_at).is_(None) | (col(Outbox.expires_at) > bindparam("now")),
    )
    .values(state=OutboxState.SENT)
)
_EXPIRED = Command(
    update(Outbox).where(col(Outbox.state) == OutboxState.READY).values(state=OutboxState.EXPIRED)
)
_EMPTY = [Command(delete(table)) for table in reversed(SQLModel.metadata.sorted_tables)]


class Crash(Exception):
    """The process dies before it can commit."""


@dataclass(frozen=True)
class Family:
    """Who talks: the chats of all its people, and its children's ids."""

    id: int
    chats: Sequence[tuple[str, str]]  # channel and address
    children: Sequence[tuple[int, str]]  # id and public id


@dataclass
class Event:
    """Something said that was answered, as it may be delivered again."""

    incoming: Incoming
    answer: Any


@dataclass
class World:
    """An open database, laid out anew for each example."""

    url: str
    database: Database = field(init=False)
    families: list[Family] = field(default_factory=list)
    sessions: list[tuple[int, str]] = field(default_factory=list)  # id and public id
    base_id: int = 0
    at_desk: int = 0  # the person

    def __post_init__(self) -> None:
        self.database = Database.open(self.url)

    @property
    def is_file(self) -> bool:
        """Whether it is SQLite."""
        return self.database.engine.dialect.name == "sqlite"

    def restart(self) -> None:
        """Close everything and open it again, as after a kill."""
        self.database.close()
        self.database = Database.open(self.url)

    def clear(self) -> None:
        """Leave nothing behind."""
        self.database.write_and_wait(_empty)
        self.families, self.sessions = [], []

    def lay_out(
        self, base: Base, slots: Sequence[Slot], families: Sequence[Sequence[int]], now: datetime
    ) -> None:
        """One base, its sessions, and families: of how many children, people and which priority."""
        self.database.write_and_wait(partial(self._lay_out, base, slots, families, now))

    def stored(self) -> Stored:
        """What the tables hold."""
        return self.database.read_and_wait(stored.read)

    def say(self, incoming: Incoming) -> list[Message]:
        """The answer to an event, once it is stored."""
        return self.database.write_and_wait(partial(take, turn=_turn(incoming)))

    def say_and_die(self, incoming: Incoming) -> None:
        """The process dies when the answer is made, and before it is stored."""

        def work(db: Db) -> None:
            take(db, _turn(incoming))
            raise Crash

        try:
            self.database.write_and_wait(work)
        except Crash:
            return

    def keep_queues(self, now: datetime, *, flows: bool = True) -> None:
        """The job that does what is due on waiting lists, and then on pools that flow."""
        due = (lapsing.due, flowing.due) if flows else (lapsing.due,)
        works = [self.database.read_and_wait(partial(each, now=now, locale="en")) for each in due]
        for _pool, work in chain(*works):
            self.database.write_and_wait(work)

    def scan(self, key: str, code: str, heads: int, at: datetime, now: datetime) -> None:
        """A device at the door sends a scan."""
        scan = Scan(key, code, at, heads)
        self.database.write_and_wait(lambda db: desk.sync(self._desk(db, now), [scan], b"key"))

    def undo(self, visit: str, now: datetime) -> None:
        """The desk takes the last check-in of a visit back."""
        self.database.write_and_wait(lambda db: desk.undo(self._desk(db, now), visit, "wrong"))

    def call_off(self, slot: int, now: datetime) -> None:
        """The base calls a session off."""
        session_id, _public_id = self.sessions[slot]
        work = partial(called_off.call_off, session_id=session_id, reason="ill", now=now)
        self.database.write_and_wait(partial(work, locale="en"))

    def resize(self, slot: int, capacity: int, now: datetime) -> list[str] | None:
        """The base brings a session in with other places; who would have to go, None: it is done.

        Each is told as "code (places)".
        """
        session_id, _public_id = self.sessions[slot]
        return importing.resize(self.database, session_id, capacity, now)

    def note_missed(self, now: datetime) -> None:
        """The job that looks who did not come."""
        for found in self.database.read_and_wait(partial(noshows.due, now=now)):
            work = partial(noshows.miss, booking_ids=found, now=now, locale="en")
            self.database.write_and_wait(work)

    def seal(self, now: datetime) -> int | None:
        """Seal the record of changes so far; the first entry that is not as it was sealed."""
        self.database.write_and_wait(partial(audit.seal, before=now))
        return self.database.read_and_wait(audit.broken_at)

    def sequence(self, visit: str) -> int:
        """The number of a visit's entry in calendars."""
        ticket = self.database.read_and_wait(partial(tickets.ticket_for, public_id=visit))
        assert ticket is not None
        assert ticket.public_id == visit
        return ticket.sequence

    def _desk(self, db: Db, now: datetime) -> Desk:
        return Desk(db, self.at_desk, "door", frozenset({self.base_id}), now, "en")

    def deliver(self, now: datetime) -> None:
        """Everything that waits is sent; what is no longer true is not."""

        def work(db: Db) -> None:
            db.change(_SENT, now=now)
            db.change(_EXPIRED)

        self.database.write_and_wait(work)

    def _lay_out(
        self,
        base: Base,
        slots: Sequence[Slot],
        families: Sequence[Sequence[int]],
        now: datetime,
        db: Db,
    ) -> None:
        self._add_sessions(db, base, slots)
        self.families = [
            _a_family(db, number, children, people, priority, now)
            for number, (children, people, priority) in enumerate(families)
        ]

    def _add_sessions(self, db: Db, base: Base, slots: Sequence[Slot]) -> None:
        terms, zone = base.terms, base.zone
        self.base_id = a_base(db, time_zone=str(zone), **terms.model_dump())
        self.at_desk = a_person(db)
        course_id = a_course(db)
        for slot in slots:
            starts = slot.starts.astimezone(zone)
            release = published.Release(terms.release_days_ahead, terms.release_time)
            row: dict[str, Any] = {
                "base_id": self.base_id,
                "course_id": course_id,
                "public_id": new_public_id(),
                "local_date": slot.day,
                "starts_at": slot.starts,
                "ends_at": slot.ends,
                "capacity": slot.capacity,
                "waiting_max": slot.waiting_max,
                "release_at": published.release_at(release, slot.day, zone),
                "cancel_until": published.cancel_until(
                    terms.cancel_rule, slot.day, starts.time(), zone
                ),
            }
            self.sessions.append((a_session(db, **row), row["public_id"]))


def _empty(db: Db) -> None:
    for command in _EMPTY:
        db.note(command)


def _a_family(
    db: Db, number: int, children: int, people: int, priority: int, now: datetime
) -> Family:
    """A family; its first person has a chat on two channels, each other one on the web."""
    family_id = a_family(db, priority=priority)
    chats = []
    for person in range(people):
        person_id = a_person(db, family_id=family_id, locale="en")
        a_consent(db, person_id)
        for channel in ("web", "telegram")[: 2 if person == 0 else 1]:
            address = f"{number}.{person}"
            where = {"channel": channel, "address": address, "last_heard_at": now}
            chat_id = a_chat(db, person_id=person_id, **where)
            chats.append((channel, address))
        db.insert(
            Conversation(
                person_id=person_id, chat_id=chat_id, code_hash="", answers={}, touched_at=now
            )
        )
    rows = [
        Child(
            public_id=new_public_id(),
            nickname=f"豆{n}",
            birth_month="2018-05",
            family_id=family_id,
            created_at=now,
        )
        for n in range(children)
    ]
    return Family(family_id, chats, [(db.insert(row), row.public_id) for row in rows])


def perform(here: Here, given: str) -> None:
    """Do what a family says: "book SESSION ADULTS CHILD…", "cancel VISIT", …"""
    what, which, *rest = given.split()
    match what:
        case "book":
            actions.book(here, which, _guests(rest))
        case "wait" | "wait-fewer":
            queue.join(here, which, _guests(rest), takes_fewer=what == "wait-fewer")
        case "cancel":
            changes.cancel(here, which)
        case "move":
            changes.move(here, which, rest[0])
        case "party":
            changes.change_party(here, which, _guests(rest))


@conversation("perform", command="perform", is_beside=True)
async def perform_said(chat: Chat) -> None:
    """Whatever the machine wants, through the door that everybody uses."""
    await chat.do("perform", perform, chat.given)
    chat.say(plain(DONE))


MENU = Menu([perform_said, answer_offer, let_go], ["perform"], plain("Hello."))


def _guests(words: Sequence[str]) -> Guests:
    adults, *children = words
    return Guests(int(adults), tuple(children))


def _turn(incoming: Incoming) -> Turn:
    return Turn(incoming, MENU, CHANNELS[incoming.channel], HOME)
