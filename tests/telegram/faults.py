"""What can go wrong between us and Telegram?"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fault:
    """How one call goes wrong. Without a status the connection is dropped; 200 is only slow."""

    status: int = 0
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    is_after_effect: bool = False  # the call did what it says, and is answered like this
    seconds: float = 0.0  # before the answer
    body: bytes | None = None  # instead of JSON


def flood(seconds: int) -> Fault:
    """Too fast: wait so long."""
    words = f"Too Many Requests: retry after {seconds}"
    return Fault(429, words, {"retry_after": seconds})


def blocked() -> Fault:
    """The person blocked the bot."""
    return Fault(403, "Forbidden: bot was blocked by the user")


def bad_request(words: str) -> Fault:
    """Refused, with these words."""
    return Fault(400, f"Bad Request: {words}")


def migrated(chat_id: int) -> Fault:
    """The group became a supergroup with another id."""
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    return Fault(400, words, {"migrate_to_chat_id": chat_id})


def not_modified() -> Fault:
    """The message looks like that already."""
    return bad_request(
        "message is not modified: specified new message content and reply markup are exactly the "
        "same as a current content and reply markup of the message"
    )


def broken(status: int = 502) -> Fault:
    """Telegram's servers are in trouble; a proxy of theirs says so in HTML."""
    return Fault(status, body=b"<html><h1>Bad Gateway</h1></html>")


def slow(seconds: float) -> Fault:
    """Answered later."""
    return Fault(200, is_after_effect=True, seconds=seconds)


def dropped(*, is_after_effect: bool) -> Fault:
    """The connection is cut, before or after the call had its effect."""
    return Fault(is_after_effect=is_after_effect)
