"""How long after a party cancels does the next family see the offer, in its browser?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from bot.news import News
from bot.outbound import show_due
from handlers.menu import MENU
from storage.database import Database
from tests.fakes import start
from tests.stories import town as towns
from tests.stories.queues import SHOW, add_show
from tests.web.site import Site, Visitor, running
from tests.web.test_stream import listening

SECONDS_MAX = 1.0
ENGLISH = {"Accept-Language": "en"}


@asynccontextmanager
async def open_town(database: Database) -> AsyncIterator[Site]:
    """The town's Kepu, without a single tick: only commits wake it."""
    town = towns.build(database)
    add_show(town)
    async with running(database, menu=MENU) as site:
        shows = partial(show_due, database, site.webchat, site.clock)
        task = start(News(database, [shows]).run())
        yield site
        task.cancel()


async def to_show(visitor: Visitor) -> str:
    """As far as four adults for the show; what was answered."""
    for line in ("book", "星河天文馆", "Sat 28 Nov", SHOW, "Adults only", "4"):
        answer = await visitor.says(line)
    return str(answer[-1]["text"])


async def test_a_freed_party_is_an_offer_in_the_next_browser_within_a_second(
    database: Database,
) -> None:
    async with (
        open_town(database) as site,
        site.visitor(**ENGLISH) as li,
        site.visitor(**ENGLISH) as wang,
    ):
        await to_show(li)
        assert "Your visit is booked." in (await li.says("Confirm"))[0]["text"]
        assert "This session is full." in await to_show(wang)
        waits = (await wang.says("Join the waiting list"))[-1]
        await li.says("my visits")
        await li.says("Cancel this visit")
        async with listening(wang, after=waits["id"]) as stream:
            clock = asyncio.get_running_loop().time
            began = clock()
            await li.says("Confirm")
            event = await stream.next()
            seconds = clock() - began
        assert "Places have come free, and you are next:" in event.message["text"]
        assert seconds <= SECONDS_MAX
        yes = event.message["prompt"]["choices"][0]["token"]
        assert "Your visit is booked." in (await wang.taps(yes))[0]["text"]
        print(f"an offer was seen {seconds * 1000:.0f} ms after the party cancelled")  # noqa: T201 - the measurement
