"""Old Vorbis files that FFmpeg refuses, such as cuts from a broadcast, read by libsndfile, which is less strict."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from playlistkit.audio import downmix
from playlistkit.audio.playable import Playable
from playlistkit.audio.reasons import clock
from playlistkit.audio.stream import BLOCK
from playlistkit.audio.whole import lacks_end
from playlistkit.errors import AudioError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

__all__ = ["VorbisStream", "is_vorbis"]


def is_vorbis(path: str) -> bool:
    """Whether a file begins as Vorbis in Ogg does."""
    with open(path, "rb") as file:  # noqa: PTH123
        page = file.read(35)
    return page[:4] == b"OggS" and page[28:] == b"\x01vorbis"


class VorbisStream:
    """An `AudioStream` by libsndfile."""

    def __init__(self, path: str) -> None:
        import soundfile

        self.path = path
        self.decoded: float = 0.0
        self.exact = True
        self._file = open(path, "rb")  # noqa: SIM115, PTH123 -- takes names in any encoding
        try:
            self._sound = soundfile.SoundFile(self._file)
        except BaseException:
            self._file.close()
            raise
        self.rate: int = self._sound.samplerate
        self.channels: int = min(self._sound.channels, 2)
        self.duration: float | None = self._sound.frames / self.rate

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._sound.close()
        self._file.close()

    @property
    def written(self) -> dict[str, str]:
        """Nothing: mutagen reads the tags of Vorbis."""
        return {}

    def seek(self, seconds: float) -> None:
        """Make `blocks` begin there."""
        self.decoded = self._sound.seek(min(round(seconds * self.rate), self._sound.frames)) / self.rate

    def blocks(self) -> Iterator[Samples]:
        """The samples in order, once; see `AudioStream.blocks`."""
        count = self._sound.channels
        playable = Playable(self.path)
        for read in self._sound.blocks(BLOCK // count, dtype="float32", always_2d=True):
            block = playable(read)
            self.decoded += len(block) / self.rate
            yield downmix.stereo(block, downmix.levels(count)) if count > 2 else block
        if lacks_end(self.path) or self.decoded < self._sound.frames / self.rate - 2:
            raise AudioError(f"{self.path}: breaks off after {clock(self.decoded)}; get the whole file again")
        playable.check()
