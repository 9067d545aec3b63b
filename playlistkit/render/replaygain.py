"""ReplayGain tags: a plan's gains for a player that levels by tags. The one place that writes into music files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playlistkit.errors import ExportError

__all__ = ["write_gain"]

GAIN, PEAK = "REPLAYGAIN_TRACK_GAIN", "REPLAYGAIN_TRACK_PEAK"
OPUS_GAIN = "R128_TRACK_GAIN"
OPUS_REFERENCE = 5.0  # dB from Opus's -23 LUFS (RFC 7845, 5.2.1) to ReplayGain 2.0's -18


def write_gain(path: str, gain: float, peak: float | None) -> None:
    """Write a track's gain into its tags; all other tags stay, an earlier gain of the track is replaced.

    Parameters
    ----------
    path : str
    gain : float
        DB by which a player is to change its level.
    peak : float, optional
        True peak of the file in dBTP.

    Raises
    ------
    ExportError
        If the file can't be read or written, or has no tags that players look for a gain in.
    """
    import mutagen

    try:
        file: Any = mutagen.File(path)
        if file is None:
            raise ExportError(f"{path}: no place for tags is known in a file of this kind")
        if file.tags is None:
            file.add_tags()
        _writer(file)(file.tags, f"{gain:+.2f} dB", None if peak is None else f"{10 ** (peak / 20):.6f}")
        file.save()
    except (mutagen.MutagenError, OSError) as error:
        raise ExportError(f"{path}: its tags can't be written: {error}") from error


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
    decibels = float(gain.removesuffix(" dB")) - OPUS_REFERENCE
    tags[OPUS_GAIN] = str(round(decibels * 256))
    for name in (GAIN, PEAK):
        if name in tags:
            del tags[name]


def _id3(tags: Any, gain: str, peak: str | None) -> None:
    from mutagen.id3 import TXXX

    for name, value in ((GAIN, gain), (PEAK, peak)):
        for frame in tags.getall("TXXX"):
            if frame.desc.upper() == name:
                tags.delall(frame.HashKey)
        if value is not None:
            tags.add(TXXX(encoding=3, desc=name, text=[value]))  # type: ignore[no-untyped-call]


def _mp4(tags: Any, gain: str, peak: str | None) -> None:
    from mutagen.mp4 import MP4FreeForm

    for name, value in ((GAIN, gain), (PEAK, peak)):
        key = f"----:com.apple.iTunes:{name.lower()}"
        for old in [each for each in tags if each.lower() == key.lower()]:
            del tags[old]
        if value is not None:
            tags[key] = [MP4FreeForm(value.encode())]  # type: ignore[no-untyped-call]


def _plain(tags: Any, gain: str, peak: str | None) -> None:
    """Vorbis comments, APEv2, ASF."""
    for name, value in ((GAIN, gain), (PEAK, peak)):
        if value is not None:
            tags[name] = value
        elif name in tags:
            del tags[name]
