"""The network for speech, singing and music: it answers as the original does."""

from __future__ import annotations

import numpy as np
import pytest

from playlistkit.analysis.fireredvad import fireredvad
from tests.analysis.test_yamnet import SOUNDS

# What the original (ONNX, after Kaldi's filters in double precision) says of these: the mean over the frames.
ORIGINAL = {
    "noise": (0.01083, 0.01155, 0.09747),
    "bursts": (0.01008, 0.58544, 0.72006),
    "buzz": (0.01224, 0.03447, 0.94724),
    "ticks": (0.00974, 0.00124, 0.01245),
}
WINDOWS = np.array([*SOUNDS.values()], np.float32)


def test_it_answers_as_the_original_does() -> None:
    heard = 1 / (1 + np.exp(-fireredvad().listen(WINDOWS)))
    for name, said in zip(SOUNDS, heard.mean(axis=1), strict=True):
        assert tuple(said) == pytest.approx(ORIGINAL[name], abs=0.002), name


def test_level_changes_nothing() -> None:
    np.testing.assert_allclose(fireredvad().listen(0.01 * WINDOWS), fireredvad().listen(WINDOWS), atol=1e-2)


def test_one_window_is_answered_as_among_others() -> None:
    alone = [fireredvad().listen(WINDOWS[k : k + 1]) for k in range(len(WINDOWS))]
    np.testing.assert_allclose(np.concatenate(alone), fireredvad().listen(WINDOWS), atol=1e-3)
