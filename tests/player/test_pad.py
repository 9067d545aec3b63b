"""The calm loop: there at once, without a seam, as loud as it says."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from playlistkit.player.pad import LOUDNESS, SECONDS, Pad
from playlistkit.render import RATE


def test_its_first_samples_come_before_the_rest_is_made() -> None:
    assert len(next(Pad().blocks())) <= RATE // 10


def test_it_repeats_without_a_seam() -> None:
    turn = SECONDS * 10
    blocks = list(itertools.islice(Pad().blocks(), turn + 2))
    assert all(np.array_equal(one, two) for one, two in zip(blocks, blocks[turn:], strict=False))
    steps = [float(np.abs(two[0] - one[-1]).max()) for one, two in itertools.pairwise(blocks)]
    assert max(steps) <= max(float(np.abs(np.diff(block, axis=0)).max()) for block in blocks)


def test_both_sides_are_as_loud_as_it_says() -> None:
    chord = np.concatenate(list(itertools.islice(Pad().blocks(), SECONDS * 10)))
    assert 10 * np.log10(np.mean(chord**2, axis=0)) == pytest.approx(LOUDNESS, abs=0.05)
