"""One file, or samples, to features, without a library."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from playlistkit import analysis
from playlistkit.arguments import checks_arguments
from playlistkit.audio import listen
from playlistkit.errors import InputError
from playlistkit.given import number_given, path_given
from playlistkit.model import Features

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["analyze"]


@checks_arguments
def analyze(
    audio: str | os.PathLike[str] | npt.ArrayLike, rate: float | None = None, *, voice: bool = True
) -> Features:
    """Analyse one file, or samples, without a library.

    Parameters
    ----------
    audio : str, path, or np.ndarray [shape=(n,), (channels, n) or (n, channels)]
        An audio file; or samples as floats, full scale at 1. librosa's default of 22,050 Hz and one channel is
        not enough for true loudness and brightness: ``librosa.load(file, sr=None, mono=False)`` is.
    rate : int, optional
        Hz; for samples.
    voice : bool
        Also detect singing and speech.

    Returns
    -------
    Features
        Every feature that can be measured; docs/features.md defines them.

    Raises
    ------
    AudioError
        If it can't be decoded or measured.
    InputError
        If samples come without their rate, a file comes with one, or samples are not floats of one or two dimensions.

    Examples
    --------
    >>> features = pk.analyze("one.opus", voice=False)
    >>> 0 <= features.energy <= 1
    True

    >>> import numpy as np
    >>> tone = 0.1 * np.sin(np.arange(5 * 44_100) / 20)
    >>> round(pk.analyze(tone, 44_100, voice=False).loudness)
    -21
    """
    if hasattr(audio, "__array__"):
        return analysis.analyze([_samples(audio)], _rate(rate), voice=voice)
    path = path_given(audio, "audio")
    if rate is not None:
        raise InputError(f"rate={rate!r}: a file says its own; give rate with samples alone")
    return listen(os.path.expanduser(path), voice=voice).features  # noqa: PTH111


def _rate(rate: object) -> int:
    if rate is None:
        raise InputError("rate: samples need theirs in Hz, such as analyze(samples, 44_100)")
    whole = round(number_given(rate, "rate"))
    if whole != rate:
        raise InputError(f"rate={rate!r} is not a whole number of Hz, such as 44100")
    return whole


def _samples(given: object) -> npt.NDArray[np.float32]:
    """Samples [shape=(n, channels)], whichever of the two axes comes first: the longer one is time."""
    import numpy as np

    samples = np.asarray(given)
    if samples.ndim not in (1, 2) or not np.issubdtype(samples.dtype, np.floating):
        raise InputError(
            f"audio: give samples as floats of one or two dimensions, full scale at 1, not {samples.dtype} "
            f"of {samples.ndim}; divide 16-bit integers by 32768"
        )
    planar = samples.T if samples.ndim == 2 and samples.shape[0] < samples.shape[1] else samples
    return planar.astype(np.float32, copy=False)
