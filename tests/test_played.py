"""What is measured is what players play: two speakers, the stream that is marked, whatever the polarity."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from playlistkit.audio import listen, open_audio
from playlistkit.audio.downmix import levels, stereo

RATE = 44_100


def noise(seconds: float = 6, seed: int = 1, level: float = 0.1) -> np.ndarray:
    """Noise that gets softer towards high frequencies, with a pulse of 2 Hz."""
    white = np.random.default_rng(seed).normal(0, 1, int(seconds * RATE))
    soft = np.convolve(white, np.ones(16) / 4, "same")
    pulse = 1 + 0.8 * np.sin(2 * np.pi * 2 * np.arange(len(soft)) / RATE)
    return (level * soft / soft.std() * pulse).clip(-1, 1).astype(np.float32)


def write(path: Path, *streams: np.ndarray, default: int = 0) -> Path:
    """A file of lossless streams [shape=(channels, n) each]."""
    with av.open(str(path), "w") as container:
        layouts = [{1: "mono", 2: "stereo", 6: "5.1"}[len(each)] for each in streams]
        outputs = [container.add_stream("pcm_s16le", rate=RATE, layout=layout) for layout in layouts]
        for number, output in enumerate(outputs):
            output.disposition = (
                av.stream.Disposition.default if number == default else av.stream.Disposition(0)
            )
        for samples, layout, output in zip(streams, layouts, outputs, strict=True):
            packed = np.ascontiguousarray((samples.T * 32767).astype(np.int16).reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=layout)
            frame.rate, frame.pts = RATE, 0
            container.mux(output.encode(frame))
            container.mux(output.encode(None))
    return path


def loudness(path: Path) -> float:
    measured = listen(path, voice=False).features.loudness
    assert measured is not None
    return measured


def test_mono_is_as_loud_as_the_same_on_both_speakers(tmp_path: Path) -> None:
    one = noise()
    mono = loudness(write(tmp_path / "1.wav", one[np.newaxis]))
    assert mono == pytest.approx(loudness(write(tmp_path / "2.wav", np.tile(one, (2, 1)))), abs=0.05)


def test_surround_is_measured_as_two_speakers_play_it(tmp_path: Path) -> None:
    left, right, centre, back = (noise(seed=seed, level=0.05) for seed in range(4))
    silence = np.zeros_like(left)
    path = write(tmp_path / "a.wav", np.array([left, right, centre, silence, back, silence]))
    half = np.float32(np.sqrt(0.5))
    folded = np.array([left + half * (centre + back), right + half * centre])
    assert loudness(path) == pytest.approx(loudness(write(tmp_path / "b.wav", folded)), abs=0.05)
    with open_audio(path) as stream:
        assert stream.channels == 2
        np.testing.assert_allclose(np.concatenate(list(stream.blocks())), folded.T, atol=2e-4)


def test_a_layout_that_nobody_knows_loses_no_channel() -> None:
    block = np.ones((4, 11), np.float32)
    assert (stereo(block, levels(11)) > 1).all()


def test_channels_of_opposite_polarity_are_heard_like_any_others(tmp_path: Path) -> None:
    one = noise()
    flipped = listen(write(tmp_path / "1.wav", np.array([one, -one])), voice=False).features
    same = listen(write(tmp_path / "2.wav", np.array([one, one])), voice=False).features
    assert flipped.energy == pytest.approx(same.energy, abs=0.01)
    assert flipped.loudness == pytest.approx(same.loudness, abs=0.05)


def test_the_stream_that_is_marked_default_is_heard(tmp_path: Path) -> None:
    soft, loud = (np.tile(noise(level=level), (2, 1)) for level in (0.01, 0.1))
    first = loudness(write(tmp_path / "a.mka", soft, loud))
    second = loudness(write(tmp_path / "b.mka", soft, loud, default=1))
    assert second - first == pytest.approx(20, abs=1)
