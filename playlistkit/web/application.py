"""The routes of all pages as one ASGI application."""

from __future__ import annotations

import asyncio
from importlib import resources
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Match, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from playlistkit.web.guard import DOOR, TICKET_OFFICE, Guard
from playlistkit.web.keys import Keys, cookie_name
from playlistkit.web.pages import first, others
from playlistkit.web.patience import Patience
from playlistkit.web.place import Place
from playlistkit.web.strangers import Strangers

__all__ = ["application"]

MOMENT = 0.3  # s after the first page, for its style and script, which loading would slow down
STATIC = Path(str(resources.files("playlistkit.web") / "static"))


def application(place: Place, host: str, keys: Keys, strangers: Strangers) -> ASGIApp:
    """The whole page, guarded. The first one answers at once; the others are loaded meanwhile, and waited for.

    Parameters
    ----------
    place : Place
    host : str
        ``"127.0.0.1:8777"``.
    keys : Keys
    strangers : Strangers
        Told which connection has shown the cookie.
    """
    name = cookie_name(host)

    def enter(request: Request) -> Response:
        """The door: exchanges a ticket for the cookie. The page then redirects itself, so the cookie is same-site."""
        if not keys.redeem(request.query_params.get("ticket", "")):
            return HTMLResponse(place.render("locked.html", request, {}), 403)
        answer = HTMLResponse(place.render("door.html", request, {}))
        answer.set_cookie(name, keys.cookie, httponly=True, samesite="strict", path="/")
        return answer

    def ticket(request: Request) -> Response:  # noqa: ARG001 -- Starlette's signature
        return Response(keys.issue(), media_type="text/plain")

    app = Starlette(
        routes=[
            *first,
            Mount("/static", StaticFiles(directory=STATIC)),
            Route("/favicon.ico", _favicon),
            Route(DOOR, enter, methods=["GET"]),
            Route(TICKET_OFFICE, ticket, methods=["POST"]),
        ],
        exception_handlers={404: _not_found},
    )
    app.state.place = place

    def waiting(scope: Scope) -> bytes:
        return place.render_waiting(Request(scope))

    return Guard(Patience(_Loading(app, place), waiting), host, keys, strangers)


class _Loading:
    """Loads all pages but the first once that is answered; whoever asks for one of them earlier waits for it."""

    def __init__(self, app: Starlette, place: Place) -> None:
        self._app = app
        self._place = place
        self._at_once = tuple(app.routes)
        self._loaded: asyncio.Future[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer it, with whichever page it is for."""
        if not any(route.matches(scope)[0] is Match.FULL for route in self._at_once):
            await self._others()
        await self._app(scope, receive, send)
        if scope["path"] == "/" and self._loaded is None:
            asyncio.get_running_loop().call_later(MOMENT, self._others)

    def _others(self) -> asyncio.Future[None]:
        if self._loaded is None:
            self._loaded = asyncio.get_running_loop().run_in_executor(None, self._load)
        return self._loaded

    def _load(self) -> None:
        self._place.load()
        self._app.router.routes += others()


def _favicon(request: Request) -> Response:  # noqa: ARG001
    return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")


def _not_found(request: Request, error: Exception) -> Response:  # noqa: ARG001
    place: Place = request.app.state.place
    values = {
        "title": "There is no such page",
        "sentences": ["It may have been removed, or the address is incomplete."],
    }
    return HTMLResponse(place.render("error.html", request, values), 404)
