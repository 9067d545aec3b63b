"""Where Spotify is: the real service, or a stand-in on this machine."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from playlistkit.errors import InputError

__all__ = ["ACCOUNTS", "API", "accounts_url", "api_url", "is_real"]

API = "https://api.spotify.com/v1/"
ACCOUNTS = "https://accounts.spotify.com"


def api_url() -> str:
    """The address of the Web API, with a slash at its end; `PLAYLISTKIT_SPOTIFY_API_URL` overrides."""
    return _address("PLAYLISTKIT_SPOTIFY_API_URL", API).rstrip("/") + "/"


def accounts_url() -> str:
    """The address of the sign-in service; `PLAYLISTKIT_SPOTIFY_ACCOUNTS_URL` overrides."""
    return _address("PLAYLISTKIT_SPOTIFY_ACCOUNTS_URL", ACCOUNTS).rstrip("/")


def is_real() -> bool:
    """Whether this is Spotify itself."""
    return accounts_url() == ACCOUNTS and api_url() == API


def _address(variable: str, default: str) -> str:
    address = os.environ.get(variable)
    if not address:
        return default
    # a token sent to another host would be given away
    if urlsplit(address).hostname not in ("127.0.0.1", "::1") or urlsplit(address).scheme != "http":
        raise InputError(
            f"{variable}: {address!r} is not on this machine; give http://127.0.0.1:PORT or unset it"
        )
    return address
