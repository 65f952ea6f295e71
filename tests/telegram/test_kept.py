"""Does the channel find what it needs of what is kept?"""

from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import col

from bot.channels.telegram.kept import Kept
from bot.settings import Settings
from storage import chats
from storage.database import Database
from storage.db import Db
from storage.models import Chat
from storage.statements import Query, scalar
from tests.builders import a_booking, a_parent, a_session, public_id
from tests.fakes import Clock

_ADDRESSES = Query(select(col(Chat.address)).order_by(col(Chat.id)), into=scalar)
NOW = Clock().at


@pytest.fixture
def kept(database: Database) -> Kept:
    return Kept(database, Settings(secret_key=SecretStr("k" * 32)), Clock())


def meets(database: Database, address: str, locale: str = "") -> None:
    def work(db: Db) -> Any:
        return chats.meet(db, "telegram", address, locale, NOW)

    database.write_and_wait(work)


async def test_a_ticket_has_its_code_and_its_calendar_file(database: Database, kept: Kept) -> None:
    visit = public_id()
    database.write_and_wait(lambda db: a_booking(db, a_session(db), a_parent(db), public_id=visit))
    meets(database, "7", "en")
    image = await kept.file(f"/tickets/{visit}/qr.png", "7")
    file = await kept.file(f"/tickets/{visit}.ics", "7")
    assert image is not None
    assert image.startswith(b"\x89PNG")
    assert file is not None
    assert b"Code: " in file


@pytest.mark.parametrize("path", ["/tickets/1.ics", "/tickets/" + "0" * 32 + ".ics", "/", "", "x"])
async def test_nothing_else_is_found(kept: Kept, path: str) -> None:
    assert await kept.file(path, "7") is None


async def test_words_are_in_the_language_somebody_speaks(database: Database, kept: Kept) -> None:
    meets(database, "7", "en-GB")
    meets(database, "8", "fr")
    assert await kept.locale("7") == "en"
    assert await kept.locale("8") == "zh_CN"
    assert await kept.locale("nobody") == "zh_CN"


async def test_a_chat_that_moved_is_at_its_new_address_unless_somebody_is_there(
    database: Database, kept: Kept
) -> None:
    for address in ("-1", "-2"):
        meets(database, address)
    await kept.moved("-1", "-2")
    assert database.read_and_wait(lambda db: db.all(_ADDRESSES)) == ["-1", "-2"]
    await kept.moved("-1", "-1001")
    assert database.read_and_wait(lambda db: db.all(_ADDRESSES)) == ["-1001", "-2"]
