"""Samples by FFmpeg's decoders, which PyAV carries.

A file is read once, from beginning to end, in blocks; nothing here grows with its length. What a file claims
is believed only as far as it was decoded: a header without samples, a stream that yields nothing and a track
that breaks off are each refused with a sentence.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
from collections.abc import Iterator
from fractions import Fraction
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from playlistkit.audio.whole import counted, lacks_bytes, lacks_end
from playlistkit.errors import AudioError

if TYPE_CHECKING:
    import av
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

__all__ = ["SUFFIXES", "AudioStream", "open_audio"]

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
"""The suffixes, in lower case, of files worth opening. What a file *is* decides its content, not its suffix."""

BLOCK = 2**19  # samples of all channels; large enough that calls from Python cost little
CHANNELS_MAX = 32
RATES = (1_000, 768_000)  # Hz
HOURS_MAX = 48
IDLE_BYTES = 16 * 2**20  # a stream that yields no sample from so much data yields none at all
IDLE_PACKETS = 20_000

# Playlists and scripts (HLS, concat, SDP, ...) are formats to FFmpeg as well, and would open what they name.
FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,caf,dsf,dts,eac3,flac,matroska,webm,mov,mp4,m4a,mp3,mpc,mpc8,ogg,tak,tta,"
    "w64,wav,wv"
)
STATED = ("aiff", "au", "caf", "flac", "matroska", "mov", "ogg", "tta", "wv")
"""Formats that state the duration; others estimate it, or read it from what is left of the file."""
PROTECTED = ("drms", "enca", "aavd")  # sample entries of MP4: FairPlay, common encryption, Audible


class AudioStream:
    """The samples of an open file; made by `open_audio`, closed by `with`."""

    def __init__(self, path: str, container: av.container.InputContainer, stream: av.AudioStream) -> None:
        self.path = path
        self.decoded: float = 0.0
        """Seconds that `blocks` has given so far; after its end, the track's duration."""
        self.duration = stated_duration(container, stream)
        """Seconds, as far as the file states or lets estimate them before it is decoded."""
        self._container = container
        self._stream = stream
        decoded = self._decode()
        first = next(decoded)
        self._frames = itertools.chain((first,), decoded)
        # the first frame is believed rather than the header: AAC with SBR doubles the rate
        self.rate: int = first.sample_rate
        """Hz."""
        self.channels: int = first.layout.nb_channels
        check_shape(path, self.rate, self.channels)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._container.close()

    @property
    def written(self) -> dict[str, str]:
        """What FFmpeg reads of the tags, by their names in the file; bytes that are no UTF-8 as surrogates."""
        return self._container.metadata

    def blocks(self) -> Iterator[Samples]:
        """The samples in order, once.

        Yields
        ------
        np.ndarray [shape=(n, channels)], float32
            Full scale at 1; some seconds long, all alike but the last.

        Raises
        ------
        AudioError
            If the file is damaged, breaks off, yields nothing or goes on beyond 48 hours.
        """
        import av

        fifo = av.AudioFifo()
        size = BLOCK // self.channels
        for frame in self._frames:
            frame.pts = None  # else a gap in the time stamps is an error
            fifo.write(frame)
            while fifo.samples >= size:
                yield self._block(fifo.read(size))
        if fifo.samples:
            yield self._block(fifo.read())
        self._check_whole()
        self._container.close()  # its index of a long file is large, and what follows needs memory

    def _block(self, frame: av.AudioFrame | None) -> Samples:
        import numpy as np

        assert frame is not None
        raw = frame.to_ndarray()
        if raw.shape[0] != self.channels or not frame.format.is_planar:  # packed: one row, channels in turn
            raw = raw.reshape(-1, self.channels).T
        self.decoded += raw.shape[1] / self.rate
        if self.decoded > HOURS_MAX * 3600:
            raise AudioError(f"{self.path}: longer than {HOURS_MAX} hours; split it into tracks")
        kind = raw.dtype
        if kind.kind == "f":
            return raw.astype(np.float32, copy=False).T
        samples: Samples = raw.astype(np.float32)
        if kind.kind == "u":  # eight bits
            samples -= 128
            samples /= 128
            return samples.T
        samples *= np.float32(2.0 ** (1 - 8 * kind.itemsize))
        return samples.T

    def _decode(self) -> Iterator[av.AudioFrame]:
        """Decoded frames, all of the first one's sample format, layout and rate."""
        import av

        first: tuple[str, str, int] | None = None
        changed: tuple[str, str, int] | None = None
        base: Fraction | None = None
        resampler: av.AudioResampler | None = None
        packets = damaged = idle = idle_bytes = 0
        try:
            for packet in self._container.demux(self._stream):
                packets += 1
                idle += 1
                idle_bytes += packet.size
                try:
                    frames = packet.decode()
                except (av.error.InvalidDataError, av.error.PatchWelcomeError, av.error.BugError):
                    damaged += 1
                    frames = []
                for frame in frames:
                    if not frame.samples:
                        continue
                    idle = idle_bytes = 0
                    kind = (frame.format.name, frame.layout.name, frame.sample_rate)
                    if first is None:
                        first, base = kind, frame.time_base
                    if kind == first and resampler is None:
                        yield frame
                        continue
                    # chained streams: what follows is brought into the form of the first
                    if resampler is None or kind != changed:
                        changed = kind
                        resampler = av.AudioResampler(first[0], first[1], first[2])
                    for converted in resampler.resample(frame):
                        converted.time_base = base  # `blocks` joins frames of one kind only
                        yield converted
                if idle > IDLE_PACKETS or idle_bytes > IDLE_BYTES:
                    raise AudioError(
                        f"{self.path}: {idle} packets in a row hold no sound; the file is damaged"
                    )
        except av.error.EOFError:
            pass
        except (av.error.FFmpegError, ValueError) as error:
            where = f" after {clock(self.decoded)}"
            raise AudioError(f"{self.path}: can't be decoded{where}: {reason(error)}") from error
        if first is None:
            raise AudioError(f"{self.path}: holds no samples; the file is empty, damaged or encrypted")
        if damaged > 3 + packets // 50:
            raise AudioError(
                f"{self.path}: {damaged} of {packets} packets are damaged; get the file again from its source"
            )

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
        """Seconds that the file's header states; `None` where they would only be estimated."""
        if "mp3" in names or "asf" in names:  # for these FFmpeg doesn't tell one from the other
            return counted(self.path)
        return self.duration if any(name in STATED for name in names) else None


class VorbisStream(AudioStream):
    """A Vorbis file that FFmpeg refuses, cut out of a broadcast say, by libsndfile, which takes less exactly."""

    def __init__(self, path: str) -> None:
        import soundfile

        self.path = path
        self.decoded = 0.0
        self._file = open(path, "rb")  # noqa: SIM115, PTH123 -- takes names in any encoding
        try:
            self._sound = soundfile.SoundFile(self._file)
        except BaseException:
            self._file.close()
            raise
        self.rate = self._sound.samplerate
        self.channels = self._sound.channels
        self.duration = self._sound.frames / self.rate

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
        return {}

    def blocks(self) -> Iterator[Samples]:
        for block in self._sound.blocks(BLOCK // self.channels, dtype="float32", always_2d=True):
            self.decoded += len(block) / self.rate
            yield block
        if lacks_end(self.path) or self.decoded < self._sound.frames / self.rate - 2:
            raise AudioError(f"{self.path}: breaks off after {clock(self.decoded)}; get the whole file again")


def stated_duration(container: av.container.InputContainer, stream: av.AudioStream) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / 1e6 if container.duration else None


def open_audio(path: str | os.PathLike[str]) -> AudioStream:
    """Open a file's first audio stream for decoding.

    Parameters
    ----------
    path : path-like
        A regular file of any format and suffix. Pictures and films inside are passed over.

    Returns
    -------
    AudioStream
        To be used in a `with` statement.

    Raises
    ------
    AudioError
        If it is no regular file, can't be read, or holds no sound that can be decoded.
    """
    name = os.path.abspath(os.fspath(path))  # noqa: PTH100 -- keeps surrogate names intact
    try:
        status = os.stat(name)  # noqa: PTH116
    except (OSError, ValueError) as error:
        raise AudioError(f"{name}: can't be read: {reason(error)}") from error
    if not stat.S_ISREG(status.st_mode):
        raise AudioError(f"{name}: is no regular file")
    if not status.st_size:
        raise AudioError(f"{name}: is empty (0 bytes)")

    import av

    av.logging.set_level(None)
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    source: Any = f"file:{name}"
    try:
        source.encode()
    except UnicodeEncodeError:  # a name in no encoding: only Python can open it
        source = open(name, "rb")  # noqa: SIM115, PTH123 -- the container closes with the stream
    # before PyAV 19 a tag in another encoding than UTF-8 was an error unless one asked for what is usual now
    lenient: dict[str, Any] = {}
    if int(av.__version__.split(".")[0]) < 19:
        lenient = {"metadata_errors": "surrogateescape"}
    try:
        container = av.open(source, options=options, **lenient)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        refused = AudioError(f"{name}: can't be read as audio: {reason(error)}")
        with contextlib.suppress(RuntimeError, OSError):  # libsndfile's errors are the former
            if isinstance(error, av.error.InvalidDataError) and is_vorbis(name):
                return VorbisStream(name)
        raise refused from error
    try:
        stream = container.streams.audio[0] if container.streams.audio else None
        if stream is None:
            raise AudioError(f"{name}: holds no audio stream")
        codec = stream.codec_context
        if codec is None:
            raise AudioError(f"{name}: its sound can't be decoded; it may be encrypted (DRM)")
        if codec.codec_tag in PROTECTED or "ASF_Protection_Type" in container.metadata:
            raise AudioError(f"{name}: is encrypted (DRM); get an unprotected copy from where it was bought")
        check_shape(name, stream.rate, stream.channels)
        codec.thread_count = 1  # processes share the cores, threads would only contend
        opened = AudioStream(name, container, stream)
        if opened.duration is not None and opened.duration > HOURS_MAX * 3600:
            hours = opened.duration / 3600
            raise AudioError(f"{name}: states a duration of {hours:.0f} hours; at most {HOURS_MAX} are read")
    except BaseException:
        container.close()
        raise
    return opened


def is_vorbis(path: str) -> bool:
    """Whether a file begins as Vorbis in Ogg does."""
    with open(path, "rb") as file:  # noqa: PTH123
        page = file.read(35)
    return page[:4] == b"OggS" and page[28:] == b"\x01vorbis"


def check_shape(path: str, rate: int, channels: int) -> None:
    """Refuse what no recording has.

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


DAMAGED = "it is damaged, cut short, or something else than its name says"
PLAIN = {
    "Invalid data found when processing input": DAMAGED,
    "Invalid argument": DAMAGED,
    "End of file": DAMAGED,
    "Input/output error": "it is cut short, or its disk has a fault",
    "Not yet implemented in FFmpeg, patches welcome": "it is of a kind that FFmpeg can't decode",
}
"""What FFmpeg says of opening a file, in words that say what may be the matter."""


def reason(error: BaseException) -> str:
    """What an error of FFmpeg or the system says, without its number and its path."""
    text = (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip().rstrip(".")
    if str(getattr(error, "filename", None)).endswith("()") and not isinstance(error, MemoryError):
        return DAMAGED  # a decoder's own number, which the system's words don't fit; PyAV names its function
    return PLAIN.get(text, text)


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
