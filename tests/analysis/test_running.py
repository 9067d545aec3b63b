"""Values folded with their neighbours: as scipy.ndimage does it."""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from hypothesis import given
from hypothesis import strategies as st

from playlistkit.analysis.running import running


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 15).map(lambda half: 2 * half + 1),
    st.integers(0, 1),
)
def test_sums_and_extremes_are_scipys_beyond_the_ends_too(rows: int, columns: int, n: int, axis: int) -> None:
    values = np.random.default_rng(rows * columns + n).random((rows, columns)).astype(np.float32)
    theirs = scipy.ndimage
    np.testing.assert_array_equal(
        running(np.maximum, values, n, axis), theirs.maximum_filter1d(values, n, axis)
    )
    np.testing.assert_array_equal(
        running(np.minimum, values, n, axis), theirs.minimum_filter1d(values, n, axis)
    )
    means = theirs.uniform_filter1d(values, n, axis)
    np.testing.assert_allclose(running(np.add, values, n, axis) / n, means, rtol=1e-5)
