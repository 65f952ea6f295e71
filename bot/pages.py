"""How does a page leave the house? Rendered in the visitor's language, with strict headers."""

from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.static_files import StaticFiles
from handlers.texts import Text, Value, _, ngettext, say

PAGE_FOLDER = Path(__file__).parent / "channels" / "page"

# Nothing of a page comes from elsewhere, nothing inline runs, nobody may frame it.
CONTENT_POLICY = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
PAGE_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # what a family said does not stay in a shared browser
    "Server": "kepu",
}

ERRORS = {
    400: _("That could not be understood."),
    403: _("This came from another site, so it was not taken."),
    404: _("There is nothing at this address."),
    405: _("This address is not used like that."),
    413: _("That is too much at once."),
    415: _("Please send JSON."),
    429: _("That was a lot at once. Please wait a moment."),
    500: _("Something went wrong on our side. Please try again in a moment."),
    503: _("Kepu cannot answer right now. Please try again in a moment."),
}


class Pages:
    """Renders templates. Their `_` and `ngettext` are ours: named values, whole sentences."""

    def __init__(self, static: StaticFiles, folders: tuple[Path, ...] = (PAGE_FOLDER,)) -> None:
        self.static = static
        self._jinja = Environment(
            loader=FileSystemLoader([folder / "templates" for folder in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
        )
        self._jinja.globals["static"] = static.address

    def render(self, template: str, locale: str, **values: Any) -> str:
        """The page's HTML."""

        def gettext(msgid: str, **named: Value) -> str:
            return say(_(msgid, **named), locale)

        def plural(singular: str, several: str, n: int, **named: Value) -> str:
            return say(ngettext(singular, several, n, **named), locale)

        def said(value: Value) -> str:
            return say(value, locale)

        return self._jinja.get_template(template).render(
            gettext=gettext, ngettext=plural, say=said, locale=locale, **values
        )

    def page(self, template: str, locale: str, *, status: int = 200, **values: Any) -> web.Response:
        """The page as a response that nobody keeps."""
        body = self.render(template, locale, **values).encode()
        return web.Response(status=status, body=body, headers=PAGE_HEADERS)

    def error(self, status: int, locale: str, sentence: Text | None = None) -> web.Response:
        """A plain page that says in one sentence what is wrong."""
        sentence = sentence or ERRORS.get(status, ERRORS[500 if status >= 500 else 400])
        return self.page("error.html", locale, status=status, sentence=sentence)
