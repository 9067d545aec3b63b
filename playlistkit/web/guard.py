"""Access control: keeps out other sites, other programs and other users of the machine.

A page anywhere on the web can make a browser send requests to this machine (cross-site request forgery), and can
rename itself to it (DNS rebinding); other users of the machine can reach the port too. So every request must name
exactly the host that we listen on; a request that changes anything must come from our own page; and everything but
the door needs the cookie, which a one-time ticket buys.
"""

from __future__ import annotations

import http.cookies
import secrets
from collections.abc import Sequence

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playlistkit.web.keys import Keys, cookie_name
from playlistkit.web.strangers import Strangers

__all__ = ["DOOR", "TICKET_OFFICE", "Guard"]

DOOR = "/enter"
"""Where a ticket is exchanged for the cookie."""
TICKET_OFFICE = "/ticket"
"""Where another `playlistkit open` of the same user gets a ticket, using the key in the run file."""

MOST_BYTES = 64 * 2**20  # of a request's body: a table of 100,000 tracks
SAFE = ("GET", "HEAD")

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
"""Headers of every answer."""

Headers = Sequence[tuple[bytes, bytes]]


class Guard:
    """The middleware around everything, static files too.

    Parameters
    ----------
    app : ASGI application
    host : str
        The only accepted Host header: ``"127.0.0.1:8777"``.
    keys : Keys
    strangers : Strangers
        Told which connection has shown the cookie; a refused one is closed.
    """

    def __init__(self, app: ASGIApp, host: str, keys: Keys, strangers: Strangers) -> None:
        self._app = app
        self._host = host.encode()
        self._origin = f"http://{host}".encode()
        self._keys = keys
        self._strangers = strangers
        self._cookie_name = cookie_name(host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with a sentence."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.encode(), value.encode())
                        for name, value in HEADERS.items()
                        if name.encode() not in names
                    ),
                ]
            await send(message)

        if scope["type"] != "http":  # a web socket; we have none
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            status, sentence = refusal
            answer = PlainTextResponse(sentence + "\n", status, {"connection": "close"})
            await answer(scope, receive, dressed)
            return
        if scope["path"] not in (DOOR, TICKET_OFFICE):
            self._strangers.known(scope.get("client"))
        await self._app(scope, _bounded(receive), dressed)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers: Headers = scope["headers"]
        # the raw header: a URL built from it may have been parsed differently
        if _all(headers, b"host") != [self._host]:
            return 421, f"playlistkit answers only at http://{self._host.decode()}."
        if scope["method"] not in SAFE and not self._is_ours(headers):
            return 403, "This request came from another page, so nothing was done."
        if scope["method"] in SAFE and not _is_for_us(headers):
            return 403, "This request came from another page, so it was not answered."
        length = _all(headers, b"content-length")
        if length and (not length[0].isdigit() or int(length[0]) > MOST_BYTES):
            return 413, f"The request is larger than {MOST_BYTES >> 20} MiB; nothing was done."
        if scope["path"] == DOOR:
            return None
        if scope["path"] == TICKET_OFFICE:
            shown = _all(headers, b"authorization")
            good = len(shown) == 1 and secrets.compare_digest(shown[0], f"Bearer {self._keys.run}".encode())
            return None if good else (403, "This key is not valid.")
        if not self._has_cookie(headers):
            return 403, "This browser has not been let in yet. Run `playlistkit open`, which lets it in."
        return None

    def _is_ours(self, headers: Headers) -> bool:
        """Whether a request that changes something comes from our own page, or was typed by the user."""
        site, origin = _all(headers, b"sec-fetch-site"), _all(headers, b"origin")
        if site:
            # without a referrer, browsers call the origin of a form of ours "null"
            return site in ([b"same-origin"], [b"none"]) and origin in ([], [self._origin], [b"null"])
        return origin == [self._origin]

    def _has_cookie(self, headers: Headers) -> bool:
        for line in _all(headers, b"cookie"):
            jar: http.cookies.SimpleCookie = http.cookies.SimpleCookie()
            try:
                jar.load(line.decode("latin-1"))
            except http.cookies.CookieError:
                continue
            shown = jar.get(self._cookie_name)
            if shown is not None and secrets.compare_digest(shown.value.encode(), self._keys.cookie.encode()):
                return True
        return False


def _all(headers: Headers, name: bytes) -> list[bytes]:
    """Every value of a header; more than one is suspicious."""
    return [value for key, value in headers if key == name]


def _is_for_us(headers: Headers) -> bool:
    """Whether what is asked for is shown by us, or by the browser itself in a tab, and not built into another page."""
    if _all(headers, b"sec-fetch-site") in ([], [b"same-origin"], [b"none"]):
        return True
    return _all(headers, b"sec-fetch-mode") == [b"navigate"] and _all(headers, b"sec-fetch-dest") == [
        b"document"
    ]


def _bounded(receive: Receive) -> Receive:
    """Pass the body on, but cut it off at `MOST_BYTES`, whatever its stated length."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BYTES:
            return {"type": "http.disconnect"}
        return message

    return bounded
