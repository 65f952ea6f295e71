"""What can an operator tell Telegram from a shell? Where it brings updates to."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from bot import operating
from bot.operating import AsJson, Failed, Lang

if TYPE_CHECKING:
    from bot.settings import Settings
    from handlers.texts import Text

webhook = typer.Typer(help="Where Telegram brings updates to.", no_args_is_help=True)


@webhook.command("set")
def set_(*, as_json: AsJson = False, lang: Lang = "") -> None:
    """Have updates brought to KEPU_PUBLIC_URL; `kepu run` does it by itself in webhook mode."""
    settings, locale = _settings(lang)
    if settings.telegram_mode != "webhook":
        raise Failed(
            "KEPU_TELEGRAM_MODE is polling, which a webhook would stop; "
            "set it to webhook, with KEPU_TELEGRAM_WEBHOOK_SECRET and KEPU_PUBLIC_URL"
        )
    from bot.channels.telegram.webhook import to_be_set
    from handlers.texts import _

    wanted = to_be_set(settings.public_url, settings.telegram_webhook_secret.get_secret_value())
    _call(settings, "setWebhook", wanted)
    _tell(_("Telegram brings updates to {host} now.", host=settings.public_url), locale, as_json)


@webhook.command()
def delete(*, as_json: AsJson = False, lang: Lang = "") -> None:
    """Have updates kept until they are fetched, which polling does. None is lost."""
    settings, locale = _settings(lang)
    from handlers.texts import _

    _call(settings, "deleteWebhook", {})
    _tell(_("Telegram brings updates nowhere now; they wait to be fetched."), locale, as_json)


@webhook.command()
def info(*, as_json: AsJson = False, lang: Lang = "") -> None:
    """What Telegram knows of the webhook: its host, what waits, the last failure."""
    settings, locale = _settings(lang)
    from bot import reports
    from bot.channels.telegram.webhook import host_of, is_ours

    told = _call(settings, "getWebhookInfo", {})
    secret = settings.telegram_webhook_secret.get_secret_value()
    is_set = is_ours(told, settings.public_url, secret)
    # Never the address itself: whoever knows it could try the header's secret there.
    known = {
        "host": host_of(told),
        "is_ours": is_set,
        "pending": told.get("pending_update_count", 0),
        "last_error": told.get("last_error_message", ""),
        "last_error_at": _moment(told.get("last_error_date")),
        "allowed_updates": told.get("allowed_updates", []),
    }
    if as_json:
        reports.put_json(known)
        return
    _show(known, locale)


def _settings(lang: str) -> "tuple[Settings, str]":
    settings = operating.settings()
    locale = operating.locale(lang, settings)
    if not settings.is_telegram_on:
        raise Failed("KEPU_TELEGRAM_TOKEN is not set; copy it from BotFather")
    return settings, locale


def _call(settings: "Settings", method: str, values: Mapping[str, Any]) -> Any:
    """Call one method. Raises Failed with Telegram's reason."""
    from telegram.error import TelegramError

    from bot.channels.telegram.api import calling
    from bot.channels.telegram.usable import unusable

    async def call() -> Any:
        token = settings.telegram_token.get_secret_value()
        async with calling(settings.telegram_api_url, token) as api:
            return await api.call(method, values)

    try:
        return asyncio.run(call())
    except TelegramError as error:
        reason = unusable(error) or f"Telegram refused {method}: {error.message}"
        raise Failed(str(reason)) from None


def _tell(text: "Text", locale: str, as_json: bool) -> None:
    from bot import reports

    reports.tell(text, locale, as_json=as_json)


def _moment(seconds: Any) -> str:
    is_known = isinstance(seconds, int) and seconds > 0
    return datetime.fromtimestamp(seconds, UTC).isoformat() if is_known else ""


def _show(known: Mapping[str, Any], locale: str) -> None:
    from handlers.texts import _, ngettext, say

    if not known["host"]:
        lines = [_("Telegram brings updates nowhere; they wait to be fetched.")]
    elif known["is_ours"]:
        lines = [_("Telegram brings updates to {host}, as it should.", host=known["host"])]
    else:
        lines = [
            _(
                "Telegram brings updates to {host}, which is not this Kepu: "
                "“kepu telegram webhook set” changes that.",
                host=known["host"],
            )
        ]
    lines.append(ngettext("{n} update waits.", "{n} updates wait.", known["pending"]))
    if known["last_error"]:
        lines.append(
            _(
                "The last failure, at {at}: {reason}",
                at=known["last_error_at"],
                reason=known["last_error"],
            )
        )
    for line in lines:
        typer.echo(say(line, locale))
