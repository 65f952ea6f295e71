"""What may the code of a flow not do, since it runs again at every message?"""

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import FunctionType, ModuleType
from typing import Any, TypeAlias

from handlers.conversation.source import Source

ASKS = frozenset({"choose", "pick_date", "pick_many", "ask", "confirm", "ask_all"})
AWAITED = ASKS | {"do", "look"}

_NAME = re.compile(r"[a-z][a-z0-9_.]{0,79}")
_CLOCK = "it is another time at every run; let chat.look record here.now"
_CHANCE = "chance falls otherwise at every run; let chat.do record what was drawn"
_TASKS = "a flow is stepped by hand, without an event loop; do the work in an action, by chat.do"
_OUTSIDE = "the outside changes between two runs; let chat.look or chat.do record it"
_PROCESS = "it differs from process to process; compare the values themselves"
_MODULES = {
    "time": _CLOCK,
    "random": _CHANCE, "secrets": _CHANCE, "uuid": _CHANCE,
    "asyncio": _TASKS, "threading": _TASKS, "concurrent": _TASKS, "subprocess": _TASKS,
    "os": _OUTSIDE, "io": _OUTSIDE, "pathlib": _OUTSIDE, "socket": _OUTSIDE,
}  # fmt: skip
_BUILTINS = ((hash, _PROCESS), (id, _PROCESS), (input, _OUTSIDE))
_ALWAYS = {
    (ast.With, ast.AsyncWith): (
        "`with`: it would be left at every question; open and close within an action"
    ),
    (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal): (
        "`import`, `global` or `nonlocal`: what is outside is not run again; import above the "
        "flow, and keep values in variables of its own"
    ),
}
_NOW = ("now", "utcnow", "today")
_BROAD = (Exception, BaseException, GeneratorExit)

Fault: TypeAlias = tuple[int, str]  # the line; what it does: why not; what instead


@dataclass
class Reading:
    """A function of a flow as it is read: the flow itself, or one that is given its chat."""

    source: Source
    chat: str  # the parameter that holds it
    is_flow: bool = False
    is_beside: bool = False
    given_to: list[tuple[Callable[..., Any], str]] = field(default_factory=list)

    @cached_property
    def nodes(self) -> list[Any]:
        return list(self.source.nodes())

    @cached_property
    def awaited(self) -> set[int]:
        """The ids of the nodes that are awaited."""
        return {id(each.value) for each in self.nodes if isinstance(each, ast.Await)}

    @cached_property
    def indexes(self) -> set[str]:
        """The names that may number a question: those of loops, and what a function is given."""
        loops = [each for each in self.nodes if isinstance(each, (ast.For, ast.comprehension))]
        names = {
            each.id
            for loop in loops
            for each in ast.walk(loop.target)
            if isinstance(each, ast.Name)
        }
        return names if self.is_flow else names | {*self.source.parameters}

    @cached_property
    def well_used(self) -> set[int]:
        """The ids of the nodes where chat may stand: before a verb, `given`, or in a call."""
        calls = [each for each in self.nodes if isinstance(each, ast.Call)]
        given = [each for call in calls for _, each in arguments(call)]
        verbs = [each.func.value for each in calls if isinstance(each.func, ast.Attribute)]
        read = [each.value for each in self.nodes if getattr(each, "attr", "") == "given"]
        return {id(each) for each in [*given, *verbs, *read]}

    @cached_property
    def owners(self) -> set[int]:
        """The ids of the nodes before a full stop: what is taken from them is looked at instead."""
        return {id(each.value) for each in self.nodes if isinstance(each, ast.Attribute)}

    def is_chat(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id == self.chat

    def verb(self, node: ast.AST) -> str:
        """The verb of chat that is called; "" when none is."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return ""
        return node.func.attr if self.is_chat(node.func.value) else ""

    def is_number(self, part: ast.expr) -> bool:
        """Whether a part of an f-string is words, or a name that may number a question."""
        match part:
            case ast.Constant():
                return True
            case ast.FormattedValue(value=ast.Name(id=name)):
                return name in self.indexes
        return False


def arguments(call: ast.Call) -> list[tuple[int | str | None, ast.expr]]:
    """The arguments of a call with their places or names."""
    named = [(each.arg, each.value) for each in call.keywords]
    return [*enumerate(call.args), *named]


def faults_of(reading: Reading) -> Iterator[Fault]:
    """What the function does that would differ when it is run again, in no order."""
    for node in reading.nodes:
        for kinds, words in _ALWAYS.items():
            if isinstance(node, kinds):
                yield node.lineno, words
        for kind, rule in _RULES.items():
            if isinstance(node, kind):
                yield from rule(reading, node)
    yield from _old_names(reading)


def _leaves(reading: Reading, node: Any) -> Iterator[Fault]:
    if node.finalbody:
        yield (
            node.finalbody[0].lineno,
            "`finally`: Python runs it at every question; clean up in the action",
        )


def _catches(reading: Reading, node: Any) -> Iterator[Fault]:
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    if node.type is None or any(reading.source.value(each) in _BROAD for each in kinds):
        yield (
            node.lineno,
            "a broad `except`: it would catch how the engine leaves a flow; name the error",
        )


def _loops(reading: Reading, node: Any) -> Iterator[Fault]:
    if isinstance(node, ast.AsyncFor) or getattr(node, "is_async", False):
        yield node.target.lineno, f"`async for`: {_TASKS}"
    of = node.iter
    is_made = isinstance(of, ast.Call) and reading.source.value(of.func) in (set, frozenset)
    if is_made or isinstance(of, (ast.Set, ast.SetComp)):
        yield of.lineno, "a loop over a set: its order does not last; loop over sorted(…)"


def _uses(reading: Reading, node: Any) -> Iterator[Fault]:
    if reading.is_chat(node) and id(node) not in reading.well_used:
        yield (
            node.lineno,
            f"`{node.id}` by itself: only its verbs are followed; call them, or give it to a "
            "function",
        )
    why = _why_not(reading.source.value(node))
    if why and id(node) not in reading.owners:
        yield node.lineno, f"`{ast.unparse(node)}`: {why}"


def _awaits(reading: Reading, node: Any) -> Iterator[Fault]:
    call = node.value
    if reading.verb(call):
        return
    if not (
        isinstance(call, ast.Call) and any(reading.is_chat(each) for _, each in arguments(call))
    ):
        yield (
            node.lineno,
            f"`await {ast.unparse(call)}`: a flow can wait only for a verb of chat, or a function "
            "it gives its chat to; do other work in an action, by chat.do",
        )


def _calls(reading: Reading, node: Any) -> Iterator[Fault]:
    verb = reading.verb(node)
    if verb:
        yield from _asks(reading, node, verb)
    for place, each in arguments(node):
        if reading.is_chat(each):
            yield from _gives(reading, node, place)


def _asks(reading: Reading, call: ast.Call, verb: str) -> Iterator[Fault]:
    is_awaited = id(call) in reading.awaited
    if verb == "say":
        if is_awaited:
            yield call.lineno, "`await chat.say(…)`: there is nothing to wait for; leave `await`"
    elif verb not in AWAITED:
        known = ", ".join(sorted({*AWAITED, "say"}))
        yield call.lineno, f"`chat.{verb}`: chat has no such verb; it has {known}"
    elif not is_awaited:
        yield call.lineno, f"`chat.{verb}(…)`: nothing happens; write `await chat.{verb}(…)`"
    elif reading.is_beside and verb in ASKS:
        yield (
            call.lineno,
            f"`chat.{verb}` in a conversation that is beside: it may only say and do, as another "
            "question is open",
        )
    else:
        yield from _names(reading, call, verb)


def _gives(reading: Reading, call: ast.Call, place: int | str | None) -> Iterator[Fault]:
    function = inspect.unwrap(reading.source.value(call.func))
    words = f"{ast.unparse(call.func)}({reading.chat}, …)"
    chat = _parameter(function, place)
    if chat is None:
        yield (
            call.lineno,
            f"`{words}`: what it does with the chat cannot be read; give it to a function that is "
            "defined above the flow",
        )
        return
    if inspect.iscoroutinefunction(function) and id(call) not in reading.awaited:
        yield call.lineno, f"`{words}`: nothing happens; write `await {words}`"
    reading.given_to.append((function, chat))


def _parameter(function: object, place: int | str | None) -> str | None:
    if not isinstance(function, FunctionType):
        return None
    code = function.__code__
    if isinstance(place, int):
        return code.co_varnames[place] if place < code.co_argcount else None
    return place


def _names(reading: Reading, call: ast.Call, verb: str) -> Iterator[Fault]:
    keys = {"confirm": ("name",), "ask_all": ("prefix",), "do": (0,), "look": (0,)}
    for key, each in arguments(call):
        if key in keys.get(verb, (0, "name", "was")) and not _is_lasting(reading, each):
            yield (
                each.lineno,
                f"the name `{ast.unparse(each)}`: answers are kept under it; write it out in "
                'small letters, numbered by a loop at most, as in f"child.{n}.name"',
            )


def _is_lasting(reading: Reading, name: ast.expr) -> bool:
    match name:
        case ast.Constant(value=str(words)):
            return _NAME.fullmatch(words) is not None
        case ast.JoinedStr(values=[ast.Constant(value=str(first)), *others]):
            return _NAME.fullmatch(first) is not None and all(map(reading.is_number, others))
        case ast.JoinedStr(values=values):
            return not reading.is_flow and all(map(reading.is_number, values))
        case ast.Name(id=given):  # whoever calls this function names the question
            return not reading.is_flow and given in reading.source.parameters
    return False


def _old_names(reading: Reading) -> Iterator[Fault]:
    calls = [each for each in reading.nodes if isinstance(each, ast.Call) and reading.verb(each)]
    words = [
        (key, each.value, each.lineno)
        for call in calls
        for key, each in arguments(call)
        if isinstance(each, ast.Constant)
    ]
    taken = {value for key, value, _ in words if key in (0, "name")}
    for key, value, line in words:
        if key == "was" and value in taken:
            yield line, f"was={value!r}: another question has that name now; leave it out"


def _why_not(value: Any) -> str:
    owner = getattr(value, "__self__", None)
    if isinstance(owner, type) and issubclass(owner, date) and value.__name__ in _NOW:
        return _CLOCK
    for builtin, why in _BUILTINS:
        if value is builtin:
            return why
    return _MODULES.get(_home(value), "")


def _home(value: Any) -> str:
    if isinstance(value, ModuleType):
        name = value.__name__
    elif callable(value):  # methods of a hidden object, as random.random is, name no module
        owner = type(getattr(value, "__self__", None))
        name = getattr(value, "__module__", None) or owner.__module__
    else:
        return ""
    return name.partition(".")[0].lstrip("_")


_RULES: Mapping[Any, Callable[[Reading, Any], Iterator[Fault]]] = {
    (ast.Try, ast.TryStar): _leaves,
    ast.ExceptHandler: _catches,
    (ast.For, ast.AsyncFor, ast.comprehension): _loops,
    (ast.Name, ast.Attribute): _uses,
    ast.Await: _awaits,
    ast.Call: _calls,
}
