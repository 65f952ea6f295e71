"""Which commands does Telegram show in its menu, in each language?

The list is replaced as a whole for each language; "" is for every language that has no list of its
own. It is told only when it is not there already.
"""

from typing import Any

from bot.channels.telegram.intake import Api
from handlers.texts import Text, _, known_locale, say

COMMANDS: tuple[tuple[str, Text], ...] = (
    ("book", _("Book a visit")),
    ("mine", _("My visits")),
    ("me", _("My details")),
    ("link", _("Link my chats")),
    ("family", _("My household")),
    ("help", _("Help")),
    ("human", _("Reach a person")),
    ("lang", _("Switch between Chinese and English")),
    ("back", _("Back")),
    ("cancel", _("Stop here")),
)
LANGUAGES = ("zh", "en")


async def tell_commands(api: Api, default_locale: str) -> int:
    """Have the menu shown; how many languages were told. Raises TelegramError."""
    told = 0
    for language in ("", *LANGUAGES):
        code: dict[str, Any] = {"language_code": language} if language else {}
        wanted = commands(known_locale(language, default_locale))
        if await api.call("getMyCommands", code) != wanted:
            await api.call("setMyCommands", {"commands": wanted, **code})
            told += 1
    return told


def commands(locale: str) -> list[dict[str, str]]:
    """The list in a language."""
    return [{"command": name, "description": say(text, locale)} for name, text in COMMANDS]
