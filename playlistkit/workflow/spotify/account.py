"""Who is signed in, and a client for that account."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable

from playlistkit.spotify import login as sign_in
from playlistkit.spotify.client import Client
from playlistkit.spotify.login import Status as SignInStatus
from playlistkit.spotify.tokens import Store

__all__ = ["Progress", "Tell", "known_client_id", "login", "logout", "signed_in", "status"]

Progress = Callable[[int, int, str], None]
"""Called with the number done, the total, and a name."""
Tell = Callable[[str], None]
"""Called with a sentence."""


def known_client_id() -> str | None:
    """The client id last used on this machine."""
    return Store().client_id()


def login(
    client_id: str,
    *,
    show: Tell,
    paste: Callable[[], str] | None = None,
    port: int = 0,
    browser: Callable[[str], object] = webbrowser.open,
) -> SignInStatus:
    """Sign in and store the sign-in; see `playlistkit.spotify.login.login`."""
    return sign_in.login(Store(), client_id, show=show, paste=paste, port=port, browser=browser)


def status() -> SignInStatus | None:
    """Who is signed in, and until when; `None` if nobody is."""
    return sign_in.status(Store())


def logout() -> bool:
    """Delete the sign-in; returns whether there was one."""
    return sign_in.logout(Store())


def signed_in(tell: Tell) -> Client:
    """A client for the signed-in account; warns if the sign-in ends soon."""
    client = Client(tell=tell)
    known = status()
    if known is not None and known.warning:
        tell(known.warning)
    return client
