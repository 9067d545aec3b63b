"""A factor that glides."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from playlistkit.render import RATE

__all__ = ["Ramp"]

Block = npt.NDArray[np.float32]


class Ramp:
    """A factor that glides from one value to another."""

    def __init__(self, value: float) -> None:
        self.value = value
        self._target, self._step = value, 0.0

    def to(self, target: float, seconds: float) -> None:
        """Glide there, at a pace that takes `seconds` from 0 to 1."""
        self._step = 1.0 / (seconds * RATE)
        self._target = target

    def over(self, count: int) -> Block:
        """The factors of the next samples [shape=(count, 1)]."""
        gap = self._target - self.value
        if gap == 0.0:
            return np.full((1, 1), self.value, np.float32)
        steps = np.arange(1, count + 1, dtype=np.float64) * self._step
        values = self.value + np.sign(gap) * np.minimum(steps, abs(gap))
        self.value = float(values[-1]) if abs(self._target - values[-1]) > 1e-9 else self._target
        factors: Block = values.astype(np.float32)[:, None]
        return factors
