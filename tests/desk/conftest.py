"""What do these tests work in? A transaction that leaves nothing."""

from collections.abc import Iterator

import pytest

from storage.database import Database
from storage.db import Db
from tests.stored import transaction


@pytest.fixture
def db(database: Database) -> Iterator[Db]:
    """An open transaction on an empty database, once on each kind."""
    with transaction(database) as opened:
        yield opened
