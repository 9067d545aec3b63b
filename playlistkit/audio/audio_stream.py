"""What every stream of audio offers, whichever decoder is behind it."""

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
    """1 or 2: surround is folded to the two speakers that it is played on."""
    duration: float | None
    """Seconds, as far as the file states or lets estimate them before it is decoded."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    @property
    def written(self) -> dict[str, str]:
        """Tags by their names in the file; bytes that are no UTF-8 as surrogates."""

    def seek(self, seconds: float) -> None:
        """Let `blocks` begin near there, at most some seconds before; `decoded` says where. To be called before it."""

    def blocks(self) -> Iterator[npt.NDArray[np.float32]]:
        """The samples in order, once.

        Yields
        ------
        np.ndarray [shape=(n, channels)], float32
            Full scale at 1.

        Raises
        ------
        AudioError
            If the file is damaged, breaks off, yields nothing or goes on beyond 48 hours.
        """
