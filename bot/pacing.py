"""How many messages may an account send right now?"""

import math
from collections import deque
from datetime import datetime, timedelta

from bot.channels.base import Pace

WINDOW = timedelta(seconds=1.01)  # a little over the second in which the platform counts
MINUTE_SECONDS = 60.1
UNPACED = 1_000_000  # a second: no pace at all, for a server of one's own
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
    a chat that gets two is slower than the account. A call counts until a second after its answer:
    only then it is sure that the platform, however slow the way, counts it no longer.
    """

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._most = int(min(pace.per_second, UNPACED))
        self._flying = 0
        self._landed: deque[float] = deque(maxlen=self._most)
        self._writing: set[str] = set()  # chats that a message is on its way to
        self._chats: dict[str, float] = {}
        self._groups: dict[str, deque[float]] = {}

    def wait(self, now: float, chat: str, *, is_new: bool) -> float:
        """Seconds until a call may start: 0 when it may now, infinite when a call has to end first.

        `is_new`: a message is added by it.
        """
        if self._flying >= self._most or (is_new and chat in self._writing):
            return math.inf
        waits = [0.0]
        rest = self._most - self._flying
        if len(self._landed) >= rest:
            waits.append(self._landed[-rest] + WINDOW.total_seconds() - now)
        if is_new and chat in self._chats:
            waits.append(self._chats[chat] + self.pace.chat_seconds - now)
        last = self._groups.get(chat, ()) if is_new else ()
        if last and len(last) == self.pace.group_per_minute:
            waits.append(last[0] + MINUTE_SECONDS - now)
        return max(waits)

    def take(self, chat: str, *, is_new: bool) -> None:
        """Count a call that starts now."""
        self._flying += 1
        if is_new and self.pace.chat_seconds:
            self._writing.add(chat)

    def land(self, now: float, chat: str, *, is_new: bool, is_group: bool) -> None:
        """Note that a call was answered, or given up."""
        self._flying -= 1
        if self._most < UNPACED:
            self._landed.append(now)
        if is_new and self.pace.chat_seconds:
            self._writing.discard(chat)
            self._remember(now, chat)
        if is_new and is_group and self.pace.group_per_minute:
            empty: deque[float] = deque(maxlen=self.pace.group_per_minute)
            self._groups.setdefault(chat, empty).append(now)

    def _remember(self, now: float, chat: str) -> None:
        if len(self._chats) >= CHATS_MAX:
            since = now - self.pace.chat_seconds
            self._chats = {each: at for each, at in self._chats.items() if at > since}
        self._chats[chat] = now
