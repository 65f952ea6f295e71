"""What does every story get? A town with an empty chat."""

import pytest

from handlers.conversation.testing import CHANNELS
from storage.database import Database
from tests.stories import town as towns
from tests.stories.town import WORDS, Town


@pytest.fixture
def town(sqlite_database: Database) -> Town:
    """The town on SQLite; what both databases have to show runs on `database` itself."""
    return towns.build(sqlite_database)


@pytest.fixture(params=sorted(CHANNELS))
def channel(request: pytest.FixtureRequest) -> str:
    """Each channel: web, telegram, wechat."""
    return str(request.param)


@pytest.fixture(params=sorted(WORDS))
def locale(request: pytest.FixtureRequest) -> str:
    """Each language."""
    return str(request.param)
