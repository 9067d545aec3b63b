"""Open an audio file, or say why it can't be opened."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING, Any

from playlistkit.audio.audio_stream import AudioStream
from playlistkit.audio.part import PartStream
from playlistkit.audio.reasons import reason
from playlistkit.audio.stream import FORMATS, HOURS_MAX, FFmpegStream, check_shape
from playlistkit.audio.vorbis import VorbisStream, is_vorbis
from playlistkit.errors import AudioError

if TYPE_CHECKING:
    import av

__all__ = ["AudioStream", "check_regular", "container_of", "open_audio", "played_sound"]

PROTECTED = ("drms", "enca", "aavd")  # sample entries of MP4: FairPlay, common encryption, Audible


def open_audio(path: str | os.PathLike[str], start: float = 0.0, end: float | None = None) -> AudioStream:
    """Open the audio stream that players choose in a file, for decoding.

    Parameters
    ----------
    path : path-like
        A regular file of any format and suffix. Pictures and films inside are skipped.
    start, end : float
        Seconds into the file, for a track that is part of it. The stream then holds exactly that part.

    Returns
    -------
    AudioStream
        To be used in a `with` statement.

    Raises
    ------
    AudioError
        If it isn't a regular file, can't be read, holds no sound that can be decoded, or ends before `start`.
    """
    whole = _open(path)
    if not start and end is None:
        return whole
    try:
        return PartStream(whole, start, end)
    except AudioError:
        whole.__exit__(None, None, None)
        raise


def _open(path: str | os.PathLike[str]) -> FFmpegStream | VorbisStream:
    """The stream of a whole file."""
    name = os.path.abspath(os.fspath(path))  # noqa: PTH100 -- keeps surrogate names intact
    check_regular(name)
    import av

    with contextlib.ExitStack() as resources:
        try:
            container = resources.enter_context(container_of(name, resources))
        except (av.error.FFmpegError, OSError, ValueError) as error:
            refused = AudioError(f"{name}: can't be read as audio: {reason(error)}")
            with contextlib.suppress(RuntimeError, OSError):  # libsndfile's errors are the former
                if isinstance(error, av.error.InvalidDataError) and is_vorbis(name):
                    old = resources.enter_context(VorbisStream(name))
                    _check_length(name, old.duration)
                    resources.pop_all()  # closed by whoever reads it
                    return old
            raise refused from error
        opened = FFmpegStream(name, container, played_sound(name, container))
        _check_length(name, opened.duration)
        opened.resources = resources.pop_all()
    return opened


def check_regular(name: str) -> None:
    """Refuse anything but an ordinary file that isn't empty."""
    try:
        status = os.stat(name)  # noqa: PTH116
    except (OSError, ValueError) as error:
        raise AudioError(f"{name}: can't be read: {reason(error)}") from error
    if not stat.S_ISREG(status.st_mode):
        raise AudioError(f"{name}: is not an ordinary file")
    if not status.st_size:
        raise AudioError(f"{name}: is empty (0 bytes)")


def _check_length(name: str, seconds: float | None) -> None:
    """Refuse a file that states a duration that no session has."""
    if seconds is not None and seconds > HOURS_MAX * 3600:
        raise AudioError(
            f"{name}: states a duration of {seconds / 3600:.0f} hours; at most {HOURS_MAX} are read"
        )


def container_of(name: str, resources: contextlib.ExitStack) -> av.container.InputContainer:
    """The file as FFmpeg opens it."""
    import av

    av.logging.set_level(None)
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    source: Any = f"file:{name}"
    try:
        source.encode()
    except UnicodeEncodeError:  # a name in no encoding: only Python can open it
        source = resources.enter_context(open(name, "rb"))  # noqa: SIM115, PTH123
    # before PyAV 19 a tag in another encoding than UTF-8 was an error unless one asked for what is usual now
    lenient: dict[str, Any] = {}
    if int(av.__version__.split(".")[0]) < 19:
        lenient = {"metadata_errors": "surrogateescape"}
    container: av.container.InputContainer = av.open(source, options=options, **lenient)
    return container


def played_sound(name: str, container: av.container.InputContainer) -> av.AudioStream:
    """The audio stream that players choose: the one marked default, else the first.

    Raises
    ------
    AudioError
        If there is none, or it is encrypted.
    """
    import av

    sounds = container.streams.audio
    marked = (each for each in sounds if each.disposition & av.stream.Disposition.default)
    stream = next(marked, sounds[0] if sounds else None)
    if stream is None:
        raise AudioError(f"{name}: holds no audio stream")
    codec = stream.codec_context
    if codec is None:
        raise AudioError(f"{name}: its sound can't be decoded; it may be encrypted (DRM)")
    if codec.codec_tag in PROTECTED or "ASF_Protection_Type" in container.metadata:
        raise AudioError(f"{name}: is encrypted (DRM); get an unprotected copy from where it was bought")
    check_shape(name, stream.rate, stream.channels)
    codec.thread_count = 1  # processes share the cores; threads would only compete for them
    return stream
