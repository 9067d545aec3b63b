"""The network for all sounds: it answers as the original does."""

from __future__ import annotations

import numpy as np
import pytest

from playlistkit.analysis.bundled import stored
from playlistkit.analysis.yamnet import BRANCH, RATE, SAMPLES, STEPS, Layers, yamnet

from .made import noise

TIME = np.arange(SAMPLES) / RATE
HISS = noise(SAMPLES, 3)


def buzz() -> np.ndarray:
    """Harmonics of a pitch that trembles, and a little noise."""
    phase = 2 * np.pi * np.cumsum(150 + 20 * np.sin(2 * np.pi * 3 * TIME)) / RATE
    return sum(np.sin(k * phase) / k for k in range(1, 40)) + 0.1 * HISS


SOUNDS = {
    "noise": HISS,
    "bursts": HISS * (6 * TIME % 1 < 0.3),
    "buzz": buzz(),
    "ticks": HISS * np.exp(-60 * (TIME * 4 % 1)),
}
# What the original (TensorFlow Lite, which rounds between its layers) says of these.
ORIGINAL = {
    "noise": {"Static": 0.391, "White noise": 0.193, "Spray": 0.190, "Waterfall": 0.102},
    "bursts": {"Engine": 0.187, "Vehicle horn, car horn, honking": 0.088, "Vehicle": 0.079},
    "buzz": {"Music": 0.516, "Synthesizer": 0.176, "Sound effect": 0.172, "Sampler": 0.149},
    "ticks": {"Music": 0.184, "Percussion": 0.160, "Musical instrument": 0.104, "Drum machine": 0.099},
}


def heard() -> np.ndarray:
    return yamnet().listen(np.array([*SOUNDS.values()], np.float32)).odds


def test_it_answers_as_the_original_does() -> None:
    for name, odds in zip(SOUNDS, heard(), strict=True):
        said = dict(zip(yamnet().classes, 1 / (1 + np.exp(-odds)), strict=True))
        likeliest = sorted(said, key=lambda each: -said[each])[: len(ORIGINAL[name]) + 1]
        assert set(ORIGINAL[name]) <= set(likeliest)
        for each, share in ORIGINAL[name].items():
            assert said[each] == pytest.approx(share, abs=0.01 if name != "buzz" else 0.08)


def test_level_changes_nothing() -> None:
    sound = np.array([*SOUNDS.values()], np.float32)
    softer = yamnet().listen(0.01 * sound).odds
    np.testing.assert_allclose(softer, heard(), atol=1e-3)


def test_one_window_is_answered_as_among_others() -> None:
    sound = np.array([*SOUNDS.values()], np.float32)
    alone = np.concatenate([yamnet().listen(sound[k : k + 1]).hidden for k in range(len(sound))])
    np.testing.assert_allclose(alone, yamnet().listen(sound).hidden, atol=1e-4)


def test_later_layers_can_be_run_by_themselves() -> None:
    heard = yamnet().listen(np.array([*SOUNDS.values()], np.float32))
    later = Layers(stored("yamnet"), range(BRANCH, len(STEPS)), yamnet().entering)
    np.testing.assert_allclose(later.hidden(heard.middle), heard.hidden, atol=1e-6)
