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
from tests.stories import (
    test_booking,
    test_called_off,
    test_changes,
    test_desk,
    test_linking,
    test_mine,
    test_pauses,
    test_people,
    test_profile,
    test_rating,
    test_refusals,
    test_reminders,
    test_revising,
    test_sentences,
    test_timetable,
    test_typing,
    test_waiting,
)
from tests.stories import town as towns
from tests.stories.queues import add_show
from tests.stories.town import WORDS, Town
from tests.telegram.line import Line, TelegramStage

MODULES = (
    test_booking, test_called_off, test_changes, test_desk, test_linking, test_mine, test_pauses,
    test_people, test_profile, test_rating, test_refusals, test_reminders, test_revising,
    test_sentences, test_timetable, test_typing, test_waiting,
)  # fmt: skip
BY_WEBHOOK = (test_booking, test_mine, test_people, test_waiting)
# What it takes is given by the name of a chat's address, which in Telegram is a number.
ELSEWHERE = ("test_a_morning_at_the_door",)
GIVEN = {"town", "full", "channel"}
FEW = 3  # of a story's many rude words: all of them are heard in tests/stories

Story = Callable[..., None]


def told_on_every_channel(module: ModuleType) -> Iterator[tuple[str, Story, dict[str, Any]]]:
    """The stories of a module, each with the values it is told with."""
    for name, story in vars(module).items():
        needs = set(inspect.signature(story).parameters) if name.startswith("test_") else set()
        values: list[list[dict[str, Any]]] = []
        for mark in getattr(story, "pytestmark", []):
            names = mark.args[0].split(", ") if isinstance(mark.args[0], str) else mark.args[0]
            rows = [each if len(names) > 1 else (each,) for each in mark.args[1]]
            values.append([dict(zip(names, each, strict=True)) for each in rows[:FEW]])
        if "locale" in needs and not any("locale" in each[0] for each in values):
            values.append([{"locale": each} for each in sorted(WORDS)])
        given = {each for rows in values for each in rows[0]}
        if "channel" in needs and needs <= GIVEN | given:
            for chosen in product(*values):
                yield name, story, {key: each[key] for each in chosen for key in each}


def cases() -> Iterator[tuple[str, str, Story, dict[str, Any]]]:
    """Every story by polling, and those of booking by webhook too."""
    for module in MODULES:
        for name, story, values in told_on_every_channel(module):
            yield "polling", name, story, values
            if module in BY_WEBHOOK:
                yield "webhook", name, story, values


CASES = [each for each in cases() if each[1] not in ELSEWHERE]


@pytest.fixture
def town(sqlite_database: Database, request: pytest.FixtureRequest) -> Iterator[Town]:
    """The town, with a real Kepu for those who come by Telegram."""
    built = towns.build(sqlite_database)
    stage = TelegramStage(built.stage.write, built.stage.menu, NOW)
    built.stage = stage
    with Line(sqlite_database, stage, request.param).open() as line:
        stage.line = line
        yield built


@pytest.mark.parametrize(
    ("town", "name", "story", "values"),
    CASES,
    ids=["-".join([mode, name[5:], *map(ascii, values.values())])[:90]
         for mode, name, _, values in CASES],
    indirect=["town"],
)  # fmt: skip
def test_the_story_holds(town: Town, name: str, story: Story, values: dict[str, Any]) -> None:
    if "full" in inspect.signature(story).parameters:
        add_show(town)
        values = {**values, "full": town}
    else:
        values = {**values, "town": town}
    story(channel="telegram", **values)


def test_there_are_stories() -> None:
    assert len({name for _mode, name, _story, _values in CASES}) >= 60
