"""Where does Telegram bring updates, and what proves that it is Telegram?

Two secrets: an address nobody can guess, and the header Telegram was told to send. An update is
answered 200 only when it is stored; anything else, and Telegram brings it again.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.channels.telegram.updates import ALLOWED

log = structlog.get_logger()

FOLDER = "/telegram/"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
BODY_BYTES_MAX = 1024 * 1024


class Takes(Protocol):
    """What takes updates in."""

    async def take(self, update: object) -> None:
        """Take one update; it is stored when this returns. Raises what the database raises."""


def secret_path(secret: str) -> str:
    """The address below the public one, made from the secret that the header carries."""
    made = hmac.new(secret.encode(), b"kepu: the webhook's address", hashlib.sha256)
    return FOLDER + made.hexdigest()[:40]


def to_be_set(public_url: str, secret: str) -> dict[str, Any]:
    """What setWebhook is told."""
    return {
        "url": public_url + secret_path(secret),
        "secret_token": secret,
        "allowed_updates": list(ALLOWED),
        "max_connections": 100,
    }


def is_ours(info: Mapping[str, Any], public_url: str, secret: str) -> bool:
    """Whether what getWebhookInfo says is what was to be set."""
    wanted = to_be_set(public_url, secret)
    is_allowed = sorted(info.get("allowed_updates", [])) == sorted(wanted["allowed_updates"])
    return bool(secret) and info.get("url") == wanted["url"] and is_allowed


def host_of(info: Mapping[str, Any]) -> str:
    """The host that updates are brought to; "" when there is none."""
    parts = urlsplit(str(info.get("url", "")))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


class Webhook:
    """POST /telegram/{secret path}."""

    def __init__(self, secret: str, intake: Takes) -> None:
        self._secret = secret.encode()
        self._path = secret_path(secret).encode()
        self._intake = intake

    def routes(self) -> list[web.RouteDef]:
        """What is answered here."""
        return [web.post(FOLDER + "{path}", self.take)]

    async def take(self, request: web.Request) -> web.Response:
        """One update; one that came before has no second effect."""
        if not hmac.compare_digest(request.path.encode("utf-8", "replace"), self._path):
            raise web.HTTPNotFound
        given = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            raise web.HTTPForbidden
        if (request.content_length or 0) > BODY_BYTES_MAX:
            raise web.HTTPRequestEntityTooLarge(BODY_BYTES_MAX, request.content_length or 0)
        try:
            update = json.loads(await request.read())
        except (ValueError, RecursionError):
            # Refused, it would come again and hold up all that follows it in its chat.
            log.warning("update not understood")
            return web.Response()
        await self._intake.take(update)
        return web.Response()
