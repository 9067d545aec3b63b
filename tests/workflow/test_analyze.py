"""One file, or samples, without a library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

import playlistkit as pk

RATE = 44_100


@pytest.fixture(scope="module")
def stereo() -> np.ndarray:
    """Six seconds of plucked tones in two channels [shape=(n, 2)]."""
    time = np.arange(6 * RATE) / RATE
    plucked = np.sin(2 * np.pi * 330 * time) * np.exp(-4 * (time % 0.5))
    return np.stack([0.3 * plucked, 0.1 * plucked], axis=1).astype(np.float32)


def test_samples_give_what_their_file_gives_whichever_axis_is_time(
    stereo: np.ndarray, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "a.wav", stereo, RATE, subtype="FLOAT")
    from_file = pk.analyze(tmp_path / "a.wav", voice=False)
    assert from_file.loudness is not None
    for samples in (stereo, stereo.T.astype(np.float64)):
        own = pk.analyze(samples, float(RATE), voice=False)
        for name in (
            "loudness",
            "true_peak",
            "loudness_range",
            "tempo",
            "energy",
            "brightness",
            "onset_rate",
        ):
            assert getattr(own, name) == pytest.approx(getattr(from_file, name), abs=1e-3), name
    assert pk.analyze(stereo[:, 0], RATE, voice=False).loudness > from_file.loudness


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (lambda samples: (samples,), "rate: samples need theirs"),
        (lambda samples: (samples, "44100"), "rate: '44100' is not a number"),
        (lambda samples: (samples, 44_100.5), "whole number of Hz"),
        (lambda samples: ((samples * 32767).astype(np.int16), RATE), "by 32768"),
        (lambda samples: (samples[None], RATE), "one or two dimensions"),
        (lambda _: ("a.wav", RATE), "a file says its own"),
    ],
)
def test_what_can_t_be_samples_gets_a_sentence(stereo: np.ndarray, given, told: str) -> None:
    with pytest.raises(pk.InputError, match=told):
        pk.analyze(*given(stereo))
