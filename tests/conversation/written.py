"""How do the tests of a flow's source get a module that is written to a file?"""

import itertools
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from handlers.conversation.question import FlowError

_numbers = itertools.count(1)
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


def loaded(folder: Path, text: str) -> dict[str, Any]:
    """The names of a module with this text, run from a file of its own."""
    path = folder / f"flows_{next(_numbers)}.py"
    path.write_text(ABOVE + dedent(text))
    names: dict[str, Any] = {"__name__": path.stem}
    exec(compile(path.read_text(), path, "exec"), names)
    return names


def flow(body: str, head: str = '@conversation("visit")', above: str = "") -> str:
    return (
        f"{dedent(above)}{head}\nasync def visit(chat):\n{indent(dedent(body).strip(), '    ')}\n"
    )


def fault(folder: Path, text: str) -> str:
    with pytest.raises(FlowError) as raised:
        loaded(folder, text)
    return str(raised.value)
