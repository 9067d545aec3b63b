"""The filters and weights that come with the package."""

from __future__ import annotations

import numpy as np
import pytest

from playlistkit.analysis.bundled import scaled, stored


@pytest.mark.parametrize("name", ["filters", "fireredvad", "speech", "tempo", "voice", "yamnet"])
def test_bundled_arrays_are_read_once_and_cannot_be_written_to(name: str) -> None:
    arrays = stored(name)
    assert stored(name) is arrays
    assert {array.dtype.kind for array in arrays.values()} <= set("fiU")
    assert all(array.dtype == np.float32 for array in arrays.values() if array.dtype.kind == "f")
    assert not any(array.flags.writeable for array in arrays.values())
    with pytest.raises(TypeError):
        arrays["other"] = np.zeros(1)  # type: ignore[index]


def test_an_array_of_eight_bits_is_multiplied_by_the_scale_of_its_last_axis() -> None:
    arrays = {
        "kept": np.int8([[1, -2], [3, 100]]),
        "kept_scale": np.float32([0.5, 0.25]),
        "whole": np.float32([7]),
    }
    assert scaled(arrays, "kept").dtype == np.float32
    assert scaled(arrays, "kept").tolist() == [[0.5, -0.5], [1.5, 25.0]]
    assert scaled(arrays, "whole") is arrays["whole"]
