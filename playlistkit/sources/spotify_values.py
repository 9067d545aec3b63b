"""What Spotify's values mean on our scales, and how it names a track.

Its energy is converted by fixed anchors: percentiles of the same 382 tracks of eight published session playlists on
both scales, straight lines between them (docs/features.md).
"""

from __future__ import annotations

import re
from bisect import bisect_right

from playlistkit.model import Vocals

__all__ = ["SPOTIFY_ENERGY", "SPOTIFY_ID", "from_spotify_energy", "spotify_uri", "voice_of"]

SPOTIFY_ENERGY = (
    (0.0, 0.0), (0.01, 0.05), (0.05, 0.25), (0.1, 0.5), (0.21, 0.75), (0.37, 0.9), (0.47, 0.95), (0.67, 0.99),
    (1.0, 1.0),
)  # fmt: skip
"""Anchors (Spotify's energy, ours), ascending in both."""

INSTRUMENTAL, SUNG = 0.8, 0.2  # instrumentalness at which nobody sings, and at which somebody does

SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")

SPOTIFY_TRACK = re.compile(
    r"(?:spotify:track:|(?:https?://)?open\.spotify\.com/(?:intl-\w\w/)?track/)([0-9A-Za-z]{22})(?:\?.*)?"
)


def from_spotify_energy(energy: float) -> float:
    """Our energy for Spotify's, both 0 to 1: straight lines between `SPOTIFY_ENERGY`, to 4 decimals."""
    after = min(max(bisect_right(SPOTIFY_ENERGY, (energy, 2.0)), 1), len(SPOTIFY_ENERGY) - 1)
    (x0, y0), (x1, y1) = SPOTIFY_ENERGY[after - 1 : after + 1]
    return round(y0 + (y1 - y0) * (energy - x0) / (x1 - x0), 4)


def voice_of(instrumentalness: float) -> Vocals:
    """The voice behind Spotify's instrumentalness: none from 0.8, words up to 0.2, unknown between.

    Spotify documents 0.5 as the border, and more certainty towards the ends. There is quiet piano with 0.00, so "words"
    is only likely; a wrong "words" costs a track, a wrong "none" would harm a client.
    """
    if instrumentalness >= INSTRUMENTAL:
        return "none"
    return "words" if instrumentalness <= SUNG else "unknown"


def spotify_uri(text: str) -> str | None:
    """`spotify:track:...` for a URI, an address or a bare id of a track; `None` for anything else."""
    if SPOTIFY_ID.fullmatch(text):
        return f"spotify:track:{text}"
    match = SPOTIFY_TRACK.fullmatch(text)
    return f"spotify:track:{match[1]}" if match else None
