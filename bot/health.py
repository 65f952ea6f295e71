"""Is the process fit to serve: database writable, schema current, disk free, sender on time?"""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.outbound import Clock
from storage import outbox
from storage.database import Database
from storage.db import Db
from storage.schema import is_current

DISK_FREE_MIN_BYTES = 50 * 1024 * 1024
LAG_MAX = timedelta(minutes=5)
WRITE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Health:
    """What /readyz asks."""

    database: Database
    now: Clock

    async def complaints(self) -> list[str]:
        """What is wrong, one word each; empty when ready."""
        found = []
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                _count, oldest = await self.database.write(self._waiting)
        except Exception:  # noqa: BLE001 - whatever keeps a write from happening is the answer
            return ["database"]
        if oldest is not None and self._is_late(oldest):
            found.append("sender")
        if not is_current(self.database.engine):
            found.append("schema")
        if self._is_disk_full():
            found.append("disk")
        return found

    def _is_disk_full(self) -> bool:
        path = self.database.engine.url.database
        if self.database.engine.dialect.name != "sqlite" or not path:
            return False  # the disk is PostgreSQL's to watch
        return shutil.disk_usage(Path(path).parent).free < DISK_FREE_MIN_BYTES

    def _waiting(self, db: Db) -> tuple[int, datetime | None]:
        return outbox.waiting(db, self.now())

    def _is_late(self, oldest: datetime) -> bool:
        return self.now() - oldest > LAG_MAX
