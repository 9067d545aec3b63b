"""A stretch of a file, without decoding everything before it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from playlistkit.audio.opening import check_regular, container_of, played_sound
from playlistkit.audio.reasons import reason
from playlistkit.errors import AudioError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Excerpt"]

BEFORE = 1.0  # s decoded before it, for codecs that need a while after a jump


class Excerpt:
    """A stretch of a file as an audio source.

    In formats that state no times of their packets (MP3 without an index) it begins within a fraction of a second of the
    right place, in all others exactly there. It is meant for listening, not for measuring.

    Parameters
    ----------
    path : path-like
    start : float
        Seconds into the file.
    duration : float
        Seconds; fewer if the file ends.

    Raises
    ------
    AudioError
        If the file can't be opened or decoded there.
    """

    def __init__(self, path: str | os.PathLike[str], start: float, duration: float) -> None:
        import av

        self.path = os.path.abspath(os.fspath(path))  # noqa: PTH100 -- keeps surrogate names intact
        self._start, self._duration = max(0.0, start), duration
        self._resources = contextlib.ExitStack()
        check_regular(self.path)
        try:
            self._container = self._resources.enter_context(container_of(self.path, self._resources))
            self._stream = played_sound(self.path, self._container)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            self._resources.close()
            raise AudioError(f"{self.path}: can't be read as audio: {reason(error)}") from error
        except AudioError:
            self._resources.close()
            raise
        self._resampler = av.AudioResampler(format="flt", layout="stereo")
        self.rate: int = 48_000
        """Hz."""
        self.channels: int = 2
        self.decoded: float = 0.0
        """Seconds into the excerpt at which its blocks begin."""
        self._blocks = self._decode()
        self._first = next(self._blocks, None)  # it knows the rate, which a header may get wrong

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def blocks(self) -> Iterator[npt.NDArray[np.float32]]:
        """The samples in order [shape=(n, 2)], full scale at 1; once."""
        if self._first is not None:
            yield self._first
            yield from self._blocks

    def _decode(self) -> Iterator[npt.NDArray[np.float32]]:
        import av

        left: int | None = None
        before = max(0.0, self._start - BEFORE)
        try:
            if before > 0:
                self._container.seek(int(before * 1e6), backward=True)
            for frame in self._container.decode(self._stream):
                at = frame.time if frame.time is not None else before
                for converted in self._resampler.resample(frame):
                    self.rate = converted.sample_rate
                    if left is None:
                        left = round(self._duration * self.rate)
                    samples: npt.NDArray[np.float32] = converted.to_ndarray().reshape(-1, 2)  # type: ignore[assignment]
                    skip = max(0, round((self._start - at) * self.rate))
                    if skip >= len(samples):
                        continue
                    piece = samples[skip : skip + left]
                    left -= len(piece)
                    yield piece
                    if left <= 0:
                        return
        except (av.error.FFmpegError, ValueError) as error:
            raise AudioError(f"{self.path}: can't be decoded there: {reason(error)}") from error
