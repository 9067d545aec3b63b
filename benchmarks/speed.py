"""Processor time of listening as a multiple of raw decoding, beside other programs', start-up and memory, in one run.

usage: python benchmarks/speed.py FILE...

Naive librosa code always runs beside it; sonara, bliss-audio and essentia where they are installed.
"""

from __future__ import annotations

import contextlib
import math
import os
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

# One thread as in the workers of a scan, before numpy is imported: more of them spin, at twice the processor time.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import av

from playlistkit.audio import listen

ROUNDS = 3


def decode(path: str) -> None:
    """Raw decoding: every frame, nothing done with it."""
    with av.open(path) as container:
        stream = container.streams.audio[0]
        stream.codec_context.thread_count = 1
        for _ in container.decode(stream):
            pass


def without_voice(path: str) -> None:
    listen(path, voice=False)


def with_voice(path: str) -> None:
    listen(path)


def naive_librosa(path: str) -> None:
    """What a first script does: tempo, level, brightness and pitch classes, each over the whole signal."""
    import librosa

    y, sr = librosa.load(path)
    librosa.beat.beat_track(y=y, sr=sr)
    librosa.feature.rms(y=y)
    librosa.feature.spectral_centroid(y=y, sr=sr)
    librosa.feature.chroma_stft(y=y, sr=sr)


def others() -> dict[str, Callable[[str], object]]:
    """Other programs that are installed, by what they are asked for."""
    found: dict[str, Callable[[str], object]] = {"naive librosa": naive_librosa}
    with contextlib.suppress(ImportError):
        import sonara

        found["sonara, playlist"] = lambda path: sonara.analyze_file(path, mode="playlist")
    with contextlib.suppress(ImportError):
        import bliss_audio

        found["bliss"] = bliss_audio.Song
    with contextlib.suppress(ImportError):
        import essentia.standard

        essentia.log.infoActive = False
        found["essentia, music"] = lambda path: essentia.standard.MusicExtractor()(path)
    return found


def cost(work: Callable[[str], object], path: str) -> float:
    """Seconds of processor time; NaN where a program can't read the file."""
    start = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # librosa's, about the ways it takes to a file
            work(path)
    except Exception as error:
        print(f"{path}: {type(error).__name__}", file=sys.stderr)
        return math.nan
    return time.process_time() - start


def main(*paths: str) -> None:
    works = {"without voice": without_voice, "with voice": with_voice}
    for work in works.values():
        work(paths[0])  # start-up is told apart
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for path in paths:
        with_voice(path)
        ours = max(ours, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    works |= others()
    for name in list(works)[2:]:
        cost(works[name], paths[0])  # what they compile or load
    ratios: dict[str, list[float]] = {name: [] for name in works}
    for path in paths:
        rounds = [[cost(work, path) for work in (decode, *works.values())] for _ in range(ROUNDS)]
        raw, *rest = (statistics.median(column) for column in zip(*rounds, strict=True))
        told = []
        for name, seconds in zip(works, rest, strict=True):
            ratios[name].append(seconds / raw)
            told.append(f"{name} {seconds / raw:.2f}")
        print(f"{path[-30:]}: decoding {raw:.2f} s; as multiples of it: {', '.join(told)}")
    aims = {"without voice": "   aim 1.5", "with voice": "   aim 3"}
    print("medians over files:")
    for name, column in ratios.items():
        known = [each for each in column if not math.isnan(each)]
        middle = f"{statistics.median(known):6.2f}" if known else "     -"
        print(f"  {name:<18} {middle}{aims.get(name, '')}")
    print(f"peak memory with voice      {ours / 1024:.0f} MB   aim 250")
    start = time.perf_counter()
    code = "import sys; from playlistkit.audio import listen; listen(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, paths[0]], check=True)
    print(f"one file, start-up included {time.perf_counter() - start:.2f} s   aim 1.5")


if __name__ == "__main__":
    if len(sys.argv) < 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*sys.argv[1:])
