"""What must a channel be able to do?"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from handlers.messages import Capabilities, Message


class Outcome(StrEnum):
    """What is known of a message that could not be handed over."""

    PAUSED = "paused"  # not sent: the account has to wait, the message loses nothing
    NOT_SENT = "not_sent"  # not sent: try again
    UNREACHABLE = "unreachable"  # not sent: the person has to write first
    REFUSED = "refused"  # not sent: its content is at fault
    UNKNOWN = "unknown"  # it may have arrived


class SendError(Exception):
    """The outside failed; `outcome` says what is known of the message."""

    def __init__(self, outcome: Outcome, reason: str, retry_after_seconds: float = 0) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast an account may send; announcements get less, so that replies never wait."""

    per_second: float
    announcements_per_second: float
    in_flight_max: int = 8
    chat_seconds: float = 0.0  # between two new messages in one chat
    group_per_minute: int = 0  # new messages in one group; 0: as in any chat


class Channel(Protocol):
    """One way to talk with people."""

    @property
    def name(self) -> str:
        """The word it has in the tables: web, telegram, wechat."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can show."""


class SendingChannel(Channel, Protocol):
    """A channel whose messages have to be handed to somebody else's servers."""

    @property
    def pace(self) -> Pace:
        """How fast its account may send."""

    async def send(self, address: str, message: Message) -> str:
        """Hand one message over; the outside's id of it. Raises SendError."""


class StoringChannel(Channel, Protocol):
    """A channel whose people read what is stored: storing is delivering."""

    def wake(self, address: str) -> None:
        """Tell those who wait at `address` that there is news."""
