"""How many messages may an account send right now?"""

import math
from collections import deque
from datetime import datetime, timedelta

from bot.channels.base import Pace

WINDOW = timedelta(seconds=1.01)  # a little over the second in which the platform counts
MINUTE_SECONDS = 60.1
CHATS_MAX = 1000  # remembered; more than that cannot have been written to within a second


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


class Gate:
    """Where each call waits that the platform counts: by account, by chat, by group.

    Beside the allowance, which decides what starts, since one message may take several calls, and
    a chat that gets two is slower than the account. Seconds are those of one steady clock.
    """

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._calls: deque[float] = deque(maxlen=max(1, int(min(pace.per_second, 10_000))))
        self._chats: dict[str, float] = {}
        self._groups: dict[str, deque[float]] = {}

    def wait(self, now: float, chat: str, *, is_new: bool) -> float:
        """Seconds until a call may start; 0 when it may now. `is_new`: a message is added by it."""
        waits = [0.0]
        if len(self._calls) == self._calls.maxlen:
            waits.append(self._calls[0] + WINDOW.total_seconds() - now)
        if is_new and chat in self._chats:
            waits.append(self._chats[chat] + self.pace.chat_seconds - now)
        last = self._groups.get(chat, ()) if is_new else ()
        if last and len(last) == self.pace.group_per_minute:
            waits.append(last[0] + MINUTE_SECONDS - now)
        return max(waits)

    def take(self, now: float, chat: str, *, is_new: bool, is_group: bool) -> None:
        """Count a call that starts now."""
        if math.isfinite(self.pace.per_second):
            self._calls.append(now)
        if is_new and self.pace.chat_seconds:
            self._remember(now, chat)
        if is_new and is_group and self.pace.group_per_minute:
            empty: deque[float] = deque(maxlen=self.pace.group_per_minute)
            self._groups.setdefault(chat, empty).append(now)

    def _remember(self, now: float, chat: str) -> None:
        if len(self._chats) >= CHATS_MAX:
            since = now - self.pace.chat_seconds
            self._chats = {each: at for each, at in self._chats.items() if at > since}
        self._chats[chat] = now
