"""Three made sounds on which a network of ours is compared with the original."""

from __future__ import annotations

import numpy as np

__all__ = ["made_sounds"]


def made_sounds(samples: int, rate: int) -> dict[str, np.ndarray]:
    """Noise, noise in bursts, and a voice's buzz that glides, each [shape=(samples,)] at `rate` Hz."""
    seconds = np.arange(samples) / rate
    noise = np.random.default_rng(0).standard_normal(samples)
    phase = 2 * np.pi * np.cumsum(150 + 20 * np.sin(2 * np.pi * 3 * seconds)) / rate
    buzz = sum(np.sin(k * phase) / k for k in range(1, 40))
    return {"noise": noise, "bursts": noise * (seconds * 6 % 1 < 0.3), "buzz": buzz + 0.1 * noise}
