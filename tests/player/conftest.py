"""Music files that the player's tests make."""

from __future__ import annotations

import wave

import numpy as np
import pytest

from playlistkit.player.values import Cue, Setlist, Span

SECONDS = 120  # of a track: longer than what a test does while it plays, however slow the machine


@pytest.fixture(scope="session")
def music(tmp_path_factory: pytest.TempPathFactory) -> Setlist:
    """Six tracks, three in each of two phases, a reserve and a set for grounding."""
    folder = tmp_path_factory.mktemp("music")
    times = np.arange(SECONDS * 8000) / 8000
    cues, apart = [], SECONDS - 2.0
    for k in range(8):
        samples = (3000 * np.sin(2 * np.pi * (200 + 40 * k) * times)).astype("<i2")
        path = folder / f"{k}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(samples.tobytes())
        phase = "peak" if k < 3 or k == 6 else "grounding"
        start = apart * (k % 6)
        cues.append(Cue(str(k), str(path), phase, start, SECONDS, overlap=2.0, title=f"track {k}"))
    spans = (Span("peak", 0, 3 * apart, "peak"), Span("grounding", 3 * apart, 6 * apart, "grounding"))
    return Setlist("made", tuple(cues[:6]), (), {"peak": (cues[6],)}, (cues[7],), spans, "a plan")
