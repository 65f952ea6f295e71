"""Conversations for the engine's own tests: a small visit, a wish list, words beside."""

from datetime import timedelta
from typing import Any

from handlers.conversation.chat import Chat, conversation
from handlers.conversation.question import Option
from handlers.conversation.readers import short_text, whole_number
from handlers.here import Here
from handlers.messages import Refused
from handlers.texts import Day, _, plain

HOURS = ("09:00", "10:00", "14:00")


class HourFull(Refused):
    """The hour was taken meanwhile."""


class Desk:
    """What the tests can change about the small base the conversations are about."""

    def __init__(self) -> None:
        self.full: set[str] = set()
        self.rooms = ["robots", "stars"]
        self.visits: list[dict[str, Any]] = []
        self.has_bug = False


DESK = Desk()


def rooms(here: Here) -> list[Option]:
    return [Option(each, plain(each.title())) for each in DESK.rooms]


def days(here: Here) -> list[Option]:
    today = here.now.date()
    return [
        Option(
            (today + timedelta(days=n)).isoformat(),
            Day(today + timedelta(days=n)),
            plain(f"{n} left"),
        )
        for n in range(1, 4)
    ]


def hours(here: Here) -> list[Option]:
    return [Option(each, plain(each)) for each in HOURS if each not in DESK.full]


def children(here: Here) -> list[Option]:
    return [Option(each.lower(), plain(each)) for each in ("Ada", "Bo", "Cy")]


def reserve(here: Here, hour: str, adults: int) -> dict[str, Any]:
    if DESK.has_bug:
        raise RuntimeError("a bug")
    if hour in DESK.full:
        raise HourFull(_("That hour has just been taken."))
    visit = {"hour": hour, "adults": adults}
    DESK.visits.append(visit)
    return visit


@conversation(
    "visit",
    command="visit",
    words=("参观",),
    title=plain("Visit"),
    remind_after=timedelta(hours=2),
    expires_after=timedelta(days=2),
)
async def visit(chat: Chat) -> None:
    """A visit like the real one, smaller."""
    await chat.choose("room", plain("Which room?"), rooms, title=plain("Room"), takes_only=True)
    await chat.pick_date("day", plain("Which day?"), days, title=plain("Day"))
    hour = await chat.choose("hour", plain("Which hour?"), hours, title=plain("Hour"))
    await chat.pick_many("children", plain("Which children?"), children, title=plain("Children"))
    adults = await chat.ask(
        "adults", plain("How many adults?"), whole_number(1, 4), title=plain("Adults")
    )
    await chat.confirm(plain("Please check"))
    booked = await chat.do("reserve", reserve, hour, adults, ask_again={HourFull: "hour"})
    chat.say(plain(f"Booked for {booked['hour']}"))


@conversation("wish", command="wish", words=("心愿",), title=plain("Wish"))
async def wish(chat: Chat) -> None:
    """One question."""
    words = await chat.ask("words", plain("What do you wish for?"), short_text(40))
    chat.say(plain(f"Noted: {words}"))


@conversation("hint", command="hint", words=("提示",), title=plain("Hint"), is_beside=True)
async def hint(chat: Chat) -> None:
    """Only says."""
    chat.say(plain("You can type the answer."))
