"""Which addresses does Kepu answer? The aiohttp application: routes, health, metrics, errors."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.channels.chat_json import NotTaken
from bot.channels.webchat import Inbound, WebChat
from bot.chat import PROTOCOL, ChatAddresses, Greeting, Talk, refused
from bot.limits import Limits
from bot.pages import ERRORS, PAGE_FOLDER, Pages
from bot.settings import Settings
from bot.static_files import StaticFiles
from bot.visitors import Visitors
from handlers.texts import Text

log = structlog.get_logger()

BODY_BYTES_MAX = 1024 * 1024  # of any request; the chat takes far less

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Ready(Protocol):
    """Says whether the process is fit to serve."""

    async def complaints(self) -> list[str]:
        """What is wrong, one word each; empty when ready."""


def web_application(
    settings: Settings,
    *,
    inbound: Inbound,
    webchat: WebChat,
    health: Ready,
    greeting: Greeting,
    now: Callable[[], datetime],
    is_demo: bool = False,
    more_routes: Sequence[web.RouteDef] = (),
) -> web.Application:
    """The application. `more_routes`: the addresses of other channels and of the console."""
    static = StaticFiles([PAGE_FOLDER / "static"])
    pages = Pages(static)
    visitors = Visitors(settings.secret_key.get_secret_value(), settings.public_url)
    talk = Talk(
        inbound=inbound,
        webchat=webchat,
        visitors=visitors,
        limits=Limits(settings.messages_per_minute),
        pages=pages,
        now=now,
        default_locale=settings.default_locale,
        zone=settings.timezone,
        greeting=greeting,
        is_demo=is_demo,
    )
    edge = _Edge(pages, visitors, settings.default_locale)
    application = web.Application(middlewares=[edge.middleware()], client_max_size=BODY_BYTES_MAX)
    application.add_routes(ChatAddresses(talk).routes())
    application.add_routes([web.get("/static/{version}/{name}", static.serve), *more_routes])
    application.add_routes(_health_routes(health))
    application.on_shutdown.append(_closing(webchat))
    return application


def _health_routes(health: Ready) -> list[web.RouteDef]:
    return [
        web.get("/livez", _live),
        web.get("/readyz", _ready(health)),
        web.get("/metrics", _metrics),
    ]


def _closing(webchat: WebChat) -> Callable[[web.Application], Awaitable[None]]:
    async def close_streams(_application: web.Application) -> None:
        webchat.close()

    return close_streams


class _Edge:
    """Where what went wrong becomes one sentence; a bug is logged here, once."""

    def __init__(self, pages: Pages, visitors: Visitors, default_locale: str) -> None:
        self.pages = pages
        self.visitors = visitors
        self.default_locale = default_locale

    def middleware(self) -> Middleware:
        """The one middleware there is."""

        @web.middleware
        async def edge(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await handler(request)
            except NotTaken as error:
                return self._told(request, error)
            except web.HTTPException as error:
                if error.status < 400:
                    raise
                response = self._told(request, NotTaken(error.status, _sentence(error.status)))
                if "Allow" in error.headers:
                    response.headers["Allow"] = error.headers["Allow"]
                return response
            except Exception as error:
                # The route's pattern, not the address: that may hold what opens a ticket.
                resource = request.match_info.route.resource
                pattern = resource.canonical if resource else ""
                log.exception("request failed", route=pattern, error=type(error).__name__)
                return self._told(request, NotTaken(500, ERRORS[500]))

        return edge

    def _told(self, request: web.Request, error: NotTaken) -> web.Response:
        locale = self.visitors.visitor(request.headers).locale or self.default_locale
        if request.path in PROTOCOL:
            return refused(error, locale)
        response = self.pages.error(error.status, locale, error.sentence)
        if error.retry_after_seconds:
            response.headers["Retry-After"] = str(error.retry_after_seconds)
        return response


def _sentence(status: int) -> Text:
    return ERRORS.get(status, ERRORS[500 if status >= 500 else 400])


async def _live(request: web.Request) -> web.Response:
    return web.json_response({"live": True})


def _ready(health: Ready) -> Handler:
    async def ready(request: web.Request) -> web.Response:
        complaints = await health.complaints()
        status = 503 if complaints else 200
        return web.json_response({"ready": not complaints, "complaints": complaints}, status=status)

    return ready


async def _metrics(request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
