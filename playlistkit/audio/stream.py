"""Samples by FFmpeg's decoders, which PyAV carries.

A file is read once, from beginning to end, in blocks; nothing here grows with its length. A file's claims are trusted
only as far as it could be decoded: a header without samples, a stream that yields nothing and a track that breaks off
are each refused with a sentence.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from playlistkit.audio import downmix
from playlistkit.audio.playable import Playable
from playlistkit.audio.reasons import DAMAGED, clock, reason
from playlistkit.audio.stated import STATED, exact_length, stated_duration
from playlistkit.audio.whole import counted, lacks_bytes, lacks_end
from playlistkit.errors import AudioError

if TYPE_CHECKING:
    import av
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

__all__ = ["BLOCK", "FORMATS", "HOURS_MAX", "SUFFIXES", "FFmpegStream", "check_shape"]

SUFFIXES = frozenset(
    [
        ".aac",
        ".aif",
        ".aifc",
        ".aiff",
        ".alac",
        ".ape",
        ".au",
        ".caf",
        ".dff",
        ".dsf",
        ".flac",
        ".m4a",
        ".m4b",
        ".m4p",
        ".m4r",
        ".mka",
        ".mp2",
        ".mp3",
        ".mp4",
        ".mpc",
        ".oga",
        ".ogg",
        ".opus",
        ".snd",
        ".spx",
        ".tak",
        ".tta",
        ".w64",
        ".wav",
        ".wave",
        ".webm",
        ".wma",
        ".wv",
    ]
)
"""The suffixes, in lower case, of files worth opening. A file's content, not its suffix, decides what it is."""

BLOCK = 2**19  # samples of all channels; large enough that calls from Python cost little
CHANNELS_MAX = 32
RATES = (1_000, 768_000)  # Hz
HOURS_MAX = 48
IDLE_BYTES = 16 * 2**20  # a stream that yields no sample from so much data yields none at all
IDLE_PACKETS = 20_000
BEFORE = 1.0  # s decoded before the place sought, for codecs that need a while after a jump
PADDING = 3 * 2048  # most samples of padding; a length that differs by more is wrong for another reason

# To FFmpeg, playlists and scripts (HLS, concat, SDP, ...) are formats too, and would open the files they name.
FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,caf,dsf,dts,eac3,flac,iff,matroska,webm,mov,mp4,m4a,mp3,mpc,mpc8,ogg,tak,"
    "tta,w64,wav,wv"
)
TIMELESS = frozenset(("aac", "ac3", "dts", "eac3", "mp3"))
"""Formats that don't say when a packet sounds unless they are read from the beginning."""
EXACT = frozenset(("aac", "aiff", "ape", "au", "caf", "flac", "mov", "mp3", "ogg", "tta", "w64", "wav", "wv"))
"""Formats in which `seek` is exact to the sample; others round the time of a packet."""


class FFmpegStream:
    """An `AudioStream` by FFmpeg's decoders."""

    def __init__(self, path: str, container: av.container.InputContainer, stream: av.AudioStream) -> None:
        import av

        self.path = path
        self.decoded: float = 0.0
        """Seconds that `blocks` has given so far; after its end, the track's duration."""
        self.duration = stated_duration(container, stream)
        """Seconds, if the file states them or they can be estimated before decoding."""
        self.exact = not EXACT.isdisjoint(container.format.name.split(","))
        """Whether `decoded` is right to the sample after `seek`."""
        self.resources = contextlib.ExitStack()
        """Resources closed together with the stream."""
        self._length = exact_length(container, stream)
        self._playable = Playable(path)
        self._container = container
        self._stream = stream
        self._queue = av.AudioFifo()
        self._first: av.AudioFrame | None = None
        self._converter: av.AudioResampler | None = None
        self._converted = ""
        self._landed: int | None = None  # time stamp of the first frame, in the stream's time base
        self._skipped_to: int | None = None  # packets before this time stamp are not decoded
        self._decoding = self._decode()
        next(self._decoding)
        assert self._first is not None
        # trust the first frame, not the header: AAC with SBR doubles the rate
        self.rate: int = self._first.sample_rate
        """Hz."""
        self._count: int = self._first.layout.nb_channels
        check_shape(path, self.rate, self._count)
        self.channels: int = min(self._count, 2)
        """The number that `blocks` gives: surround is mixed down to two speakers."""
        named = tuple(each.name for each in self._first.layout.channels)
        self._heard: Samples | None = downmix.levels(self._count, named) if self._count > 2 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.resources.close()

    @property
    def written(self) -> dict[str, str]:
        """Tags as FFmpeg reads them, by their names in the file; bytes that aren't UTF-8 become surrogates."""
        return self._container.metadata

    def seek(self, seconds: float) -> None:
        """Make `blocks` begin near there, a little before; `decoded` says where. Call it before `blocks`.

        In a file without seeking, `blocks` begins at the start. In formats without times of their own the packets before
        are read but not decoded, since we couldn't know where a jump lands.
        """
        import av

        base = self._stream.time_base
        if base is None or seconds <= BEFORE:
            return
        first = self._stream.start_time or 0
        wanted = int((seconds - BEFORE) / base) + first
        if TIMELESS.isdisjoint(self._container.format.name.split(",")):
            try:
                self._container.seek(wanted, stream=self._stream)
            except (av.error.FFmpegError, OSError):
                return
        else:
            self._skipped_to = wanted
        self._begin_anew()
        try:
            next(self._decoding)
        except StopIteration:  # beyond its end
            self.decoded = seconds
            return
        if self._landed is not None:
            self.decoded = max(0.0, float((self._landed - first) * base))
            return
        self._container.seek(first, stream=self._stream)  # it doesn't say where it is
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Decode from where the container is."""
        import av

        self._stream.codec_context.flush_buffers()
        self._queue = av.AudioFifo()
        self._landed = None
        self._decoding = self._decode()

    def blocks(self) -> Iterator[Samples]:
        """The samples in order, once.

        Yields
        ------
        np.ndarray [shape=(n, channels)], float32
            Full scale at 1; some seconds long, all of one length but the last.

        Raises
        ------
        AudioError
            If the file is damaged, breaks off, yields nothing or lasts longer than 48 hours.
        """
        size = BLOCK // self._count
        if size > self.rate:  # whole seconds, so that no part of one is left over when measuring
            size -= size % self.rate
        given = round(self.decoded * self.rate)
        held = PADDING if self._length is not None else 0
        for _ in self._decoding:
            while self._queue.samples >= size + held:
                given += size
                yield self._block(self._queue.read(size))
        padding = 0
        if self._length is not None:
            padding = given + self._queue.samples - round(self._length * self.rate)
        left = self._queue.samples - (padding if 0 < padding <= PADDING else 0)
        while left > 0:
            yield self._block(self._queue.read(min(left, size)))
            left -= size
        self._check_whole()
        self._playable.check()
        self._container.close()  # the index of a long file is large, and what follows needs memory

    def _block(self, frame: av.AudioFrame | None) -> Samples:

        assert frame is not None
        raw = frame.to_ndarray()
        if raw.shape[0] != self._count or not frame.format.is_planar:  # packed: one row, channels in turn
            raw = raw.reshape(-1, self._count).T
        self.decoded += raw.shape[1] / self.rate
        if self.decoded > HOURS_MAX * 3600:
            raise AudioError(f"{self.path}: longer than {HOURS_MAX} hours; split it into tracks")
        samples = self._scaled(raw)
        return samples if self._heard is None else downmix.stereo(samples, self._heard)

    def _scaled(self, raw: npt.NDArray[np.generic]) -> Samples:
        """Samples of any kind [shape=(channels, n)] as numbers of full scale 1 [shape=(n, channels)]."""
        import numpy as np

        kind = raw.dtype
        # "C": channel after channel, as they are measured
        if kind.kind == "f":
            return np.ascontiguousarray(self._playable(raw)).T
        samples: Samples = raw.astype(np.float32, order="C", copy=False)
        if kind.kind == "u":  # eight bits
            samples -= 128
            samples /= 128
            return samples.T
        samples *= np.float32(2.0 ** (1 - 8 * kind.itemsize))
        return samples.T

    def _decode(self) -> Iterator[None]:
        """Decode into the queue; pause after each packet that holds sound."""
        import av

        packets = damaged = idle = idle_bytes = 0
        try:
            for packet in self._container.demux(self._stream):
                if self._skipped_to is not None and packet.pts is not None:
                    if packet.pts < self._skipped_to:
                        continue
                    self._skipped_to = None
                packets += 1
                try:
                    frames = packet.decode()
                except (av.error.InvalidDataError, av.error.PatchWelcomeError, av.error.BugError):
                    damaged += 1
                    frames = []
                if frames and frames[0].samples:
                    idle = idle_bytes = 0
                    for frame in frames:
                        self._write(frame)
                    yield
                    continue
                idle += 1
                idle_bytes += packet.size
                if idle > IDLE_PACKETS or idle_bytes > IDLE_BYTES:
                    raise AudioError(
                        f"{self.path}: {idle} packets in a row hold no sound; the file is damaged"
                    )
        except av.error.EOFError:
            pass
        except (av.error.FFmpegError, ValueError) as error:
            where = f" after {clock(self.decoded)}"
            raise AudioError(f"{self.path}: can't be decoded{where}: {reason(error)}") from error
        if self._first is None:
            raise AudioError(f"{self.path}: holds no samples; the file is empty, damaged or encrypted")
        if damaged > 3 + packets // 50:
            raise AudioError(
                f"{self.path}: {damaged} of {packets} packets are damaged; get the file again from its source"
            )

    def _write(self, frame: av.AudioFrame) -> None:
        """Append a frame to the queue in the format of the first one: chained streams may differ."""
        if self._landed is None:
            self._landed = frame.pts
        frame.pts = None  # else a gap in the time stamps is an error
        first = self._first
        if first is None:
            first = self._first = frame
        # check only what is cheap: a minute of Vorbis has six thousand frames
        if self._converter is None and frame.layout.nb_channels == first.layout.nb_channels:
            try:
                self._queue.write(frame)
            except ValueError:  # of another rate or sample format
                pass
            else:
                return
        self._convert(frame, first)

    def _convert(self, frame: av.AudioFrame, first: av.AudioFrame) -> None:
        import av

        form = f"{frame.format.name} {frame.layout.name} {frame.sample_rate}"
        if self._converter is None or form != self._converted:
            self._converter = av.AudioResampler(first.format.name, first.layout.name, first.sample_rate)
            self._converted = form
        for converted in self._converter.resample(frame):
            converted.pts = None
            converted.time_base = first.time_base  # the queue takes no other
            self._queue.write(converted)

    def _check_whole(self) -> None:
        names = self._container.format.name.split(",")
        if (
            lacks_bytes(self.path)
            if names[0] in ("wav", "w64")
            else names[0] == "ogg" and lacks_end(self.path)
        ):
            raise AudioError(f"{self.path}: breaks off after {clock(self.decoded)}; get the whole file again")
        stated = self._stated(names)
        if stated is None or self.decoded >= stated - max(2.0, 0.02 * stated):
            return
        raise AudioError(
            f"{self.path}: breaks off after {clock(self.decoded)} of {clock(stated)}; get the whole file again"
        )

    def _stated(self, names: list[str]) -> float | None:
        """Seconds that the file's header states; `None` if they would only be an estimate."""
        if "mp3" in names or "asf" in names:  # for these formats FFmpeg doesn't say which it is
            return counted(self.path)
        return self.duration if any(name in STATED for name in names) else None


def check_shape(path: str, rate: int, channels: int) -> None:
    """Refuse numbers that no recording has.

    Raises
    ------
    AudioError
        For more than 32 channels, or a rate outside 1 to 768 kHz.
    """
    if not channels or not rate:
        raise AudioError(f"{path}: can't be read as audio: {DAMAGED}")
    if not 1 <= channels <= CHANNELS_MAX:
        raise AudioError(f"{path}: states {channels} channels; 1 to {CHANNELS_MAX} can be read")
    if not RATES[0] <= rate <= RATES[1]:
        raise AudioError(f"{path}: states a rate of {rate} Hz; {RATES[0]} to {RATES[1]} can be read")
