"""Music files that the player's tests make."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from playlistkit.player.values import Cue, Setlist, Span


@pytest.fixture
def music(tmp_path: Path) -> Setlist:
    """Six tracks of 30 s, three in each of two phases, a reserve and a set for grounding."""
    cues = []
    for k in range(8):
        times = np.arange(30 * 8000) / 8000
        samples = (3000 * np.sin(2 * np.pi * (200 + 40 * k) * times)).astype("<i2")
        path = tmp_path / f"{k}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(samples.tobytes())
        phase = "peak" if k < 3 or k == 6 else "grounding"
        cues.append(Cue(str(k), str(path), phase, 28.0 * (k % 6), 30.0, overlap=2.0, title=f"track {k}"))
    spans = (Span("peak", 0, 84, "peak"), Span("grounding", 84, 168, "grounding"))
    return Setlist("made", tuple(cues[:6]), (), {"peak": (cues[6],)}, (cues[7],), spans, "a plan")
