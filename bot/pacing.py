"""How many messages may an account send right now?"""

import math
from datetime import datetime, timedelta

from bot.channels.base import Pace

WINDOW = timedelta(seconds=1.01)  # a little over the second in which the platform counts


class Allowance:
    """An account's sends of the last second against its pace, and its pause after a flood limit."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.paused_until: datetime | None = None
        self._sent: list[datetime] = []
        self._announced: list[datetime] = []

    def messages(self, now: datetime) -> int:
        """How many messages may start now."""
        if self.paused_until is not None and now < self.paused_until:
            return 0
        self._sent = [at for at in self._sent if at > now - WINDOW]
        return max(0, int(self.pace.per_second) - len(self._sent))

    def announcements(self, now: datetime) -> int:
        """How many of them may be announcements."""
        self._announced = [at for at in self._announced if at > now - WINDOW]
        room = int(self.pace.announcements_per_second) - len(self._announced)
        return max(0, min(room, self.messages(now)))

    def seconds_until_more(self, now: datetime) -> float:
        """In how many seconds what is held back now may start; infinite when nothing is."""
        if self.paused_until is not None and now < self.paused_until:
            return (self.paused_until - now).total_seconds()
        waits = []
        if self.messages(now) == 0:
            waits.append(self._sent[0] + WINDOW - now)
        if self.announcements(now) == 0:
            waits.append((self._announced or self._sent)[0] + WINDOW - now)
        return min((wait.total_seconds() for wait in waits), default=math.inf)

    def take(self, now: datetime, *, is_announcement: bool) -> None:
        """Count one message that starts now."""
        self._sent.append(now)
        if is_announcement:
            self._announced.append(now)

    def pause(self, until: datetime) -> None:
        """Send nothing before `until`."""
        self.paused_until = max(until, self.paused_until or until)
