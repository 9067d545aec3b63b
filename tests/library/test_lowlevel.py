"""Low-level descriptors as the library keeps them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlistkit.analysis.lowlevel import LowLevel
from playlistkit.library import lowlevel


@given(st.lists(st.floats(0, 40, width=32), max_size=50), st.lists(st.floats(-9, 9, width=32), max_size=12))
def test_descriptors_are_kept_as_they_are(onsets: list[float], voices: list[float]) -> None:
    low = LowLevel(sounding=np.array([0, len(onsets)]), onsets=np.array(onsets), voices=np.array(voices))
    packed = lowlevel.pack(low)
    assert lowlevel.unpack(packed) == low
    assert lowlevel.pack(low) == packed


def test_ten_minutes_take_a_few_kilobytes() -> None:
    random = np.random.default_rng(3)
    curve = random.poisson(3, 600).astype(float)
    low = LowLevel(
        onsets=curve,
        fullness=random.random(600),
        autocorrelation=random.random((4, 360)),
        tempogram=random.random(480),
    )
    assert len(lowlevel.pack(low)) < 8_000


@given(st.binary(max_size=200), st.integers(0, 2_000))
def test_damaged_descriptors_are_none(rubbish: bytes, cut: int) -> None:
    assert lowlevel.unpack(rubbish) is None
    whole = lowlevel.pack(LowLevel(onsets=np.ones(9)))
    assert lowlevel.unpack(whole[: min(cut, len(whole) - 1)]) is None


@pytest.mark.parametrize("names", [["unheard_of"], ["onsets", "fullness"]])
def test_descriptors_of_another_version_are_none(names: list[str]) -> None:
    file = io.BytesIO()
    np.savez_compressed(file, **dict.fromkeys(names, np.ones(3)))
    assert lowlevel.unpack(file.getvalue()) is None
