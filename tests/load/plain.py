"""A conversation of questions alone: what a turn costs before any feature asks the database."""

from handlers.conversation.chat import Chat, Conversation, conversation
from handlers.conversation.menu import Menu
from handlers.conversation.question import Option
from handlers.conversation.readers import month_of_birth, short_text, whole_number
from handlers.texts import plain

PLACES = [Option(f"{n:02d}", plain(f"科普教育基地 {n}"), plain(f"第 {n} 区")) for n in range(1, 13)]
DAYS = [Option(f"2026-12-{n:02d}", plain(f"12月{n}日"), plain(f"余 {n}")) for n in range(1, 15)]


@conversation("plain", command="plain", words=("预约",), title=plain("预约"))
async def plain_questions(chat: Chat) -> None:
    """As many questions, of the same kinds and sizes, as a booking has."""
    await chat.choose("base", plain("您想去哪个基地？"), PLACES, title=plain("基地"))
    await chat.pick_date("day", plain("哪一天？"), DAYS, title=plain("日期"))
    await chat.choose("session", plain("哪一场？"), PLACES[:4], title=plain("场次"))
    await chat.ask("nickname", plain("孩子的小名？"), short_text(20), title=plain("孩子"))
    await chat.ask("birth_month", plain("孩子哪年哪月出生？"), month_of_birth("2008-01"))
    await chat.ask("adults", plain("几位大人？"), whole_number(1, 4), title=plain("大人"))
    await chat.confirm(plain("请核对您的预约"))
    chat.say(plain("已预约，预约码 2345-6789。"))


def plain_menu() -> Menu:
    """A menu with that conversation alone."""
    assert isinstance(plain_questions, Conversation)
    return Menu([plain_questions], ["plain"], plain("您好。"))
