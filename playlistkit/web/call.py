"""One request, as a page's handler sees it.

A handler is a plain function from a `Call` to an answer. It runs in a thread, so it may wait for the disk. If
it raises one of our errors, the page shows the sentence, and nothing is half done. A GET never changes anything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anyio import CapacityLimiter, to_thread
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.datastructures import FormData, QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from playlistkit.errors import InputError, PlaylistkitError
from playlistkit.web.jobs import Job

if TYPE_CHECKING:
    from playlistkit.web.place import Place

__all__ = ["Call", "Handler", "get", "post"]

log = logging.getLogger(__name__)

LOOKS, CHANGES, STEERS = (CapacityLimiter(number) for number in (24, 16, 8))
"""Threads for pages, for forms and for the screen of a session, apart: forms that wait hold up neither of the others."""


class _Number(IntegerConvertor):
    """``{name:number}`` in a route: a longer one is no address of ours."""

    regex = "[0-9]{1,9}"


register_url_convertor("number", _Number())
MOST_FIELDS = 20_000  # of a form: several thousand tracks ticked at once


@dataclass(frozen=True, slots=True)
class Call:
    """A request."""

    place: Place
    request: Request
    form: FormData
    """The form sent; empty for a GET."""
    jobs: tuple[Job, ...]
    """Copies of the jobs, as they were when the request came."""

    @property
    def query(self) -> QueryParams:
        """The part of the address after "?"."""
        return self.request.query_params

    def path(self, name: str) -> str:
        """A part of the address, by its name in the route."""
        return str(self.request.path_params[name])

    def number(self, name: str) -> int:
        """A part of the address, as an integer."""
        return int(self.request.path_params[name])

    def field(self, name: str, default: str | None = None) -> str:
        """A field of the form as text.

        Raises
        ------
        InputError
            If it is missing and there is no default.
        """
        value = self.form.get(name, default)
        if not isinstance(value, str):
            raise InputError(f"the form lacks {name!r}; load the page again")
        return value

    def fields(self, name: str) -> list[str]:
        """Every value of a field, such as the ticked boxes."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def page(self, template: str, status: int = 200, /, **values: Any) -> Response:
        """Answer with a template of `templates/`; see `place.Place.render` for its variables."""
        return HTMLResponse(self.place.render(template, self.request, values, self.jobs), status)

    def json(self, value: object) -> Response:
        """Answer with JSON."""
        return JSONResponse(value)

    def to(
        self, address: str, *, say: str = "", undo: tuple[str, Mapping[str, str]] | None = None
    ) -> Response:
        """Redirect to another of our addresses after a POST.

        Parameters
        ----------
        address : str
            Begins with a single "/".
        say : str
            A sentence to show there.
        undo : (address, fields), optional
            What the undo button beside the sentence posts.
        """
        if say:
            self.place.notices.add(say, undo)
        return RedirectResponse(own(address), 303)


def own(address: str) -> str:
    """The address if it is ours, else the first page: a form must not lead to other sites."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if ours else "/"


def begun(sentence: str) -> str:
    """A sentence with a capital at its beginning, unless it begins with a name or a path."""
    word = sentence.partition(" ")[0]
    return sentence[0].upper() + sentence[1:] if word.isalpha() and word.islower() else sentence


Handler = Callable[[Call], Response]


def get(path: str, handler: Handler, *, steers: bool = False) -> Route:
    """A page to look at; `steers` if it belongs to the screen of a session."""
    return Route(path, _endpoint(handler, STEERS if steers else LOOKS), methods=["GET"])


def post(path: str, handler: Handler, *, steers: bool = False) -> Route:
    """A form that changes something; `steers` if it belongs to the screen of a session."""
    return Route(path, _endpoint(handler, STEERS if steers else CHANGES), methods=["POST"])


def _endpoint(handler: Handler, threads: CapacityLimiter) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        form = FormData()
        if request.method == "POST":
            try:
                form = await request.form(max_fields=MOST_FIELDS, max_files=10)
            except ClientDisconnect:
                return PlainTextResponse("The request is too large, or broke off; nothing was done.\n", 413)
        place = request.app.state.place
        call = Call(place, request, form, tuple(map(copy, place.jobs)))
        try:
            return await to_thread.run_sync(_told, handler, call, limiter=threads)
        finally:
            await form.close()

    return endpoint


def _told(handler: Handler, call: Call) -> Response:
    """The handler's answer; on failure, a page that says what went wrong."""
    try:
        return handler(call)
    except PlaylistkitError as error:
        status = 422 if isinstance(error, InputError) else 409
        return call.page(
            "error.html",
            status,
            title="That did not work",
            sentences=[begun(each) for each in str(error).splitlines()],
        )
    except Exception as error:
        log.exception("%s %s", call.request.method, call.request.url.path)
        return call.page(
            "error.html",
            500,
            title="A bug in playlistkit",
            sentences=[
                "You have lost nothing. Go back and try again; if it happens twice, please report it:",
                f"{type(error).__name__}: {error}",
            ],
        )
