"""The words for people that `report` makes, for the command line and the page."""

from __future__ import annotations

from playlistkit.report.template_words import template_lines
from playlistkit.report.words import (
    artist_of,
    certified,
    clock,
    finding_line,
    flagged_joins,
    join_line,
    length,
    levels,
    named,
    pinned,
    plain,
    players,
    remarks,
    source,
    swap_lines,
    tempo,
    title_of,
    verdict,
    voice,
)
from playlistkit.report.wrapping import wide, wrapped

__all__ = [
    "artist_of",
    "certified",
    "clock",
    "finding_line",
    "flagged_joins",
    "join_line",
    "length",
    "levels",
    "named",
    "pinned",
    "plain",
    "players",
    "remarks",
    "source",
    "swap_lines",
    "template_lines",
    "tempo",
    "title_of",
    "verdict",
    "voice",
    "wide",
    "wrapped",
]
