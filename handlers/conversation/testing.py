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
from handlers.here import Home
from handlers.messages import Capabilities, Choice, Incoming, Message
from storage.db import Db

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

    def person(self, channel: str, address: str = "li", locale: str = "") -> "Person":
        """Somebody at an address of a channel, who has not said anything yet here."""
        return Person(self, channel, address, locale)

    def later(self, **time: float) -> None:
        """Let time pass: `later(hours=2)`."""
        self.now += timedelta(**time)


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
        if not self.messages:
            return []
        prompt = self.messages[-1].prompt
        if self.capabilities.buttons:
            return prompt.choices if prompt else []
        lines = re.findall(r"^(\d+)\. (.+)$", self.messages[-1].text, re.M)
        return [Choice(label, number, "") for number, label in lines]

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
        self.dialogue += [
            f"{self.address}: {shown}",
            *(f"  Kepu: {_line(m)}" for m in self.messages),
        ]
        return self

    def _told(self, what: str) -> str:
        return "\n".join([what, *self.dialogue[-20:]])


def _line(message: Message) -> str:
    labels = (
        " ".join(f"[{each.label}]" for each in message.prompt.choices) if message.prompt else ""
    )
    return f"{message.text} {labels}".strip()
