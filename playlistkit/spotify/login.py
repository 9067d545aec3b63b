"""Signing in: PKCE with the therapist's own client id, no secret, a callback on this machine or a pasted address."""

from __future__ import annotations

import dataclasses
import datetime
import re
import secrets
import threading
import time
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import requests
from spotipy.oauth2 import SpotifyOauthError, SpotifyPKCE

from playlistkit.errors import InputError, SpotifyError
from playlistkit.spotify import addresses
from playlistkit.spotify.authorization import SCOPES, pkce
from playlistkit.spotify.client import Client
from playlistkit.spotify.tokens import WARN_AFTER, SignIn, Store

__all__ = ["REDIRECT", "STEPS", "TERMS", "Status", "login", "logout", "status"]

REDIRECT = "http://127.0.0.1/callback"
"""The redirect address to enter in the dashboard; without a port, so that any port serves."""

STEPS = f"""\
To sign in you need a client id of your own. It costs nothing, and needs a Premium account:
  1. Open https://developer.spotify.com/dashboard and log in with the account that will play the sessions.
  2. "Create app"; name and description are yours to choose; tick "Web API".
  3. Under "Redirect URIs" enter exactly   {REDIRECT}   and press "Add", then "Save".
  4. Open the app's settings and copy the "Client ID" (32 letters and digits). The secret is not needed.
Another account than the app's owner must be added there under "User Management" first."""

TERMS = (
    "Spotify's listener terms allow personal, non-commercial use, and its developer terms no playing from a "
    "business: playing it in a clinic is probably outside them. Licensed local files are the safer way."
)
"""What Spotify's terms mean for a clinic."""

LOGIN_TIMEOUT = 300.0  # seconds for the therapist to allow it in the browser
PASTE_PORT = 8910  # nothing listens there; the address is copied from the browser

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>playlistkit</title>
<body style="font: 1.2em sans-serif; max-width: 34em; margin: 4em auto; line-height: 1.5">
<h1>{head}</h1><p>{text}</p></body></html>"""


@dataclass(frozen=True, slots=True)
class Status:
    """Who is signed in, and until when."""

    user: str
    user_name: str
    authorized: datetime.datetime
    ends: datetime.datetime
    """When Spotify stops renewing the sign-in: six months after it was allowed."""
    warning: str | None
    """From month five on, and once it has ended."""
    missing_permissions: tuple[str, ...] = ()


class _Callback(BaseHTTPRequestHandler):
    """Takes the browser's one visit to the redirect address."""

    timeout = 5  # seconds, so that a silent visitor can't hold us up
    server: _CallbackServer

    def do_GET(self) -> None:
        """Answer the visit with a page that says what happened."""
        if urlsplit(self.path).path != urlsplit(REDIRECT).path:
            self.send_error(404)
            return
        try:
            self.server.code = read_answer(self.path, self.server.state)
            head, text = "Allowed", "You can close this page; playlistkit now finishes the sign-in."
        except SpotifyError as error:
            self.server.error = error
            head, text = "Not signed in", "Go back to playlistkit: it says what to do."
        body = PAGE.format(head=head, text=text).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing: the path holds the code."""


class _CallbackServer(HTTPServer):
    def __init__(self, port: int, state: str) -> None:
        try:
            super().__init__(("127.0.0.1", port), _Callback)
        except OSError as error:
            raise SpotifyError(
                f"port {port} on this machine is in use; choose another port, or leave it out"
            ) from error
        self.timeout = 0.5
        self.state = state
        self.code: str | None = None
        self.error: SpotifyError | None = None

    def handle_error(self, *args: object) -> None:
        """Ignore a visitor who hangs up."""


def login(
    store: Store,
    client_id: str,
    *,
    show: Callable[[str], None],
    paste: Callable[[], str] | None = None,
    port: int = 0,
    browser: Callable[[str], object] = webbrowser.open,
    timeout: float = LOGIN_TIMEOUT,
) -> Status:
    """Sign in, and store the sign-in.

    Parameters
    ----------
    store : Store
    client_id : str
        The therapist's own, 32 letters and digits.
    show : callable
        Takes the address that the therapist opens, and where to.
    paste : callable, optional
        Gives the address that the browser was sent to, as the therapist pastes it; for a machine without a
        browser. By default a callback on this machine takes it.
    port : int
        For the callback; 0 means any free one.
    browser : callable
        Opens an address.
    timeout : float
        Seconds to wait for the callback.

    Raises
    ------
    InputError
        If the client id can't be one.
    SpotifyError
        If it is denied, takes too long or fails, or the port is in use.
    """
    client_id = client_id.strip()
    if not re.fullmatch(r"[0-9a-zA-Z]{32}", client_id):
        raise InputError(
            f"the client id has {len(client_id)} characters; it is the 32 letters and digits of "
            '"Client ID" in your app\'s settings at https://developer.spotify.com/dashboard'
        )
    state = secrets.token_urlsafe(24)
    session = requests.Session()
    if paste is not None:
        exchange = pkce(client_id, _redirect(port or PASTE_PORT), session)
        show(exchange.get_authorize_url(state))
        code = read_answer(paste(), state)
    else:
        with _CallbackServer(port, state) as server:
            exchange = pkce(client_id, _redirect(server.server_address[1]), session)
            url = exchange.get_authorize_url(state)
            show(url)
            # on a thread, since a browser that runs in the terminal returns only when it is closed
            threading.Thread(target=browser, args=(url,), daemon=True).start()
            code = _wait_for(server, timeout)
    sign_in = _exchange(exchange, code, client_id, store.now())
    store.save(sign_in)
    store.save_client_id(client_id)
    try:
        account = Client(store).me()
    except SpotifyError:
        store.remove()  # an account that may not use the app would otherwise fail only later
        raise
    sign_in = dataclasses.replace(
        sign_in,
        user=str(account.get("id") or ""),
        user_name=str(account.get("display_name") or ""),
        account=str(account.get("account_id") or ""),
    )
    store.save(sign_in)
    return _status_of(sign_in, store.now())


def logout(store: Store) -> bool:
    """Forget the sign-in on this machine; tells whether there was one. The client id stays."""
    return store.remove()


def status(store: Store) -> Status | None:
    """Who is signed in, and until when; `None` if nobody is. Sends no request."""
    sign_in = store.load()
    return None if sign_in is None else _status_of(sign_in, store.now())


def read_answer(address: str, state: str) -> str:
    """The code in the address that the browser was sent to.

    Raises
    ------
    SpotifyError
        If it was denied, is not the whole address, or answers another sign-in.
    """
    query = parse_qs(urlsplit(address.strip()).query)
    if "error" in query:
        if query["error"][0] == "access_denied":
            raise SpotifyError("the sign-in was denied in the browser; nothing was changed")
        raise SpotifyError(f"Spotify refuses the sign-in ({query['error'][0][:60]!r}); check the client id")
    if "code" not in query or "state" not in query:
        raise SpotifyError(
            f"that is not the whole address; copy it from the browser's address bar: {REDIRECT}?code=... &state=..."
        )
    if not secrets.compare_digest(query["state"][0].encode(), state.encode()):
        raise SpotifyError("that address belongs to another sign-in; run `playlistkit spotify login` again")
    return query["code"][0]


def _redirect(port: int) -> str:
    parts = urlsplit(REDIRECT)
    return f"{parts.scheme}://{parts.hostname}:{port}{parts.path}"


def _wait_for(server: _CallbackServer, timeout: float) -> str:
    """The code that the browser delivers."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        server.handle_request()
        if server.error is not None:
            raise server.error
        if server.code is not None:
            return server.code
    raise SpotifyError(
        f"no answer from the browser within {timeout / 60:.0f} minutes; run `playlistkit spotify login` again, "
        "or paste the address that it shows, if the browser is on another machine (`--paste`)"
    )


def _exchange(exchange: SpotifyPKCE, code: str, client_id: str, now: float) -> SignIn:
    """The tokens for a code."""
    try:
        exchange.get_access_token(code, check_cache=False)
    except SpotifyOauthError as error:
        hint = (
            f"the redirect address in the dashboard must be {REDIRECT}"
            if error.error == "invalid_grant"
            else "check the client id"
        )
        raise SpotifyError(f"Spotify refuses the sign-in ({error.error!r}); {hint}") from None
    except (requests.RequestException, ValueError, KeyError) as error:
        raise SpotifyError(
            f"{addresses.accounts_url()} can't be asked ({type(error).__name__}); is this machine online?"
        ) from None
    token = exchange.cache_handler.get_cached_token()
    try:
        return SignIn(
            client_id=client_id,
            access_token=token["access_token"],
            refresh_token=token["refresh_token"],
            expires=float(token["expires_at"]),
            authorized=now,
            scope=token.get("scope", ""),
        )
    except (KeyError, TypeError):
        raise SpotifyError("Spotify's answer to the sign-in lacks a token; try again later") from None


def _status_of(sign_in: SignIn, now: float) -> Status:
    ends = datetime.datetime.fromtimestamp(sign_in.ends).astimezone()
    days = int((sign_in.ends - now) // 86_400)
    warning = None
    if days < 0:
        warning = "the sign-in has ended; run `playlistkit spotify login` again"
    elif now - sign_in.authorized >= WARN_AFTER:
        warning = f"the sign-in ends in {days} days; run `playlistkit spotify login` before your next session"
    granted = set(sign_in.scope.split())
    return Status(
        user=sign_in.user,
        user_name=sign_in.user_name,
        authorized=datetime.datetime.fromtimestamp(sign_in.authorized).astimezone(),
        ends=ends,
        warning=warning,
        missing_permissions=tuple(each for each in SCOPES if each not in granted),
    )
