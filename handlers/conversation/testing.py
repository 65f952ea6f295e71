"""How is a conversation played in a test? A scripted person says, taps and sees.

Each turn is the real one: an event in, a transaction, the stored JSON read back. On a channel
without buttons a tap types the number shown beside the label, as a person there would.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from handlers.conversation.menu import Menu
from handlers.conversation.turn import Turn, take
from handlers.conversation.voice import Voice
from handlers.here import Home
from handlers.messages import TOKEN_BYTES_MAX, Capabilities, Choice, Incoming, Message
from storage import chats, outbox, sending
from storage.db import Db
from storage.models import Lane, OutboxState

BUTTONS = Capabilities(
    buttons=True,
    edit_message=True,
    max_options=8,
    label_length=40,
    one_message_per_turn=False,
    can_push=True,
)
WEB = replace(
    BUTTONS,
    edit_message=False,
    max_options=12,
    label_length=80,
    date_grid=True,
    stores_to_deliver=True,
)
NUMBERS = Capabilities(
    buttons=False,
    edit_message=False,
    max_options=9,
    label_length=60,
    one_message_per_turn=True,
    can_push=False,
)
CHANNELS = {"web": WEB, "telegram": BUTTONS, "wechat": NUMBERS}

Write = Callable[[Callable[[Db], Any]], Any]  # Database.write_and_wait


@dataclass
class Stage:
    """Where people talk: a database, the conversations there are, and a clock to move."""

    write: Write
    menu: Menu
    now: datetime
    home: Home = field(default_factory=lambda: Home("zh_CN", "Asia/Shanghai"))
    known: dict[tuple[str, str], set[int]] = field(default_factory=dict)  # numbers of what was read
    arrived: dict[tuple[str, str], list[Message]] = field(default_factory=dict)  # not read yet

    def person(self, channel: str, address: str = "li", locale: str = "") -> "Person":
        """Somebody at an address of a channel, who has not said anything yet here."""
        return Person(self, channel, address, locale)

    def later(self, **time: float) -> None:
        """Let time pass: `later(hours=2)`."""
        self.now += timedelta(**time)

    def unasked(self, channel: str, address: str) -> list[Message]:
        """What came by itself to somebody since they last looked; first all that is due arrives."""
        for each in CHANNELS:
            self.write(partial(self._deliver, channel=each))
        if not CHANNELS[channel].stores_to_deliver:
            return self.arrived.pop((channel, address), [])
        known = self.known.setdefault((channel, address), set())
        shown = self.write(partial(outbox.history, channel=channel, address=address, after=0))
        new = [each for each in shown if each.number not in known]
        known.update(each.number for each in new)
        return [replace(Message.from_json(each.payload), number=each.number) for each in new]

    def _deliver(self, db: Db, channel: str) -> None:
        """Hand over as a sender does; or show, where people read what is stored."""
        if CHANNELS[channel].stores_to_deliver:
            sending.show_due(db, channel, self.now, chats.next_number)
            return
        voice = Voice(self.menu, CHANNELS, self.home)
        while claimed := sending.claim(db, channel, self.now, 100):
            for row in claimed:
                message = Message.from_json(row.payload)
                if row.lane is not Lane.REPLY:  # a reply was read when it was made
                    message = voice.with_question(db, message, channel, row.address, self.now)
                    self.arrived.setdefault((channel, row.address), []).append(message)
                sending.record(db, row, OutboxState.SENT, self.now)


class NotSeen(AssertionError):
    """What a person should have seen was not there; shows the dialogue so far."""


@dataclass
class Person:
    """One person on one channel. Every verb returns the person: a test reads as a dialogue."""

    stage: Stage
    channel: str
    address: str
    locale: str
    messages: list[Message] = field(default_factory=list)  # the answer to what was said last
    dialogue: list[str] = field(default_factory=list)
    taps_and_lines: int = 0
    _events: int = 0
    _still_open: list[Choice] = field(default_factory=list)  # shown before what came by itself

    def says(self, *lines: str) -> "Person":
        """Type one line after the other."""
        for line in lines:
            self._send(line, text=line)
        return self

    def taps(self, *labels: str) -> "Person":
        """Tap the choices whose label is, begins with or holds the words, one by one."""
        for label in labels:
            choice = self.choice(label)
            if self.capabilities.buttons:
                self._send(f"[{choice.label}]", token=choice.token)
            else:
                self._send(f"[{choice.label}]", text=choice.token)
        return self

    def ticks(self, *labels: str) -> "Person":
        """Answer a question of many: tap each, then "done"; or type the numbers in a line."""
        if self.capabilities.buttons:
            return self.taps(*labels).taps_value("@done")
        return self.says(" ".join(self.choice(label).token for label in labels))

    def taps_value(self, value: str) -> "Person":
        """Tap the choice with this value, such as "@yes"; only where there are buttons."""
        choice = next((each for each in self.choices if each.value == value), None)
        if choice is None:
            raise NotSeen(self._told(f"no choice has the value {value!r}"))
        self._send(f"[{choice.label}]", token=choice.token)
        return self

    def taps_token(self, token: str) -> "Person":
        """Tap a button of an earlier message."""
        self._send(f"[{token}]", token=token)
        return self

    def repeats(self) -> "Person":
        """Have the last event delivered again."""
        self._events -= 1
        self.taps_and_lines -= 1
        return self._send(*self._last)

    def sees(self, *words: str) -> "Person":
        """All of these words are in the answer."""
        for each in words:
            if each not in self.seen:
                raise NotSeen(self._told(f"{each!r} was not seen"))
        return self

    def does_not_see(self, *words: str) -> "Person":
        """None of these words is in the answer."""
        for each in words:
            if each in self.seen:
                raise NotSeen(self._told(f"{each!r} was seen"))
        return self

    def was_told(self, *words: str) -> "Person":
        """Something came by itself, with all of these words. It is what is seen and tapped next."""
        told = self.stage.unasked(self.channel, self.address)
        if not told:
            raise NotSeen(self._told("nothing came by itself"))
        self._still_open = self._open_choices
        self.messages = told
        self.dialogue += [f"  Kepu, unasked: {_line(each)}" for each in told]
        return self.sees(*words)

    def was_told_nothing(self) -> "Person":
        """Nothing came by itself."""
        told = self.stage.unasked(self.channel, self.address)
        if told:
            raise NotSeen(self._told(f"{_line(told[0])!r} came by itself"))
        return self

    def is_asked(self, name: str) -> "Person":
        """The open question has this name. Only where there are buttons."""
        asked = self.messages[-1].prompt
        if asked is None or asked.name != name:
            raise NotSeen(self._told(f"{asked and asked.name!r} was asked, not {name!r}"))
        return self

    @property
    def capabilities(self) -> Capabilities:
        """What the person's channel can show."""
        return CHANNELS[self.channel]

    @property
    def seen(self) -> str:
        """The words of the answer, labels of choices and names of attachments included."""
        words = [message.text for message in self.messages]
        words += [each.name for message in self.messages for each in message.attachments]
        return "\n".join([*words, *(each.label for each in self.choices)])

    @property
    def choices(self) -> list[Choice]:
        """What can be tapped now; on a channel of numbers, the token is the number to type."""
        if self.capabilities.buttons:
            beside = [
                each.prompt for each in self.messages if each.prompt and each.prompt.is_beside
            ]
            return [*(each for prompt in beside for each in prompt.choices), *self._open_choices]
        texts = [each.text for each in reversed(self.messages)]
        lists = (re.findall(r"^(\d+)\. (.+)$", each, re.M) for each in texts)
        return [Choice(label, number, "") for number, label in next(filter(None, lists), ())]

    @property
    def _open_choices(self) -> list[Choice]:
        """The choices of the open question; what came by itself leaves its buttons in sight."""
        asked = [each.prompt for each in self.messages if each.prompt]
        asked = [each for each in asked if not each.is_beside]
        return asked[-1].choices if asked else self._still_open

    def choice(self, label: str) -> Choice:
        """The one choice meant by a label."""
        found = [each for each in self.choices if each.label == label]
        found = found or [each for each in self.choices if each.label.startswith(label)]
        found = found or [each for each in self.choices if label in each.label]
        if len(found) != 1:
            labels = [each.label for each in self.choices]
            raise NotSeen(self._told(f"{len(found)} choices are {label!r}; there are {labels}"))
        return found[0]

    def _send(self, shown: str, text: str = "", token: str = "") -> "Person":
        self._events += 1
        self._last = (shown, text, token)
        self.taps_and_lines += 1
        incoming = Incoming(
            self.channel,
            self.address,
            f"{self.address}:{self._events}",
            self.stage.now,
            text,
            token,
            self.locale,
        )
        turn = Turn(incoming, self.stage.menu, self.capabilities, self.stage.home)
        self.messages = self.stage.write(partial(take, turn=turn))
        self._still_open = []
        self._notes()
        self.dialogue += [
            f"{self.address}: {shown}",
            *(f"  Kepu: {_line(m)}" for m in self.messages),
        ]
        return self

    def _notes(self) -> None:
        """Note what was read, and that every button could be carried by every channel."""
        known = self.stage.known.setdefault((self.channel, self.address), set())
        known.update(each.number for each in self.messages)
        for each in self.choices:
            assert len(each.token.encode()) <= TOKEN_BYTES_MAX, each

    def _told(self, what: str) -> str:
        return "\n".join([what, *self.dialogue[-20:]])


def _line(message: Message) -> str:
    labels = (
        " ".join(f"[{each.label}]" for each in message.prompt.choices) if message.prompt else ""
    )
    return f"{message.text} {labels}".strip()
