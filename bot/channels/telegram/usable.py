"""Which of Telegram's answers say that it makes no sense to go on?"""

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.origins import SettingsWrong


class TelegramUnusable(SettingsWrong):
    """Telegram will not talk with this Kepu; the message is one line for the operator."""


def unusable(error: TelegramError) -> TelegramUnusable | None:
    """The line for the operator; None when it may be better in a moment."""
    match error:
        case InvalidToken():
            line = "Telegram does not know KEPU_TELEGRAM_TOKEN; copy it whole from BotFather"
        case Conflict() if "webhook" in error.message.lower():
            line = (
                "Telegram brings this bot's updates to a webhook; run `kepu telegram webhook "
                "delete`, or set KEPU_TELEGRAM_MODE=webhook"
            )
        case Conflict():
            line = (
                "another process fetches the updates of this bot (Telegram answers 409); stop "
                "it, or give this Kepu the token of another bot"
            )
        case _:
            return None
    return TelegramUnusable(line)
