"""Write samples to an audio file, with chapters and tags; completely or not at all."""

from __future__ import annotations

import errno
import math
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from playlistkit.errors import ExportError
from playlistkit.replacing import replacing

if TYPE_CHECKING:
    from av.container import OutputContainer

__all__ = ["SUFFIXES", "Chapter", "encode"]


PCM = 48_000 * 2 * 2.0  # bytes a second: two channels of 16 bit
WAV_BYTES = 4.0e9  # largest size that a WAV can state, with a margin
SMALLEST = ".opus"
NO_ROOM = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


@dataclass(frozen=True, slots=True)
class Codec:
    """How files of a suffix are written."""

    container: str
    name: str
    form: str
    """Sample format that the encoder takes."""
    bit_rate: int | None = None
    """Bits a second."""

    @property
    def at_most(self) -> float:
        """Bytes a second that it may need."""
        return self.bit_rate / 8 if self.bit_rate else PCM

    @property
    def surely(self) -> float:
        """Bytes a second that it needs at least; music that compresses well may need next to nothing."""
        return PCM if self.name.startswith("pcm") else 0.0


CODECS: Mapping[str, Codec] = {
    ".flac": Codec("flac", "flac", "s16"),
    ".wav": Codec("wav", "pcm_s16le", "s16"),
    ".opus": Codec("opus", "libopus", "flt", 128_000),
    ".mp3": Codec("mp3", "libmp3lame", "fltp", 192_000),
    ".m4a": Codec("ipod", "aac", "fltp", 192_000),
}
SUFFIXES = tuple(CODECS)
"""What `encode` can write."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A mark in the file."""

    start: float
    """Seconds."""
    title: str


def encode(
    path: str | os.PathLike[str],
    blocks: Iterable[npt.NDArray[np.float32]],
    rate: int,
    *,
    chapters: Sequence[Chapter] = (),
    tags: Mapping[str, str] | None = None,
    expected: float | None = None,
    progress: Callable[[float], None] | None = None,
) -> float:
    """Write stereo samples to a file; the suffix says the format.

    The file is written under another name and renamed when complete, so a stop or failure leaves the old file.

    Parameters
    ----------
    path : str or path
        `.flac`, `.wav` (16 bit; RF64 beyond 4 GiB), `.opus`, `.mp3` or `.m4a`.
    blocks : iterable of np.ndarray [shape=(n, 2)], float32
        Full scale at 1; samples beyond it are clipped.
    rate : int
        Hz.
    chapters : sequence of Chapter
        Ascending. MP3 and M4A store them as chapters, FLAC and Opus as `CHAPTER001=` comments, WAV not at all.
    tags : mapping of str to str, optional
        `title`, `album` and the like.
    expected : float, optional
        Seconds to come: if the disk certainly can't hold them, that is an error before anything is written.
    progress : callable, optional
        Called with the seconds written so far.

    Returns
    -------
    float
        Seconds written.

    Raises
    ------
    ExportError
        If the suffix is unknown, the disk has no room, or the file can't be written.
    """
    path = Path(path).expanduser()
    codec = CODECS.get(path.suffix.lower())
    if codec is None:
        raise ExportError(
            f"{path}: no audio format is known for the suffix {path.suffix or '(none)'!r}; take one of {', '.join(SUFFIXES)}"
        )
    if expected is not None and codec.surely * expected > _free(path):
        raise ExportError(_no_room(path, codec, expected))
    try:
        with replacing(Path(os.path.realpath(path))) as part:
            return _write(part, codec, blocks, rate, chapters, tags or {}, progress, expected)
    except OSError as error:  # PyAV's errors are OSErrors as well
        if error.errno in NO_ROOM:
            raise ExportError(_no_room(path, codec, expected)) from error
        raise ExportError(f"{path}: can't be written: {error.strerror or error}") from error


def _free(path: Path) -> float:
    """Bytes free where a file will be; if that can't be asked, a full disk shows when the file is written."""
    try:
        return float(shutil.disk_usage(path.parent).free)
    except OSError:
        return math.inf


def _no_room(path: Path, codec: Codec, expected: float | None) -> str:
    """What is needed, what is there, and what to do."""
    free, needed = _free(path), codec.at_most * (expected or 0.0)
    about = f"about {_size(needed)} are needed and " if needed else ""
    there = f"{about}{_size(free)} are free" if math.isfinite(free) else "the disk is full"
    smaller = "" if codec.bit_rate else f", take {SMALLEST}, which needs less,"
    return f"{path}: there is no room for it: {there}. Free some{smaller} or choose another disk"


def _size(count: float) -> str:
    """Bytes as text."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _write(
    part: Path,
    codec: Codec,
    blocks: Iterable[npt.NDArray[np.float32]],
    rate: int,
    chapters: Sequence[Chapter],
    tags: Mapping[str, str],
    progress: Callable[[float], None] | None,
    expected: float | None,
) -> float:
    import av

    written = 0
    options = {}
    if codec.container == "wav" and (expected is None or expected * PCM > WAV_BYTES):
        options["rf64"] = "auto"  # a header of 64 bits once its sizes pass what 32 can hold
    with av.open(os.fspath(part), "w", format=codec.container, options=options) as container:
        stream: Any = container.add_stream(codec.name, rate=rate, layout="stereo", format=codec.form)
        if codec.bit_rate:
            stream.bit_rate = codec.bit_rate
        container.metadata.update(tags)
        _mark(container, codec, chapters)
        # the encoder wants frames of its own size; the resampler's buffer cuts them and converts the format
        resampler = av.AudioResampler(format=codec.form, layout="stereo", rate=rate)
        for block in blocks:
            if not len(block):
                continue
            packed = np.ascontiguousarray(np.clip(block, -1.0, 1.0).reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
            frame.sample_rate = rate
            frame.pts = written
            frame.time_base = Fraction(1, rate)
            written += len(block)
            for converted in resampler.resample(frame):
                container.mux(stream.encode(converted))
            if progress is not None:
                progress(written / rate)
        for converted in resampler.resample(None):
            container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return written / rate


def _mark(container: OutputContainer, codec: Codec, chapters: Sequence[Chapter]) -> None:
    """Put the chapters where the format keeps them; call it before the first sample."""
    if codec.container in ("flac", "opus"):  # FFmpeg's own comments round half seconds up to the next second
        for number, chapter in enumerate(chapters, 1):
            minutes, seconds = divmod(chapter.start, 60)
            hours, minutes = divmod(int(minutes), 60)
            container.metadata[f"CHAPTER{number:03d}"] = f"{hours:02d}:{minutes:02d}:{seconds:06.3f}"
            container.metadata[f"CHAPTER{number:03d}NAME"] = chapter.title
        return
    if codec.container == "wav" or not chapters:
        return
    ends = [chapter.start for chapter in chapters[1:]] + [chapters[-1].start + 1.0]
    container.set_chapters(
        [
            {
                "id": number,
                "start": round(chapter.start * 1000),
                "end": round(end * 1000),
                "time_base": Fraction(1, 1000),
                "metadata": {"title": chapter.title},
            }
            for number, (chapter, end) in enumerate(zip(chapters, ends, strict=True), 1)
        ]
    )
