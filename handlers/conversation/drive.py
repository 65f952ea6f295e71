"""How far do the recorded answers carry a conversation, and what is next?

Pure and synchronous: the flow runs from its first line over what is recorded and stops at the first
question or effect without a record. A turn drives; while an effect is pending, it runs it, stores
`recorded(run, result)` under the effect's name and drives again. Then it sends
`run.said_since(fresh)`, where `fresh` are the names it recorded without asking, and the question.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from hashlib import blake2b
from typing import Any, TypeAlias

from handlers.conversation.chat import Chat, Command, Conversation, Flow
from handlers.conversation.question import Answer, Effect, FlowError, Json, Question, Said
from handlers.texts import Value

Keeps: TypeAlias = Callable[[Question, Answer], bool]
Met: TypeAlias = tuple[Command, Answer, str]  # the name is the one it was recorded under


@dataclass(slots=True)
class Run:
    """A conversation, run over its recorded answers as far as they go."""

    met: list[Met] = field(default_factory=list)  # what has a record, in the order of this run
    words: list[tuple[int, Said]] = field(default_factory=list)  # each after that many of `met`
    pending: Command | None = None  # what has no record yet; None: the conversation is over

    @property
    def asked(self) -> list[tuple[Question, Answer]]:
        """The answered questions in asked order. What an earlier branch asked is not among them."""
        return [(each, answer) for each, answer, _ in self.met if isinstance(each, Question)]

    @property
    def effects(self) -> list[str]:
        """The names of what was done."""
        return [each.name for each, _, _ in self.met if _is_done(each)]

    @property
    def barrier(self) -> int:
        """How many of `met` cannot be taken back: those up to the last thing done."""
        return max((n for n, (each, _, _) in enumerate(self.met, 1) if _is_done(each)), default=0)

    @property
    def digest(self) -> str:
        """A hash of every name and value of `met`, to which a yes is bound."""
        return _hashed([[name, answer.value] for _, answer, name in self.met])

    @property
    def said(self) -> list[Said]:
        """What was said since the last record."""
        return self.said_since()

    def said_since(self, fresh: Collection[str] = ()) -> list[Said]:
        """What was said since the last record whose name is not in `fresh`."""
        known = (n for n, (each, _, _) in enumerate(self.met, 1) if each.name not in fresh)
        heard = max(known, default=0)
        return [said for after, said in self.words if after >= heard]


def drive(
    conversation: Conversation | Flow,
    answers: Mapping[str, Answer],
    *,
    keeps: Keeps | None = None,
    after: str = "",
    given: str = "",
) -> Run:
    """Run a conversation, started with the words `given`, over `answers`.

    `keeps` says whether a recorded answer still fits its question; the first that does not is
    pending. It is asked of the answers met after the one named `after` ("": of all), so a turn that
    names the question just answered checks what Change left behind, and on the way forward nothing.
    Raises FlowError when the flow awaits anything but a verb, or uses a name twice.
    """
    with start(conversation, given) as going:
        return going.over(answers, keeps=keeps, after=after)


class Going:
    """A conversation that stands at its pending command and can go on from there within a turn.

    Going on over one more answer gives what driving anew over all of them would, in less time.
    """

    def __init__(self, flow: Flow, given: str = "") -> None:
        self.flow = flow
        self.chat = Chat(given)
        self.run = Run(words=self.chat.words)
        self._steps = flow(self.chat)
        self._seen: set[str] = set()
        self._value: Json = None
        self._is_over = False

    def over(
        self, answers: Mapping[str, Answer], *, keeps: Keeps | None = None, after: str = ""
    ) -> Run:
        """Go on over `answers`, which hold what was recorded since; see `drive`."""
        run = self.run
        checks = None if after else keeps
        while not self._is_over:
            command = run.pending or self._next()
            if self._is_over:
                break
            key = _key(command, answers, self._seen, self.flow)
            answer = answers.get(key)
            if answer is None or not _holds(command, answer, run, checks):
                self._seen -= {command.name, key}
                run.pending = command
                break
            run.met.append((command, answer, key))
            run.pending = None
            self.chat.met += 1
            self._value = answer.value
            if isinstance(self._value, (dict, list)):
                # A flow may change what it was given, not what is stored.
                self._value = _copied(self._value)
            if command.name == after:
                checks = keeps
        return run

    def _next(self) -> Any:
        """What the flow awaits next; a bug may make it anything."""
        try:
            return self._steps.send(self._value)
        except StopIteration:
            self._is_over = True
            return None

    def __enter__(self) -> "Going":
        return self

    def __exit__(self, *_error: object) -> None:
        self._steps.close()


def start(conversation: Conversation | Flow, given: str = "") -> Going:
    """Stand before the first line of a conversation. Use it in a `with`, which ends the flow."""
    flow = conversation.flow if isinstance(conversation, Conversation) else conversation
    return Going(flow, given)


def drive_twice(conversation: Conversation | Flow, answers: Mapping[str, Answer]) -> Run:
    """Run a conversation two times; FlowError when it did not ask and say the same.

    For tests: it finds what the check of the source cannot, a clock or chance in a function called.
    """
    run, again = drive(conversation, answers), drive(conversation, answers)
    for first, second in zip([*_trace(run), "the end"], [*_trace(again), "the end"], strict=False):
        if first != second:
            raise FlowError(
                f"run twice over the same answers, the flow came to {first}, then to {second}: "
                "let chat.look record whatever differs from one moment to the next"
            )
    return run


def recorded(run: Run, value: Json, shown: Value = "") -> Answer:
    """What to store under `run.pending.name` for an answer given or an effect's result.

    A yes is stored as the digest of what it agreed to, a look together with its arguments, so that
    neither is taken for an answer to something else later.
    """
    command = run.pending
    if isinstance(command, Question):
        return Answer(run.digest, shown) if command.kind == "confirm" else Answer(value, shown)
    assert command is not None
    try:
        plain = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise FlowError(f"{command.name!r} gave {value!r}: give what JSON can hold") from error
    return Answer(plain, _arguments(command) if command.is_look else shown)


def _key(command: Command, answers: Mapping[str, Answer], seen: set[str], flow: Flow) -> str:
    """The name `command` is recorded under; the first check of everything a flow awaits."""
    if not isinstance(command, (Question, Effect)):
        raise FlowError(
            f"{_named(flow)} awaited something that gave {command!r}, where a verb of chat was "
            "expected: put the work into an action for chat.do, or a provider for chat.look"
        )
    name = command.name
    if name in seen:
        raise FlowError(
            f"{_named(flow)} uses the name {name!r} twice in one run: an answer has one name; "
            'in a loop, number it, as in f"child.{n}.name"'
        )
    seen.add(name)
    if name not in answers and isinstance(command, Question) and command.was:
        old = command.was
        if old in answers and old not in seen:
            seen.add(old)
            return old
    return name


def _holds(command: Command, answer: Answer, run: Run, keeps: Keeps | None) -> bool:
    """Whether what is recorded still answers this command."""
    if isinstance(command, Effect):
        return not command.is_look or answer.shown == _arguments(command)
    if command.kind == "confirm":
        return bool(answer.value == run.digest)
    if answer.value is None and not command.is_optional:
        return False  # it could be skipped when it was asked
    return keeps is None or keeps(command, answer)


def _is_done(command: Command) -> bool:
    return isinstance(command, Effect) and not command.is_look


def _arguments(effect: Effect) -> str:
    return _hashed([effect.args, dict(effect.named)], effect.name)


def _hashed(value: Json, name: str = "") -> str:
    try:
        words = _sorted_json(value)
    except _NotPlain as no:
        raise FlowError(
            f"look {name!r} was given {no}: give it what JSON can hold, or a date"
        ) from no
    return blake2b(words.encode(), digest_size=16).hexdigest()


class _NotPlain(Exception):
    """Something that JSON cannot hold."""


def _plain(each: object) -> Json:
    if isinstance(each, date):
        return each.isoformat()
    if isinstance(each, Enum):
        return each.value
    raise _NotPlain(repr(each))


_sorted_json = json.JSONEncoder(default=_plain, sort_keys=True).encode


def _trace(run: Run) -> list[str]:
    commands = [each for each, _, _ in run.met] + ([run.pending] if run.pending else [])
    return [
        *(f"{each.name!r} {each.text if isinstance(each, Question) else ''}" for each in commands),
        *(f"the words {each.text} after {after} answers" for after, each in run.words),
    ]


def _named(flow: Flow) -> str:
    return f"The flow {getattr(flow, '__qualname__', flow)!r}"


def _copied(value: Json) -> Json:
    """A copy of what JSON can hold; the library's takes four times as long."""
    if isinstance(value, dict):
        return {name: _copied(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_copied(each) for each in value]
    return value
