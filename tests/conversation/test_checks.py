"""Each rule has a flow that breaks it; the error names file, line, what and what instead."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from handlers.conversation.chat import Chat, Conversation, conversation
from handlers.conversation.checks import code_hash
from handlers.conversation.question import FlowError
from handlers.conversation.readers import short_text
from handlers.texts import plain

ABOVE = """\
import asyncio, datetime as dt, io, random, secrets, time, uuid
from datetime import date, datetime
from functools import partial, wraps
from pathlib import Path
from time import monotonic as now
from handlers.conversation.chat import Chat, conversation
from handlers.messages import Refused
from handlers.texts import plain

Q = plain("?")
COUNT = 0

"""
Load = Callable[..., dict[str, Any]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Runs a module written to a file of its own; its names."""
    count = iter(range(1000))

    def run(text: str) -> dict[str, Any]:
        path = tmp_path / f"flows_{next(count)}.py"
        path.write_text(ABOVE + dedent(text))
        names: dict[str, Any] = {"__name__": path.stem}
        exec(compile(path.read_text(), path, "exec"), names)
        return names

    return run


def flow(body: str, head: str = '@conversation("visit")', above: str = "") -> str:
    return (
        f"{dedent(above)}{head}\nasync def visit(chat):\n{indent(dedent(body).strip(), '    ')}\n"
    )


def fault(load: Load, text: str) -> str:
    with pytest.raises(FlowError) as raised:
        load(text)
    return str(raised.value)


RULES = {
    "finally": ("try:\n    await chat.confirm(Q)\nfinally:\n    print()", 4, "`finally`"),
    "finally of a group": (
        "try:\n    await chat.confirm(Q)\nexcept* ValueError:\n    pass\nfinally:\n    print()",
        6,
        "`finally`",
    ),
    "with": ("with open('x'):\n    await chat.confirm(Q)", 1, "`with`"),
    "async with": ("async with asyncio.timeout(1):\n    await chat.confirm(Q)", 1, "`with`"),
    "bare except": ("try:\n    print()\nexcept:\n    print()", 3, "a broad `except`"),
    "except Exception": ("try:\n    print()\nexcept Exception:\n    print()", 3, "a broad"),
    "except one of a tuple": (
        "try:\n    print()\nexcept (ValueError, BaseException):\n    print()",
        3,
        "a broad `except`",
    ),
    "datetime.now": ("print(datetime.now())", 1, "`datetime.now`: it is another time"),
    "datetime.now of an alias": ("print(dt.datetime.utcnow())", 1, "`dt.datetime.utcnow`"),
    "date.today": ("print(date.today())", 1, "`date.today`: it is another time"),
    "time": ("print(time.time())", 1, "`time.time`: it is another time"),
    "time by another name": ("print(now())", 1, "`now`: it is another time"),
    "random": ("print(random.random())", 1, "`random.random`: chance"),
    "secrets": ("print(secrets.token_hex())", 1, "`secrets.token_hex`: chance"),
    "uuid": ("print(uuid.uuid4())", 1, "`uuid.uuid4`: chance"),
    "hash": ("print(hash(Q))", 1, "`hash`: it differs from process to process"),
    "id": ("print(id(Q))", 1, "`id`: it differs"),
    "input": ("print(input())", 1, "`input`: the outside"),
    "open": ("print(open('x'))", 1, "`open`: the outside"),
    "a path": ("print(Path('x').read_text())", 1, "`Path`: the outside"),
    "gather": ("await asyncio.gather(chat.confirm(Q))", 1, "`asyncio.gather`: a flow is stepped"),
    "create_task": ("asyncio.create_task(chat.confirm(Q))", 1, "`asyncio.create_task`"),
    "sleep": ("await asyncio.sleep(1)", 1, "`await asyncio.sleep(1)`: a flow can wait only for"),
    "await of a name": ("found = chat.confirm(Q)\nawait found", 2, "`await found`"),
    "await of anything called": ("await print(Q)", 1, "`await print(Q)`: a flow can wait only"),
    "async for": ("async for each in Q:\n    print(each)", 1, "`async for`"),
    "async comprehension": ("print([each async for each in Q])", 1, "`async for`"),
    "a loop over a set": ("for each in {1, 2}:\n    print(each)", 1, "a loop over a set"),
    "a loop over a set made": ("print([each for each in set(Q)])", 1, "loop over sorted(…)"),
    "import": ("import math\nprint(math)", 1, "import above the flow"),
    "global": ("global COUNT\nCOUNT = 1", 1, "keep values in variables of its own"),
    "a verb that is not awaited": ("chat.confirm(Q)", 1, "write `await chat.confirm(…)`"),
    "words that are awaited": ("await chat.say(Q)", 1, "leave `await`"),
    "a verb there is not": ("await chat.asks('x', Q)", 1, "`chat.asks`: chat has no such verb"),
    "chat under another name": ("c = chat\nc.say(Q)", 1, "`chat` by itself"),
    "chat given away unseen": ("Q.take(chat)", 1, "`Q.take(chat, …)`: what it does"),
    "chat given to a class": ("partial(chat)", 1, "defined above the flow"),
    "chat given among the rest": ("many(Q, chat)", 1, "`many(chat, …)`: what it does"),
    "chat given as everything": ("take(**chat)", 1, "`take(chat, …)`: what it does"),
    "a question named by an answer": (
        "a = await chat.choose('a', Q, [])\nawait chat.choose(a, Q, [])",
        2,
        "the name `a`: answers are kept under it; write it out in small letters, numbered by",
    ),
    "a question named in a loop by what it is about": (
        "for n in [Q]:\n    await chat.choose(f'child.{n.msgid}', Q, [])",
        2,
        "the name `f'child.{n.msgid}'`",
    ),
    "a question named by a loop alone": (
        "for n in range(2):\n    await chat.choose(f'{n}', Q, [])",
        2,
        "the name",
    ),
    "a question named by a variable of a loop": (
        "for n in ('a', 'b'):\n    await chat.choose(n, Q, [])",
        2,
        "the name `n`",
    ),
    "a name in capital letters": ("await chat.choose('Base', Q, [])", 1, "the name `'Base'`"),
    "a name that is no name": ("await chat.choose(1, Q, [])", 1, "the name `1`"),
    "a dynamic name of confirm": ("await chat.confirm(Q, name=Q.msgid)", 1, "the name `Q.msgid`"),
    "a dynamic name of do": ("await chat.do(Q.msgid, print)", 1, "the name `Q.msgid`"),
    "a dynamic prefix": ("await chat.ask_all([], prefix=Q.msgid)", 1, "the name `Q.msgid`"),
    "an old name that is in use": (
        "await chat.choose('a', Q, [])\nawait chat.choose('b', Q, [], was='a')",
        2,
        "was='a': another question has that name now",
    ),
}
TAKING = """
def many(*each):
    pass

def take(**each):
    pass

"""


@pytest.mark.parametrize("rule", RULES)
def test_a_flow_that_breaks_a_rule_is_refused_at_its_line_with_what_to_do(
    load: Load, rule: str
) -> None:
    body, line, words = RULES[rule]
    text = flow(body, above=TAKING)
    told = fault(load, text)
    first = (ABOVE + text).splitlines().index("async def visit(chat):") + 1
    assert "the flow 'visit' could not be run again" in told
    found = [each for each in told.splitlines() if f".py:{first + line}: " in each]
    assert any(words in each for each in found), told


def test_every_fault_is_told_at_once_in_the_order_of_the_lines(load: Load) -> None:
    told = fault(load, flow("print(time.time())\nchat.confirm(Q)\nprint(uuid.uuid4())"))
    lines = told.splitlines()[1:]
    assert [line.split("`")[1] for line in lines] == ["time.time", "chat.confirm(…)", "uuid.uuid4"]


GOOD = {
    "questions numbered by a loop": """
        for n in range(1, 3):
            await chat.choose(f"child.{n}.name", Q, [])
        for n, name in enumerate("ab"):
            await chat.choose(f"other.{n}", Q, [])
        """,
    "a comprehension": 'print([await chat.choose(f"child.{n}", Q, []) for n in range(2)])',
    "an error that is named": """
        try:
            int(await chat.choose("n", Q, []))
        except (ValueError, TypeError):
            chat.say(Q)
        """,
    "a variable that is called like a clock": "for time in (1, 2):\n    print(time)",
    "methods of values": 'print("".join(["a"]), str.join("", []), Q.msgid.upper, unknown)',
    "everything else": """
        await chat.choose("a", Q, [], was="b")
        await chat.confirm(Q, name="sure")
        await chat.do("book", print, 1, name=COUNT)
        await chat.look("see", print, was=COUNT)
        await chat.ask_all([], prefix="form.")
        await chat.ask_all([])
        chat.say(Q)
        """,
}


@pytest.mark.parametrize("what", GOOD)
def test_a_flow_that_can_be_run_again_is_registered(load: Load, what: str) -> None:
    visit = load(flow(GOOD[what]))["visit"]
    assert isinstance(visit, Conversation)
    assert len(visit.code_hash) == 16


CHILD = """
async def ask_child(chat, n, name):
    await chat.choose(f"child.{n}", Q, [])
    await chat.choose(f"{name}.{n}", Q, [])
    await chat.choose(name, Q, [])

def tell(words, chat):
    chat.say(words)

"""


def test_a_flow_may_give_its_chat_to_functions_above_it(load: Load) -> None:
    body = """
        for n in range(2):
            await ask_child(chat, n, name="other")
        tell(Q, chat)
        tell(Q, chat=chat)
        """
    assert isinstance(load(flow(body, above=CHILD))["visit"], Conversation)


@pytest.mark.parametrize(
    ("above", "words"),
    [
        ("async def part(chat):\n    print(time.time())\n\n", "`time.time`"),
        ("async def part(chat):\n    await deeper(chat)\n\n", "`deeper(chat, …)`"),
        ("def part(chat):\n    chat.confirm(Q)\n\n", "write `await chat.confirm(…)`"),
        ("async def part(it):\n    it.confirm(Q)\n\n", "`chat.confirm(…)`: nothing happens"),
    ],
)
def test_what_a_flow_gives_its_chat_to_keeps_the_rules_too(
    load: Load, above: str, words: str
) -> None:
    assert words in fault(load, flow("await part(chat)", above=above))


def test_a_part_of_a_flow_has_to_be_awaited(load: Load) -> None:
    above = "async def part(chat):\n    await part(chat)\n\n"
    told = fault(load, flow("part(chat)", above=above))
    assert "`part(chat, …)`: nothing happens; write `await part(chat, …)`" in told


def test_a_part_that_is_wrapped_is_read_as_it_was_written(load: Load) -> None:
    above = """
        def wrapped(function):
            @wraps(function)
            async def inner(chat):
                return await function(chat)
            return inner

        @wrapped
        async def part(chat):
            print(time.time())

        """
    assert "`time.time`" in fault(load, flow("await part(chat)", above=above))


def test_names_of_an_enclosing_function_are_known_and_empty_ones_are_not(load: Load) -> None:
    text = """
        def make():
            clock = time.time
            @conversation("visit")
            async def visit(chat):
                print(clock(), later)
            later = 1
            return visit

        make()
        """
    assert "`clock`: it is another time" in fault(load, text)


@pytest.mark.parametrize("verb", ["choose('a', Q, [])", "confirm(Q)", "ask_all([])"])
def test_a_conversation_beside_another_asks_nothing(load: Load, verb: str) -> None:
    head = '@conversation("visit", is_beside=True)'
    told = fault(load, flow(f"await chat.{verb}", head))
    assert f"`chat.{verb.split('(')[0]}` in a conversation that is beside" in told
    load(flow("chat.say(Q)\nawait chat.do('x', print)\nawait chat.look('y', print)", head))


def test_a_flow_is_an_async_function_without_yield() -> None:
    def plainly(chat: Chat) -> None: ...

    async def yields(chat: Chat) -> Any:
        yield chat

    for each in (plainly, yields):
        with pytest.raises(FlowError, match=r"write it as `async def` without `yield`"):
            code_hash("visit", each)


def test_a_flow_without_its_source_is_refused() -> None:
    names: dict[str, Any] = {}
    exec("async def visit(chat):\n    pass", names)
    with pytest.raises(FlowError, match="the source of 'visit' is not at <string>:1"):
        code_hash("visit", names["visit"])


# The hash


async def visit(chat: Chat) -> None:
    await chat.ask("name", plain("Name?"), short_text(40))


def test_layout_comments_and_the_docstring_do_not_change_the_hash(load: Load) -> None:
    terse = load(flow("await chat.ask('name', Q, print)"))
    wordy = load(flow('"""Asks."""\n# Why.\nawait chat.ask(\n    "name", Q,\n    print,\n)'))
    assert terse["visit"].code_hash == wordy["visit"].code_hash


def test_deadlines_and_words_that_start_it_do_not_change_the_hash(load: Load) -> None:
    one = load(flow("chat.say(Q)"))["visit"]
    other = load(flow("chat.say(Q)", '@conversation("visit", words=["x"])'))["visit"]
    assert one.code_hash == other.code_hash


def test_code_name_and_parts_change_the_hash(load: Load) -> None:
    texts = [
        flow("await ask_child(chat, 1, 'a')", above=CHILD),
        flow("await ask_child(chat, 1, 'b')", above=CHILD),
        flow("await ask_child(chat, 1, 'a')", above=CHILD.replace("child.", "kid.")),
        flow("await ask_child(chat, 1, 'a')", '@conversation("tour")', above=CHILD),
    ]
    assert len({load(each)["visit"].code_hash for each in texts}) == len(texts)


def test_the_hash_is_the_same_in_every_process() -> None:
    assert conversation("visit")(visit).code_hash == code_hash("visit", visit)
