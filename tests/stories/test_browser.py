"""Does the whole story hold in a real browser, against the real process?"""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from typing import Any

import icalendar
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.builders import at
from tests.load.server import Server
from tests.stories.browsing import BASE, Visitor
from tests.web import browser as browsers

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(browsers.program() is None, reason="Chromium is not installed"),
]
CALM = {"reduced_motion": "reduce"}  # no picture shows the middle of a movement
TAPS_NEW_MAX = 12
TAPS_KNOWN_MAX = 6
LOOKS = [
    pytest.param("zh-CN", browsers.PHONE, "light", id="zh-phone"),
    pytest.param("en-GB", browsers.PHONE, "dark", id="en-phone-dark"),
    pytest.param("zh-CN", browsers.DESK, "light", id="zh-desk"),
    pytest.param("en-GB", browsers.DESK, "light", id="en-desk"),
]


def a_server(folder: Path) -> Server:
    """The real command on demo bases; entered, it answers."""
    return Server(folder, f"sqlite:///{folder}/kepu.db", "--demo")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all stories in which it lives to the end."""
    with a_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all stories."""
    async with browsers.launched() as browser:
        yield browser


def address(server: Server) -> str:
    """Where the page is."""
    return f"http://127.0.0.1:{server.port}"


@pytest.mark.parametrize(("language", "screen", "scheme"), LOOKS)
async def test_a_family_books_is_known_the_next_time_and_keeps_its_ticket(
    browser: Browser, server: Server, language: str, screen: Any, scheme: Any
) -> None:
    looks = {"viewport": screen, "locale": language, "color_scheme": scheme, **CALM}
    async with browsers.opened(browser, address(server), **looks) as page:
        pictures = f"story-{language[:2]}-{screen['width']}-{scheme}"
        visitor = Visitor(page, language, pictures)
        await visitor.look()
        day = await visitor.books_as_new()
        assert visitor.taps <= TAPS_NEW_MAX
        await check_menu(visitor)
        await check_ticket(visitor, day)
        await check_calendar(visitor, day)
        visitor.taps = 0
        await visitor.tap(visitor.word("book"), BASE)
        await visitor.pick_day()
        await visitor.tap("10:00", visitor.word("last time"), visitor.word("confirm"))
        assert visitor.taps <= TAPS_KNOWN_MAX
        await expect(page.locator("#log .ticket")).to_have_count(2)
        await check_history(visitor)
        assert visitor.hosts == {f"127.0.0.1:{server.port}"}
        assert visitor.widest == 0


async def check_menu(visitor: Visitor) -> None:
    """What can be tapped next stands two by two on a phone, in one line on a desk."""
    pills = await visitor.page.locator("#choices .pills button").all()
    places = [await pill.bounding_box() for pill in pills]
    lines = {round(place["y"]) for place in places if place}
    is_phone = visitor.page.viewport_size == browsers.PHONE
    assert (len(pills), len(lines)) == (4, 2 if is_phone else 1)


async def check_ticket(visitor: Visitor, day: date) -> None:
    """The card is there, and its page opens beside the chat."""
    card = visitor.page.locator("#log .ticket").last
    drawn = "image => image.complete && image.naturalWidth > 0"
    await expect(card.locator("img")).to_be_visible()
    assert await card.locator("img").evaluate(drawn)
    async with visitor.page.context.expect_page() as opening:
        await card.locator("a[href^='/tickets/']", has_text=visitor.word("ticket")).click()
    ticket = await opening.value
    await expect(ticket.locator(".stub .code")).to_be_visible()
    code = await ticket.locator(".stub .code").inner_text()
    await expect(card.locator(".code")).to_contain_text(code)
    spoken = f"{day.month}月{day.day}日" if visitor.language == "zh-CN" else f" {day.day} "
    await expect(ticket.locator(".stub")).to_contain_text(spoken)
    assert await ticket.locator(".stub img").evaluate(drawn)
    await browsers.keep(ticket, f"{visitor.pictures}-ticket")
    await ticket.close()


async def check_calendar(visitor: Visitor, day: date) -> None:
    """The file that the card links to is the visit, as a calendar reads it."""
    card = visitor.page.locator("#log .ticket").last
    link = card.get_by_role("link", name=visitor.word("calendar"))
    async with visitor.page.expect_download() as downloading:
        await link.click()
    kept = await (await downloading.value).path()
    events: list[Any] = icalendar.Calendar.from_ical(kept.read_bytes()).walk("VEVENT")
    [event] = events
    public_id = str(await link.get_attribute("href")).rsplit("/", 1)[-1].removesuffix(".ics")
    assert str(event["UID"]) == f"{public_id}@kepu"
    assert event["DTSTART"].dt == at(day, 10)
    assert event["DTEND"].dt == at(day, 11)
    assert BASE in str(event["LOCATION"])


async def check_history(visitor: Visitor) -> None:
    """A page opened again shows what was said, and the open question."""
    bubbles = visitor.page.locator("#log .bubble")
    choices = visitor.page.locator("#choices button")
    said = await bubbles.all_inner_texts()
    offered = await choices.all_inner_texts()
    await visitor.page.reload()
    await expect(bubbles).to_have_count(len(said))
    assert await bubbles.all_inner_texts() == said
    assert await choices.all_inner_texts() == offered
    await visitor.look()


async def test_the_server_is_killed_in_the_middle_and_the_story_goes_on(
    browser: Browser, tmp_path: Path
) -> None:
    server, language = a_server(tmp_path), "zh-CN"
    async with AsyncExitStack() as stack:
        with server:
            opening = browsers.opened(browser, address(server), locale=language, **CALM)
            page = await stack.enter_async_context(opening)
            visitor = Visitor(page, language, "kill")
            await visitor.tap(visitor.word("book"), BASE)
            await visitor.pick_day()
            await visitor.is_asked(visitor.word("which session"))
            os.kill(server.pid, signal.SIGKILL)
        # Tapped while nobody answers: it is kept, and answered once when somebody does.
        await visitor.choice("10:00").click()
        await expect(page.locator("#log .own").last).to_contain_text(visitor.word("not sent"))
        await visitor.look()
        with server:
            await visitor.is_asked("您是孩子的监护人")
            await visitor.tap(visitor.word("agree"))
            os.kill(server.pid, signal.SIGKILL)
        with server:
            await page.reload()
            await visitor.is_asked(visitor.word("name"))
            await visitor.type("小明", "三年级")
            await visitor.tap(visitor.word("no more"), "2", visitor.word("confirm"))
            await expect(page.locator("#log .ticket")).to_have_count(1)


async def test_a_visit_is_booked_without_script(browser: Browser, server: Server) -> None:
    looks = {"java_script_enabled": False, "locale": "zh-CN", **CALM}
    async with browsers.opened(browser, address(server), **looks) as page:
        await tap_plainly(page, "预约参观", BASE)
        days = await page.locator("#choices .days button").all_inner_texts()
        assert len(days) > 8
        wednesday = [each for each in days if "周三" in each][-1]  # the first may be today
        await tap_plainly(page, wednesday.split("\n")[0])
        await browsers.keep(page, "plain-sessions")
        await tap_plainly(page, "10:00", "同意")
        for words in ("小明", "三年级"):
            await page.fill("#words", words)
            await page.press("#words", "Enter")
        await tap_plainly(page, "没有了", "2")
        await browsers.keep(page, "plain-confirm")
        await tap_plainly(page, "确认")
        await expect(page.locator("#log .ticket")).to_contain_text("预约成功")
        await browsers.keep(page, "plain-ticket")


async def tap_plainly(page: Page, *labels: str) -> None:
    """Tap choices of a page without script: each is a form sent."""
    for label in labels:
        await page.locator("#choices button").filter(has_text=label).first.click()
        await expect(page.locator("#latest")).to_be_in_viewport()


async def test_a_visit_is_booked_by_keyboard_alone(browser: Browser, server: Server) -> None:
    async with browsers.opened(browser, address(server), locale="en-GB") as page:
        visitor = Visitor(page, "en-GB")
        await page.keyboard.press("Tab")
        for step in ("Book a visit", BASE):
            await tab_to(page, step)
            await visitor.does(lambda: page.keyboard.press("Enter"))
        await page.keyboard.press("End")  # the last day of the month shown
        await visitor.does(lambda: page.keyboard.press("Enter"))
        for step in ("10:00", "I agree"):
            await tab_to(page, step)
            await visitor.does(lambda: page.keyboard.press("Enter"))
        for words in ("Tom", "grade 3"):
            await tab_to(page, "words")
            await page.keyboard.type(words)
            await visitor.does(lambda: page.keyboard.press("Enter"))
        for step in ("No, that is all", "2", "Confirm"):
            await tab_to(page, step)
            await visitor.does(lambda: page.keyboard.press("Enter"))
        await visitor.sees("Your visit is booked")


async def tab_to(page: Page, label: str) -> None:
    """Press Tab until what is focused says so; at most once round the page."""
    read = "(document.activeElement.innerText || document.activeElement.id || '')"
    for _press in range(40):
        if str(await page.evaluate(read)).strip().startswith(label):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{label!r} cannot be reached by Tab")


PHONE_OF_2012 = {"viewport": {"width": 320, "height": 568}}
DESK_ZOOMED = {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}
SMALL = [
    pytest.param("zh-CN", PHONE_OF_2012, "", id="zh-320-px"),
    pytest.param("en-GB", PHONE_OF_2012, "", id="en-320-px"),
    pytest.param("en-GB", DESK_ZOOMED, "", id="en-zoom-200"),
    pytest.param("zh-CN", {"viewport": browsers.PHONE}, "200%", id="zh-letters-200"),
]


@pytest.mark.parametrize(("language", "looks", "letters"), SMALL)
async def test_nothing_stands_out_of_a_small_window(
    browser: Browser, server: Server, language: str, looks: Any, letters: str
) -> None:
    async with browsers.opened(browser, address(server), locale=language, **looks, **CALM) as page:
        if letters:
            await page.evaluate("size => document.documentElement.style.fontSize = size", letters)
        width = looks["viewport"]["width"]
        visitor = Visitor(page, language, f"small-{language[:2]}-{width}{letters[:3]}")
        await visitor.books_as_new()
        assert visitor.widest == 0
