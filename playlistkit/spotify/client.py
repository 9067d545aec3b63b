"""A thin, careful layer over spotipy: our own timeouts and waits, no hidden retries, a sentence for every failure.

spotipy by default sleeps for hours on a 429, repeats writes on a 5xx (doubled tracks), lets `requests`' errors
through, fails with an AttributeError on some 403, and prints the bearer token when logging is on. None of that
happens here: it gets a plain `requests.Session`, its loggers are silenced, and each call goes through `Client.call`.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import requests
import spotipy

from playlistkit.errors import SpotifyError
from playlistkit.spotify import addresses
from playlistkit.spotify.authorization import SECOND_LOOK, TIMEOUT, Authorization
from playlistkit.spotify.refusals import (
    ComeBack,
    NotFound,
    NotSignedIn,
    Refused,
    Unclear,
    pause_of,
    refusal,
    why,
)
from playlistkit.spotify.tokens import Store

__all__ = [
    "PAGE",
    "Client",
    "ComeBack",
    "NotFound",
    "NotSignedIn",
    "Refused",
    "Unclear",
    "entry_item",
    "is_id",
]

PACE = 0.35  # seconds between requests; Spotify's limit is secret and counted over 30 s
ATTEMPTS = 4
PAGE = 50
UNREADABLE = "the answer can't be read"
ID = re.compile(r"[0-9A-Za-z_-]{1,64}")  # Spotify's have 22 letters and digits

log = logging.getLogger(__name__)


class Client:
    """Spotify's Web API as far as we need it, for one account and one thread.

    Parameters
    ----------
    store : Store, optional
        Where the sign-in is kept.
    tell : callable, optional
        Called with a sentence before each wait that somebody would notice.
    wait : callable
        Waits for so many seconds.
    session : requests.Session, optional
        With no retries of its own.

    Raises
    ------
    NotSignedIn
        If there is no sign-in.
    """

    def __init__(
        self,
        store: Store | None = None,
        *,
        tell: Callable[[str], None] = lambda _: None,
        wait: Callable[[float], None] = time.sleep,
        session: requests.Session | None = None,
    ) -> None:
        self._session = session or requests.Session()
        self._session.hooks["response"].append(self._remember)
        self._last: requests.Response | None = None
        self.authorization = Authorization(store or Store(), self._session, wait)
        self._tell = tell
        self._wait = wait
        self._pace = PACE if addresses.is_real() else 0.0
        self._spotipy = spotipy.Spotify(
            auth_manager=self.authorization, requests_session=self._session, requests_timeout=TIMEOUT
        )
        self._spotipy.prefix = addresses.api_url()

    # --- what can be asked ----------------------------------------------------------------------------------

    def me(self) -> dict[str, Any]:
        """The account: `id`, `display_name`."""
        return self.call("your account", self._spotipy.me)

    def playlists(self) -> Iterator[dict[str, Any]]:
        """The account's playlists, own and followed; entries without an id are left out."""
        for page in self._pages("your playlists", self._spotipy.current_user_playlists):
            yield from (each for each in _entries(page) if is_id(each.get("id")))

    def playlist(self, playlist: str) -> dict[str, Any]:
        """One playlist's name, description, owner, `public` and `snapshot_id`."""
        return self.call(f"playlist {playlist}", self._spotipy.playlist, playlist)

    def items(self, playlist: str, start: int = 0) -> Iterator[dict[str, Any]]:
        """Pages of a playlist's entries, from entry `start` on; `entry_item` reads an entry."""
        return self._pages(f"playlist {playlist}", self._spotipy.playlist_items, playlist, start=start)

    def saved(self, start: int = 0) -> Iterator[dict[str, Any]]:
        """Pages of the saved tracks, newest first."""
        return self._pages("your saved tracks", self._spotipy.current_user_saved_tracks, start=start)

    def track(self, uri: str) -> dict[str, Any]:
        """One track."""
        return self.call(f"track {uri}", self._spotipy.track, uri)

    def search(self, query: str) -> list[dict[str, Any]]:
        """Up to 10 tracks, the most that Spotify gives."""
        answer = self.call(f"search for {query!r}", self._spotipy.search, query, limit=10, type="track")
        tracks = answer.get("tracks")
        return _entries(tracks) if isinstance(tracks, dict) else []

    def create_playlist(self, name: str, description: str) -> dict[str, Any]:
        """Make a playlist that isn't shown on the profile."""
        return self.call(
            "making the playlist",
            self._spotipy.current_user_playlist_create,
            name,
            public=False,
            description=description,
            writes=True,
        )

    def change_playlist(self, playlist: str, name: str, description: str) -> None:
        """Give a playlist another name and description."""
        self.call(
            "renaming the playlist",
            self._spotipy.playlist_change_details,
            playlist,
            name=name,
            public=False,
            description=description,
            writes=True,
            answers=False,
        )

    def replace_items(self, playlist: str, uris: list[str]) -> None:
        """Make these the playlist's only entries; at most 100."""
        self.call("filling the playlist", self._spotipy.playlist_replace_items, playlist, uris, writes=True)

    def add_items(self, playlist: str, uris: list[str], position: int) -> None:
        """Add entries at a position; at most 100."""
        # spotipy's own playlist_add_items sends a bare list where Spotify's schema wants an object
        self.call(
            "filling the playlist",
            self._spotipy._post,
            f"playlists/{playlist}/items",
            payload={"uris": uris, "position": position},
            writes=True,
        )

    def set_cover(self, playlist: str, jpeg_base64: str) -> None:
        """Give a playlist its picture: a JPEG in base64, at most 256 KB."""
        self.call(
            "setting the picture",
            self._spotipy.playlist_upload_cover_image,
            playlist,
            jpeg_base64,
            writes=True,
            answers=False,
        )

    def pause(self, seconds: float) -> None:
        """Wait between two tries."""
        self._wait(seconds)

    # --- how it is asked ------------------------------------------------------------------------------------

    def _pages(
        self, what: str, method: Callable[..., Any], *args: object, start: int = 0
    ) -> Iterator[dict[str, Any]]:
        while True:
            page = self.call(what, method, *args, limit=PAGE, offset=start)
            entries = page.get("items")
            if not isinstance(entries, list):
                raise SpotifyError(f"{what}: the answer holds no list of entries; try again later")
            yield page
            count = len(entries)
            start += count
            if not count or not page.get("next"):
                return

    def call(
        self,
        what: str,
        method: Callable[..., Any],
        *args: object,
        writes: bool = False,
        answers: bool = True,
        **kwargs: object,
    ) -> dict[str, Any]:
        """Call a method of spotipy.

        Parameters
        ----------
        what : str
            The thing asked for, as messages name it: "playlist 37i9...".
        writes : bool
            Whether it changes anything; if so, it is never repeated unless it certainly had no effect.
        answers : bool
            Whether an answer with content is expected.

        Raises
        ------
        Unclear
            If it writes, and it isn't known whether it took effect.
        ComeBack
            If Spotify asks to wait more than a minute, or doesn't say how long.
        NotSignedIn, Refused, NotFound, SpotifyError
        """
        refused = 0
        for attempt in range(1, ATTEMPTS + 1):
            self._last = None
            if self._pace:
                self._wait(self._pace)
            try:
                answer = method(*args, **kwargs)
            except SpotifyError:
                raise
            except requests.RequestException as error:
                reason = why(error)
                sent = not isinstance(error, requests.ConnectTimeout)
            except RecursionError:  # an endlessly nested answer
                reason, sent = UNREADABLE, True
            except (spotipy.SpotifyException, AttributeError):
                # spotipy raises the AttributeError itself, on an error body it doesn't expect
                response = self._last
                if response is None or response.ok:
                    raise
                status = response.status_code
                log.debug("%s: status %d", what, status)
                if status == 401 and refused < 2:
                    refused += 1
                    if refused == 1:
                        self.authorization.renew()
                    else:  # false ones occur, right after a valid answer
                        self._wait(SECOND_LOOK)
                    continue
                if status == 429 and attempt < ATTEMPTS:
                    self._wait_as_told(what, response)
                    continue
                if status < 500:
                    raise refusal(what, response) from None
                reason, sent = f"Spotify has trouble (status {status})", True
            else:
                if isinstance(answer, dict):
                    return answer
                if not answers:
                    return {}
                reason, sent = UNREADABLE, True
            if writes and sent:
                raise Unclear(
                    f"{what}: {reason}; run the same command again; it carries on from there"
                ) from None
            if attempt < ATTEMPTS:
                self._tell(f"{what}: {reason}; trying again in {2**attempt} s")
                self._wait(2.0**attempt)
        raise SpotifyError(f"{what}: {reason}; try again later")

    def _remember(self, response: requests.Response, *_args: object, **_kwargs: object) -> None:
        self._last = response

    def _wait_as_told(self, what: str, response: requests.Response) -> None:
        """Wait for a short Retry-After.

        Raises
        ------
        ComeBack
            For a long one, none, or a used-up quota.
        """
        seconds = pause_of(what, response)
        self._tell(f"{what}: Spotify asks for a pause of {seconds:.0f} s")
        self._wait(seconds)


def is_id(value: object) -> bool:
    """Whether an answer's value may stand in the address of the next request, as ``"../../me"`` must not."""
    return isinstance(value, str) and ID.fullmatch(value) is not None


def entry_item(entry: dict[str, Any]) -> dict[str, Any] | None:
    """The track or episode of a playlist's entry; `None` if Spotify gives none any more."""
    item = entry.get("item") or entry.get("track")
    return item if isinstance(item, dict) else None


def _entries(page: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of a page; nulls left out."""
    items = page.get("items")
    return [each for each in items if isinstance(each, dict)] if isinstance(items, list) else []
