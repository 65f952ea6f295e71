"""How does a chat's history look on the page? Bubbles, times between them, the open question."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.channels.chat_json import Line
from handlers.messages import Attachment, Choice, Message, Prompt
from handlers.texts import Clock, Day, Value

PAUSE = timedelta(minutes=10)  # a longer one is worth a line with the time
ROW_WIDTH = 20  # columns, a Chinese character is two; a longer label gets a row of its own
LIST_WIDTH = 12  # the same where there are three and more: buttons that wide stand raggedly
PAIR_WIDTH = 6  # four that are wider stand two by two on a phone
GRID_FROM = 9  # days; fewer are easier to read as buttons

# "Base: Science Hall", "基地：科技馆": what the summary of a confirmation is made of.
_PAIR = re.compile(r"(.{1,24}?)(?:: |：)(.+)")
# "Code: K7MW-2QRT": the line of a ticket that is shown large.
_CODE = re.compile(r"(.{1,24}?)(?:: |：)([0-9A-Z]{4}-[0-9A-Z]{4})")
_LINES_APART = 4  # as many lines and more are read one by one


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as somebody reads it."""

    side: Literal["own", "theirs"]
    words: str
    at: datetime
    number: int = 0  # of theirs
    pairs: Sequence[tuple[str, str]] = ()  # the summary below the words of a confirmation
    attachments: Sequence[Attachment] = ()
    when: Sequence[Value] = ()  # shown above it, after a pause
    offered: Sequence[Choice] = ()  # what can be tapped below it, whatever is asked meanwhile
    code: tuple[str, str] | None = None  # of a ticket: what it is called, and itself

    @property
    def lines(self) -> list[str]:
        """The lines of its words, where they stand apart; else none."""
        lines = self.words.split("\n")
        return lines if len(lines) >= _LINES_APART and self.picture is None else []

    @property
    def picture(self) -> Attachment | None:
        """The image that makes it a card; None when there is none."""
        return next((each for each in self.attachments if each.kind == "image"), None)

    @property
    def links(self) -> list[Attachment]:
        """What can be opened or kept."""
        return [each for each in self.attachments if each.kind != "image"]


@dataclass(slots=True)
class ChatView:
    """A chat as the page shows it."""

    bubbles: list[Bubble] = field(default_factory=list)
    prompt: Prompt | None = None  # the newest one: only it can be answered
    last: int = 0  # number of the newest message


@dataclass(frozen=True, slots=True)
class Frame:
    """What a history is looked at through."""

    now: datetime
    zone: str
    commands: Mapping[str, str]  # "/book" → what it is called: shown instead


def chat_view(lines: Sequence[Line], frame: Frame) -> ChatView:
    """The bubbles of a history, oldest first."""
    view = ChatView()
    for line in _without_retold(lines):
        if line.message.said:
            said = line.message.said
            _add(view, frame, Bubble("own", frame.commands.get(said, said), line.at))
        _add(view, frame, _theirs(line))
    for line in lines:
        if not _is_beside(line.message):
            view.prompt = line.message.prompt or view.prompt
        view.last = line.message.number
    return view


def summary(message: Message) -> tuple[str, list[tuple[str, str]]]:
    """The words of a message, and the pairs at the end of a confirmation."""
    lines, pairs = message.text.split("\n"), []
    if message.prompt is None or message.prompt.kind != "confirm":
        return message.text, []
    while len(lines) > 1 and (found := _PAIR.fullmatch(lines[-1])):
        pairs.append((found[1], found[2]))
        lines.pop()
    return "\n".join(lines), pairs[::-1]


def layout(prompt: Prompt) -> str:
    """How the choices of a question are laid out: "grid", "days", "rows", "pairs" or "pills"."""
    shown = answers(prompt)
    if prompt.kind == "date":
        return "days" if len(shown) < GRID_FROM else "grid"
    widest = max((_width(each.label) for each in shown), default=0)
    if widest > (ROW_WIDTH if len(shown) < 3 else LIST_WIDTH):
        return "rows"
    return "pairs" if len(shown) == 4 and widest > PAIR_WIDTH else "pills"


def answers(prompt: Prompt) -> list[Choice]:
    """The choices that answer the question."""
    return [each for each in prompt.choices if not each.value.startswith("@")]


def ways(prompt: Prompt) -> list[Choice]:
    """The choices that lead on or away: confirm, done, more, back, cancel."""
    return [each for each in prompt.choices if each.value.startswith("@")]


def _theirs(line: Line) -> Bubble:
    """What was answered; the code of a ticket apart from its other words."""
    message = line.message
    words, pairs = summary(message)
    bubble = Bubble(
        "theirs", words, line.at, message.number, pairs, message.attachments,
        offered=message.prompt.choices if _is_beside(message) and message.prompt else (),
    )  # fmt: skip
    if bubble.picture is None:
        return bubble
    lines = words.split("\n")
    found = next(filter(None, map(_CODE.fullmatch, lines)), None)
    if found is None:
        return bubble
    lines.remove(found[0])
    return replace(bubble, words="\n".join(lines), code=(found[1], found[2]))


def _without_retold(lines: Sequence[Line]) -> list[Line]:
    """Without the steps of ticking: each tap tells the whole question again, the last counts."""
    kept: list[Line] = []
    for line in lines:
        if kept and _retells(line.message, kept[-1].message):
            at_first = kept.pop().message.said
            line = Line(_saying(line.message, at_first), line.at)
        kept.append(line)
    return kept


def _retells(message: Message, before: Message) -> bool:
    """Whether it is the question of many that was open before, told again after a tap."""
    now, then = message.prompt, before.prompt
    if now is None or then is None or now.kind != "many" or message.text != before.text:
        return False
    return bool(message.said) and _opened_as(now) == _opened_as(then)


def _opened_as(prompt: Prompt) -> str:
    """What the tokens of an open question have in common."""
    return prompt.choices[0].token.partition(":")[0] if prompt.choices else ""


def _is_beside(message: Message) -> bool:
    """Whether it came by itself with choices of its own, which leave the open question open."""
    return message.prompt is not None and message.prompt.is_beside


def _saying(message: Message, said: str) -> Message:
    return Message(message.text, message.attachments, message.prompt, said, message.number)


def _add(view: ChatView, frame: Frame, bubble: Bubble) -> None:
    before = view.bubbles[-1].at if view.bubbles else None
    if before is None or bubble.at - before > PAUSE:
        zone = ZoneInfo(frame.zone)
        day = bubble.at.astimezone(zone).date()
        clock = Clock(bubble.at, frame.zone)
        is_today = day == frame.now.astimezone(zone).date()
        when = (clock,) if is_today else (Day(day), clock)
        bubble = replace(bubble, when=when)
    view.bubbles.append(bubble)


def _width(label: str) -> int:
    return sum(2 if ord(each) > 0x2E7F else 1 for each in label)
