"""Do the stories of the chat hold in Telegram, by polling and by webhook, over real HTTP?

Each story that is told on every channel is told here by a person with a telephone; every call of
Kepu's is checked by the fake against the Bot API's description and limits.
"""

import inspect
from collections.abc import Callable, Iterator
from itertools import product
from types import ModuleType
from typing import Any

import pytest

from storage.database import Database
from tests.builders import NOW
from tests.stories import test_booking, test_mine, test_people, test_waiting
from tests.stories import town as towns
from tests.stories.queues import add_show
from tests.stories.town import WORDS, Town
from tests.telegram.line import Line, TelegramStage

MODULES = (test_booking, test_mine, test_people, test_waiting)
GIVEN = {"town", "full", "channel"}
FEW = 3  # of a story's many rude words: all of them are heard in tests/stories

Story = Callable[..., None]


def told_on_every_channel(module: ModuleType) -> Iterator[tuple[str, Story, dict[str, Any]]]:
    """The stories of a module, each with the values it is told with."""
    for name, story in vars(module).items():
        needs = inspect.signature(story).parameters if name.startswith("test_") else {}
        if "channel" not in needs:
            continue
        values = {"locale": sorted(WORDS)} if "locale" in needs else {}
        for mark in getattr(story, "pytestmark", []):
            values[mark.args[0]] = list(mark.args[1])[:FEW]
        for chosen in product(*values.values()):
            yield name, story, dict(zip(values, chosen, strict=True))


STORIES = [each for module in MODULES for each in told_on_every_channel(module)]


@pytest.fixture(params=["polling", "webhook"])
def town(sqlite_database: Database, request: pytest.FixtureRequest) -> Iterator[Town]:
    """The town, with a real Kepu for those who come by Telegram."""
    built = towns.build(sqlite_database)
    stage = TelegramStage(built.stage.write, built.stage.menu, NOW)
    built.stage = stage
    with Line(sqlite_database, stage, request.param).open() as line:
        stage.line = line
        yield built


@pytest.mark.parametrize(
    ("name", "story", "values"),
    STORIES,
    ids=["-".join([name[5:], *map(ascii, values.values())])[:90] for name, _, values in STORIES],
)
def test_the_story_holds(town: Town, name: str, story: Story, values: dict[str, Any]) -> None:
    if "full" in inspect.signature(story).parameters:
        add_show(town)
        values = {**values, "full": town}
    else:
        values = {**values, "town": town}
    story(channel="telegram", **values)


def test_there_are_stories() -> None:
    assert len({name for name, _story, _values in STORIES}) >= 20
