"""The words for people that both faces use, as `report` has them."""

from playlistkit.report.heard import (
    artist_of,
    clock,
    length,
    plain,
    players,
    source,
    tempo,
    title_of,
    voice,
)

__all__ = ["artist_of", "clock", "length", "plain", "players", "source", "tempo", "title_of", "voice"]
