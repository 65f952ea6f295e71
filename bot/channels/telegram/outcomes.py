"""What does an error of Telegram say of the message that met it?"""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.base import Outcome, SendError
from bot.channels.telegram.http import NotSent, Unanswered

MARGIN_SECONDS = 0.5  # their clock and ours do not tick together
OPERATOR_SECONDS = 30.0  # a wrong token: nothing is lost while it is mended

# Refusals of a chat, not of a message: until the person writes, nothing can reach them.
_NOBODY_THERE = (
    "chat not found",
    "user is deactivated",
    "user not found",
    "peer_id_invalid",
    "have no rights to send",
    "not enough rights to send",
    "group is deactivated",
)
_CANNOT_BE_EDITED = (
    "message to edit not found",
    "message can't be edited",
    "there is no text in the message to edit",
    "message_id_invalid",
    "message identifier is not specified",
)


def outcome_of(error: TelegramError, *, is_repeatable: bool = False) -> SendError:
    """What is known of a message. `is_repeatable`: to do it twice is the same as once."""
    reason = f"{type(error).__name__}: {error.message}"
    match error:
        case RetryAfter():
            return SendError(Outcome.PAUSED, reason, seconds_of(error) + MARGIN_SECONDS)
        case InvalidToken() | Conflict():
            return SendError(Outcome.PAUSED, reason, OPERATOR_SECONDS)
        case Forbidden():
            return SendError(Outcome.UNREACHABLE, reason)
        case BadRequest() | ChatMigrated():
            is_away = any(each in error.message.lower() for each in _NOBODY_THERE)
            return SendError(Outcome.UNREACHABLE if is_away else Outcome.REFUSED, reason)
        case NotSent():
            return SendError(Outcome.NOT_SENT, reason)
        case TimedOut() | Unanswered():
            return SendError(Outcome.NOT_SENT if is_repeatable else Outcome.UNKNOWN, reason)
        case NetworkError() if "(504)" not in reason:  # their server says that it failed
            return SendError(Outcome.NOT_SENT, reason)
        case _:
            return SendError(Outcome.NOT_SENT if is_repeatable else Outcome.UNKNOWN, reason)


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram wants to be left alone."""
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


def is_not_modified(error: TelegramError) -> bool:
    """Whether the message looks already as it should."""
    return isinstance(error, BadRequest) and "message is not modified" in error.message.lower()


def cannot_be_edited(error: TelegramError) -> bool:
    """Whether a new message has to be sent instead: the old one is gone, too old, or a photo."""
    return isinstance(error, BadRequest) and any(
        each in error.message.lower() for each in _CANNOT_BE_EDITED
    )
