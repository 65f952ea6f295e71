"""Can a query do what it says with the open transaction?"""

from storage.database import Database
from storage.models import Family
from tests.builders import NOW, a_chat


def test_an_inserted_row_tells_its_id(database: Database) -> None:
    first = database.write_and_wait(lambda db: db.insert(Family(created_at=NOW)))
    second = database.write_and_wait(lambda db: db.insert(Family(created_at=NOW)))
    assert second == first + 1


def test_a_row_of_builders_can_be_stored(database: Database) -> None:
    assert database.write_and_wait(a_chat) > 0
