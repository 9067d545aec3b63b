"""Loudness by ITU-R BS.1770-4 and EBU Tech 3342, from the K-weighted power of each 100 ms.

`meter` gives the powers; every gate and window is computed from them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from playlistkit.analysis.meter import HOP

__all__ = [
    "GATE_ABSOLUTE",
    "SILENT",
    "integrated",
    "jolt",
    "loudness_range",
    "lufs",
    "short_term",
    "swell",
]

Powers = npt.NDArray[np.float64]

GATE_ABSOLUTE = -70.0  # LUFS, BS.1770-4 eq. 5
GATE_RELATIVE = -10.0  # LU, eq. 6
RANGE_GATE = -20.0  # LU, Tech 3342
SILENT = -120.0
"""The LUFS or dB given to digital silence."""


def lufs(power: Powers | float) -> Powers:
    """Loudness in LUFS of K-weighted powers (BS.1770-4 eq. 2) [shape as given]; silence is -120."""
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 10 ** ((SILENT + 0.691) / 10))))


def windows_of(powers: Powers, n: int) -> Powers:
    """Mean power of each run of `n` hops [shape=(hops - n + 1,)]."""
    total = np.concatenate(([0.0], np.cumsum(powers)))
    return np.asarray(np.maximum(total[n:] - total[:-n], 0) / n)


def integrated(powers: Powers) -> float | None:
    """Integrated loudness in LUFS, gated twice; `None` below 400 ms or if nothing passes the gates.

    Parameters
    ----------
    powers : np.ndarray [shape=(n,)]
        K-weighted power of each 100 ms.
    """
    if len(powers) < 4:
        return None
    blocks = windows_of(powers, 4)
    loud = blocks[lufs(blocks) > GATE_ABSOLUTE]
    if not len(loud):
        return None
    loud = loud[lufs(loud) > lufs(loud.mean()) + GATE_RELATIVE]
    return float(lufs(loud.mean()))


def loudness_range(powers: Powers) -> float | None:
    """Loudness range in LU by EBU Tech 3342, of K-weighted powers [shape=(n,)]; `None` below 3 s or for silence."""
    if len(powers) < 30:
        return None
    blocks = windows_of(powers, 30)
    loud = blocks[lufs(blocks) > GATE_ABSOLUTE]
    if not len(loud):
        return None
    levels = lufs(loud)
    levels = levels[levels > lufs(loud.mean()) + RANGE_GATE]
    low, high = np.percentile(levels, (10, 95))
    return float(high - low)


def short_term(powers: Powers) -> Powers:
    """Loudness in LUFS over 3 s around each whole second of the track.

    Returns
    -------
    np.ndarray [shape=(seconds,)]
        Value `t` is of the window from `t - 1` to `t + 2`, cut at both ends of the track.
    """
    total = np.concatenate(([0.0], np.cumsum(powers)))
    seconds = np.arange(max(1, round(len(powers) / 10))) * 10
    start, end = np.clip(seconds - 10, 0, None), np.clip(seconds + 20, None, len(powers))
    start = np.minimum(start, end - 1)
    return lufs((total[end] - total[start]) / (end - start))


def jolt(powers: Powers, loudness: float) -> tuple[float, float] | None:
    """The largest sudden jump in loudness, which may startle, and when it comes; `None` below 4 s.

    How far momentary loudness (400 ms) jumps above the loudest of the 10 s before it, within half a second. So a slow
    swell is none, nor is the next phrase after a rest. Anything softer than 20 LU below the track's own loudness counts
    as that level. The first 3 s belong to the join.

    Parameters
    ----------
    powers : np.ndarray [shape=(n,)]
        K-weighted power of each 100 ms, from the first sound to the last.
    loudness : float
        Integrated, in LUFS.

    Returns
    -------
    size : float
        LU.
    at : float
        Seconds after the first of `powers`.
    """
    if len(powers) < 40:
        return None
    momentary = lufs(windows_of(powers, 4))
    memory, sudden = 100, 9  # hops that are remembered, and hops from their end to the event
    # early events have less to remember, but never less than 3 s
    padded = np.concatenate((np.full(memory, SILENT), momentary[:-sudden]))
    before = np.lib.stride_tricks.sliding_window_view(padded, memory)[1:].max(axis=1)
    rise = momentary[sudden:] - np.maximum(before, loudness - 20)
    rise[: 30 - sudden] = 0
    at = int(rise.argmax())
    return max(0.0, float(rise[at])), (at + sudden) * HOP


def swell(curve: Powers, loudness: float) -> float | None:
    """The steepest rise in LU over 10 s; `None` below 13 s.

    Anything softer than 20 LU below the track's own loudness counts as that level, so that a beginning from silence
    doesn't count for more than is heard.

    Parameters
    ----------
    curve : np.ndarray [shape=(seconds,)]
        Short-term loudness, one value a second.
    loudness : float
        Integrated, in LUFS.
    """
    if len(curve) < 13:
        return None
    heard = np.maximum(curve, loudness - 20)
    return max(0.0, float((heard[10:] - heard[:-10]).max()))
