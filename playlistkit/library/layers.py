"""Layers of features: measured, imported and set by hand, each overruling those below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playlistkit.model import Curve, Source

__all__ = ["LAYERS", "overlay"]

LAYERS: tuple[Source, ...] = ("measured", "imported", "set")  # each overrules those before it

PARTS = {
    "energy": (("energy_start", "energy_end", "energy_curve"), 0.0, 1.0),
    "loudness": (
        ("loudness_start", "loudness_end", "loudness_start_near", "loudness_end_near", "loudness_curve"),
        -120.0,
        10.0,
    ),
}
"""What moves with a value within the track, and its bounds. If somebody gives another energy than was measured, the curve
keeps its shape and moves with it; otherwise the planner would go on following the measured one."""


OF_A_TEMPO = ("pulse_clarity", "tempo_alternative")
"""Measured features of a tempo that no longer apply once somebody has set another."""


def overlay(layers: Mapping[Source, Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, Source]]:
    """The value of each feature and its source; later layers overrule earlier ones."""
    known: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    if len(layers) == 1:  # as for most tracks: nothing overrules anything
        ((source, layer),) = layers.items()
        return dict(layer), dict.fromkeys(layer, source)
    for source in LAYERS:
        layer = layers.get(source, {})
        known.update(layer)
        sources.update(dict.fromkeys(layer, source))
    for whole, (parts, low, high) in PARTS.items():
        for part in parts:
            if part in known and LAYERS.index(sources.get(whole, "measured")) > LAYERS.index(sources[part]):
                told_then = layers[sources[part]].get(whole)
                if told_then is not None:
                    known[part] = _shifted(known[part], known[whole] - told_then, low, high)
    if sources.get("tempo") == "set":
        for name in OF_A_TEMPO:
            if sources.get(name, "set") != "set":
                del known[name], sources[name]
    if sources.get("energy") == "set":
        # whoever rates a track by ear has heard it and wants it played
        for name in ("music_probability", "speech", "speech_at", "repetition"):
            if sources.get(name, "set") != "set":
                del known[name], sources[name]
    return known, sources


def _shifted(value: float | Curve, by: float, low: float, high: float) -> float | Curve:
    if isinstance(value, Curve):
        return Curve((min(high, max(low, each + by)) for each in value), value.step)
    return min(high, max(low, value + by))
