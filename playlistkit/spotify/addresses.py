"""Where Spotify and ReccoBeats are: the real service, or a stand-in on this machine."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from playlistkit.errors import InputError

__all__ = ["ACCOUNTS", "API", "RECCOBEATS", "accounts_url", "api_url", "is_real", "reccobeats_url"]

API = "https://api.spotify.com/v1/"
ACCOUNTS = "https://accounts.spotify.com"
RECCOBEATS = "https://api.reccobeats.com/v1/"


def api_url() -> str:
    """The address of the Web API, with a slash at its end; `PLAYLISTKIT_SPOTIFY_API_URL` overrides."""
    return _address("PLAYLISTKIT_SPOTIFY_API_URL", API).rstrip("/") + "/"


def accounts_url() -> str:
    """The address of the sign-in service; `PLAYLISTKIT_SPOTIFY_ACCOUNTS_URL` overrides."""
    return _address("PLAYLISTKIT_SPOTIFY_ACCOUNTS_URL", ACCOUNTS).rstrip("/")


def reccobeats_url() -> str:
    """The address of ReccoBeats, with a slash at its end; `PLAYLISTKIT_RECCOBEATS_URL` overrides."""
    return _address("PLAYLISTKIT_RECCOBEATS_URL", RECCOBEATS).rstrip("/") + "/"


def is_real() -> bool:
    """Whether these are the real services."""
    return (accounts_url(), api_url(), reccobeats_url()) == (ACCOUNTS, API, RECCOBEATS)


def _address(variable: str, default: str) -> str:
    address = os.environ.get(variable)
    if not address:
        return default
    # a token must never be sent to another host
    if urlsplit(address).hostname not in ("127.0.0.1", "::1") or urlsplit(address).scheme != "http":
        raise InputError(
            f"{variable}: {address!r} is not on this machine; give http://127.0.0.1:PORT or unset it"
        )
    return address
