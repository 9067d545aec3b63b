"""The library and the therapist's Spotify account: sign in, pull, match, push."""

from __future__ import annotations

from playlistkit.spotify.login import STEPS, TERMS
from playlistkit.spotify.login import Status as SignInStatus
from playlistkit.spotify.match import Found
from playlistkit.spotify.reccobeats import SENT
from playlistkit.workflow.spotify.account import Progress, Tell, known_client_id, login, logout, status
from playlistkit.workflow.spotify.features import FeaturesReport, Service, fetch_features, planned_requests
from playlistkit.workflow.spotify.matching import Choice, MatchReport, Open, link, match
from playlistkit.workflow.spotify.pulling import PullReport, pull
from playlistkit.workflow.spotify.pushing import PushReport, push

__all__ = [
    "SENT", "STEPS", "TERMS", "Choice", "FeaturesReport", "Found", "MatchReport", "Open", "Progress", "PullReport", "PushReport", "Service", "SignInStatus", "Tell",
    "fetch_features", "known_client_id", "link", "login", "logout", "match", "planned_requests", "pull", "push", "status",
]  # fmt: skip
