"""Who is at the other end of a request, in which language, and does it come from our own page?

A visitor is the signed cookie `kepu_chat`: a random address nobody can guess or make. A forged or
missing one is replaced and never an error.
"""

import hmac
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from handlers.texts import LOCALES, known_locale

CHAT_COOKIE = "kepu_chat"
LANGUAGE_COOKIE = "kepu_lang"
KEPT_SECONDS = 400 * 24 * 3600  # browsers keep no cookie longer
ADDRESS_BYTES = 16  # 128 bits: not to be guessed
SAME_SITE = ("same-origin", "none")  # what our own page and the address bar send


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a browser. `locale` is "" when it states no language of ours."""

    address: str
    locale: str
    cookie: str = ""  # what to set, for a newcomer


class Visitors:
    """Knows a visitor again by the cookie it signed."""

    def __init__(self, secret_key: str, public_url: str) -> None:
        self._key = hmac.digest(secret_key.encode(), b"the web chat's visitors", "sha256")
        parts = urlsplit(public_url)
        self._public_origin = f"{parts.scheme}://{parts.netloc}" if public_url else ""
        self._rules = f"; Max-Age={KEPT_SECONDS}; Path=/; HttpOnly; SameSite=Lax"
        if parts.scheme == "https":
            self._rules += "; Secure"

    def visitor(self, headers: Mapping[str, str]) -> Visitor:
        """Who sends these headers; a newcomer gets an address and the cookie that holds it."""
        cookies = headers.get("Cookie", "")
        locale = _chosen_locale(cookies) or accepted_locale(headers.get("Accept-Language", ""))
        for value in _cookies(cookies, CHAT_COOKIE):
            address, _, signature = value.partition(".")
            if hmac.compare_digest(signature.encode(), self._signature(address)):
                return Visitor(address, locale)
        address = secrets.token_hex(ADDRESS_BYTES)
        signed = f"{CHAT_COOKIE}={address}.{self._signature(address).decode()}{self._rules}"
        return Visitor(address, locale, signed)

    def language_cookie(self, locale: str) -> str:
        """What to set for somebody who chose a language on the page."""
        return f"{LANGUAGE_COOKIE}={locale}{self._rules}"

    def is_from_elsewhere(self, headers: Mapping[str, str]) -> bool:
        """Whether another site makes the visitor's browser send this.

        Browsers say so in Sec-Fetch-Site, older ones in Origin. Programs say neither, and carry no
        cookie that anybody else could have put there.
        """
        site = headers.get("Sec-Fetch-Site")
        if site is not None:
            return site not in SAME_SITE
        origin = headers.get("Origin")
        if origin is None or origin == self._public_origin:
            return False
        return urlsplit(origin).netloc != headers.get("Host", "")

    def _signature(self, address: str) -> bytes:
        return hmac.digest(self._key, address.encode(), "sha256").hex().encode()


@lru_cache(maxsize=1024)
def accepted_locale(accept_language: str) -> str:
    """The language of ours that a browser likes best ("zh-TW,zh;q=0.9,en;q=0.8"); "" when none."""
    liked = []
    for part in accept_language[:200].replace(" ", "").split(","):
        language, _, weight = part.partition(";q=")
        try:
            liked.append((float(weight or 1), language))
        except ValueError:
            continue
    liked.sort(key=lambda each: -each[0])
    spoken = (known_locale(language, "") for weight, language in liked if weight > 0)
    return next(filter(None, spoken), "")


def _chosen_locale(cookies: str) -> str:
    return next((each for each in _cookies(cookies, LANGUAGE_COOKIE) if each in LOCALES), "")


def _cookies(header: str, name: str) -> Iterator[str]:
    """The values of a cookie: another site of the same domain may have set one beside ours."""
    if name not in header:
        return
    for part in header.split(";"):
        key, _, value = part.partition("=")
        if key.strip() == name:
            yield value.strip()
