"""A track that is part of a file, such as an album in one file with a CUE sheet."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from playlistkit.audio.audio_stream import AudioStream
from playlistkit.audio.reasons import clock
from playlistkit.errors import AudioError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["PartStream"]


class PartStream:
    """An `AudioStream` of a part of a file, exact to the sample, so that consecutive parts join without a seam.

    Parameters
    ----------
    whole : AudioStream
        The file's.
    start : float
        Seconds into the file.
    end : float or None
        Seconds into the file; `None` for the end of the file.

    Raises
    ------
    AudioError
        If the file ends before the part begins.
    """

    def __init__(self, whole: AudioStream, start: float, end: float | None) -> None:
        self.path = whole.path
        self.decoded: float = 0.0
        """Seconds into the part."""
        self.exact = True
        self.rate, self.channels = whole.rate, whole.channels
        self._whole, self._start, self._end = whole, start, end
        self.duration: float | None = None if end is None else end - start
        if whole.duration is not None:
            if start >= whole.duration:
                raise self._beyond(whole.duration)
            self.duration = min(whole.duration, whole.duration if end is None else end) - start

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._whole.__exit__(kind, error, traceback)

    @property
    def written(self) -> dict[str, str]:
        """Tags of the file."""
        return self._whole.written

    def seek(self, seconds: float) -> None:
        """Let `blocks` begin there."""
        self.decoded = max(0.0, seconds)

    def blocks(self) -> Iterator[npt.NDArray[np.float32]]:
        """The samples in order, once; see `AudioStream.blocks`."""
        first = round((self._start + self.decoded) * self.rate)
        last = None if self._end is None else round(self._end * self.rate)
        if self._whole.exact:
            self._whole.seek(first / self.rate)
        at = round(self._whole.decoded * self.rate)
        given = False
        for block in self._whole.blocks():
            piece = block[max(0, first - at) : None if last is None else max(0, last - at)]
            at += len(block)
            if len(piece):
                given = True
                self.decoded += len(piece) / self.rate
                yield piece
            if last is not None and at >= last:
                return
        if not given:
            raise self._beyond(at / self.rate)

    def _beyond(self, length: float) -> AudioError:
        return AudioError(
            f"{self.path}: ends at {clock(length)}, and a track of its CUE sheet begins at {clock(self._start)}; the sheet is "
            "of another file, or the file breaks off"
        )
