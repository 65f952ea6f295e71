"""How far do the recorded answers carry a conversation, and what is next?

Pure and synchronous: the flow runs from its first line over what is recorded and stops at the first
question or effect without a record. A turn drives; while an effect is pending, it runs it, stores
`recorded(run, result)` under the effect's name and drives again. Then it sends
`run.said_since(fresh)`, where `fresh` are the names it recorded without asking, and the question.
"""

import json
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from hashlib import blake2b
from typing import TypeAlias

from handlers.conversation.chat import Chat, Command, Conversation, Flow
from handlers.conversation.question import Answer, Effect, FlowError, Json, Question, Said
from handlers.messages import Refused
from handlers.texts import Value

Keeps: TypeAlias = Callable[[Question, Answer], bool]
WasTaken: TypeAlias = Callable[[Question], bool]
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
) -> Run:
    """Run a conversation over `answers`.

    `keeps` says whether a recorded answer still fits its question; the first that does not is
    pending. It is asked of the answers met after the one named `after` ("": of all), so a turn that
    names the question just answered checks what Change left behind, and on the way forward nothing.
    Raises FlowError when the flow awaits anything but a verb, or uses a name twice.
    """
    flow = conversation.flow if isinstance(conversation, Conversation) else conversation
    chat = Chat()
    run = Run(words=chat.words)
    seen: set[str] = set()
    checks = None if after else keeps
    value: Json = None
    with closing(flow(chat)) as steps:
        while True:
            try:
                command = steps.send(value)
            except StopIteration:
                return run
            key = _key(command, answers, seen, flow)
            answer = answers.get(key)
            if answer is None or not _holds(command, answer, run, checks):
                run.pending = command
                return run
            run.met.append((command, answer, key))
            chat.met += 1
            value = answer.value
            if isinstance(value, (dict, list)):
                value = deepcopy(value)  # a flow may change what it was given, not what is stored
            if command.name == after:
                checks = keeps


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


def go_back(run: Run, was_taken: WasTaken | None = None) -> str | None:
    """The question Back asks again, to be forgotten; None when there is none to go back to.

    `was_taken` tells of a question whose only option was taken unasked: it would be taken again at
    once, so it is passed over.
    """
    questions = _answered(run, was_taken)
    return questions[-1].name if questions else None


def changeable(run: Run, was_taken: WasTaken | None = None) -> list[Question]:
    """The questions Change offers: those with a title, answered since the last thing done."""
    return [each for each in _answered(run, was_taken) if each.title is not None]


def forgotten(run: Run, name: str) -> list[str]:
    """The stored names to delete so that the question `name` is asked again.

    Later answers stay, and are checked by `keeps`; a later look may have been made with this one.
    """
    names: list[str] = []
    for each, _, key in run.met:
        if each.name == name:
            names = [key]
            if isinstance(each, Question) and each.was and each.was != key:
                names.append(each.was)  # else the answer of its old name would stand up again
        elif names and isinstance(each, Effect) and each.is_look:
            names.append(key)
    return names


def asked_again(run: Run, refused: Refused, was_taken: WasTaken | None = None) -> str | None:
    """The question to forget when the pending effect refused; None when nothing can be changed.

    Where the effect's `ask_again` names a question that was taken unasked, the one before it.
    """
    effect = run.pending
    assert isinstance(effect, Effect)
    wanted = (name for kind, name in effect.ask_again.items() if isinstance(refused, kind))
    name = next(wanted, None)
    questions = _answered(run)
    names = [each.name for each in questions]
    if name is not None and name not in names:
        raise FlowError(
            f"{effect.name!r} asks {name!r} again when refused, which is not among the questions "
            f"that can be asked again: {', '.join(names) or 'none'}"
        )
    last = len(names) if name is None else names.index(name) + 1
    can_change = [each.name for each in questions[:last] if not _is_taken(each, was_taken)]
    return can_change[-1] if can_change else None


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


def _answered(run: Run, was_taken: WasTaken | None = None) -> list[Question]:
    """The questions whose answers can still be changed, in asked order."""
    since = [each for each, _, _ in run.met[run.barrier :] if isinstance(each, Question)]
    return [each for each in since if not _is_taken(each, was_taken)]


def _is_taken(question: Question, was_taken: WasTaken | None) -> bool:
    return question.takes_only and was_taken is not None and was_taken(question)


def _is_done(command: Command) -> bool:
    return isinstance(command, Effect) and not command.is_look


def _arguments(effect: Effect) -> str:
    return _hashed([effect.args, dict(effect.named)], effect.name)


def _hashed(value: Json, name: str = "") -> str:
    def plain(each: object) -> Json:
        if isinstance(each, date):
            return each.isoformat()
        if isinstance(each, Enum):
            return each.value
        raise FlowError(f"look {name!r} was given {each!r}: give it what JSON can hold, or a date")

    words = json.dumps(value, default=plain, sort_keys=True)
    return blake2b(words.encode(), digest_size=16).hexdigest()


def _trace(run: Run) -> list[str]:
    commands = [each for each, _, _ in run.met] + ([run.pending] if run.pending else [])
    return [
        *(f"{each.name!r} {each.text if isinstance(each, Question) else ''}" for each in commands),
        *(f"the words {each.text} after {after} answers" for after, each in run.words),
    ]


def _named(flow: Flow) -> str:
    return f"The flow {getattr(flow, '__qualname__', flow)!r}"
