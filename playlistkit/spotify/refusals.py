"""Why Spotify didn't do what was asked: the errors and their sentences."""

from __future__ import annotations

import datetime

import requests

from playlistkit.errors import SpotifyError

__all__ = [
    "ComeBack",
    "NotFound",
    "NotSignedIn",
    "Refused",
    "Unclear",
    "pause_of",
    "refusal",
    "retry_after",
    "why",
]

LONGEST_WAIT = 60.0  # seconds; a longer Retry-After ends the call


class NotSignedIn(SpotifyError):
    """There is no sign-in, or Spotify no longer accepts it."""


class Refused(SpotifyError):
    """Spotify forbids it (403)."""


class NotFound(SpotifyError):
    """Spotify doesn't know it (404)."""


class Unclear(SpotifyError):
    """A write whose effect is unknown: no answer came, or Spotify failed in the middle of it."""


class ComeBack(SpotifyError):
    """Spotify wants us to come back later.

    Attributes
    ----------
    until : datetime or None
        When, in local time; `None` if Spotify did not say.
    """

    def __init__(self, message: str, until: datetime.datetime | None) -> None:
        super().__init__(message)
        self.until = until


def pause_of(what: str, response: requests.Response) -> float:
    """Seconds to wait after a 429, if they are few.

    Raises
    ------
    ComeBack
        If it asks for more than a minute, doesn't say how long, or the quota is used up.
    """
    seconds = retry_after(response)
    _, reason = _message(response)
    if reason == "QUOTA_EXCEEDED":
        raise ComeBack(
            f"{what}: the quota of your Spotify developer account is used up. Finished work is kept; "
            + _later(seconds),
            _when(seconds),
        )
    if seconds is None or seconds > LONGEST_WAIT:
        raise ComeBack(
            f"{what}: Spotify asks for a pause. Finished work is kept; " + _later(seconds), _when(seconds)
        )
    return seconds


def retry_after(response: requests.Response) -> float | None:
    """Seconds in the Retry-After header; `None` if it is missing or unusable."""
    try:
        seconds = float(response.headers.get("Retry-After", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 31 * 86_400 else None


def _when(seconds: float | None) -> datetime.datetime | None:
    if seconds is None:
        return None
    return datetime.datetime.now().astimezone() + datetime.timedelta(seconds=seconds)


def _later(seconds: float | None) -> str:
    when = _when(seconds)
    if when is None:
        return "Spotify does not say for how long, so run the same command again tomorrow"
    return f"run the same command again after {when:%Y-%m-%d %H:%M}"


def _message(response: requests.Response) -> tuple[str, str | None]:
    """Message and reason from an error's body, which may be an object, a string in an object, or plain text."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return response.text.strip()[:200], None
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        message, reason = error.get("message"), error.get("reason")
        return str(message or ""), str(reason) if reason else None
    return str(error)[:200], None


def refusal(what: str, response: requests.Response) -> SpotifyError:
    """The sentence for a refusal."""
    status = response.status_code
    message, reason = _message(response)
    said = f" (Spotify says: {message})" if message else ""
    lower = f"{message} {reason or ''}".lower()
    if status == 401:
        return NotSignedIn(
            f"Spotify does not accept the sign-in{said}; run `playlistkit spotify login` again"
        )
    if status == 403:
        if "scope" in lower:
            return Refused(
                f"{what}: the sign-in lacks a permission{said}; run `playlistkit spotify login` again"
            )
        if "registered" in lower or "developer" in lower:
            return Refused(
                "this Spotify account is not on your app's list of users; add it in the developer dashboard "
                f"under User Management{said}"
            )
        if "premium" in lower:
            return Refused(f"Spotify asks for an active Premium subscription of the app's owner{said}")
        return Refused(
            f"{what}: Spotify refuses{said}; a playlist's contents are open to its owner and collaborators only"
        )
    if status == 404:
        return NotFound(
            f"{what}: Spotify does not return it{said}; it was deleted, or is one of Spotify's own playlists, "
            "which apps can't read"
        )
    if status == 429:
        return ComeBack(f"{what}: Spotify keeps asking for pauses; {_later(retry_after(response))}", None)
    return SpotifyError(f"{what}: Spotify refused it with status {status}{said}")


def why(error: Exception) -> str:
    """Why a request failed, without addresses, which may hold codes."""
    if isinstance(error, requests.Timeout):
        return "Spotify does not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "Spotify can't be reached; is this machine online?"
    if isinstance(error, (ValueError, KeyError)):
        return "the answer can't be read"
    return f"the connection failed ({type(error).__name__})"
