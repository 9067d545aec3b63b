"""What each step of the analysis answers to made input: every branch, both sides of every bound, to four digits.

`measured.py` writes it down beside what is measured of whole sounds. A step is cheap to ask, so it is asked for much more
than sounds alone could show: a weight, a bound or a window that moves shows in its own line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from playlistkit import analysis
from playlistkit.analysis import (
    attacks,
    edges,
    fireredvad,
    interpreting,
    key,
    longterm,
    loudness,
    onsets,
    repetition,
    rubato,
    scale,
    spectrum,
    speech,
    tempo,
    tonality,
    track,
    voice,
    yamnet,
)  # fmt: skip
from playlistkit.analysis import meter as metering
from playlistkit.analysis.filters import FRAMES, N_FFT_PITCH, N_MELS, RATE
from playlistkit.analysis.lowlevel import LowLevel
from playlistkit.analysis.windows import NOTHING, Windows, sounds
from playlistkit.analysis.yamnet import Heard
from playlistkit.model import Curve, Features

from .made import noise, spoken, times

Answers = Iterator[tuple[str, object]]
WRITTEN = Path(__file__).with_suffix(".json")

WAVES = (0.0, 0.37, 2.9)
"""Radians a step of the cosines with which a long row is told in three sums."""
SHOWN = 12
"""Values of a long row that are told as they are."""
DIGITS = 4e-4
"""Share of a row's largest value by which another processor or library may round otherwise."""


Row = list[float] | str | None


def told(answer: object) -> list[Row]:
    """An answer as it is written, row by row: a long one as its length, its largest value, three sums and some values."""
    if answer is None or isinstance(answer, str):
        return [answer]
    if isinstance(answer, list | tuple) and not all(
        isinstance(each, int | float | np.number) for each in answer
    ):
        return [row for each in answer for row in told(each)]
    row = np.asarray(answer, dtype=float).ravel()
    if row.size > 2 * SHOWN:
        sums = [(row * np.cos(wave * np.arange(row.size))).sum() / np.sqrt(row.size) for wave in WAVES]
        shown = row[np.linspace(0, row.size - 1, SHOWN).astype(int)]
        row = np.array([row.size, np.abs(row).max(), *sums, *shown])
    return [[float(f"{each:.5g}") for each in row]]


def differing(was: list[Row], now: list[Row]) -> bool:
    """Beyond what another processor or library rounds otherwise."""
    return len(was) != len(now) or any(_apart(*each) for each in zip(was, now, strict=True))


def _apart(was: Row, now: Row) -> bool:
    if not isinstance(was, list) or not isinstance(now, list):
        return was != now
    if len(was) != len(now):
        return True
    long = len(was) == 2 + len(WAVES) + SHOWN
    unit = max(map(abs, was[1:] if long else was), default=0.0)  # without the length
    return not all(
        abs(one - two) <= DIGITS * max(unit, 1e-3) for one, two in zip(was, now, strict=True)
    )  # also of NaN


def swinging(
    count: int, *parts: tuple[float, float], around: float = 0.0, seed: int = 1, rough: float = 0.0
) -> np.ndarray:
    """A row around a value that swings, by (amplitude, radians a step), and is rough by some noise [shape=(count,)]."""
    steps = np.arange(count)
    row = around + sum((size * np.sin(pace * steps) for size, pace in parts), start=np.zeros(count))
    return np.asarray(row + rough * noise(count, seed))


def scales() -> Answers:
    grid = list(product((0, 0.4, 1, 2, 4, 9), (0, 0.1, 0.3, 0.6, 1), (0, 0.1, 0.3, 0.6, 1)))
    yield "activation", [float(scale.activation(*each)) for each in grid]
    yield "brightness", [scale.brightness(each) for each in np.linspace(1, 21, 81)]
    yield "percussiveness", [scale.percussiveness(each) for each in np.linspace(0, 0.5, 101)]
    pitches = []
    for most, rest, count in ((17, 11, 36), (12, 6, 76), (14, 8, 54), (20, 5, 72), (9, 5, 98)):
        pitches.append(np.array([most] * 12 + [rest] * count + [0] * (108 - count), dtype=float))
    yield (
        "glides",
        [
            scale.glides(*each)
            for each in product(
                [*pitches, pitches[0] / 1e4, np.zeros(120)],
                (0.0, 1.4, 1.5, 1.6),
                (0.1, 0.17, 0.18, 0.2, 0.49, 0.5, 0.6),
            )
        ],
    )
    looped = []
    for seconds, onset, swing in product(
        (69, 70, 71, 89, 90, 130, 135), (0.25, 0.3, 0.4, 2.0), (0, 1, 2, 3, 4)
    ):
        apart = np.where(np.arange(seconds) // 20 % 2, 1.0, -1.0)
        for k, below in enumerate((0.19, 0.009, 0.29)):
            sizes = [0.0, 0.0, 0.0]
            sizes[k] = below * (0, 0.9, 1.1, 1.6, 4)[swing]
            rows = [
                level + size * np.roll(apart, 5)
                for level, size in zip((onset, 0.3, -25.0), sizes, strict=True)
            ]
            rows[0][:4], rows[1][-4:] = 9.0, 0.0
            looped.append(scale.loops(*rows))
        quiet = np.where(np.arange(seconds) % 5, -25.0 + apart, -110.0)
        looped.append(scale.loops(np.full(seconds, onset), np.full(seconds + 3, 0.2), quiet))
    yield "loops", looped
    likely = list(product((0, 0.001, 0.003, 0.01, 0.3), (0, 0.3, 1), (0, 0.5, 1), (None, 0.4, 0.5, 2.0)))
    yield "music", [scale.music_probability(*each) for each in likely]
    yield "gliding", [scale.music_probability(*each, gliding=True) for each in likely[::5]]
    yield "looping", [scale.music_probability(*each, looping=True) for each in likely[::5]]
    heard = []
    for place, score, held in product((23, 24, 28, 32, 33, 131, 132, 133), (0.02, 0.4, 0.95), (0, 0.01, 0.5)):
        classes = np.full(521, 0.001)
        classes[place] = score
        heard.append(scale.music_probability(held, 0.2, 0.9, 3.0, classes))
    yield "classes", [*heard, scale.music_probability(0.01, 0.2, 0.9, 3.0, np.zeros(0))]


def powers_of(levels: np.ndarray) -> np.ndarray:
    return np.asarray(10 ** (levels / 10))


def levels_of_powers() -> Answers:
    long = swinging(700, (9, 0.013), (4, 0.21), around=-30, rough=3)
    quiet = np.where(np.arange(700) // 90 % 2, long, -90.0)
    faint = swinging(300, (6, 0.03), around=-69, rough=1)
    rows = [powers_of(each) for each in (long, quiet, faint, long - 60, long[:100])]
    for name, step in (("integrated", loudness.integrated), ("range", loudness.loudness_range)):
        cut = [row[:count] for row in rows for count in (0, 3, 4, 5, 29, 30, 31, 700)]
        yield name, [step(each) for each in cut]
    yield "short term", [loudness.short_term(rows[1][:count]) for count in (1, 4, 5, 6, 14, 15, 16, 25, 333)]
    yield "windows", [loudness.windows_of(rows[0][:40], n) for n in (1, 4, 30)]
    yield "lufs", loudness.lufs(np.array([0, 1e-13, 1e-12, 2e-12, 1e-7, 1.0, 4.0]))
    jumps = []
    for at, size, count in product((5, 12, 29, 30, 31, 60, 140, 199), (3, 12, 40), (39, 40, 41, 200)):
        row = swinging(count, (2, 0.3), around=-40.0)
        row[at : at + 15] += size
        row[at + 60 : at + 70] += size + 2.0
        jumps.append(loudness.jolt(powers_of(row), -22.0 if size < 40 else -10.0))
    yield "jolt", jumps
    slow = swinging(80, (8, 0.11), (5, 0.37), around=-35)
    for before, after in product((98, 99, 100, 101, 102), (8, 9, 10, 11)):
        row = np.full(200, -40.0)
        row[20:24], row[20 + before : 24 + before] = -25.0, -24.0
        row[20 + before - after : 21 + before - after] = -29.0
        jumps.append(loudness.jolt(powers_of(row), -22.0))
    yield "jolts apart", jumps[-20:]
    yield "swell", [loudness.swell(slow[:count], level) for count in (12, 13, 14, 80) for level in (-30, -14)]


def meters() -> Answers:
    rates = (8_000, 11_025, 22_050, 44_100, 48_000, 88_200, 96_000, 192_000)
    yield "decimation", [metering.decimation(rate, round(rate * metering.HOP)) for rate in rates]
    yield "decimated", [metering.decimated(noise(24, 2).reshape(2, 12), factor) for factor in (1, 2, 3, 4)]
    for rate, factor, n in ((8_000, 1, 800), (44_100, 5, 900), (48_000, 5, 960), (96_000, 10, 973)):
        yield f"weighting at {rate}", metering.k_weighting(rate, factor, n)
    yield (
        "response",
        [metering.response(np.geomspace(10, 3_900, 30), rate) for rate in (8_000, 48_000, 192_000)],
    )
    for rate in (32_000, 48_000, 95_999, 96_000, 191_999, 192_000):
        peak, seen = metering.TruePeak(rate, 2), []
        for size, level in ((5, 0.2), (12, 0.3), (13, 0.1), (400, 0.5), (30, 0.42), (500, 0.55), (60, 0.1)):
            turn = np.pi / 2 * np.arange(size) + np.pi / 4
            peak.add((level * np.stack([np.sin(turn), noise(size, size)])).astype(np.float32))
            seen.append(peak.amplitude)
        peak.finish()
        yield f"peak at {rate}", [*seen, peak.level, metering.TruePeak(rate, 1).level]
    for channels in range(1, 10):
        meter = metering.Meter(8_000, channels)
        sound = np.stack(
            [0.1 * noise(4_900, k) + 0.1 * np.sin(0.05 * (k + 1) * np.arange(4_900)) for k in range(channels)]
        )
        sound[:, 2_000:2_900] *= 0.01
        sound[0] += 0.01
        for start, stop in ((0, 300), (300, 2_000), (2_000, 2_001), (2_001, 4_900)):
            meter.add(sound[:, start:stop].astype(np.float32))
        yield f"{channels} channels", meter.finish()
    for left in (399, 400, 401):
        meter = metering.Meter(8_000, 1)
        meter.add(0.1 * noise(1_600 + left, 4)[np.newaxis].astype(np.float32))
        yield f"{left} samples left", [len(each) for each in meter.finish()]
    for offset in (2.9e-4, 3.1e-4, -0.01):
        meter = metering.Meter(44_100, 2)
        sound = np.stack([0.02 * noise(22_050, 5), 0.3 * np.sin(0.004 * np.arange(22_050))]) + offset
        sound[:, 9_000:14_000] = offset
        meter.add(sound.astype(np.float32))
        yield f"offset {offset}", meter.finish()


def ends() -> Answers:
    said, near = [], []
    for seconds, depth, kind in product(
        (3, 4, 5, 6, 9, 14, 19, 20, 21, 26), (9, 11.9, 12.1, 20, 35), range(5)
    ):
        fall = np.linspace(0, -depth, seconds)
        if kind == 1:
            fall = -depth * np.linspace(0, 1, seconds) ** 3
        if kind == 2:
            fall = -depth * np.minimum(1, np.arange(seconds) / 3)
        if kind == 3:
            fall[seconds // 2] = fall[seconds // 2 - 1] + (2.9, 3.1, 3.5)[seconds % 3]
        if kind == 4:
            fall = fall + 2 * np.sin(np.arange(seconds) * 2.1)
        row = np.concatenate((np.full(20, -20.0), -20 + fall))
        said.append(edges.fades(row))
        measured = Features(
            loudness_curve=Curve(np.concatenate((row[::-1][kind:], row)), 0.01),
            silence_start=float(kind) / 2,
            silence_end=float(seconds % 3),
            fades=said[-1],
        )
        near.append(edges.near_levels(measured))
    yield "fades", said
    yield "short", [edges.fades(np.linspace(-10, -40, count)) for count in range(9, 16)]
    yield "near", [each for pair in near for each in pair]
    for count, start, end in product((8, 9, 10, 11, 12, 30), (0.0, 0.6, 1.0), (0.0, 1.0)):
        curve = Curve(swinging(count, (4, 0.8), around=-25), 0.01)
        both = edges.near_levels(
            Features(loudness_curve=curve, silence_start=start, silence_end=end, fades=False)
        )
        yield f"near {count} {start} {end}", list(both)
    falls = [np.linspace(-20, -20 - fall, 8) for fall in (5.9, 6.0, 6.1)]
    yield "mean", [edges.mean_level(each, fading) for each in falls for fading in (True, False)]


def keys() -> Answers:
    bins = np.arange(N_FFT_PITCH // 2 + 1)
    frames = []
    for k, loud in enumerate((1e-9, 0.9e-3, 1.1e-3, 1.0, 50.0, 3e4)):
        frame = 1e-7 * loud * (1.5 + noise(len(bins), k))
        for n, hz in enumerate(
            (52.0, 56.1, 61.7, 110.5, 233.3, 441.9, 660.0, 1_200.0, 1_995.0, 2_010.0, 2_100.0)
        ):
            place = hz * (1 + 0.01 * k) * N_FFT_PITCH / RATE
            frame += loud * (1, 0.3, 3e-5, 0.8)[n % 4] * np.exp(-0.9 * (bins - place) ** 2)
        frames.append(frame * loud / frame.max())
    power = np.array(frames, dtype=np.float32)
    yield "pitches", [key.pitches(power), key.pitches(power[3:4]), key.pitches(power[:1])]
    rows = [key.pitches(power), np.zeros(120), 1 + 5e-4 * noise(120, 3), 1 + 0.01 * noise(120, 3)]
    for tonic, cents, weight in product(
        (0, 3, 7, 11), (-4, 0, 3, 5), (key.MAJOR, key.MINOR, (1, 0, 0, 0, 0.6, 0, 0, 0.7, 0, 0, 0.2, 0))
    ):
        row = 0.02 * (1 + noise(120, tonic + 10))
        row[(np.arange(12) * 10 + cents) % 120] += np.roll(weight, tonic)
        rows.append(row)
    yield "chroma", [key.chroma(each) for each in rows[:20]]
    yield "keys", [part for each in rows for part in key.key(each) or (None, None, None)]


def strength_of(
    bpm: float, seconds: float, *, width: float = 0.6, wander: float = 0.0, seed: int = 1
) -> np.ndarray:
    """Onset strength of beats [shape=(frames, 5)]."""
    frames = np.arange(round(seconds * FRAMES))
    beats = np.arange(0, seconds, 60 / bpm)
    beats = beats + wander * np.sin(2 * np.pi * beats / 9)
    loud = 4 + 3 * (np.arange(len(beats)) % 4 == 0)
    row = sum(
        size * np.exp(-(((frames - at * FRAMES) / width) ** 2)) for size, at in zip(loud, beats, strict=True)
    )
    bands = [row * (1 + 0.2 * k) + 0.3 * (1 + noise(len(frames), seed + k)) for k in range(5)]
    return np.stack(bands, axis=1).astype(np.float32)


def tempi() -> Answers:
    yield (
        "preference",
        [tempo.preference(np.full(8, each)) for each in (0.0, 0.05, 0.1, 0.2, 0.3, 0.9)]
        + [tempo.preference(np.arange(8) / 20)],
    )
    curve = np.array([1.0] + [0.5 * np.cos(2 * np.pi * k / 20.3) * (1 - k / 700) for k in range(1, 360)])
    yield "refined", [tempo.refine(curve, beat) for beat in (12.5, 19.9, 20.6, 41.0, 61.0, 66.0, 67.9, 88.0)]
    yield "steady", [tempo.steadiness(curve, bpm) for bpm in (30, 66, 132, 133.5, 180)]
    for k, (bpm, width, wander, rate) in enumerate(
        (
            (50, 0.6, 0, 0.8),
            (76, 3.0, 0.1, 1.3),
            (108, 0.6, 0.2, 3.6),
            (150, 2.0, 0, 1.2),
            (150, 2.0, 0, 1.3),
            (196, 0.6, 0, 1.1),
            (66, 0.5, 0.3, 0.0),
        )
    ):
        gathered = tempo.Periodicity()
        strength = strength_of(bpm, (4.0, 9, 12, 17, 17, 12, 21)[k], width=width, wander=wander)
        for start in range(0, len(strength), 250):
            gathered.add(strength[start : start + 250])
        lagged, rates = gathered.finish()
        yield f"periodicity {k}", (lagged, rates)
        yield f"evidence {k}", tempo.evidence(lagged, rates, rate)
        beat = tempo.pulse(lagged, rates, rate)
        assert beat is not None
        yield f"pulse {k}", [beat.tempo, beat.alternative, beat.clarity]
    for count, size in ((179, 5.0), (180, 5.0), (360, 0.09), (360, 0.11), (700, 0.0)):
        gathered = tempo.Periodicity()
        gathered.add(
            np.stack([swinging(count, (size * 2**0.5, 0.3 + k / 9)) for k in range(5)], axis=1).astype(
                np.float32
            )
        )
        yield f"{count} frames of {size}", gathered.finish()


def evening() -> Answers:
    for seconds, wander in ((5.9, 0.2), (6.0, 0.2), (6.5, 0.3), (15, 0.0), (15, 0.35), (24, 0.5)):
        rows = strength_of(88, seconds, wander=wander).T
        yield f"lags {seconds} {wander}", rubato.log_lags(rows[0])
        yield f"shifts {seconds} {wander}", rubato.shifts(rubato.log_lags(rows[0]))
        yield f"evened {seconds} {wander}", rubato.evened(rows)
    yield "faint", rubato.log_lags((0.02 * strength_of(100, 8)[:, 0]).astype(np.float32))
    drawn = np.stack([np.roll(noise(240, 5), k) for k in (0, 3, 9, -4, 15, 20, 0)]).astype(np.float32)
    yield "drawn", rubato.shifts(drawn)


def repeating() -> Answers:
    loop = np.exp(4 * noise(45 * 8 * N_MELS, 3)).reshape(-1, N_MELS)
    anew = np.exp(4 * noise(45 * 60 * N_MELS, 4)).reshape(-1, N_MELS)
    frames = np.concatenate((*[loop] * 5, anew[:900], *[loop * 1.01] * 2, anew[900:])).astype(np.float32)
    frames[::150] *= 30
    for size, count in (
        (45 * 8, len(frames)),
        (1_000, 32 * 45 + 3),
        (1_000, 32 * 45 + 4),
        (777, 33 * 45 + 8),
    ):
        gathered = repetition.Repetition()
        for start in range(0, count, size):
            gathered.add(frames[start : min(start + size, count)])
        yield f"novelty {size} {count}", gathered.finish()
    still = repetition.Repetition()
    still.add(np.ones((45 * 40, N_MELS), np.float32))
    yield "still", still.finish()
    novelty = np.concatenate((np.full(13, 0.004), [0.0099, 0.01, 0.0101], np.full(5, 0.5)))
    yield (
        "repetition",
        [repetition.repetition(novelty[:n], rate) for n in (19, 20, 21) for rate in (0.4, 0.5, 0.6)],
    )


def tones() -> Answers:
    power = np.exp(3 * noise(9 * (N_FFT_PITCH // 2 + 1), 6)).reshape(9, -1)
    for k, place in enumerate((20, 22, 60, 150, 151, 400, 1_480, 1_486, 1_490)):
        power[2:, place : place + 2] += 400 * (k + 1)
    power[5:, 700] = 9e3
    for sizes in ((9,), (1, 1, 3, 4), (2,), (3,), (2, 1)):
        held, start = tonality.HeldTones(), 0
        for size in sizes:
            held.add(power[start : start + size].astype(np.float32))
            start += size
        yield f"held {sizes}", held.finish()
    yield "none", tonality.HeldTones().finish()


def long_terms() -> Answers:
    for rate in (300, 8_000, 44_100, 96_000):
        gathered = longterm.LongTermSpectrum(rate)
        sound = (0.2 * noise(round(1.9 * rate), 8) + np.sin(2.6 * times(1.9, rate) * 2 * np.pi * 900)).astype(
            np.float32
        )
        for part in np.split(sound, [1, round(0.3 * rate), round(0.32 * rate), round(1.1 * rate)]):
            gathered.add(part)
        row = gathered.finish()
        yield f"spectrum {rate}", row
        yield f"middles {rate}", [longterm.centroid(row), longterm.height(row)]
    yield "silence", [longterm.centroid(np.zeros(48)), longterm.height(np.zeros(48))]
    yield "bands", [longterm.edges(), longterm.middles(), longterm.bark(np.geomspace(30, 17_000, 20))]
    yield "empty", longterm.LongTermSpectrum(44_100).finish()


def struck_or_not() -> Answers:
    bands = np.exp(5 * noise(60 * N_MELS, 9)).reshape(60, N_MELS)
    bands[20:24, 40:] *= 3e4
    bands[40:52, 50:] *= 3e3
    bands[:5] = 0
    bands = bands.astype(np.float32)
    yield "transients", [attacks.transients(bands, level) for level in (30.0, 70.0, 95.0)]
    yield "flatness", attacks.flatness(bands[:, 44:])
    passing = attacks.transients(bands, 60.0)
    yield "percussion", [attacks.percussion(sharp, passing) for sharp in (0.0, 2.0, 9.0)]
    yield "percussion of silence", attacks.percussion(3.0, np.zeros((2, 16)))


def beginning() -> Answers:
    for count in (0, 1, 2, 5, 21, 22, 23, 24, 46, 400):
        strength = np.abs(swinging(count, (1, 0.4), (1.5, 0.093), around=0.3, rough=1.2, seed=count))
        yield f"onsets in {count}", onsets.onset_times(strength.astype(np.float32))
    flat = np.full(200, 1.0, np.float32)
    flat[[30, 60, 90, 120, 121, 150, 154]] = (1.99, 2.01, 2.5, 3.0, 3.0, 2.6, 2.7)
    yield "onsets above a floor", onsets.onset_times(flat)


def spectra() -> Answers:
    for seconds, sizes in (
        (0.02, (200,)),
        (0.05, (9,)),
        (0.4, (1_500,)),
        (20.4, (30_000, 5, 90_000, 99_999)),
    ):
        time = times(seconds, RATE)
        sound = 0.2 * np.sin(2 * np.pi * (200 + 40 * np.floor(time)) * time) * np.exp(-3 * (time % 1))
        sound = (
            sound
            + 0.1 * noise(len(time), 11) * np.exp(-40 * (time % 0.5)) * (time > 3)
            + 1e-6 * noise(len(time), 12)
        ).astype(np.float32)
        gathered = spectrum.Spectrum()
        for part in np.split(sound, np.cumsum(sizes)):
            gathered.add(part)
        found = gathered.finish()
        yield f"spectra of {seconds}", [getattr(found, name) for name in found.__slots__]
    yield "averages", spectrum.averages()
    yield (
        "onset strength",
        spectrum.onset_strength(noise(30 * N_MELS, 13).reshape(30, N_MELS).astype(np.float32)),
    )


def tracks() -> Answers:
    base = swinging(400, (5, 0.02), around=-25, rough=2)
    for name, cuts in (
        ("rests", ((0, 13, -90), (120, 123, -90), (200, 202, -80), (350, 400, -90))),
        ("one rest", ((60, 63, -70),)),
        ("short rest", ((60, 62, -70),)),
        ("faint", ((0, 30, -64.5), (100, 140, -59.0), (380, 400, -66))),
        ("a second", ((0, 180, -99), (190, 400, -99))),
    ):
        row = base.copy()
        for start, stop, level in cuts:
            row[start:stop] = level
        measured, sounding = track.levels(powers_of(row), powers_of(row - 1.5), -2.0)
        yield name, [sounding, *(getattr(measured, each) for each in measured.__slots__)]
    soft, sounding = track.levels(powers_of(base - 32), powers_of(base - 32), None)
    yield "soft", [sounding, *(getattr(soft, each) for each in soft.__slots__)]
    silent, sounding = track.levels(powers_of(np.full(40, -99.0)), powers_of(np.full(40, -99.0)), None)
    yield "silent", [sounding, *(getattr(silent, each) for each in silent.__slots__)]
    yield "seconds", [track.curve_of_seconds(powers_of(base[:count])) for count in (10, 19, 44)]
    mel = 20 * noise(37 * N_MELS, 14).reshape(37, N_MELS) - 40
    yield "timbre", [np.array(track.timbre(mel)), np.array(track.timbre(mel[:1]))]


def heard() -> Answers:
    """A few seconds, as they come in files of all kinds."""
    time = times(5.2)
    tune = 0.2 * np.sin(2 * np.pi * (220 + 55 * np.floor(2 * time)) * time) * np.exp(
        -3 * (time % 0.5)
    ) + 0.01 * noise(len(time), 15)
    other = 0.1 * np.sin(2 * np.pi * 330 * time) * (np.sin(4 * time) > 0)
    broken = tune.copy()
    broken[[5_000, 5_001, 60_000, 90_000]] = (np.nan, np.inf, 999.0, -1_001.0)
    kinds = {
        "one channel": (tune[:, np.newaxis], RATE),
        "two": (np.stack((tune, other), axis=1), 22_050),
        "nearly opposite": (np.stack((tune, -0.8 * tune), axis=1), 22_050),
        "opposite": (np.stack((tune, -0.84 * tune), axis=1), 22_050),
        "three": (np.stack((tune, -tune, other), axis=1), 22_050),
        "four": (np.stack((tune, other, 0.3 * other, 0 * tune), axis=1), 44_100),
        "broken": (broken[:, np.newaxis], 22_050),
        "three seconds": (tune[: 3 * RATE, np.newaxis], RATE),
        "less": (tune[: round(2.85 * RATE), np.newaxis], RATE),
        "high alone": (0.1 * np.sin(2 * np.pi * 17_500 * times(5, 44_100))[:, np.newaxis], 44_100),
    }
    for name, (sound, rate) in kinds.items():
        blocks = np.split(sound.astype(np.float32), [7, 40_000])
        features, low = analysis.hear(blocks, rate, voice=False)
        yield name, [*(getattr(features, each) for each in features.__slots__), *low.arrays().values()]
    seconds = 70
    mel = (20 * noise(seconds * N_MELS, 16).reshape(seconds, N_MELS) - 40).astype(np.float32)
    found = spectrum.Spectra(
        onset=np.abs(swinging(seconds * FRAMES, (2, 0.31), (1, 0.01), rough=1)).astype(np.float32),
        mel_db=mel, fullness=np.abs(noise(seconds, 17)).astype(np.float32), pitch=np.abs(noise(120, 18)).astype(np.float32),
        passing=np.abs(noise(32, 19)).reshape(2, 16), held=0.3, novelty=np.abs(noise(38, 20)).astype(np.float32),
        autocorrelation=noise(40, 21).reshape(4, 10), tempogram=noise(20, 22),
    )  # fmt: skip
    for first, last in ((0.0, 70.0), (1.9, 65.2), (40.3, 40.9), (69.2, 70.1)):
        low = track.describe(found, np.abs(noise(48, 23)).astype(np.float32), NOTHING, first, last)
        measured = track.with_timbre(Features(), found, low)
        timbres = [np.array(each) for each in (measured.timbre, measured.timbre_start, measured.timbre_end)]
        yield f"from {first} to {last}", [*low.arrays().values(), *timbres]
    yield "nothing", list(track.describe(found, np.zeros(48, np.float32), NOTHING, 0, 9).arrays().values())


def described(seed: int, **changed: np.ndarray) -> LowLevel:
    """Made descriptors of a minute and a half."""
    seconds = 90
    gathered = tempo.Periodicity()
    gathered.add(strength_of(60 + 23 * seed, 12, width=1.0, seed=seed))
    lagged, rates = gathered.finish()
    row = 0.05 * (1 + noise(120, seed))
    row[np.arange(12) * 10] += np.roll(key.MAJOR, seed)
    made = LowLevel(
        sounding=np.array([seed, seconds - 2 * seed]),
        onsets=np.round(np.abs(swinging(seconds, (1.5, 0.2), around=0.4 + seed, rough=1, seed=seed))),
        fullness=np.clip(swinging(seconds, (0.2, 0.3), around=0.3, rough=0.1, seed=seed), 0, 1),
        sharpness=np.array([2.0 + seed]),
        passing=np.abs(noise(32, seed)).reshape(2, 16) * np.array([[0.2], [1.0]]),
        spectrum=np.abs(noise(48, seed + 3)) * np.linspace(1, 0.2 * seed, 48),
        held=np.array([0.02 * seed]),
        novelty=np.abs(noise(58, seed)) * 0.03,
        pitch=row,
        autocorrelation=lagged,
        tempogram=rates,
        voices=swinging(23, (4, 0.5), around=-3 + seed, rough=1),
        spoken=swinging(23, (2, 0.7), around=-1, rough=1),
        sentences=np.where(np.arange(23) % 4 == 0, 2.0 + noise(23, seed), voice.SILENT),
        classes=np.abs(noise(521, seed)) * 0.3 if seed != 2 else np.zeros(0),
    )
    return replace(made, **changed)


def interpreted() -> Answers:
    for seed in range(4):
        low = described(seed)
        curve = swinging(90, (6, 0.1), around=-24 + seed, rough=1, seed=seed)
        measured = Features(
            loudness=-22.0 + seed, loudness_range=5.0, swell=(None, 0.3, 4.0, 9.0)[seed], loudness_curve=Curve(curve, 0.01),
            loudness_start=-24.0, loudness_end=None if seed == 1 else -27.0, silence_start=float(seed), silence_end=1.0,
            fades=seed == 2,
        )  # fmt: skip
        features = interpreting.interpret(measured, low, (None, "none", None, "wordless")[seed])
        yield f"interpreted {seed}", [getattr(features, each) for each in features.__slots__]
        yield f"energy curve {seed}", interpreting.energy_curve(curve[: 90 - seed], low, 0.1 * seed)
    high, none = np.linspace(0, 1, 48) ** 9, np.zeros(0)
    sung = swinging(23, (1, 0.5), around=4)
    flat = {"pitch": 1 + noise(120, 2) / 9, "fullness": np.full(90, 0.1), "held": np.array([0.0005])}
    same = {
        "onsets": np.full(90, 2.0),
        "fullness": np.full(90, 0.3),
        "autocorrelation": none,
        "tempogram": none,
    }
    for name, changed in {
        "sung": {"voices": sung, "classes": none},
        "sung high": {"voices": sung, "classes": none, "spectrum": high},
        "high": {"spectrum": high, "classes": none},
        "unheard": {"voices": none, "classes": none, "spoken": none, "sentences": none, **flat, **same},
        "gliding": {**flat, **same, "onsets": np.full(90, 0.2), "classes": none},
        "still": same,
        "silent spectrum": {"spectrum": np.zeros(48)},
        "sure": {"classes": np.full(521, 0.9999), "held": np.array([0.9])},
    }.items():
        for moves in (1.0, 9.0):
            level = swinging(90, (0.01 * moves**3, 0.1), around=-24)
            measured = Features(
                loudness=-20.0, loudness_range=moves, swell=None if name == "still" else 0.4 * moves, loudness_curve=Curve(level, 0.01),
                loudness_start=-21.0, loudness_end=-30.0,
            )  # fmt: skip
            features = interpreting.interpret(measured, described(1, **changed), None)
            yield f"{name} {moves}", [getattr(features, each) for each in features.__slots__]
    bare = interpreting.interpret(Features(), described(1), None)
    yield "without loudness", [getattr(bare, each) for each in bare.__slots__]


def voices() -> Answers:
    rows = [
        swinging(count, (3, 0.6), around=around, rough=1)
        for count in (1, 2, 3, 4, 20)
        for around in (-6, -1, 2)
    ]
    rows += [np.where(np.arange(20) % 3, row, voice.SILENT) for row in rows if len(row) == 20]
    rows += [np.zeros(0), np.full(5, voice.SILENT)]
    yield "probability", [voice.probability(each) for each in rows]
    yield "peak", [part for each in rows for part in voice.peak(each, 4.0) or (None, None)]
    answer = Heard(
        (2 * noise(3 * 1024, 31)).reshape(3, 1024).astype(np.float32),
        noise(3 * 521, 32).reshape(3, 521).astype(np.float32),
        noise(3 * 6 * 2048, 34).reshape(3, 6, 2048).astype(np.float32),
    )
    yield "log odds", [voice.log_odds(answer), speech.log_odds(answer)]
    events = noise(3 * 9 * 3, 33).reshape(3, 9, 3).astype(np.float32)
    yield "reconsidered", voice.reconsidered(np.array([0.1, 1.0, 1.9], np.float32), events)
    yield "unsure", [bool(each) for each in voice.unsure(np.array([-0.1, 0.0, 0.1, 1.1, 1.2, 1.3]))]
    likely = (None, 0.0, 0.12, 0.125, 0.13, 0.4, 0.59, 0.6, 0.61)
    asked = product(
        likely, (None, 0.32, 0.33, 0.34), (None, "none", "words", "wordless"), (None, 14.4, 14.5, 14.6)
    )
    yield "vocals", [voice.vocals(*each) for each in asked]  # type: ignore[arg-type]


def speaking() -> Answers:
    events = noise(3 * 9 * 3, 35).reshape(3, 9, 3).astype(np.float32)
    yield "reconsidered", speech.reconsidered(np.array([-0.4, 1.0, 3.0], np.float32), 6 * events)
    yield "possible", [bool(each) for each in speech.possible(np.array([-0.1, 0.0, 0.1]))]
    yield "surest", [speech.surest(noise(count, 5)) for count in (1, 2, 3, 7)]
    said = []
    for seed in range(30):
        spoken = 2.6 + 0.7 * noise(9, seed)
        sentences = np.where(noise(9, seed + 50) > 0, 3.0 + 0.4 * noise(9, seed + 90), voice.SILENT)
        said += [*(speech.speech(spoken, sentences, 4.0) or ())]
    yield "speech", [*said, speech.speech(np.zeros(0), np.zeros(0), 4.0)]
    yield "bounds", speech.speech(np.array([2.6, 2.6, 0, 0]), np.array([3.0, 3.0, 3.1, 3.0]), 4.0)


def listening() -> Answers:
    sound = np.roll(spoken()[::3, 0], 20_000)
    sound[64_000:71_800] = 0.99e-3
    sound[100_000:118_000] = 0
    for count in (0, 500, 7_799, 7_800, 7_801, 32_000, 39_799, 39_801, 40_500, 64_000, 110_000, len(sound)):
        heard_in = Windows(8_000)
        for part in np.split(sound[:count].astype(np.float32), (3, 40_000, 40_001)):
            heard_in.add(part)
        *odds, classes = heard_in.finish()
        # log odds near 0 are as exact as those of 5, where resampling rounds otherwise
        yield f"{count} samples", [*(np.append(np.maximum(each, -5), 5) for each in odds), classes]
    yield "sounds", [sounds(np.full(9, level)) for level in (0.9e-3, 1.1e-3)]


def networks() -> Answers:
    tones = np.stack(
        [0.01 * spoken()[k * 15_600 : (k + 1) * 15_600, 0] for k in (0, 7)] + [1e-6 * noise(15_600, 41)]
    )
    tones = tones.astype(np.float32)
    yield "levelled", yamnet.levelled(tones)
    for name, network in (("yamnet", yamnet), ("fireredvad", fireredvad)):
        yield f"{name}: log mel", network.log_mel(tones)
        yield f"{name}: mels", network.mels()
    yield "window", fireredvad.povey()
    answer = yamnet.yamnet().listen(tones)
    yield "yamnet", [answer.hidden, answer.odds]
    yield (
        "fireredvad",
        [fireredvad.fireredvad().listen(tones[:, :count]) for count in (400, 560, 3_000, 9_000)],
    )


STEPS: dict[str, Callable[[], Answers]] = {
    "scale": scales, "loudness": levels_of_powers, "meter": meters, "edges": ends, "key": keys, "tempo": tempi, "rubato": evening,
    "repetition": repeating, "tonality": tones, "longterm": long_terms, "attacks": struck_or_not, "onsets": beginning,
    "spectrum": spectra, "track": tracks, "heard": heard, "interpreting": interpreted, "voice": voices, "speech": speaking, "windows": listening, "networks": networks,
}  # fmt: skip


def asked(module: str) -> dict[str, list[Row]]:
    """What a module's steps answer now."""
    return {name: told(answer) for name, answer in STEPS[module]()}


def write() -> None:
    """Write down what all answer now, a step a line."""
    lines = [
        f"{json.dumps(f'{module}: {name}')}: {json.dumps(rows)}"
        for module in STEPS
        for name, rows in asked(module).items()
    ]
    WRITTEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
