"""The interface of every audio stream, whichever decoder is behind it."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["AudioStream"]


class AudioStream(Protocol):
    """The samples of an open file; made by `open_audio`, closed by `with`."""

    path: str
    decoded: float
    """Seconds that `blocks` has given so far; after its end, the track's duration."""
    exact: bool
    """Whether `decoded` is right to the sample after `seek`."""
    rate: int
    """Hz."""
    channels: int
    """1 or 2: surround is mixed down to two speakers."""
    duration: float | None
    """Seconds, if the file states them or they can be estimated before decoding."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    @property
    def written(self) -> dict[str, str]:
        """Tags by their names in the file; bytes that aren't UTF-8 become surrogates."""

    def seek(self, seconds: float) -> None:
        """Make `blocks` begin near there, at most some seconds before; `decoded` says where. Call it before `blocks`."""

    def blocks(self) -> Iterator[npt.NDArray[np.float32]]:
        """The samples in order, once.

        Yields
        ------
        np.ndarray [shape=(n, channels)], float32
            Full scale at 1.

        Raises
        ------
        AudioError
            If the file is damaged, breaks off, yields nothing or lasts longer than 48 hours.
        """
