"""Is the Kepu that the kit talks to the one it started?"""

from pathlib import Path

import pytest

from storage.schema import migrate
from tests.kill.process import Kepu, Nursery

pytestmark = pytest.mark.kill


async def test_one_whose_port_is_taken_is_not_mistaken_for_whoever_took_it(
    tmp_path: Path, sqlite_url: str
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    migrate(f"sqlite:///{other}/k.db")
    async with Nursery() as nursery:
        first = Kepu(nursery, tmp_path, sqlite_url)
        await first.start()
        late = Kepu(nursery, other, f"sqlite:///{other}/k.db", port=first.port)
        with pytest.raises(RuntimeError, match="address already in use"):
            await late.start()
        await first.kill()
        await late.start()
        await late.kill()
