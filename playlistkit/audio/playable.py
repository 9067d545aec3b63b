"""Samples that can be played: numbers, and not far over full scale.

Files of floating-point samples may hold anything: NaN and infinity from a division by zero, 1e30 from a damaged byte,
whole numbers of 16 bits that nobody scaled. One NaN would silence or spoil all that is resampled or mixed with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from playlistkit.errors import AudioError

if TYPE_CHECKING:
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

__all__ = ["LOUDEST", "Playable"]

LOUDEST = 16.0  # full scale is 1; hot masters and recorders with 32-bit floats stay below +24 dB
SHARE_MAX = 0.01  # of all samples; with more, what is left is not the recording


class Playable:
    """Silences samples that can't be played, and counts them."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._silenced = 0
        self._all = 0

    def __call__(self, raw: npt.NDArray[np.generic]) -> Samples:
        """Floating-point samples of any width, those that can't be played as 0."""
        with np.errstate(over="ignore"):  # to infinity, where float32 ends
            samples: Samples = raw.astype(np.float32, copy=False)
        self._all += samples.size
        if not samples.size or (
            samples.max() <= LOUDEST and samples.min() >= -LOUDEST
        ):  # never true with NaN
            return samples
        kept = np.abs(samples) <= LOUDEST
        self._silenced += samples.size - int(np.count_nonzero(kept))
        return np.where(kept, samples, np.float32(0))

    def check(self) -> None:
        """Refuse a file after its last sample if too many can't be played.

        Raises
        ------
        AudioError
            If more than a hundredth are not numbers, or are over +24 dB.
        """
        if self._silenced > SHARE_MAX * self._all:
            share = 100 * self._silenced / self._all
            raise AudioError(
                f"{self.path}: {share:.0f} % of its samples are not numbers or far above full scale, which is 1; "
                "export the file again, as FLAC or 16-bit WAV"
            )
