"""Find one recording in two files by its sound: equal length, and loudness that moves alike second by second.

Uses no tags, so it finds an untagged WAV and its MP3. We know no two pieces of music that agree this closely;
two whose loudness hardly moves might, so those are not compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Curve, Features, Track

__all__ = ["same_sound"]

SAME_SECONDS = 1.0  # encoders pad by less
SAME_LOUDNESS = 1.0  # LU; encoders lower the level by up to half of this for headroom
SAME_CURVE = 0.3  # LU, root mean square over the track, after removing the level difference
MOVES = 2.0  # LU between the softest and loudest tenth of the sound; with less there is no shape to compare
FLOOR = -60.0  # LUFS; below this is silence, which encoders treat differently


def same_sound(tracks: Sequence[Track], features: Sequence[Features]) -> list[tuple[int, int]]:
    """Pairs of indices of tracks that are one recording, by their sound."""
    known = [
        (tracks[place].duration, place, each.loudness, each.loudness_curve)
        for place, each in enumerate(features)
        if each.loudness is not None and each.loudness_curve and tracks[place].duration > 0
    ]
    known.sort(key=lambda each: each[:2])
    found: list[tuple[int, int]] = []
    first = 0
    for k, (seconds, place, loudness, curve) in enumerate(known):
        while seconds - known[first][0] > SAME_SECONDS:
            first += 1
        for _, other, level, another in known[first:k]:
            if abs(loudness - level) > SAME_LOUDNESS:
                continue
            if _moves_alike(curve, another):
                found.append((min(place, other), max(place, other)))
    return found


@lru_cache(maxsize=1 << 12)  # the same tracks are compared whenever a plan changes
def _shape(curve: Curve) -> NDArray[np.float64] | None:
    """Loudness second by second; `None` where it hardly moves."""
    values = np.frombuffer(bytes(curve), dtype=np.int16) * curve.step
    values = np.maximum(values, FLOOR)
    sounding = values[values > FLOOR]  # any two tracks may share the shape of silence before or after
    if len(sounding) <= 2:
        return None
    soft, loud = np.percentile(sounding, (10, 90))
    return values if loud - soft >= MOVES else None


@lru_cache(maxsize=1 << 14)
def _moves_alike(curve: Curve, other: Curve) -> bool:
    """Whether two loudness curves are of one recording."""
    one, two = _shape(curve), _shape(other)
    if one is None or two is None:
        return False
    length = min(len(one), len(two))
    return float(np.std(one[:length] - two[:length])) <= SAME_CURVE
