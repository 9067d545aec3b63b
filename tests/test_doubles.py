"""One recording in two files, found by its sound."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

import playlistkit as pk
from playlistkit import objective
from playlistkit.model import Curve, Features, Track
from playlistkit.objective.doubles import same_sound


def made(duration: float, loudness: float, curve: list[float]) -> tuple[Track, Features]:
    track = Track("x", title=None, duration=duration)
    return track, Features(loudness=loudness, loudness_curve=Curve(curve, 0.01))


def test_another_encoding_is_the_same_recording_and_another_piece_is_not() -> None:
    random = np.random.default_rng(3)
    wave = list(-25 + 4 * np.sin(np.arange(200) / 9) + random.normal(0, 1, 200))
    other = list(-25 + 4 * np.sin(np.arange(200) / 9 + 1) + random.normal(0, 1, 200))
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
