"""Each rule has a flow that breaks it; the error names file, line, what and what instead."""

from pathlib import Path

import pytest

from handlers.conversation.chat import Conversation
from tests.conversation.written import ABOVE, fault, flow, loaded

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
    tmp_path: Path, rule: str
) -> None:
    body, line, words = RULES[rule]
    text = flow(body, above=TAKING)
    told = fault(tmp_path, text)
    first = (ABOVE + text).splitlines().index("async def visit(chat):") + 1
    assert "the flow 'visit' could not be run again" in told
    found = [each for each in told.splitlines() if f".py:{first + line}: " in each]
    assert any(words in each for each in found), told


def test_every_fault_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    told = fault(tmp_path, flow("print(time.time())\nchat.confirm(Q)\nprint(uuid.uuid4())"))
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
def test_a_flow_that_can_be_run_again_is_registered(tmp_path: Path, what: str) -> None:
    visit = loaded(tmp_path, flow(GOOD[what]))["visit"]
    assert isinstance(visit, Conversation)
    assert len(visit.code_hash) == 16
