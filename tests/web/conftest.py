"""What does every test of the web chat get? A running site."""

from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from tests.web.site import Site, Visitor, running


@pytest.fixture
async def site(sqlite_database: Database) -> AsyncIterator[Site]:
    """The web chat over an empty SQLite database."""
    async with running(sqlite_database) as site:
        yield site


@pytest.fixture
async def visitor(site: Site) -> AsyncIterator[Visitor]:
    """A visitor who speaks English."""
    async with site.visitor(**{"Accept-Language": "en"}) as visitor:
        yield visitor
