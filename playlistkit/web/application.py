"""The routes of all pages as one ASGI application."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from playlistkit.web.guard import DOOR, TICKET_OFFICE, Guard, Keys
from playlistkit.web.pages import PAGES
from playlistkit.web.place import Link, Place

__all__ = ["application", "links", "plan_links"]

STATIC = Path(str(resources.files("playlistkit.web") / "static"))


def links() -> list[Link]:
    """The navigation: what the pages put into it."""
    return [page.LINK for page in PAGES if hasattr(page, "LINK")]


def plan_links() -> list[Link]:
    """The navigation of a plan's own pages."""
    return [page.PLAN_LINK for page in PAGES if hasattr(page, "PLAN_LINK")]


def application(place: Place, host: str, keys: Keys) -> ASGIApp:
    """The whole page, guarded.

    Parameters
    ----------
    place : Place
    host : str
        ``"127.0.0.1:8777"``.
    keys : Keys
    """
    routes = [route for page in PAGES for route in page.routes]
    app = Starlette(
        routes=[
            *routes,
            Mount("/static", StaticFiles(directory=STATIC)),
            Route("/favicon.ico", _favicon),
        ],
        exception_handlers={404: _not_found},
    )
    app.state.place = place
    guard = Guard(app, host, keys)

    def enter(request: Request) -> Response:
        """The door: a ticket for the cookie. The page goes on by itself, so that the cookie counts as same-site."""
        if not keys.redeem(request.query_params.get("ticket", "")):
            return HTMLResponse(place.render("locked.html", request, {}), 403)
        answer = HTMLResponse(place.render("door.html", request, {}))
        answer.set_cookie(guard.cookie_name, keys.cookie, httponly=True, samesite="strict", path="/")
        return answer

    def ticket(request: Request) -> Response:  # noqa: ARG001 -- Starlette's signature
        return Response(keys.issue(), media_type="text/plain")

    app.routes.append(Route(DOOR, enter, methods=["GET"]))
    app.routes.append(Route(TICKET_OFFICE, ticket, methods=["POST"]))
    return guard


def _favicon(request: Request) -> Response:  # noqa: ARG001
    return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")


def _not_found(request: Request, error: Exception) -> Response:  # noqa: ARG001
    place: Place = request.app.state.place
    values = {
        "title": "There is no such page",
        "sentences": ["It may have been removed, or the address is not complete."],
    }
    return HTMLResponse(place.render("error.html", request, values), 404)
