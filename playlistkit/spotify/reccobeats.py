"""ReccoBeats: audio features by Spotify id, on Spotify's own scales, from a third party.

What is sent: the ids of the tracks, in the address of a GET request, and, as with any request of any program, this
machine's address on the internet. Nothing else: no account, no cookie, no name of this program or of a person.

Who runs the service, on what terms, and where its values come from is not published. It leaves out tracks it doesn't
know, gives several rows for one recording, and silently drops ids after the fortieth.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import requests
from requests.auth import AuthBase

from playlistkit.errors import ServiceError
from playlistkit.spotify import addresses
from playlistkit.spotify.refusals import retry_after

__all__ = ["MOST_IDS", "NAME", "SENT", "address_of", "batches", "fetch", "new_session"]

NAME = "ReccoBeats"
SENT = (
    "the Spotify ids of these tracks, in the address of the request, and with it, as with every request, the internet "
    "address of this machine; no account, no cookie, no title, nothing about a client"
)
"""What is sent, in words."""

MOST_IDS = 40
TIMEOUT = (5.0, 20.0)  # seconds to connect, to wait for an answer
PACE = 0.5  # seconds between requests; its limits aren't published
LONGEST_WAIT = 60.0  # seconds
ATTEMPTS = 4
LARGEST = 1 << 20  # bytes; forty tracks take some 20 KB

REFUSALS = {
    4001: "it rejects one of the ids",
    4002: "it rejects the list of ids",
    4004: "it requires something we don't send; its interface has changed",
    4041: "it knows none of these tracks",
    4042: "it knows none of these tracks",
    4291: "it asks for a pause",
}
"""Its own error codes, in words."""

NONE_KNOWN = (4041, 4042)
HREF = re.compile(r"https://open\.spotify\.com/(?:intl-\w+/)?track/([0-9A-Za-z]{22})(?:\?.*)?")


class _NoAuth(AuthBase):
    """Sends no password, even if a `.netrc` has one for the host."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def new_session() -> requests.Session:
    """A session that sends only what `SENT` says."""
    session = requests.Session()
    session.headers.clear()
    session.headers.update({"Accept": "application/json", "User-Agent": ""})
    session.auth = _NoAuth()
    session.cookies.set_policy(_NoCookies())
    return session


class _NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):  # type: ignore[name-defined, misc]
    """Keeps no cookie, so that no cookie can link two requests."""

    def set_ok(self, cookie: object, request: object) -> bool:  # noqa: ARG002 -- cookielib's signature
        return False


def batches(uris: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The URIs in groups that one request takes."""
    for first in range(0, len(uris), MOST_IDS):
        yield tuple(uris[first : first + MOST_IDS])


def address_of(uris: Sequence[str]) -> str:
    """The complete address of the request for these tracks."""
    ids = ",".join(uri.removeprefix("spotify:track:") for uri in uris)
    return f"{addresses.reccobeats_url()}audio-features?ids={ids}"


def fetch(
    uris: Sequence[str],
    session: requests.Session,
    *,
    tell: Callable[[str], None] = lambda _: None,
    wait: Callable[[float], None] = time.sleep,
) -> dict[str, list[dict[str, Any]]]:
    """Ask for up to `MOST_IDS` tracks.

    Parameters
    ----------
    uris : sequence of str
        ``spotify:track:...``
    session : requests.Session
        As `new_session` makes it.
    tell : callable
        Called with a sentence before each wait.
    wait : callable
        Waits for so many seconds.

    Returns
    -------
    dict of str to list of dict
        By URI, the rows that the service has for it, unchanged. Tracks it doesn't know are missing, and rows that nobody
        asked for are left out.

    Raises
    ------
    ServiceError
        If it can't be reached, refuses, asks for a long pause, or its answer can't be read.
    """
    if addresses.is_real():
        wait(PACE)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            response = session.get(address_of(uris), timeout=TIMEOUT, allow_redirects=False)
        except requests.Timeout:
            reason = "does not answer in time"
        except requests.RequestException:
            reason = "can't be reached; is this machine online?"
        else:
            code = _code(response)
            if response.status_code == 429 or code == 4291:
                _pause(response, attempt, tell, wait)
                continue
            if code in NONE_KNOWN:
                return {}
            if response.ok and not response.is_redirect:
                return _rows(response, uris)
            if response.status_code < 500:
                why = REFUSALS.get(code or 0, f"status {response.status_code}")
                raise ServiceError(f"{NAME} refuses: {why}; earlier answers are kept")
            reason = f"has trouble (status {response.status_code})"
        if attempt < ATTEMPTS:
            tell(f"{NAME} {reason}; trying again in {2**attempt} s")
            wait(2.0**attempt)
    raise ServiceError(f"{NAME} {reason}; earlier answers are kept. Run the same command again later")


def _pause(
    response: requests.Response, attempt: int, tell: Callable[[str], None], wait: Callable[[float], None]
) -> None:
    seconds = retry_after(response)
    if seconds is None or seconds > LONGEST_WAIT or attempt == ATTEMPTS:
        when = "later" if seconds is None else f"in {max(1, round(seconds / 60))} min"
        raise ServiceError(
            f"{NAME} asks for a pause; earlier answers are kept. Run the same command again {when}"
        )
    tell(f"{NAME} asks for a pause of {seconds:.0f} s")
    wait(seconds)


def _code(response: requests.Response) -> int | None:
    """Its own error code, in a body that may hold anything."""
    if response.ok:
        return None
    document = _document(response)
    code = document.get("code", document.get("errorCode")) if isinstance(document, dict) else None
    return code if isinstance(code, int) else None


def _document(response: requests.Response) -> Any:
    if len(response.content) > LARGEST:
        return None
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _rows(response: requests.Response, uris: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    document = _document(response)
    content = document.get("content") if isinstance(document, dict) else None
    if not isinstance(content, list):
        raise ServiceError(f"the answer of {NAME} can't be read; earlier answers are kept")
    asked = set(uris)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in content:
        href = HREF.fullmatch(str(row.get("href"))) if isinstance(row, dict) else None
        uri = f"spotify:track:{href[1]}" if href else ""
        if uri in asked:  # by id, never by position, since unknown ids are left out
            found.setdefault(uri, []).append(row)
    return found
