"""ReplayGain tags, in copies: written where players look for them, everything else as it was."""

from __future__ import annotations

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


def test_a_file_that_holds_no_tags_or_is_gone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no music")
    for wrong in (path, tmp_path / "gone.flac"):
        with pytest.raises(ExportError, match=wrong.name):
            write_gain(str(wrong), 0.0, None)
    assert path.read_text() == "no music"
