"""Which conversations does a page have to show? Small ones that use every verb of the engine."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from handlers.conversation.chat import Chat, conversation
from handlers.conversation.menu import Menu
from handlers.conversation.question import Option
from handlers.conversation.readers import month_of_birth, phone_number, short_text, whole_number
from handlers.here import Here
from handlers.messages import Attachment
from handlers.texts import Day, plain

FIRST_DAY = date(2026, 11, 28)
TICKET = "0123456789abcdef0123456789abcdef"
BASES = (
    "重庆科技馆", "北京自然博物馆", "上海天文馆", "中国科学技术馆", "广东科学中心",
    "老牛儿童探索馆", "西峡科技馆", "青岛科技馆",
    "唐山市科普教育基地联合体（开平校区实验中心）",
)  # fmt: skip


def open_days(here: Here, base: str) -> Sequence[Option]:
    """Five days at the first base, three weeks of them at any other."""
    days = 5 if base == "0" else 20
    each_day = [FIRST_DAY + timedelta(days=n + n // 5) for n in range(days)]
    return [
        Option(day.isoformat(), Day(day), plain(f"余 {12 + n}")) for n, day in enumerate(each_day)
    ]


def book(here: Here, *chosen: Any) -> str:
    """Pretends to book."""
    return "K7M2-9QXB"


@conversation("visit", command="book", words=("预约",), title=plain("预约参观"))
async def visit(chat: Chat) -> None:
    """Long rows, days or a month, short pills, ticks, quick numbers, a summary, a ticket."""
    bases = [Option(str(n), plain(name), plain("12 公里")) for n, name in enumerate(BASES)]
    base = await chat.choose("base", plain("您想去哪个基地？"), bases, title=plain("基地"))
    days = partial(open_days, base=base)
    day = await chat.pick_date("day", plain("哪一天？"), days, title=plain("日期"))
    times = [Option("a", "09:30", plain("余 12")), Option("b", "14:00", plain("余 3"))]
    time = await chat.choose("time", plain("哪一场？"), times, title=plain("场次"))
    children = [Option("1", plain("豆豆")), Option("2", plain("乐乐")), Option("3", plain("阿明"))]
    who = await chat.pick_many("who", plain("哪些孩子来？"), children, title=plain("孩子"))
    count = whole_number(1, 4)
    adults = await chat.ask("adults", plain("几位大人？"), count, title=plain("大人"))
    await chat.confirm(plain("请核对这次预约"))
    code = await chat.do("book", book, base, day.isoformat(), time, who, adults)
    chat.say(
        plain(f"已预约\n12月5日 周六 09:30\n重庆科技馆\n预约码：{code}"),
        Attachment("image", "ticket.png", f"/tickets/{TICKET}/qr.png"),
        Attachment("link", "打开入场凭证", f"/tickets/{TICKET}"),
        Attachment("file", "加入日历", f"/tickets/{TICKET}.ics"),
    )


@conversation("children", command="me", words=("我的资料",), title=plain("我的孩子"))
async def children(chat: Chat) -> None:
    """What is typed: a name, a month, a telephone number."""
    name = await chat.ask("name", plain("孩子的小名？"), short_text(20), title=plain("小名"))
    await chat.ask("month", plain("出生年月？"), month_of_birth(18), title=plain("出生年月"))
    phone = phone_number()
    await chat.ask("phone", plain("您的手机号？"), phone, title=plain("手机号"), is_optional=True)
    chat.say(plain(f"记下了：{name}"))


@conversation("broken", command="broken", title=plain("坏的"))
async def broken(chat: Chat) -> None:
    """Meets a bug."""
    await chat.do("fail", fail)


def fail(here: Here) -> str:
    """A bug of ours, holding what must not be seen."""
    raise RuntimeError("canary 13800138000")


@conversation("help", command="help", words=("帮助",), title=plain("帮助"), is_beside=True)
async def help_(chat: Chat) -> None:
    """Only says."""
    chat.say(plain("可以点选，也可以直接打字。输入“预约”开始。"))


MENU = Menu(
    [visit, children, broken, help_],
    ["visit", "children", "help"],
    plain("您好，我是科普约。点一项，或直接告诉我您想做什么。"),
)
