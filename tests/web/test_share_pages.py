"""Is a ticket that was passed on opened once, by a person, and by nobody who guesses?"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from bot.settings import Settings
from bot.share_pages import OPENED_PER_MINUTE, PER_MINUTE, SharePages
from bot.ticket_pages import ticket_routes
from storage import codes
from storage.database import Database
from storage.db import Db
from storage.models import Purpose
from tests.builders import NOW, a_booking, a_parent, a_session, public_id
from tests.fakes import Clock
from tests.web.site import KEY, Site, Visitor, running

ENGLISH = {"Accept-Language": "en"}
WRONG = "/share/AAAA2222"


@pytest.fixture
async def site(database: Database) -> AsyncIterator[Site]:
    """The web chat with the pages of tickets, shared and not."""
    settings, clock = Settings(secret_key=SecretStr(KEY)), Clock()
    routes = ticket_routes(database, settings, clock)
    routes += SharePages(database, settings, clock).routes()
    async with running(database, more_routes=routes) as site:
        yield site


def shared(database: Database, purpose: Purpose = Purpose.TICKET) -> tuple[str, str]:
    """The path of a ticket, and the path that opens it once."""

    def work(db: Db) -> tuple[str, str]:
        parent, visit = a_parent(db), public_id()
        booking = a_booking(db, a_session(db), parent, public_id=visit)
        giver = parent.speaker.person_id
        code = codes.give(db, purpose, NOW, person_id=giver, booking_id=booking)
        return f"/tickets/{visit}", f"/share/{codes.read(code)}"

    return database.write_and_wait(work)


async def opens(visitor: Visitor, path: str, **headers: str) -> tuple[int, str]:
    """Look at the page, then tap its button: the status, and where it leads or what it says."""
    await visitor.sees(path)
    return await posts(visitor, path, **headers)


async def posts(visitor: Visitor, path: str, **headers: str) -> tuple[int, str]:
    """Tap the button of the page."""
    async with visitor.http.post(path, allow_redirects=False, headers=headers) as response:
        return response.status, response.headers.get("Location") or await response.text()


async def test_a_link_opens_the_ticket_once_and_again_in_the_same_browser(site: Site) -> None:
    ticket, path = shared(site.database)
    async with site.visitor(**ENGLISH) as grandma, site.visitor(**ENGLISH) as stranger:
        assert "Somebody shares a ticket with you." in await grandma.sees(path)
        assert await posts(grandma, path) == (303, ticket)
        async with grandma.http.get(path, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, ticket)
        status, told = await opens(stranger, path)
        assert (status, "This code cannot be used" in told) == (404, True)


async def test_who_only_looks_uses_nothing_up(site: Site) -> None:
    ticket, path = shared(site.database)
    async with site.visitor(**ENGLISH) as messenger, site.visitor(**ENGLISH) as grandma:
        for _n in range(3):
            assert ticket not in await messenger.sees(path)
        assert (await opens(grandma, path))[1] == ticket


async def test_of_two_who_open_it_at_once_one_sees_it(site: Site) -> None:
    ticket, path = shared(site.database)
    async with site.visitor(**ENGLISH) as one, site.visitor(**ENGLISH) as other:
        await asyncio.gather(one.sees(path), other.sees(path))
        outcomes = await asyncio.gather(posts(one, path), posts(other, path))
    assert sorted(status for status, _where in outcomes) == [303, 404]
    assert [where for status, where in outcomes if status == 303] == [ticket]


@pytest.mark.parametrize("purpose", [Purpose.LINK, Purpose.INVITE, Purpose.HOUSEHOLD])
async def test_other_codes_open_nothing_there_and_stay_good(
    site: Site, visitor: Visitor, purpose: Purpose
) -> None:
    _ticket, path = shared(site.database, purpose)
    assert (await opens(visitor, path))[0] == 404
    code = path.rpartition("/")[2]
    assert site.database.read_and_wait(lambda db: codes.peek(db, code, NOW)) is not None


async def test_who_guesses_has_to_wait_and_a_right_code_does_not_help(
    site: Site, visitor: Visitor
) -> None:
    _ticket, path = shared(site.database)
    await visitor.sees(WRONG)
    for _n in range(codes.TRIES_MAX):
        assert "This code cannot be used" in (await posts(visitor, WRONG))[1]
    status, told = await posts(visitor, path)
    assert (status, "try again in an hour" in told) == (404, True)


async def test_a_visitor_who_asks_too_often_is_told_to_wait(site: Site, visitor: Visitor) -> None:
    await visitor.sees(WRONG)
    statuses = [(await posts(visitor, WRONG))[0] for _n in range(PER_MINUTE)]
    assert statuses[-1] == 429
    assert OPENED_PER_MINUTE > PER_MINUTE


async def test_another_site_opens_nothing(site: Site, visitor: Visitor) -> None:
    _ticket, path = shared(site.database)
    headers: dict[str, Any] = {"Sec-Fetch-Site": "cross-site"}
    assert (await opens(visitor, path, **headers))[0] == 403


async def test_without_a_cookie_nothing_is_used_up(site: Site, visitor: Visitor) -> None:
    ticket, path = shared(site.database)
    assert await posts(visitor, path) == (303, path)
    assert await posts(visitor, path) == (303, ticket)
