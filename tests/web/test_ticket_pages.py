"""Does a ticket's address show the visit, and nothing of a child?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from pydantic import SecretStr

from bot.settings import Settings
from bot.ticket_pages import ticket_routes
from storage.database import Database
from storage.db import Db
from storage.models import BookingState
from tests.builders import NOW, a_booking, a_child, a_parent, a_session, public_id
from tests.fakes import Clock
from tests.web.site import KEY, Site, Visitor, running

NAME = "豆豆canary"


@pytest.fixture
def clock() -> Clock:
    """The clock of the tickets' pages."""
    return Clock()


@pytest.fixture
async def site(sqlite_database: Database, clock: Clock) -> AsyncIterator[Site]:
    """The web chat with the tickets' pages."""
    settings = Settings(secret_key=SecretStr(KEY))
    routes = ticket_routes(sqlite_database, settings, clock)
    async with running(sqlite_database, more_routes=routes) as site:
        yield site


def booked(database: Database, **fields: Any) -> str:
    """A stored visit; the path of its ticket."""
    visit = public_id()

    def work(db: Db) -> None:
        parent = a_parent(db)
        child = a_child(db, parent.speaker.family_id, nickname=NAME)
        a_booking(db, a_session(db), parent, public_id=visit, child_ids=[child], **fields)

    database.write_and_wait(work)
    return f"/tickets/{visit}"


async def test_a_ticket_shows_the_visit_and_nothing_of_a_child(
    site: Site, visitor: Visitor
) -> None:
    path = booked(site.database, code="K7MW2QRT")
    async with visitor.http.get(path) as response:
        assert response.status == 200
        html = await response.text()
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert response.headers["Cache-Control"] == "no-store"
    assert "K7MW-2QRT" in html
    assert f"{path}/qr.png" in html
    assert NAME not in html
    assert "This ticket no longer opens the door." not in html


async def test_a_cancelled_ticket_says_so_and_has_no_picture(site: Site, visitor: Visitor) -> None:
    html = await visitor.sees(booked(site.database, state=BookingState.CANCELLED))
    assert "This ticket no longer opens the door." in html
    assert "cancelled" in html
    assert "qr.png" not in html


async def test_a_ticket_that_was_used_says_so(site: Site, visitor: Visitor) -> None:
    assert "visited" in await visitor.sees(booked(site.database, state=BookingState.CHECKED_IN))


async def test_a_visit_that_is_over_says_so(site: Site, visitor: Visitor, clock: Clock) -> None:
    path = booked(site.database)
    assert "· over" not in await visitor.sees(path)
    clock.passes(timedelta(days=365).total_seconds())
    assert "· over" in await visitor.sees(path)


async def test_the_qr_code_is_a_picture_nobody_keeps(site: Site, visitor: Visitor) -> None:
    async with visitor.http.get(f"{booked(site.database)}/qr.png") as response:
        assert response.headers["Content-Type"] == "image/png"
        assert response.headers["Cache-Control"] == "no-store"
        assert (await response.read()).startswith(b"\x89PNG")


async def test_the_calendar_file_is_a_calendar(site: Site, visitor: Visitor) -> None:
    async with visitor.http.get(f"{booked(site.database, code='K7MW2QRT')}.ics") as response:
        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert 'filename="K7MW-2QRT.ics"' in response.headers["Content-Disposition"]
        body = await response.read()
    (event,) = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert event.decoded("DTSTART") > NOW
    assert NAME not in body.decode()


@pytest.mark.parametrize("seal", ["?s=AAAAAAAAAAAAAAAA", "?s=", ""])
async def test_the_page_opens_with_whatever_seal(site: Site, visitor: Visitor, seal: str) -> None:
    path = booked(site.database, code="K7MW2QRT")
    assert "K7MW-2QRT" in await visitor.sees(f"{path}{seal}")


async def test_an_unknown_ticket_is_the_same_plain_page_whatever_is_asked(
    site: Site, visitor: Visitor
) -> None:
    booked(site.database)
    pages = set()
    for path in ("0" * 32, f"{'0' * 32}/qr.png", f"{'0' * 32}.ics", "x", "' OR 1=1", "0" * 31):
        async with visitor.http.get(f"/tickets/{path}") as response:
            assert response.status == 404
            pages.add(await response.text())
    assert len(pages) == 1


async def test_a_ticket_speaks_the_language_of_whoever_looks(site: Site) -> None:
    path = booked(site.database)
    async with site.visitor(**{"Accept-Language": "zh-CN"}) as visitor:
        assert '<html lang="zh-CN">' in await visitor.sees(path)
