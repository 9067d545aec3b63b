"""Energy of 0 to 1 from its two parts, and how it changes with the level at which a track is played.

Energy is the percentile of a track among 382 tracks of published session playlists: a weighted sum of intensity, which
loudness carries, and activation, which doesn't depend on level (`playlistkit.analysis.scale`), as normal deviates.

The planned arc must be the arc that is heard, so energy counts at the level at which the track will be
played: unchanged from files, at its planned gain under `render`, and, if a service levels all tracks, as if each had
loudness `LEVELLED`. In that last case the volume is set by ear once for the session, so only differences are heard.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["LEVELLED", "combined", "intensity", "percentile", "played"]

Floats = npt.NDArray[np.float64]

PERCENTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)

# Percentiles among the 382 tracks of eight published session playlists; the outermost values end the scale.
LOUDNESS = (-60.0, -34.0, -26.0, -21.0, -17.0, -14.0, -11.0, -9.0, -5.0)  # LUFS

LEVELLED = LOUDNESS[PERCENTILES.index(0.5)]
"""LUFS at which tracks count if all are levelled to one loudness: the median of the session playlists."""

# Between the 0.4 that Spotify's energy over the session playlists gives to loudness (against centroid and flux)
# and the 0.2 that labels of arousal give it among pieces of one instrument, which understate it as a cue.
SHARE = 0.35
CORRELATION = 0.4  # of the two parts: how much narrower their weighted sum would be without it
LOUD = 0.5  # energy of the loudest sound in which nothing begins: a loud slow swell isn't calm
SPREAD = float(np.sqrt(SHARE**2 + (1 - SHARE) ** 2 + 2 * SHARE * (1 - SHARE) * CORRELATION))


def percentile(value: float | Floats, anchors: tuple[float, ...]) -> Floats:
    """Percentiles of values, interpolated linearly between the anchors of the `PERCENTILES` [shape as given]."""
    return np.asarray(np.interp(value, anchors, PERCENTILES))


def intensity(loudness: float | Floats) -> Floats:
    """The part of energy that loudness in LUFS carries, 0 to 1 [shape as given]."""
    return percentile(loudness, LOUDNESS)


def combined(intense: float | Floats, active: float | Floats) -> Floats:
    """Energy [shape as given]: the percentile of the weighted sum of intensity and activation as normal deviates.

    It is at least half the square of intensity, however few onsets there are.
    """
    deviate = (SHARE * deviates(intense) + (1 - SHARE) * deviates(active)) / SPREAD
    return np.asarray(np.maximum(_percentiles(deviate), LOUD * np.square(intense)))


def played(energy: float | Floats, loudness: float | Floats, level: float | Floats) -> Floats:
    """Energy as heard when a track is played at a level other than its own.

    Doesn't need the two parts, so imported and hand-set energies move as measured ones do.

    Parameters
    ----------
    energy : float or np.ndarray
        At the track's own level, 0 to 1.
    loudness : float or np.ndarray
        The track's own, in LUFS, of the same stretch as its energy; NaN if unknown.
    level : float or np.ndarray
        LUFS at which it is heard: its loudness and the gain.

    Returns
    -------
    np.ndarray
        0 to 1; unchanged if the level is the same or either is unknown.
    """
    own, heard = np.asarray(loudness, dtype=float), np.asarray(level, dtype=float)
    louder = SHARE / SPREAD * (deviates(intensity(heard)) - deviates(intensity(own)))
    moved = _percentiles(deviates(energy) + np.where(np.isnan(louder), 0.0, louder))
    moved = np.maximum(moved, LOUD * np.square(intensity(heard)))
    return np.where(np.isnan(louder) | (louder == 0), energy, moved)


def deviates(percentiles: float | Floats) -> Floats:
    """Normal deviates of percentiles, clipped to 0.001 and 0.999 [shape as given]."""
    from scipy.special import ndtri  # a quarter of the time that a command takes to start

    return np.asarray(ndtri(np.clip(percentiles, 0.001, 0.999)))


def _percentiles(deviate: Floats) -> Floats:
    """Percentiles of normal deviates [shape as given]."""
    from scipy.special import ndtr

    return np.asarray(ndtr(deviate))
