"""How does somebody with a browser book? They tap, type and look, and every tap is counted."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, expect

from tests.web import browser as browsers

BASE = "演示市科技馆（演示）"
_numbers = count()
LAST = """Math.max(0, ...[...document.querySelectorAll("#log [data-id]")]
  .map((each) => Number(each.dataset.id)))"""
ANSWERED = f"""last => {LAST} > last && !document.querySelector("#choices.busy")"""
# What is scrolled to is scrolled to in the next frame.
DRAWN = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

WORDS: dict[str, dict[str, str]] = {
    "zh-CN": {
        "book": "预约参观", "agree": "同意", "no more": "没有了", "confirm": "确认",
        "last time": "同上次", "booked": "预约成功", "ticket": "打开入场凭证",
        "calendar": "加入日历", "which session": "您想参加哪一场？", "not sent": "还没发出去",
        "name": "孩子的昵称是什么？",
    },
    "en-GB": {
        "book": "Book a visit", "agree": "I agree", "no more": "No, that is all",
        "confirm": "Confirm", "last time": "as last time",
        "booked": "Your visit is booked", "ticket": "Open the ticket",
        "calendar": "Add to the calendar", "which session": "Which session?",
        "not sent": "Not sent yet", "name": "What is the child’s nickname?",
    },
}  # fmt: skip


@dataclass
class Visitor:
    """Somebody in front of the page. A tap, a choice from a list and a line typed are one tap."""

    page: Page
    language: str
    pictures: str = ""  # what the names of the pictures begin with; "": none are kept
    taps: int = 0
    widest: int = 0  # pixels by which the page was ever wider than its window
    hosts: set[str] = field(default_factory=set)
    number: int = field(default_factory=lambda: next(_numbers))
    _steps: int = 0

    def __post_init__(self) -> None:
        self.page.context.on("request", lambda each: self.hosts.add(urlsplit(each.url).netloc))

    def word(self, name: str) -> str:
        """What it says in the visitor's language."""
        return WORDS[self.language][name]

    def choice(self, label: str) -> Locator:
        """The first button that holds this."""
        return self.page.locator("#choices button").filter(has_text=label).first

    async def tap(self, *labels: str) -> None:
        """Tap choices, one by one, each after the answer to the one before.

        The one called exactly so, its note aside; else the first that holds the words.
        """
        for label in labels:
            is_called = f'normalize-space()="{label}" or span[normalize-space()="{label}"]'
            called = self.page.locator(f"xpath=//*[@id='choices']//button[{is_called}]")
            is_there = await called.count() > 0
            await self.does((called.first if is_there else self.choice(label)).click)

    async def type(self, *lines: str) -> None:
        """Type lines, one by one."""
        for words in lines:
            await self.page.fill("#words", words)
            await self.does(lambda: self.page.press("#words", "Enter"))

    async def pick_day(self) -> date:
        """Tap a workday of the month shown, each visitor and each time another one."""
        days = await self.workdays()
        day = days[self.number % len(days)]
        self.number += 1
        await self.does(self.page.locator(f'#choices [data-day="{day}"]').click)
        return day

    async def workdays(self) -> list[date]:
        """The days that can be tapped and are workdays, from the day after tomorrow on."""
        await expect(self.page.locator("#choices .month")).to_be_visible()
        read = "buttons => buttons.map((each) => each.dataset.day)"
        shown = await self.page.locator("#choices [data-day]").evaluate_all(read)
        days = sorted(map(date.fromisoformat, shown))
        return [day for day in days if day >= days[0] + timedelta(2) and 1 <= day.weekday() <= 4]

    async def pick_month(self, year: str, month: str) -> None:
        """Choose a month of birth from the two lists and take it."""
        year_list, month_list = await self.page.locator("#choices .birth select").all()
        await year_list.select_option(year)
        await month_list.select_option(month)
        self.taps += 2
        await self.does(self.page.locator("#choices .birth button").click)

    async def does(self, act: Callable[[], Awaitable[None]]) -> None:
        """One tap, and wait until it is answered."""
        last = await self.page.evaluate(LAST)
        await act()
        self.taps += 1
        await self.page.wait_for_function(ANSWERED, arg=last)
        await self.look()

    async def look(self) -> None:
        """Keep a picture, and note whether anything stands out of the window."""
        self.widest = max(self.widest, await self.page.evaluate(TOO_WIDE))
        if self.pictures:
            await self.page.evaluate(DRAWN)
            self._steps += 1
            await browsers.keep(self.page, f"{self.pictures}-{self._steps:02}")

    async def sees(self, words: str) -> None:
        """The words are in the newest bubbles."""
        await expect(self.page.locator("#log")).to_contain_text(words)

    async def is_asked(self, words: str) -> None:
        """The newest bubble ends with these words."""
        await expect(self.page.locator("#log .bubble").last).to_contain_text(words)

    async def books_as_new(self) -> date:
        """A new family's booking, up to the ticket; the day of it."""
        await self.tap(self.word("book"), BASE)
        day = await self.pick_day()
        await self.tap("10:00", self.word("agree"))
        await self.type("小明")
        await self.pick_month(str(day.year - 8), "05")
        await self.tap(self.word("no more"), "2", self.word("confirm"))
        await self.sees(self.word("booked"))
        return day
