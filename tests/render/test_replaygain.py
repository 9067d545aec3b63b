"""ReplayGain tags, in copies: written where players look for them, everything else as it was."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import mutagen
import numpy as np
import pytest

from playlistkit.audio import open_audio, read_tags
from playlistkit.errors import ExportError
from playlistkit.render import RATE, encode, write_gain


def made(folder: Path, suffix: str) -> Path:
    path = folder / f"track{suffix}"
    encode(path, [np.zeros((RATE, 2), np.float32)], RATE, tags={"title": "Here", "artist": "Somebody"})
    return path


def gain_of(path: Path) -> float:
    """The gain that a player finds, in dB towards ReplayGain's level."""
    tags = mutagen.File(path).tags
    if path.suffix == ".opus":
        (text,) = tags["R128_TRACK_GAIN"]
        return int(text) / 256 + 5
    if path.suffix == ".m4a":
        (raw,) = tags["----:com.apple.iTunes:replaygain_track_gain"]
        return float(raw.decode().removesuffix(" dB"))
    if path.suffix in (".mp3", ".wav"):
        return float(str(tags["TXXX:REPLAYGAIN_TRACK_GAIN"]).removesuffix(" dB"))
    (text,) = tags["replaygain_track_gain"]
    return float(text.removesuffix(" dB"))


@pytest.mark.parametrize("suffix", [".flac", ".opus", ".mp3", ".m4a", ".wav"])
def test_the_gain_is_where_players_look_for_it_and_the_sound_untouched(suffix: str, tmp_path: Path) -> None:
    path = made(tmp_path, suffix)
    before = read_tags(path)
    for gain in (-6.25, 2.5):  # the second replaces the first
        write_gain(str(path), gain, -1.5)
        assert gain_of(path) == pytest.approx(gain, abs=0.005)
    if suffix != ".wav":  # FFmpeg's own tags there are no ID3
        assert read_tags(path) == before
    with open_audio(path) as stream:
        assert sum(len(block) for block in stream.blocks()) == pytest.approx(RATE, abs=4000)


def test_the_peak_is_written_as_amplitude(tmp_path: Path) -> None:
    path = made(tmp_path, ".flac")
    write_gain(str(path), 0.0, -6.0206)
    assert mutagen.File(path)["replaygain_track_peak"] == ["0.500000"]
    write_gain(str(path), 0.0, None)
    assert "replaygain_track_peak" not in mutagen.File(path)


def test_an_earlier_gain_in_other_letters_is_replaced(tmp_path: Path) -> None:
    from mutagen.id3 import ID3, TXXX

    path = made(tmp_path, ".mp3")
    tags = ID3(path)
    tags.add(TXXX(encoding=3, desc="replaygain_track_gain", text=["+9.00 dB"]))
    tags.save()
    write_gain(str(path), -3.0, None)
    gains = [frame for frame in ID3(path).getall("TXXX") if frame.desc.lower() == "replaygain_track_gain"]
    assert [frame.text for frame in gains] == [["-3.00 dB"]]


def old_gains(path: Path) -> None:
    """Every other gain that a file of this kind may have from other programs."""
    from mutagen.apev2 import APEv2
    from mutagen.id3 import COMM, ID3, RVA2, TXXX

    if path.suffix == ".mp3":
        tags = ID3(path)
        tags.add(RVA2(desc="track", channel=1, gain=-9.5, peak=0.9))
        tags.add(COMM(encoding=0, lang="eng", desc="iTunNORM", text=[" 00000A2B"]))
        tags.add(TXXX(encoding=3, desc="R128_TRACK_GAIN", text=["256"]))
        tags.save(path)
        ape = APEv2()
        ape.update({"REPLAYGAIN_TRACK_GAIN": "-9.5 dB", "MP3GAIN_UNDO": "+000,+000,N"})
        ape.save(path)
        return
    tags = mutagen.File(path)
    if path.suffix == ".m4a":
        tags["----:com.apple.iTunes:iTunNORM"] = [b" 00000A2B"]
        tags["----:org.hydrogenaudio.replaygain:replaygain_track_gain"] = [b"-9.5 dB"]
    elif path.suffix == ".opus":
        tags["REPLAYGAIN_TRACK_GAIN"] = "-9.5 dB"
    else:
        tags["R128_TRACK_GAIN"] = "256"
        tags["replaygain_album_gain"] = "-2.00 dB"
    tags.save()
    if path.suffix == ".flac":
        before = ID3()
        before.add(RVA2(desc="track", channel=1, gain=-9.5, peak=0.9))
        before.save(path)


def gains_in(path: Path) -> set[str]:
    """The names of all gains of a track in a file, in whatever tag."""
    from mutagen.apev2 import APENoHeaderError, APEv2
    from mutagen.id3 import ID3, ID3NoHeaderError

    keys = list(mutagen.File(path).tags.keys())
    for kind, absent in ((APEv2, APENoHeaderError), (ID3, ID3NoHeaderError)):
        with contextlib.suppress(absent):
            keys += list(kind(path).keys())
    words = ("TRACK_GAIN", "RVA2", "ITUNNORM")
    return {key.upper() for key in keys if any(word in key.upper() for word in words)}


@pytest.mark.parametrize("suffix", [".flac", ".opus", ".mp3", ".m4a"])
def test_no_other_gain_of_the_track_stays_beside_the_new_one(suffix: str, tmp_path: Path) -> None:
    path = made(tmp_path, suffix)
    old_gains(path)
    write_gain(str(path), -3.0, None)
    assert gain_of(path) == pytest.approx(-3.0, abs=0.005)
    assert len(gains_in(path)) == 1
    if suffix == ".flac":
        assert mutagen.File(path)["replaygain_album_gain"] == ["-2.00 dB"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize("suffix", [".flac", ".mp3", ".m4a"])
def test_a_full_disk_leaves_the_file_byte_for_byte(suffix: str, tmp_path: Path) -> None:
    import resource

    path = made(tmp_path, suffix)
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + (10 if suffix == ".mp3" else -1), hard))
    try:
        with pytest.raises(ExportError, match="the file is as it was"):
            write_gain(str(path), -3.0, -1.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_a_write_protected_file_is_left_alone(tmp_path: Path) -> None:
    path = made(tmp_path, ".flac")
    path.chmod(0o444)
    with pytest.raises(ExportError, match="write-protected"):
        write_gain(str(path), -3.0, None)


def test_a_file_that_holds_no_tags_or_is_gone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no music")
    for wrong in (path, tmp_path / "gone.flac"):
        with pytest.raises(ExportError, match=wrong.name):
            write_gain(str(wrong), 0.0, None)
    assert path.read_text() == "no music"
