"""Mixing: lengths, gains, crossfades."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playlistkit.render.mix import RATE, Block, mix, true_peak
from playlistkit.render.parts import Part


@dataclass
class Made:
    """A source of made samples, in blocks of uneven length."""

    samples: Block
    rate: int = RATE
    decoded: float = 0.0

    @property
    def channels(self) -> int:
        return self.samples.shape[1]

    def blocks(self) -> Iterator[Block]:
        at, size = 0, 1000
        while at < len(self.samples):
            yield self.samples[at : at + size]
            at, size = at + size, size % 7000 + 977


def tone(seconds: float, level: float = 0.1, hz: float = 440.0, rate: int = RATE, channels: int = 2) -> Block:
    wave = level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave.astype(np.float32)[:, None], channels, axis=1)


def opener(**sources: Made) -> Callable[[str], contextlib.AbstractContextManager[Made]]:
    return lambda path: contextlib.nullcontext(sources[path])


def played(parts: list[Part], **sources: Made) -> Block:
    return np.concatenate(list(mix(parts, opener(**sources))))


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(st.floats(0.05, 1.0), st.floats(0.0, 1.2), st.floats(0.0, 0.5)), min_size=1, max_size=5
    )
)
def test_the_whole_is_as_long_as_planned(plan: list[tuple[float, float, float]]) -> None:
    parts, start = [], 0
    lengths = [round(duration * RATE) for duration, _, _ in plan]
    for k, (duration, overlap, offset) in enumerate(plan):
        # a part can't overlap with both neighbours at once
        room = min(lengths[k], lengths[k + 1]) // 2 / RATE if k + 1 < len(plan) else 0.0
        parts.append(Part("a", offset, duration, overlap=min(overlap, room)))
    for k, part in enumerate(parts):
        start += lengths[k] - (round(part.overlap * RATE) if k + 1 < len(parts) else 0)
    assert len(played(parts, a=Made(tone(2.0)))) == start


def test_a_join_without_overlap_leaves_out_and_doubles_nothing() -> None:
    whole = tone(2.0)
    joined = played([Part("a", 0, 1.0), Part("a", 1.0, 1.0)], a=Made(whole))
    np.testing.assert_allclose(joined, whole, atol=1e-6)


def test_gain_is_in_decibels() -> None:
    louder = played([Part("a", 0, 1.0, gain=-6.0206)], a=Made(tone(1.0)))
    np.testing.assert_allclose(louder, tone(1.0) / 2, atol=1e-5)


def test_a_crossfade_keeps_the_power_of_unrelated_tracks() -> None:
    rng = np.random.default_rng(1)
    noise = [Made(rng.normal(0, 0.1, (2 * RATE, 2)).astype(np.float32)) for _ in range(2)]
    both = played([Part("a", 0, 2.0, overlap=1.0), Part("b", 0, 2.0)], a=noise[0], b=noise[1])
    power = (both**2).reshape(-1, RATE // 10, 2).mean(axis=(1, 2))
    assert np.all(np.abs(10 * np.log10(power / 0.01)) < 0.5)


def test_an_overlap_never_passes_the_ceiling() -> None:
    loud = Made(tone(2.0, level=0.85))
    both = played([Part("a", 0, 2.0, overlap=1.0), Part("a", 0, 2.0)], a=loud)
    assert true_peak(both[RATE : 2 * RATE]) <= 10 ** (-1 / 20) + 1e-3
    steps = np.abs(np.diff(both[:, 0]))
    assert steps.max() < 0.85 * 2 * np.pi * 440 / RATE * 1.5  # no click at either end of the dip


def test_other_rates_and_channels_come_out_as_stereo_of_the_same_length() -> None:
    for rate, channels in ((44_100, 1), (8_000, 2), (96_000, 2)):
        out = played([Part("a", 0, 1.0)], a=Made(tone(1.0, rate=rate, channels=channels), rate))
        assert out.shape == (RATE, 2)
        middle = np.abs(out[RATE // 4 : -RATE // 4]).max()
        assert middle == pytest.approx(0.1, rel=0.05)


def test_a_file_that_ends_early_is_followed_by_silence() -> None:
    out = played([Part("a", 0, 2.0)], a=Made(tone(0.5)))
    assert len(out) == 2 * RATE
    assert not out[RATE:].any()


def test_a_pause_is_silent() -> None:
    out = played([Part("a", 0, 0.5, pause=0.25), Part("a", 0, 0.5)], a=Made(tone(1.0)))
    assert len(out) == round(1.25 * RATE)
    assert not out[RATE // 2 : RATE // 2 + RATE // 4].any()


def silent(seconds: float) -> Block:
    return np.zeros((round(seconds * RATE), 2), np.float32)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.0, 0.19), st.floats(0.0, 0.19), st.floats(0.0, 0.3))
def test_silence_at_a_join_is_no_gap_and_later_overlaps_give_it_back(
    after: float, before: float, overlap: float
) -> None:
    one = Made(np.concatenate([tone(1.0), silent(after)]))
    two = Made(np.concatenate([silent(before), tone(2.0)]))
    parts = [
        Part("one", 0, len(one.samples) / RATE, overlap=overlap),
        Part("two", 0, len(two.samples) / RATE, overlap=1.0),
        Part("two", before, 2.0),
    ]
    both = played(parts, one=one, two=two)
    loud = np.flatnonzero(np.abs(both[:, 0]) > 0.001)
    assert np.diff(loud).max() <= 0.05 * RATE
    planned = sum(round(part.duration * RATE) - round(part.overlap * RATE) for part in parts)
    assert abs(len(both) - planned) <= 2
