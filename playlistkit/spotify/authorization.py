"""The access token for spotipy: PKCE's exchange, and its renewal while the sign-in lasts.

Importing this silences spotipy's loggers, which print tokens.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable

import requests
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyOauthError, SpotifyPKCE

from playlistkit.errors import SpotifyError
from playlistkit.spotify import addresses
from playlistkit.spotify.refusals import (
    NotSignedIn,
    why,
)
from playlistkit.spotify.tokens import SignIn, Store

__all__ = ["SCOPES", "SECOND_LOOK", "TIMEOUT", "Authorization", "pkce"]

SCOPES = (
    "playlist-read-private", "playlist-read-collaborative", "user-library-read", "playlist-modify-private",
    "playlist-modify-public", "ugc-image-upload",
)  # fmt: skip
"""The permissions asked for: read playlists and saved tracks, write playlists and their pictures."""
TIMEOUT = (5.0, 20.0)  # seconds to connect, to wait for an answer
SECOND_LOOK = 2.0  # seconds before a refused sign-in is believed


class _Shut(logging.Filter):
    """Blocks everything: spotipy logs bearer tokens, codes and refresh tokens."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        return False


for _name in ("spotipy.client", "spotipy.oauth2"):
    logging.getLogger(_name).addFilter(_Shut())


class Authorization:
    """Gives spotipy a valid access token, renewed when needed.

    Parameters
    ----------
    store : Store
        Where the sign-in is kept.
    session : requests.Session
    wait : callable
        Waits for so many seconds.
    """

    def __init__(
        self, store: Store, session: requests.Session, wait: Callable[[float], None] = time.sleep
    ) -> None:
        sign_in = store.load()
        if sign_in is None:
            raise NotSignedIn("not signed in to Spotify; run `playlistkit spotify login`")
        self.store = store
        self.session = session
        self.wait = wait
        self.sign_in: SignIn = sign_in

    def get_access_token(self, as_dict: bool = False) -> str:  # noqa: ARG002 -- as spotipy calls it
        """The access token, renewed a minute before it ends."""
        if self.sign_in.expires - self.store.now() < 60:
            self.renew()
        return self.sign_in.access_token

    def renew(self) -> None:
        """Get a new access token.

        Raises
        ------
        NotSignedIn
            If Spotify no longer accepts the sign-in; it is then removed.
        SpotifyError
            If Spotify can't be reached now.
        """
        exchange = pkce(self.sign_in.client_id, "http://127.0.0.1", self.session)
        try:
            try:
                token = exchange.refresh_access_token(self.sign_in.refresh_token)
            except SpotifyOauthError as error:
                if error.error != "invalid_grant":
                    raise
                self.wait(SECOND_LOOK)  # Spotify has said this of valid sign-ins
                token = exchange.refresh_access_token(self.sign_in.refresh_token)
        except SpotifyOauthError as error:
            if error.error in ("invalid_grant", "invalid_client"):
                self.store.remove()
                raise NotSignedIn(
                    "Spotify no longer accepts the sign-in (it lasts six months, or was withdrawn); "
                    "run `playlistkit spotify login` again"
                ) from None
            raise SpotifyError(f"the sign-in could not be renewed: Spotify says {error.error!r}") from None
        except (requests.RequestException, ValueError, KeyError) as error:
            raise SpotifyError(f"the sign-in could not be renewed: {why(error)}") from None
        self.sign_in = dataclasses.replace(
            self.sign_in,
            access_token=token["access_token"],
            refresh_token=token.get("refresh_token") or self.sign_in.refresh_token,
            expires=float(token["expires_at"]),
            scope=token.get("scope") or self.sign_in.scope,
        )
        self.store.save(self.sign_in)


def pkce(client_id: str, redirect: str, session: requests.Session) -> SpotifyPKCE:
    """Spotipy's PKCE exchange, which itself keeps nothing on disk."""
    exchange = SpotifyPKCE(
        client_id=client_id,
        redirect_uri=redirect,
        scope=" ".join(SCOPES),
        cache_handler=MemoryCacheHandler(),
        requests_session=session,
        requests_timeout=TIMEOUT,
        open_browser=False,
    )
    exchange.OAUTH_AUTHORIZE_URL = f"{addresses.accounts_url()}/authorize"
    exchange.OAUTH_TOKEN_URL = f"{addresses.accounts_url()}/api/token"
    return exchange
