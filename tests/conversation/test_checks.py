"""Which functions of a flow are read, and what its hash stands for."""

from pathlib import Path
from typing import Any

import pytest

from handlers.conversation.chat import Chat, Conversation, conversation
from handlers.conversation.checks import code_hash
from handlers.conversation.question import FlowError
from handlers.conversation.readers import short_text
from handlers.texts import plain
from tests.conversation.written import fault, flow, loaded

CHILD = """
async def ask_child(chat, n, name):
    await chat.choose(f"child.{n}", Q, [])
    await chat.choose(f"{name}.{n}", Q, [])
    await chat.choose(name, Q, [])

def tell(words, chat):
    chat.say(words)

"""


def test_a_flow_may_give_its_chat_to_functions_above_it(tmp_path: Path) -> None:
    body = """
        for n in range(2):
            await ask_child(chat, n, name="other")
        tell(Q, chat)
        tell(Q, chat=chat)
        """
    assert isinstance(loaded(tmp_path, flow(body, above=CHILD))["visit"], Conversation)


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
    tmp_path: Path, above: str, words: str
) -> None:
    assert words in fault(tmp_path, flow("await part(chat)", above=above))


def test_a_part_of_a_flow_has_to_be_awaited(tmp_path: Path) -> None:
    above = "async def part(chat):\n    await part(chat)\n\n"
    told = fault(tmp_path, flow("part(chat)", above=above))
    assert "`part(chat, …)`: nothing happens; write `await part(chat, …)`" in told


def test_a_part_that_is_wrapped_is_read_as_it_was_written(tmp_path: Path) -> None:
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
    assert "`time.time`" in fault(tmp_path, flow("await part(chat)", above=above))


def test_names_of_an_enclosing_function_are_known_and_empty_ones_are_not(tmp_path: Path) -> None:
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
    assert "`clock`: it is another time" in fault(tmp_path, text)


@pytest.mark.parametrize("verb", ["choose('a', Q, [])", "confirm(Q)", "ask_all([])"])
def test_a_conversation_beside_another_asks_nothing(tmp_path: Path, verb: str) -> None:
    head = '@conversation("visit", is_beside=True)'
    told = fault(tmp_path, flow(f"await chat.{verb}", head))
    assert f"`chat.{verb.split('(')[0]}` in a conversation that is beside" in told
    loaded(
        tmp_path, flow("chat.say(Q)\nawait chat.do('x', print)\nawait chat.look('y', print)", head)
    )


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


def test_layout_comments_and_the_docstring_do_not_change_the_hash(tmp_path: Path) -> None:
    terse = loaded(tmp_path, flow("await chat.ask('name', Q, print)"))
    wordy = loaded(
        tmp_path, flow('"""Asks."""\n# Why.\nawait chat.ask(\n    "name", Q,\n    print,\n)')
    )
    assert terse["visit"].code_hash == wordy["visit"].code_hash


def test_deadlines_and_words_that_start_it_do_not_change_the_hash(tmp_path: Path) -> None:
    one = loaded(tmp_path, flow("chat.say(Q)"))["visit"]
    other = loaded(tmp_path, flow("chat.say(Q)", '@conversation("visit", words=["x"])'))["visit"]
    assert one.code_hash == other.code_hash


def test_code_name_and_parts_change_the_hash(tmp_path: Path) -> None:
    texts = [
        flow("await ask_child(chat, 1, 'a')", above=CHILD),
        flow("await ask_child(chat, 1, 'b')", above=CHILD),
        flow("await ask_child(chat, 1, 'a')", above=CHILD.replace("child.", "kid.")),
        flow("await ask_child(chat, 1, 'a')", '@conversation("tour")', above=CHILD),
    ]
    assert len({loaded(tmp_path, each)["visit"].code_hash for each in texts}) == len(texts)


def test_the_hash_is_the_same_in_every_process() -> None:
    assert conversation("visit")(visit).code_hash == code_hash("visit", visit)
