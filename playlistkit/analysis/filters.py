"""The filters of librosa that the analysis uses, kept as package data.

`librosa.filters` takes more than a second to import, so `made_by_librosa` was run once and its result stored in
`filters.npz`. A test checks that the installed librosa still gives the same.
"""

from __future__ import annotations

from playlistkit.analysis.bundled import Array, scaled, stored

__all__ = ["FRAMES", "HOP", "N_FFT", "N_FFT_PITCH", "N_MELS", "RATE", "Array", "filters", "made_by_librosa"]

RATE = 11_025  # Hz; all features but loudness and voice need no more
N_FFT = 1024  # samples of RATE: 93 ms
HOP = 245  # samples
FRAMES = RATE // HOP  # 45 a second, exactly
N_MELS = 64
N_FFT_PITCH = 4096  # 372 ms: separates semitones above 130 Hz


def made_by_librosa() -> dict[str, Array]:
    """The filters as librosa makes them.

    Returns
    -------
    dict of np.ndarray
        ``mel`` [shape=(64, 513)], to be multiplied with a power spectrum.
    """
    import librosa

    return {
        "mel": librosa.filters.mel(sr=RATE, n_fft=N_FFT, n_mels=N_MELS),
    }


def filters(name: str) -> Array:
    """One of the stored filters, by its name in `made_by_librosa`."""
    return scaled(stored("filters"), name)
