"""How do the tests drive a flow without a turn, and the flow most of them drive."""

from typing import Any

from handlers.conversation.chat import Chat, Flow
from handlers.conversation.drive import Run, drive, recorded
from handlers.conversation.question import Answer, Json
from handlers.conversation.readers import short_text, whole_number
from handlers.here import Here
from handlers.messages import Refused
from handlers.texts import plain

Q = plain("?")
ADULTS = whole_number(1, 4)
WORDS = short_text(40)


class Full(Refused):
    pass


def act(here: Here, *args: Any) -> Json:
    raise AssertionError("driving runs nothing")


def stored(**values: Json) -> dict[str, Answer]:
    """Recorded answers; `_` in a name stands for a full stop."""
    return {name.replace("_", "."): Answer(value) for name, value in values.items()}


def play(flow: Flow, **given: Json) -> tuple[Run, dict[str, Answer]]:
    """Answer what is asked and do what is to be done, as a turn would, as far as `given` goes."""
    answers: dict[str, Answer] = {}
    while (run := drive(flow, answers)).pending and run.pending.name in given:
        name = run.pending.name
        answers[name] = recorded(run, given[name])
    return run, answers


def words(run: Run, *fresh: str) -> list[str]:
    return [said.text.values["words"] for said in run.said_since(fresh)]  # type: ignore[misc]  # the tests say plain words


def names(run: Run) -> list[str]:
    return [question.name for question, _ in run.asked]


async def visit(chat: Chat) -> None:
    chat.say(plain("welcome"))
    base = await chat.choose("base", Q, [], title=plain("Base"))
    chat.say(plain(f"{base} is open"))
    price = await chat.look("price", act, base)
    chat.say(plain(f"{price} yuan"))
    adults = await chat.ask("adults", Q, ADULTS, title=plain("Adults"))
    await chat.ask("wish", Q, WORDS, is_optional=True)
    await chat.confirm(Q)
    chat.say(plain("one moment"))
    booked = await chat.do("book", act, base, adults, ask_again={Full: "base"})
    chat.say(plain(f"booked {booked['code']}"))
    await chat.ask("stars", Q, WORDS, title=plain("Stars"))


ASKED: dict[str, Json] = {"base": "robots", "price": 20, "adults": 2, "wish": None}
BOOKED = {**ASKED, "confirm": "@yes", "book": {"code": "7K"}}
