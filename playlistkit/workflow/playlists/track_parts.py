"""A part of a track, as a playlist or a CUE sheet names it, with features computed from the track's curves.

Takes a candidate and an entry with a start and an end; gives the candidate as that part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from playlistkit.model import Candidate
from playlistkit.sources.playlist import Entry

__all__ = ["part", "within"]

EXACT = 1.0  # s by which a stretch that a playlist names in whole seconds and a track of an album may differ
EDGE, NEAR = 30, 10  # s at either end of a part that its joins are judged by


def within(candidate: Candidate, entry: Entry) -> Candidate:
    """A track of an album in one file, or the stretch of it that the entry names."""
    track = candidate.track
    start = entry.start - track.start
    end = track.duration if entry.end is None else entry.end - track.start
    if abs(start) <= EXACT and abs(end - track.duration) <= EXACT:
        return replace(candidate, track=replace(track, path=entry.path))
    inside = replace(entry, start=max(0.0, start), end=max(end, 0.1))
    return part(replace(candidate, track=replace(track, path=entry.path)), inside)


def part(candidate: Candidate, entry: Entry) -> Candidate:
    """A part of a track, with features computed from its curves."""
    whole = candidate.track.duration
    end = entry.end if entry.end is not None else whole
    end = min(end, whole) if whole else end
    start = min(entry.start, end)
    track = replace(
        candidate.track,
        id=f"{candidate.track.id} {start:g}-{end:g}",
        title=entry.title or candidate.track.title,
        duration=end - start,
    )
    features = candidate.features
    energies = features.energy_curve and features.energy_curve[round(start) : round(end)]
    levels = features.loudness_curve and features.loudness_curve[round(start) : round(end)]
    return replace(
        candidate,
        track=track,
        features=replace(
            features,
            energy=_mean(energies) if energies else features.energy,
            energy_start=_mean(energies[:EDGE]) if energies else None,
            energy_end=_mean(energies[-EDGE:]) if energies else None,
            loudness=_level(levels) if levels else features.loudness,
            loudness_start=_level(levels[:EDGE]) if levels else None,
            loudness_end=_level(levels[-EDGE:]) if levels else None,
            loudness_start_near=_level(levels[:NEAR]) if levels else None,
            loudness_end_near=_level(levels[-NEAR:]) if levels else None,
            silence_start=None,
            silence_end=None,
            fades=None,
            timbre_start=None,
            timbre_end=None,
        ),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _level(values: Sequence[float]) -> float:
    """The mean of levels, as power."""
    return 10 * math.log10(_mean([10 ** (each / 10) for each in values]))
