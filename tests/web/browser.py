"""How does a test look at the page? In Debian's Chromium, as somebody with a phone or a desk."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE_MS = 10_000
ARTEFACTS = Path(__file__).parent.parent.parent / "artefacts"


def program() -> str | None:
    """The browser of this machine."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """The browser, until left."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(browser: Browser, url: str, **context: Any) -> AsyncIterator[Page]:
    """A page in a browser of its own, in English on a phone unless `context` says another.

    Nothing may be wrong on it: every error and warning of the console fails the test, so also
    whatever the content policy forbids.
    """
    wrong: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Lost and refused requests are told there too; the tests cause them themselves.
        is_expected = "Failed to load resource" in message.text
        if message.type in ("error", "warning") and not is_expected:
            wrong.append(message.text)

    settings = {"viewport": PHONE, "locale": "en-GB", "base_url": url, **context}
    visit = await browser.new_context(**settings)
    visit.set_default_timeout(PATIENCE_MS)
    page = await visit.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await page.goto(url)
    yield page
    await visit.close()
    assert wrong == []


async def keep(page: Page, name: str) -> None:
    """Keep a picture of the page, to be looked at."""
    ARTEFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTEFACTS / f"{name}.png")
