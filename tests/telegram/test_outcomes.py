"""Is what Telegram's errors say of a message read as the outcome it is?"""

import pytest
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
    TimedOut,
)

from bot.channels.base import Outcome
from bot.channels.telegram.http import Flooded, NotSent, Unanswered
from bot.channels.telegram.outcomes import cannot_be_edited, is_not_modified, outcome_of


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Flooded(7), Outcome.PAUSED),
        (InvalidToken(), Outcome.PAUSED),
        (Conflict("terminated by other getUpdates request"), Outcome.PAUSED),
        (Forbidden("Forbidden: bot was blocked by the user"), Outcome.UNREACHABLE),
        (BadRequest("Chat not found"), Outcome.UNREACHABLE),
        (BadRequest("Message is too long"), Outcome.REFUSED),
        (BadRequest("Button_data_invalid"), Outcome.REFUSED),
        (NotSent("ClientConnectorError"), Outcome.NOT_SENT),
        (NetworkError("Bad Gateway (502)"), Outcome.NOT_SENT),
        (NetworkError("Gateway Timeout (504)"), Outcome.UNKNOWN),
        (TimedOut(), Outcome.UNKNOWN),
        (Unanswered("ServerDisconnectedError"), Outcome.UNKNOWN),
        (TelegramError("Invalid server response"), Outcome.UNKNOWN),
    ],
)
def test_each_error_says_what_is_known_of_the_message(
    error: TelegramError, outcome: Outcome
) -> None:
    assert outcome_of(error).outcome is outcome


@pytest.mark.parametrize("error", [TimedOut(), Unanswered("x"), TelegramError("Invalid")])
def test_what_can_be_done_twice_is_simply_tried_again(error: TelegramError) -> None:
    assert outcome_of(error, is_repeatable=True).outcome is Outcome.NOT_SENT


def test_a_flood_limit_is_kept_with_a_margin() -> None:
    assert outcome_of(Flooded(7)).retry_after_seconds == 7.5


def test_refusals_of_an_edit_are_told_apart() -> None:
    assert is_not_modified(BadRequest("Message is not modified: specified new message"))
    assert cannot_be_edited(BadRequest("Message to edit not found"))
    assert not cannot_be_edited(BadRequest("Message is too long"))
    assert not is_not_modified(Forbidden("message is not modified"))
