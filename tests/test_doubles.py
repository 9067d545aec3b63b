"""One recording in two files, found by its sound."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import playlistkit as pk
from playlistkit import objective
from playlistkit.model import Curve, Features, Track
from playlistkit.objective.doubles import same_sound


def made(duration: float, loudness: float, curve: list[float]) -> tuple[Track, Features]:
    track = Track("x", title=None, duration=duration)
    return track, Features(loudness=loudness, loudness_curve=Curve(curve, 0.01))


def test_another_encoding_is_the_same_recording_and_another_piece_is_not() -> None:
    noise = np.random.default_rng(3)
    wave = list(-25 + 4 * np.sin(np.arange(200) / 9) + noise.normal(0, 1, 200))
    other = list(-25 + 4 * np.sin(np.arange(200) / 9 + 1) + noise.normal(0, 1, 200))
    encoded = [value + 0.05 for value in wave]
    flat = [-25.0] * 200
    pairs = [
        made(200.0, -23.0, wave),
        made(200.04, -23.02, encoded),
        made(200.0, -23.0, other),
        made(200.0, -23.0, flat),
        made(200.0, -23.0, flat),
        made(203.0, -23.0, wave),
    ]
    tracks, features = zip(*pairs, strict=True)
    assert same_sound(tracks, features) == [(0, 1)]
    groups = objective.recording_groups(
        [Track(f"{k}", duration=each.duration) for k, each in enumerate(tracks)], features
    )
    assert [groups[0] == each for each in groups] == [True, True, False, False, False, False]


@given(seed=st.integers(0, 2**32))
@settings(max_examples=40)
def test_two_files_are_one_recording_where_length_loudness_and_its_course_agree(seed: int) -> None:
    rng = random.Random(seed)
    made_ones: list[tuple[Track, Features]] = []
    for _ in range(7):
        swing = rng.choice([0.5, 1.3, 4.0]) if made_ones else 4.0
        course = [-24 + swing * math.sin(k / 7) for k in range(60)] + [-75.0] * rng.choice([0, 20])
        if made_ones and rng.random() < 0.8:
            course = list(made_ones[0][1].loudness_curve or course)
        noise = rng.choice([0.0, 0.0, 0.2, 0.4])
        course = [each + rng.gauss(0, noise) for each in course][: rng.choice([2, 3, 50, *[80] * 9])]
        track, features = made(
            rng.choice([0.0, 60.0, 60.0, 60.9, 60.9, 61.1]), rng.choice([-24.0, -24.0, -24.9, -25.1]), course
        )
        odd = rng.random()
        if odd < 0.15:
            features = replace(features, **{"loudness": None} if odd < 0.05 else {"loudness_curve": None})
        made_ones.append((track, features))

    def alike(one: tuple[Track, Features], two: tuple[Track, Features]) -> bool:
        curves = [list(each.loudness_curve or ()) for _, each in (one, two)]
        levels = [each.loudness for _, each in (one, two)]
        if None in levels or not all(curves) or not all(track.duration for track, _ in (one, two)):
            return False
        if abs(one[0].duration - two[0].duration) > 1 or abs(levels[0] - levels[1]) > 1:
            return False
        for curve in curves:
            sounding = [each for each in curve if each > -60]
            if len(sounding) < 3 or np.ptp(np.percentile(sounding, (10, 90))) < 2:
                return False
        off = [max(one, -60) - max(two, -60) for one, two in zip(*curves, strict=False)]
        return float(np.std(off)) <= 0.3

    tracks, features = zip(*made_ones, strict=True)
    wanted = [(i, k) for k in range(7) for i in range(k) if alike(made_ones[i], made_ones[k])]
    assert sorted(same_sound(tracks, features)) == sorted(wanted)


def test_two_steady_pieces_that_end_in_the_same_silence_are_two() -> None:
    steady = [-24.0] * 80 + [-27.0, -33.0, -45.0] + [-70.0] * 40
    tracks, features = zip(made(120.0, -24.0, steady), made(120.0, -24.0, steady), strict=True)
    assert same_sound(tracks, features) == []


def test_a_piece_and_its_encoding_without_tags_are_one(tmp_path: Path) -> None:
    source = Path(pk.__file__).parent / "demo" / "empire-1.opus"
    copy = tmp_path / "copy.mp3"
    with av.open(str(source)) as given, av.open(str(copy), "w") as written:
        stream = written.add_stream("mp3", rate=48_000)
        stream.bit_rate = 128_000
        for frame in given.decode(audio=0):
            written.mux(stream.encode(frame))
        written.mux(stream.encode(None))
    tracks = [Track(f"{k}", duration=52.7) for k in range(2)]
    assert same_sound(tracks, [pk.analyze(source), pk.analyze(copy)]) == [(0, 1)]
