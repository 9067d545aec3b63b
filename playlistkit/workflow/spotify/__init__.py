"""The library and the therapist's Spotify account: sign in, pull, match, push."""

from __future__ import annotations

from playlistkit.spotify.login import STEPS, TERMS
from playlistkit.spotify.login import Status as SignInStatus
from playlistkit.spotify.match import Found
from playlistkit.workflow.spotify.account import known_client_id, login, logout, status
from playlistkit.workflow.spotify.matching import Choice, MatchReport, Open, link, match
from playlistkit.workflow.spotify.pulling import PullReport, pull
from playlistkit.workflow.spotify.pushing import PushReport, push

__all__ = [
    "STEPS", "TERMS", "Choice", "Found", "MatchReport", "Open", "PullReport", "PushReport", "SignInStatus",
    "known_client_id", "link", "login", "logout", "match", "pull", "push", "status",
]  # fmt: skip
