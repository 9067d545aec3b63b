"""Encoding: every format, chapters, and never half a file."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from playlistkit.errors import ExportError
from playlistkit.render.encode import SUFFIXES, Chapter, encode
from playlistkit.render.mix import RATE, Block


def blocks(seconds: float = 3.0) -> Iterator[Block]:
    wave = (0.2 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)
    for at in range(0, len(wave), 5_000):
        yield np.repeat(wave[at : at + 5_000, None], 2, axis=1)


CHAPTERS = (Chapter(0.0, "peak: Björk - one"), Chapter(1.5, "two; = # \\"))


def decoded(path: Path) -> Block:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", rate=RATE, layout="stereo")
        frames = [
            out.to_ndarray() for frame in container.decode(audio=0) for out in resampler.resample(frame)
        ]
    return np.concatenate(frames, axis=1).T


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_holds_the_sound_at_its_length(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"größe 😀{suffix}"
    assert encode(path, blocks(), RATE) == pytest.approx(3.0)
    samples = decoded(path)
    assert len(samples) / RATE == pytest.approx(3.0, abs=0.06)  # lossy formats pad their last frame
    assert np.sqrt((samples[RATE : 2 * RATE] ** 2).mean()) == pytest.approx(0.2 / np.sqrt(2), rel=0.03)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", [".flac", ".opus", ".mp3", ".m4a"])
def test_chapters_are_in_the_formats_that_have_them(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    encode(path, blocks(), RATE, chapters=CHAPTERS, tags={"title": "A session"})
    with av.open(str(path)) as container:
        chapters = container.chapters()
    assert [chapter["metadata"]["title"] for chapter in chapters] == [chapter.title for chapter in CHAPTERS]
    assert [float(chapter["start"] * chapter["time_base"]) for chapter in chapters] == [0.0, 1.5]


def test_stopped_in_the_middle_it_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(b"before")

    def stopped() -> Iterator[Block]:
        yield next(blocks())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encode(path, stopped(), RATE)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_wav_that_may_pass_4_gib_has_room_for_a_header_of_64_bits(tmp_path: Path) -> None:
    encode(tmp_path / "short.wav", blocks(), RATE, expected=10.0)
    encode(tmp_path / "of any length.wav", blocks(), RATE)
    assert [b"JUNK" in path.read_bytes()[:100] for path in sorted(tmp_path.iterdir())] == [True, False]


def test_an_unknown_suffix_and_a_missing_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"\.ogx"):
        encode(tmp_path / "a.ogx", blocks(), RATE)
    with pytest.raises(ExportError, match="nowhere"):
        encode(tmp_path / "nowhere" / "a.flac", blocks(), RATE)


def test_a_file_that_the_disk_can_t_hold_is_told_before_it_is_begun(tmp_path: Path) -> None:
    def never() -> Iterator[Block]:
        raise AssertionError("nothing should be decoded")
        yield

    with pytest.raises(ExportError) as raised:
        encode(tmp_path / "long.wav", never(), RATE, expected=1e12)
    told = str(raised.value)
    assert "about 192000000.0 GB are needed and" in told
    assert "Free some, take .opus, which needs less, or choose another disk" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="limits files as POSIX does")
def test_a_disk_that_fills_leaves_nothing_and_says_what_is_needed(tmp_path: Path) -> None:
    """The largest size of a file that the system allows stands for the full disk."""
    import resource

    path = tmp_path / "a.wav"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(ExportError, match=r"no room for it: about 0\.6 MB are needed and .* are free"):
            encode(path, blocks(), RATE, expected=3.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert list(tmp_path.iterdir()) == []
