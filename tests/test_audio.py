"""What is read of files of every kind, made here by FFmpeg's encoders."""

from __future__ import annotations

import os
import pickle
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from playlistkit.audio import Tags, isrc_of, listen, names_of, open_audio, read_tags
from playlistkit.errors import AudioError

RATE = 44_100


def write(
    path: Path, codec: str, *, seconds: float = 5, channels: int = 2, rate: int = RATE, **kw: str
) -> Path:
    """A sine of 440 Hz at -20 dBFS."""
    time = np.arange(int(seconds * rate)) / rate
    samples = np.tile(0.1 * np.sin(2 * np.pi * 440 * time), (channels, 1)).astype(np.float32)
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    with av.open(str(path), "w", **kw) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        if codec == "vorbis":  # FFmpeg calls its own encoder experimental
            stream.codec_context.options = {"strict": "experimental"}
        if codec == "wmav2":
            stream.bit_rate = 128_000
        for start in range(0, samples.shape[1], 1024):
            part = np.ascontiguousarray(samples[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
            frame.rate, frame.pts = rate, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("suffix", "codec", "channels", "rate"),
    [
        ("wav", "pcm_s16le", 2, 44_100),
        ("wav", "pcm_s24le", 2, 96_000),
        ("wav", "pcm_s32le", 1, 8_000),
        ("wav", "pcm_f32le", 6, 48_000),
        ("aiff", "pcm_s16be", 2, 44_100),
        ("flac", "flac", 2, 44_100),
        ("m4a", "alac", 2, 44_100),
        ("m4a", "aac", 2, 44_100),
        ("mp3", "mp3", 2, 44_100),
        ("ogg", "vorbis", 2, 44_100),
        ("opus", "libopus", 2, 48_000),
        ("wma", "wmav2", 2, 44_100),
    ],
)
def test_every_format_gives_its_samples(
    tmp_path: Path, suffix: str, codec: str, channels: int, rate: int
) -> None:
    path = write(tmp_path / f"a.{suffix}", codec, channels=channels, rate=rate)
    with open_audio(path) as stream:
        samples = np.concatenate(list(stream.blocks()))
        assert (stream.rate, samples.shape[1], samples.dtype) == (rate, channels, np.float32)
        assert stream.decoded == pytest.approx(5, abs=0.15)
    middle = samples[rate : 4 * rate, 0]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.1 / np.sqrt(2), rel=0.05)


def test_the_content_decides_not_the_suffix(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", "flac", format="flac")
    assert listen(path, voice=False).duration == pytest.approx(5)


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_truncated_file_says_where_it_breaks_off(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a.{suffix}", {"wav": "pcm_s16le", "flac": "flac"}[suffix], seconds=20)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match=r"breaks off|damaged|can't be decoded"):
        listen(path, voice=False)


@pytest.mark.parametrize(
    "content", [b"", b"no sound at all" * 1000, b"\xff\xfb\x90" * 5000, b"#EXTM3U\nb.ts\n"]
)
def test_what_is_no_audio_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"a\.mp3: "):
        listen(path, voice=False)


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    for name in ("missing.mp3", ".", "pipe.mp3"):
        with pytest.raises(AudioError):
            open_audio(tmp_path / name)


def test_a_header_of_1000_channels_is_refused(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as out:
        out.setnchannels(1000)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(b"\0" * 2000 * 100)
    with pytest.raises(AudioError):
        listen(tmp_path / "a.wav", voice=False)


def test_a_name_in_no_encoding_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", "flac")
    strange = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.flac")
    os.rename(path, strange)  # noqa: PTH104
    assert listen(strange, voice=False).duration == pytest.approx(5)


def test_tags_are_read_and_normalised(tmp_path: Path) -> None:
    from mutagen.flac import FLAC

    path = write(tmp_path / "a.flac", "flac")
    file = FLAC(path)
    file.update(title="Lento", artist=["A", "B"], isrc="de-a12-34-56789", genre="Instrumental")
    file.save()
    assert read_tags(path) == Tags("Lento", "A; B", None, "DEA123456789", "Instrumental", "none")


def test_a_rippers_placeholder_is_no_artist(tmp_path: Path) -> None:
    from mutagen.flac import FLAC

    path = write(tmp_path / "a.flac", "flac")
    file = FLAC(path)
    file.update(title="Track 4", artist="<Unknown>", album="Unknown Album")
    file.save()
    assert read_tags(path) == Tags("Track 4", None, None, None, None, None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Satie - Gnossienne.mp3", ("Satie", "Gnossienne")),
        ("03 - Satie - Gnossienne.mp3", ("Satie", "Gnossienne")),
        ("07_slow_rain.ogg", (None, "slow rain")),
        ("1979.mp3", (None, "1979")),
    ],
)
def test_without_tags_the_name_gives_the_title(name: str, expected: tuple[str | None, str | None]) -> None:
    assert names_of(f"folder/{name}") == expected


def test_an_isrc_has_twelve_characters_or_is_none() -> None:
    assert isrc_of("US-RC1-76-07839") == "USRC17607839"
    assert isrc_of("12345") is None


def test_the_answer_goes_between_processes(tmp_path: Path) -> None:
    heard = listen(write(tmp_path / "a.wav", "pcm_s16le"), voice=False)
    assert pickle.loads(pickle.dumps(heard)) == heard
