"""The two ends of a track, as heard at a join: how loud its first and last seconds are, and whether they fade."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from playlistkit.model import Features

__all__ = ["EDGE", "NEAR", "fades", "near_levels"]

Floats = npt.NDArray[np.float64]

EDGE = 30  # s at both ends
NEAR = 10  # s next to a join
FADE = (4, 20)  # s that a fade takes
FADE_STEADY = -0.8  # correlation of level and time, at most
FADE_SUDDEN = 0.65  # of the whole fall within 2 s: a drop with something soft after it
SINKS = 6  # LU within the 10 s; less is a soft end after a loud passage


def fades(levels: Floats) -> bool | None:
    """Whether the end fades out, by the short-term levels [shape=(seconds,)] in LUFS; `None` below 12 s.

    It does if some stretch of 4 to 20 s at the end sinks steadily by 12 LU or more without rising again by more than
    3. A last chord that rings out that long counts: at a join it is heard as a fade. A sudden drop before a soft last
    passage doesn't count: most of its fall lies within 2 s. The last 2 s aren't looked at: they are steep in any fade.
    """
    if len(levels) < 12:
        return None
    for n in range(FADE[0], min(FADE[1], len(levels)) + 1):
        last = levels[-n:]
        fall = last[0] - last[-1]
        sinks = fall >= 12 and (last - np.minimum.accumulate(last)).max() <= 3
        steady = sinks and np.corrcoef(np.arange(n), last)[0, 1] <= FADE_STEADY
        if steady and (last[:-3] - last[2:-1]).max() <= FADE_SUDDEN * fall:
            return True
    return False


def near_levels(measured: Features) -> tuple[float | None, float | None]:
    """Loudness in LUFS of the first and last 10 s of sound; `None` if it fades or less than 10 s sound.

    The mean power of the short-term loudness curve, without a gate: soft ends are heard as soft.
    """
    if measured.loudness_curve is None or measured.silence_start is None or measured.silence_end is None:
        return None, None
    curve = np.asarray(measured.loudness_curve)
    first, last = round(measured.silence_start), len(curve) - round(measured.silence_end)
    if last - first < NEAR:
        return None, None
    # value t is of the seconds t - 1 to t + 2
    start, end = curve[first + 1 : first + NEAR - 1], curve[last - NEAR + 1 : last - 1]
    fades_in = bool(fades(curve[first : first + EDGE][::-1]))
    return mean_level(start[::-1], fades_in), mean_level(end, bool(measured.fades))


def mean_level(levels: Floats, fading: bool) -> float | None:
    """The mean power of levels [shape=(seconds,)], in LUFS; `None` if the track fades in these seconds."""
    if fading and levels[0] - levels[-1] >= SINKS:
        return None
    return round(float(10 * np.log10(np.mean(10 ** (levels / 10)))), 2)
