"""How many requests a job takes, compared with what Spotify is reported to allow a day."""

from __future__ import annotations

import math

from playlistkit.figures import counted

__all__ = ["DAILY_REQUESTS", "announced"]

DAILY_REQUESTS = 1000
"""Requests that people report as allowed to their own app within 24 hours (800 to 1,400); Spotify doesn't say."""


def announced(least: int, most: int) -> str:
    """The sentence to say before so many requests are made."""
    count = counted(most, "request") if least == most else f"{least} to {counted(most, 'request')}"
    text = f"{count} to Spotify, which is reported to allow about {DAILY_REQUESTS} in 24 hours"
    if most > DAILY_REQUESTS:
        days = math.ceil(most / DAILY_REQUESTS)
        text += (
            f": this may take {days} days. When Spotify asks for a pause, what is done is kept, and the same command "
            "goes on after the time it names"
        )
    return f"{text}."
