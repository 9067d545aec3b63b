"""One recording in two files, found by its sound: the same length, and a loudness that moves the same way second by second.

Tags say nothing here, so an untagged WAV and its MP3 are found. Two pieces of music that agree so far are not known;
two whose loudness hardly moves might, so these are not judged.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import Features, Track

__all__ = ["same_sound"]

SAME_SECONDS = 1.0  # encoders pad what they write by less
SAME_LOUDNESS = 1.0  # LU; encoders turn down by up to half of it, to leave room for what they add
SAME_CURVE = 0.3  # LU, root mean square over the track, the difference of their levels taken off
MOVES = 2.0  # LU between the softest and the loudest tenth of what sounds; less has no shape to compare
FLOOR = -60.0  # LUFS; what lies below is silence, which encoders render each in its way


def same_sound(tracks: Sequence[Track], features: Sequence[Features]) -> list[tuple[int, int]]:
    """Pairs of places whose tracks are one recording, by their sound."""
    known = [
        place
        for place, each in enumerate(features)
        if each.loudness is not None and each.loudness_curve and tracks[place].duration > 0
    ]
    known.sort(key=lambda place: tracks[place].duration)
    found: list[tuple[int, int]] = []
    curves: dict[int, NDArray[np.float64] | None] = {}
    first = 0
    for k, place in enumerate(known):
        while tracks[place].duration - tracks[known[first]].duration > SAME_SECONDS:
            first += 1
        for other in known[first:k]:
            if abs((features[place].loudness or 0) - (features[other].loudness or 0)) > SAME_LOUDNESS:
                continue
            for each in (place, other):
                if each not in curves:
                    curves[each] = _shape(features[each])
            one, two = curves[place], curves[other]
            if one is not None and two is not None and _close(one, two):
                found.append((min(place, other), max(place, other)))
    return found


def _shape(features: Features) -> NDArray[np.float64] | None:
    """Loudness second by second; `None` where it hardly moves."""
    assert features.loudness_curve is not None
    values = np.frombuffer(bytes(features.loudness_curve), dtype=np.int16) * features.loudness_curve.step
    values = np.maximum(values, FLOOR)
    sounding = values[values > FLOOR]  # silence before or after has a shape that any two may share
    if len(sounding) <= 2:
        return None
    soft, loud = np.percentile(sounding, (10, 90))
    return values if loud - soft >= MOVES else None


def _close(one: NDArray[np.float64], two: NDArray[np.float64]) -> bool:
    length = min(len(one), len(two))
    return float(np.std(one[:length] - two[:length])) <= SAME_CURVE
