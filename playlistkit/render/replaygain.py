"""ReplayGain tags: a plan's gains, for players that adjust levels by tags. Only this module writes into music files.

A copy is written and replaces the file when it is complete, so a full disk or a kill leaves the file as it was. No other
gain stays beside the new one, since a player that reads it first would play the track at another level.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playlistkit.errors import ExportError
from playlistkit.replacing import replacing

__all__ = ["write_gain"]

GAIN, PEAK = "REPLAYGAIN_TRACK_GAIN", "REPLAYGAIN_TRACK_PEAK"
OPUS_GAIN = "R128_TRACK_GAIN"
OPUS_REFERENCE = 5.0  # dB from Opus's -23 LUFS (RFC 7845, 5.2.1) to ReplayGain 2.0's -18
NAMES = frozenset((GAIN, PEAK, OPUS_GAIN, "ITUNNORM"))
"""Names, in upper case, of the tags that say how loud a track should be played."""
FRAMES = (b"RVAD", b"XRVA", b"RVA\0")  # frames of older ID3 versions, which mutagen passes on unchanged


def write_gain(path: str, gain: float, peak: float | None) -> None:
    """Write a track's gain into its tags and remove its earlier gains of any kind; other tags stay.

    Album gains and mp3gain's undo notes are not gains of the track, so they stay.

    Parameters
    ----------
    path : str
    gain : float
        The change of level that a player is to make, in dB.
    peak : float, optional
        True peak of the file in dBTP.

    Raises
    ------
    ExportError
        If the file can't be read or written, or has no tags in which players look for a gain; it is then unchanged,
        byte for byte.
    """
    import mutagen

    file = Path(os.path.realpath(path))
    try:
        status = file.stat()
        if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(file, os.W_OK):
            raise ExportError(f"{path}: is write-protected; allow writing to it")
        known: Any = mutagen.File(path)
        if known is None:
            raise ExportError(f"{path}: no place for tags is known in a file of this kind")
        with replacing(file) as part:
            shutil.copyfile(file, part)
            _write(type(known), part, f"{gain:+.2f} dB", None if peak is None else f"{10 ** (peak / 20):.6f}")
            shutil.copystat(file, part)
            os.utime(part)  # its content is new
            if hasattr(os, "chown"):
                with contextlib.suppress(OSError):  # only root may give files away
                    os.chown(part, status.st_uid, status.st_gid)
    except ExportError:
        raise
    except Exception as error:  # mutagen raises whatever a crafted tag provokes; the file is as it was
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ExportError(f"{path}: its tags can't be written: {reason}; the file is as it was") from error


def _write(kind: Callable[[Path], Any], part: Path, gain: str, peak: str | None) -> None:
    from mutagen.flac import FLAC
    from mutagen.id3 import ID3

    file = kind(part)
    if file.tags is None:
        file.add_tags()
    _writer(file)(file.tags, gain, peak)
    file.save()
    if isinstance(file.tags, ID3):
        _clear_apev2(part)
    if isinstance(file, FLAC):
        _clear_id3(part)


def _clear_apev2(path: Path) -> None:
    """Remove the gains from an APEv2 tag after the sound, which mp3gain writes beside ID3."""
    from mutagen.apev2 import APENoHeaderError, APEv2

    with contextlib.suppress(APENoHeaderError):
        tags: Any = APEv2(path)  # type: ignore[no-untyped-call]
        if not _drop(tags):
            return
        if len(tags):
            tags.save(path)
        else:
            tags.delete(path)


def _clear_id3(path: Path) -> None:
    """Remove the gains from an ID3 tag that some programs put before a FLAC file."""
    from mutagen.id3 import ID3, ID3NoHeaderError

    with contextlib.suppress(ID3NoHeaderError):
        tags: Any = ID3(path)  # type: ignore[no-untyped-call]
        _drop_frames(tags)
        tags.save(path)


def _drop(tags: Any) -> bool:
    """Delete every gain from a mapping of tags; tells whether there was one."""
    found = [key for key in list(tags.keys()) if str(key).upper().rpartition(":")[2] in NAMES]
    for key in found:
        if key in tags:  # Vorbis keys may occur twice, in different case
            del tags[key]
    return bool(found)


def _drop_frames(tags: Any) -> None:
    """Delete every gain from an ID3 tag."""
    for frame in [*tags.getall("TXXX"), *tags.getall("COMM"), *tags.getall("RVA2")]:
        if frame.desc.upper() in NAMES or (frame.FrameID == "RVA2" and frame.desc.lower() != "album"):
            tags.delall(frame.HashKey)
    tags.unknown_frames = [each for each in tags.unknown_frames if not each.startswith(FRAMES)]


def _writer(file: Any) -> Callable[[Any, str, str | None], None]:
    from mutagen.id3 import ID3
    from mutagen.mp4 import MP4Tags
    from mutagen.oggopus import OggOpus

    if isinstance(file, OggOpus):
        return _opus
    if isinstance(file.tags, ID3):
        return _id3
    if isinstance(file.tags, MP4Tags):
        return _mp4
    return _plain


def _opus(tags: Any, gain: str, _: str | None) -> None:
    """Opus has a tag of its own, in 1/256 dB; RFC 7845 forbids the others."""
    _drop(tags)
    decibels = float(gain.removesuffix(" dB")) - OPUS_REFERENCE
    tags[OPUS_GAIN] = str(round(decibels * 256))


def _id3(tags: Any, gain: str, peak: str | None) -> None:
    from mutagen.id3 import TXXX

    _drop_frames(tags)
    for name, value in ((GAIN, gain), (PEAK, peak)):
        if value is not None:
            tags.add(TXXX(encoding=3, desc=name, text=[value]))  # type: ignore[no-untyped-call]


def _mp4(tags: Any, gain: str, peak: str | None) -> None:
    from mutagen.mp4 import MP4FreeForm

    _drop(tags)
    for name, value in ((GAIN, gain), (PEAK, peak)):
        if value is not None:
            tags[f"----:com.apple.iTunes:{name.lower()}"] = [MP4FreeForm(value.encode())]  # type: ignore[no-untyped-call]


def _plain(tags: Any, gain: str, peak: str | None) -> None:
    """Vorbis comments, APEv2, ASF."""
    _drop(tags)
    for name, value in ((GAIN, gain), (PEAK, peak)):
        if value is not None:
            tags[name] = value
