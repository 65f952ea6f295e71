"""Does a calendar that fetches a person's visits hear of every change, and nobody else of any?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from pydantic import SecretStr

from bot.calendar_pages import FETCHES_PER_MINUTE, CalendarPages
from bot.settings import Settings
from storage import feeds
from storage.database import Database
from storage.db import Db
from storage.models import Booking, BookingState, Session, SessionState
from tests.builders import NOW, a_booking, a_child, a_parent, a_session, at
from tests.builders import SATURDAY as DAY
from tests.fakes import Clock
from tests.stored import change, rows
from tests.web.site import KEY, Site, Visitor, running

NAME = "豆豆canary"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> Clock:
    """The clock of the calendars' pages."""
    return Clock()


@pytest.fixture
async def site(database: Database, clock: Clock) -> AsyncIterator[Site]:
    """The web chat with the calendars."""
    routes = CalendarPages(database, Settings(secret_key=SecretStr(KEY)), clock).routes()
    async with running(database, more_routes=routes) as site:
        yield site


@pytest.fixture
def path(site: Site) -> str:
    """The calendar of a family with one visit; another family has one too."""

    def work(db: Db) -> str:
        parent = a_parent(db, locale="en")
        child = a_child(db, parent.speaker.family_id, nickname=NAME)
        a_booking(db, a_session(db), parent, child_ids=[child])
        a_booking(db, a_session(db), a_parent(db))
        return f"/calendar/{feeds.token_of(db, parent.speaker.person_id)}.ics"

    return site.database.write_and_wait(work)


async def events(visitor: Visitor, path: str) -> list[Any]:
    """What the calendar holds."""
    async with visitor.http.get(path) as response:
        assert response.status == 200
        body = await response.read()
    assert NAME.encode() not in body
    return list(icalendar.Calendar.from_ical(body).walk("VEVENT"))


def changes(site: Site, table: Any, **values: Any) -> None:
    """Change the first row of a table."""
    site.database.write_and_wait(
        lambda db: change(db, min(rows(db, table), key=lambda row: row.id or 0), **values)
    )


async def test_a_family_finds_its_visits_and_no_other(
    site: Site, visitor: Visitor, path: str
) -> None:
    [event] = await events(visitor, path)
    assert event.decoded("DTSTART") == at(DAY, 10)
    assert event["DTSTART"].to_ical().endswith(b"Z")
    assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", 0)


async def test_every_change_of_the_visit_or_of_its_session_is_heard(
    site: Site, visitor: Visitor, path: str
) -> None:
    [first] = await events(visitor, path)
    steps: list[tuple[Any, dict[str, Any]]] = [
        (Session, {"starts_at": at(DAY, 9), "sequence": 1}),
        (Booking, {"adults": 2, "changes": 1, "changed_at": NOW + MINUTE}),
        (Session, {"room": "2", "sequence": 2}),
        (Booking, {"state": BookingState.CANCELLED, "changed_at": NOW + 2 * MINUTE}),
    ]
    before = first["SEQUENCE"]
    for table, values in steps:
        changes(site, table, **values)
        [event] = await events(visitor, path)
        assert event["UID"] == first["UID"]
        assert event["SEQUENCE"] > before
        before = event["SEQUENCE"]
    assert event["STATUS"] == "CANCELLED"


@pytest.mark.parametrize("by_base", [True, False])
async def test_a_cancelled_visit_is_said_for_thirty_days(
    site: Site, visitor: Visitor, path: str, clock: Clock, by_base: bool
) -> None:
    if by_base:
        changes(site, Session, state=SessionState.CANCELLED, sequence=1)
    else:
        changes(site, Booking, state=BookingState.CANCELLED)
    clock.passes(timedelta(days=29).total_seconds())
    [event] = await events(visitor, path)
    assert event["STATUS"] == "CANCELLED"
    clock.passes(timedelta(days=8).total_seconds())
    assert await events(visitor, path) == []


@pytest.mark.parametrize("state", [BookingState.WAITING, BookingState.EXPIRED])
async def test_what_is_no_visit_is_not_in_the_calendar(
    site: Site, visitor: Visitor, path: str, state: BookingState
) -> None:
    changes(site, Booking, state=state)
    assert await events(visitor, path) == []


async def test_what_did_not_change_is_not_sent_again(
    site: Site, visitor: Visitor, path: str, clock: Clock
) -> None:
    async with visitor.http.get(path) as response:
        tag = response.headers["ETag"]
        assert response.headers["Cache-Control"] == "private, no-cache"
        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    clock.passes(3600)
    async with visitor.http.get(path, headers={"If-None-Match": tag}) as response:
        assert (response.status, await response.read()) == (304, b"")
        assert response.headers["ETag"] == tag
    changes(site, Session, sequence=1)
    async with visitor.http.get(path, headers={"If-None-Match": tag}) as response:
        assert response.status == 200


async def test_a_new_address_ends_the_old_one(site: Site, visitor: Visitor, path: str) -> None:
    site.database.write_and_wait(lambda db: feeds.renew(db, 1))
    pages = set()
    for each in (path, f"/calendar/{'0' * 32}.ics", "/calendar/x.ics", "/calendar/"):
        async with visitor.http.get(each) as response:
            assert response.status == 404
            pages.add(await response.text())
    assert len(pages) == 1


async def test_who_fetches_all_the_time_is_told_to_wait(
    site: Site, visitor: Visitor, path: str, clock: Clock
) -> None:
    for _n in range(FETCHES_PER_MINUTE):
        await events(visitor, path)
    async with visitor.http.get(path) as response:
        assert response.status == 429
        assert int(response.headers["Retry-After"]) > 0
    clock.passes(60)
    assert await events(visitor, path)
