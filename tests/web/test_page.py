"""Does the page work for everybody: by tap, by key, without script, on a bad line, zoomed in?"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from storage.database import Database
from tests.web import browser as browsers
from tests.web.site import Site, running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(browsers.program() is None, reason="Chromium is not installed"),
]
TO_TICKET = ("重庆科技馆", "Sat 28 Nov", "09:30")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests of this file."""
    async with browsers.launched() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def site(sqlite_database: Database) -> AsyncIterator[Site]:
    """The web chat over an empty database."""
    async with running(sqlite_database) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, site: Site) -> AsyncIterator[Page]:
    """A newcomer's page on a phone."""
    async with browsers.opened(browser, site.url) as page:
        yield page


async def taps(page: Page, *labels: str) -> None:
    for label in labels:
        button = page.locator("#choices button").filter(has_text=label).first
        await button.click()
        await expect(page.locator("#choices")).not_to_have_class("busy")


async def bubbles(page: Page) -> list[str]:
    return await page.locator("#log .bubble").all_inner_texts()


async def type_line(page: Page, words: str) -> None:
    await page.fill("#words", words)
    await page.press("#words", "Enter")


async def is_at_the_end(page: Page) -> None:
    """Wait until the page has scrolled to its end."""
    at_the_end = "scrollY + innerHeight > document.documentElement.scrollHeight - 2"
    async with asyncio.timeout(browsers.PATIENCE_MS / 1000):
        while not await page.evaluate(at_the_end):
            await page.wait_for_timeout(20)


async def test_a_visit_is_booked_by_tapping(page: Page) -> None:
    await taps(page, "预约参观", *TO_TICKET)
    await taps(page, "豆豆", "乐乐")
    await expect(page.locator("[aria-pressed=true]")).to_have_count(2)
    await taps(page, "Done", "2")
    await expect(page.locator("#log dl dd").first).to_have_text("重庆科技馆")
    await taps(page, "Confirm")
    card = page.locator(".ticket")
    await expect(card).to_contain_text("K7M2-9QXB")
    await expect(card.locator(".code")).to_have_text("预约码 K7M2-9QXB")
    assert await card.locator("a").all_inner_texts() == ["打开入场凭证", "加入日历"]
    await expect(card.locator("img")).to_have_attribute("alt", "ticket.png")
    await browsers.keep(page, "chat-ticket")


async def test_what_was_tapped_stands_in_an_own_bubble_at_once_and_once(page: Page) -> None:
    await taps(page, "预约参观", "重庆科技馆")
    own = page.locator("#log .own .bubble")
    await expect(own).to_have_text(["预约参观", "重庆科技馆"])
    await page.reload()
    await expect(own).to_have_text(["预约参观", "重庆科技馆"])


async def test_the_greeting_stays_where_the_chat_begins(page: Page) -> None:
    greeting = await bubbles(page)
    assert greeting == ["您好，我是科普约。点一项，或直接告诉我您想做什么。"]
    await page.reload()
    assert await bubbles(page) == greeting
    await taps(page, "预约参观")
    await page.reload()
    assert await bubbles(page) == [*greeting, "预约参观", "您想去哪个基地？"]


async def test_only_the_newest_question_can_be_tapped(page: Page) -> None:
    await taps(page, "预约参观", "重庆科技馆")
    await expect(page.locator("#choices .days button")).to_have_count(5)
    assert await page.locator("#log button").count() == 0
    assert await page.get_by_role("button", name="重庆科技馆").count() == 0


async def test_ticks_are_one_question_and_keep_the_place_of_whoever_ticks(page: Page) -> None:
    await taps(page, "预约参观", *TO_TICKET)
    first = page.locator("[aria-pressed]").first
    await first.focus()
    for pressed in ("true", "false", "true"):
        await page.keyboard.press("Space")
        await expect(page.locator("[aria-pressed]").first).to_have_attribute(
            "aria-pressed", pressed
        )
    await expect(first).to_be_focused()
    await taps(page, "乐乐")
    await expect(page.locator("[aria-pressed=true]")).to_have_count(2)
    assert (await bubbles(page)).count("哪些孩子来？") == 1
    before = await bubbles(page)
    await page.reload()
    await expect(page.locator("[aria-pressed=true]")).to_have_count(2)
    assert await bubbles(page) == before


async def test_many_days_are_a_month_to_walk_by_arrow_keys(page: Page) -> None:
    await taps(page, "预约参观", "北京自然博物馆")
    grid = page.locator(".month")
    assert await grid.locator("h2").all_inner_texts() == ["November 2026", "December 2026"]
    assert await grid.locator("button").count() == 20
    closed = grid.get_by_text("27", exact=True).first
    assert await closed.evaluate("each => each.tagName") == "TD"
    await grid.get_by_role("button", name="Sat 28 Nov · 余 12").focus()
    for key, day in [
        ("ArrowRight", "2026-11-29"),
        ("ArrowRight", "2026-11-30"),
        ("ArrowDown", "2026-12-07"),
        ("ArrowLeft", "2026-12-06"),
        ("ArrowUp", "2026-11-29"),
        ("End", "2026-12-20"),
        ("Home", "2026-11-28"),
        ("ArrowLeft", "2026-11-28"),
    ]:
        await page.keyboard.press(key)
        assert await page.evaluate("document.activeElement.dataset.day") == day, key
    assert await grid.locator("button[tabindex='0']").count() == 1
    await browsers.keep(page, "chat-month")
    await page.keyboard.press("Enter")
    await expect(page.locator("#log .own").last).to_have_text("Sat 28 Nov")


async def test_what_is_typed_gets_the_keyboard_that_fits(page: Page) -> None:
    words = page.locator("#words")
    await taps(page, "预约参观", *TO_TICKET, "豆豆", "Done")
    await expect(words).to_have_attribute("inputmode", "numeric")
    await type_line(page, "/me")
    await expect(words).to_have_attribute("placeholder", "Type a message")
    await type_line(page, "豆豆")
    await expect(words).to_have_attribute("placeholder", "For example 2018-05")
    lists, take = page.locator(".birth select"), page.locator(".birth button")
    assert [await each.input_value() for each in await lists.all()] == ["", ""]
    await expect(take).to_be_disabled()
    await lists.first.select_option("2019")
    await expect(take).to_be_disabled()
    await lists.last.select_option("09")
    await take.click()
    await expect(page.locator("#log .own").last).to_have_text("September 2019")
    await expect(words).to_have_attribute("inputmode", "tel")
    await taps(page, "Skip")
    await expect(page.locator("#log")).to_contain_text("记下了：豆豆")


async def test_on_a_touch_screen_no_keyboard_covers_what_can_be_tapped(
    browser: Browser, site: Site
) -> None:
    async with browsers.opened(browser, site.url, has_touch=True, is_mobile=True) as page:
        words = page.locator("#words")
        await taps(page, "预约参观", *TO_TICKET, "豆豆", "Done")
        await type_line(page, "2")
        await expect(page.locator("#log dl")).to_be_visible()
        await expect(words).not_to_be_focused()
        await type_line(page, "/me")
        await type_line(page, "豆豆")
        await expect(page.locator(".birth")).to_be_visible()
        await expect(words).not_to_be_focused()


async def test_who_types_at_a_desk_can_go_on_typing(page: Page) -> None:
    await taps(page, "预约参观", *TO_TICKET, "豆豆", "Done")
    await type_line(page, "2")
    await expect(page.locator("#log dl")).to_be_visible()
    await expect(page.locator("#words")).to_be_focused()


async def test_a_message_that_is_lost_is_sent_again_with_the_same_id(page: Page) -> None:
    sent: list[Any] = []

    async def lose_twice(route: Route) -> None:
        sent.append(route.request.post_data_json)
        await (route.abort() if len(sent) <= 2 else route.continue_())

    await page.route("**/chat/messages", lose_twice)
    await page.get_by_role("button", name="预约参观").click()
    await expect(page.locator(".own.waiting small")).to_contain_text("Trying again")
    await expect(page.locator("#choices")).to_have_class("busy")
    await browsers.keep(page, "chat-lost")
    await page.get_by_role("button", name="Try now").click()
    await expect(page.locator("#choices button").first).to_contain_text("重庆科技馆")
    assert await page.locator(".waiting").count() == 0
    assert len(sent) == 3
    assert sent[0] == sent[1] == sent[2]
    await expect(page.locator("#log .own")).to_have_count(1)


async def test_an_answer_that_is_lost_is_asked_for_again_and_shown_once(
    page: Page, site: Site
) -> None:
    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/chat/messages", lose_the_answer, times=1)
    await taps(page, "预约参观")
    await expect(page.locator("#choices button").first).to_contain_text("重庆科技馆")
    assert await page.locator("#log .own").all_inner_texts() == ["预约参观"]
    assert (await bubbles(page)).count("您想去哪个基地？") == 1


async def test_a_message_that_is_refused_says_why_and_the_choices_stay(page: Page) -> None:
    async def refuse(route: Route) -> None:
        await route.fulfill(status=400, json={"error": "That is no choice of this chat."})

    await page.route("**/chat/messages", refuse, times=1)
    await type_line(page, "?")
    note = page.locator(".own.refused small")
    await expect(note).to_have_text("Not sent. That is no choice of this chat.")
    await taps(page, "预约参观")
    await expect(page.locator("#log")).to_contain_text("您想去哪个基地？")


async def test_lines_typed_quickly_are_answered_in_their_order(page: Page) -> None:
    await type_line(page, "/book")
    await type_line(page, "重庆科技馆")
    await type_line(page, "28号")
    await expect(page.locator("#log .bubble").last).to_have_text("哪一场？")
    said = ["预约参观", "重庆科技馆", "28号"]
    assert await page.locator("#log .own").all_inner_texts() == said


async def test_the_next_line_is_sent_when_the_last_is_answered_so_none_overtakes(
    page: Page,
) -> None:
    under_way: list[Any] = []
    most: list[int] = []

    async def take_time(route: Route) -> None:
        under_way.append(route.request.post_data_json)
        most.append(len(under_way))
        await expect(page.locator("#log .own")).to_have_count(3)  # all was said meanwhile
        response = await route.fetch()
        under_way.pop()
        await route.fulfill(response=response)

    await page.route("**/chat/messages", take_time)
    for words in ("/book", "重庆科技馆", "28号"):
        await type_line(page, words)
    await expect(page.locator("#log .bubble").last).to_have_text("哪一场？")
    assert most == [1, 1, 1]


async def test_what_is_said_elsewhere_comes_by_itself_also_after_the_line_broke(
    page: Page, browser: Browser, site: Site
) -> None:
    await taps(page, "预约参观")
    other = await page.context.new_page()
    await other.goto(site.url)
    await taps(other, "重庆科技馆")
    await expect(page.locator("#log .own").last).to_have_text("重庆科技馆")
    await expect(page.locator("#choices .days button")).to_have_count(5)
    site.webchat.close()  # every stream ends; the browser asks again after two seconds
    site.webchat.is_closing = False
    await site.notice("明天闭馆")
    for each in (page, other):
        await expect(each.locator("#log .bubble").last).to_have_text("明天闭馆")
        await expect(each.locator("#choices .days button")).to_have_count(5)


async def test_what_comes_by_itself_is_answered_below_its_words_and_the_question_stays(
    page: Page, site: Site
) -> None:
    await taps(page, "预约参观")
    await site.notice("有空位了", 要="/help yes", 不要="/gone no")
    offer = page.locator("#log .answers button")
    await expect(offer).to_have_text(["要", "不要"])
    await expect(page.locator("#choices .rows button")).to_have_count(9)
    await offer.first.click()
    await expect(page.locator("#log .own").last).to_have_text("要")
    await expect(page.locator("#log .bubble").last).to_have_text("您想去哪个基地？")
    await page.reload()
    await offer.nth(1).click()  # nothing like it is there any more
    await expect(page.locator("#log")).to_contain_text("an earlier question")
    await taps(page, "重庆科技馆")
    await expect(page.locator("#choices .days button")).to_have_count(5)
    assert await page.evaluate(NAMELESS) == []
    assert await page.evaluate(SMALL) == []


async def test_a_page_is_used_by_keyboard_alone(page: Page) -> None:
    async def focused() -> str:
        words: str = await page.evaluate(
            "document.activeElement.innerText || document.activeElement.id"
        )
        return words.replace("\n", " ")

    await page.keyboard.press("Tab")
    assert await focused() == "中文"
    for label in ("预约参观", "我的孩子", "帮助", "words"):
        await page.keyboard.press("Tab")
        assert await focused() == label
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#choices button").first).to_contain_text("重庆科技馆")
    await expect(page.locator("#choices button").first).to_be_focused()
    assert await focused() == "重庆科技馆 12 公里"
    await page.keyboard.press("Enter")
    await expect(page.locator("#choices .days button").first).to_be_focused()
    await page.focus("#words")
    await page.keyboard.type("28号")
    await page.keyboard.press("Enter")
    await expect(page.locator("#log .bubble").last).to_have_text("哪一场？")
    await expect(page.locator("#words")).to_be_focused()


NAMELESS = """
const controls = "button, input, select, a, img, [role=log], [role=group]";
[...document.querySelectorAll(controls)].filter((each) => {
  if (each.type === "hidden") return false;
  const label = each.labels?.[0]?.textContent ?? each.getAttribute("aria-label");
  if (each.tagName === "IMG") return each.getAttribute("alt") === null;
  return !(label ?? each.textContent).trim() && !each.hidden;
}).map((each) => each.outerHTML)
"""
SMALL = """
[...document.querySelectorAll("button, a, input:not([type=hidden]), select")].filter((each) => {
  const box = each.getBoundingClientRect();
  return box.width && (box.width < 40 || box.height < 44);
}).map((each) => each.outerHTML)
"""


async def test_every_control_has_a_name_and_room_for_a_finger(page: Page) -> None:
    async def look() -> None:
        assert await page.evaluate(NAMELESS) == []
        assert await page.evaluate(SMALL) == []

    await look()
    for label in ("预约参观", "北京自然博物馆", "Back", *TO_TICKET, "豆豆", "Done", "2", "Confirm"):
        await taps(page, label)
        await look()
    await type_line(page, "/me")
    await type_line(page, "豆豆")
    await expect(page.locator(".birth")).to_be_visible()
    await look()


async def test_what_is_said_is_read_out_and_what_is_chosen_from_has_a_name(page: Page) -> None:
    await taps(page, "预约参观")
    log = page.get_by_role("log", name="Conversation")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(page.get_by_role("group", name="Your choices")).to_be_visible()
    assert await page.locator("h1").count() == 1
    assert await page.get_by_role("textbox", name="Your message").count() == 1


@pytest.mark.parametrize("width", [320, 195], ids=["a small phone", "twice the size"])
async def test_nothing_is_wider_than_the_screen(browser: Browser, site: Site, width: int) -> None:
    small = {"width": width, "height": 422}
    async with browsers.opened(browser, site.url, viewport=small) as page:
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        steps = ("预约参观", "北京自然博物馆", "Back", *TO_TICKET, "豆豆", "Done", "2", "Confirm")
        for label in steps:
            await taps(page, label)
            assert await page.evaluate(wide) <= 0, label
        await type_line(page, "长" * 200 + "x" * 200)
        await expect(page.locator("#log .own").last).to_contain_text("xxx")
        assert await page.evaluate(wide) <= 0


BROKEN_DAYS = """
[...document.querySelectorAll(".month td, .month th")].filter((each) => {
  const range = document.createRange();
  range.selectNodeContents(each.querySelector("button")?.firstChild ?? each);
  return range.getClientRects().length > 1 || each.scrollWidth > each.clientWidth + 1;
}).map((each) => each.outerHTML)
"""


@pytest.mark.parametrize("width", [320, 390])
async def test_days_stay_whole_where_letters_are_twice_as_large(
    browser: Browser, site: Site, width: int
) -> None:
    async with browsers.opened(
        browser, site.url, viewport={"width": width, "height": 844}, reduced_motion="reduce"
    ) as page:
        await page.evaluate("document.documentElement.style.fontSize = '200%'")
        await taps(page, "预约参观", "北京自然博物馆")
        await page.locator(".month p").scroll_into_view_if_needed()
        await browsers.keep(page, f"month-{width}-letters-200")
        assert await page.evaluate(BROKEN_DAYS) == []


async def test_the_newest_words_are_in_sight_and_nobody_is_torn_away_from_older_ones(
    browser: Browser, site: Site
) -> None:
    async with browsers.opened(browser, site.url, reduced_motion="reduce") as page:
        steps = ("预约参观", "北京自然博物馆", "Back", "北京自然博物馆", "Back", *TO_TICKET)
        for label in steps:
            await taps(page, label)
            await is_at_the_end(page)
        await page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        await site.notice("明天闭馆")
        await expect(page.locator("#down")).to_be_visible()
        assert await page.evaluate("scrollY") == 0
        await page.click("#down")
        await is_at_the_end(page)
        await expect(page.locator("#down")).to_be_hidden()


async def test_an_answer_longer_than_the_screen_is_read_from_its_beginning(
    browser: Browser, site: Site
) -> None:
    low = {"viewport": {"width": 390, "height": 520}, "reduced_motion": "reduce"}
    async with browsers.opened(browser, site.url, **low) as page:
        await taps(page, "预约参观", *TO_TICKET, "豆豆", "Done", "2", "Confirm")
        card = page.locator(".ticket")
        await expect(card.locator("img")).to_be_in_viewport(ratio=1)
        assert await page.evaluate("scrollY + innerHeight < document.body.scrollHeight - 20")


async def test_typing_is_shown_while_an_answer_takes_its_time(page: Page) -> None:
    async def take_time(route: Route) -> None:
        await expect(page.locator("#typing")).to_be_visible()
        await browsers.keep(page, "chat-typing")
        await route.continue_()

    await page.route("**/chat/messages", take_time, times=1)
    await taps(page, "预约参观")
    await expect(page.locator("#choices button").first).to_contain_text("重庆科技馆")
    await expect(page.locator("#typing")).to_be_hidden()


async def test_nothing_moves_for_those_who_asked_for_calm(browser: Browser, site: Site) -> None:
    async with browsers.opened(browser, site.url, reduced_motion="reduce") as page:
        await page.evaluate("document.getElementById('typing').hidden = false")
        assert await page.evaluate("document.getAnimations().length") == 0
        await taps(page, "预约参观")
        assert await page.evaluate("document.getAnimations().length") == 0


async def test_a_visit_is_booked_without_script(browser: Browser, site: Site) -> None:
    async with browsers.opened(browser, site.url, java_script_enabled=False) as page:
        steps = ("预约参观", *TO_TICKET, "豆豆", "乐乐", "Done", "2", "Confirm")
        for label in steps:
            await page.locator("#choices button").filter(has_text=label).first.click()
        await expect(page.locator(".ticket")).to_contain_text("K7M2-9QXB")
        await page.fill("#words", "/help")
        await page.press("#words", "Enter")
        await expect(page.locator("#log")).to_contain_text("也可以直接打字")
        await expect(page.locator("#latest")).to_be_in_viewport()


async def test_the_language_is_switched_in_the_head(page: Page) -> None:
    await page.get_by_role("button", name="中文").click()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(page.get_by_role("button", name="English")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [browsers.PHONE, browsers.DESK], ids=["phone", "desk"])
async def test_each_theme_is_drawn(browser: Browser, site: Site, scheme: Any, screen: Any) -> None:
    looks = {"viewport": screen, "color_scheme": scheme, "locale": "zh-CN"}
    async with browsers.opened(browser, site.url, **looks) as page:
        await browsers.keep(page, f"first-{screen['width']}-{scheme}")
        await taps(page, "预约参观", "重庆科技馆")
        await expect(page.locator("#choices .days button")).to_have_count(5)
        await browsers.keep(page, f"days-{screen['width']}-{scheme}")
        paper = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == {"light": "rgb(237, 243, 238)", "dark": "rgb(13, 20, 17)"}[scheme]
