"""What does every test of Telegram get: a Bot API that checks what it is told?"""

from collections.abc import AsyncIterator

import pytest

from tests.telegram.fake import FakeTelegram


@pytest.fixture
async def api() -> AsyncIterator[FakeTelegram]:
    """A fake Bot API; the test fails when a call breaks a rule of Telegram's."""
    async with FakeTelegram() as fake:
        yield fake
    assert fake.violations == []
