"""How fast scanning and the library are; each call prints a table.

    python benchmarks/scan.py MUSIC [--limit 100]

scans a folder of music in two processes, start-up included, with and without voice, and lets two processes of
naive librosa code (with pyloudnorm for loudness) do what comes nearest to it.

    python benchmarks/scan.py [--files 20000] [--tracks 100000] [--folder DIR]

measures a second scan of unchanged files, candidates and memory. The files are empty and the features made; the
low-level descriptors are those of one track of the demo. `--folder` names where the files are made (a temporary folder by default).
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import playlistkit
from playlistkit import analysis
from playlistkit.audio import SUFFIXES, listen
from playlistkit.library import Library
from playlistkit.model import Curve, Features, Track
from playlistkit.workflow.scanning.scan import scan

SECONDS = 300  # of a track
TIMBRE = 24  # values of a timbre vector
SMALLEST = 300_000  # bytes; what is smaller is hardly a track
LISTENED = Path(playlistkit.__file__).parent / "demo" / "mountain-idyll.opus"

MEMORY = """
import resource, sys
from playlistkit.library import Library
with Library(sys.argv[1]) as library:
    found = library.candidates()
    print(len(found), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


NAIVE = """
import sys, warnings
from concurrent.futures import ProcessPoolExecutor

def listen(path):
    import librosa, pyloudnorm
    warnings.simplefilter("ignore")
    try:
        y, sr = librosa.load(path)
        tempo, _ = librosa.beat.beat_track(y=y, sr=sr)
        rms = librosa.feature.rms(y=y).mean()
        centroid = librosa.feature.spectral_centroid(y=y, sr=sr).mean()
        chroma = librosa.feature.chroma_stft(y=y, sr=sr).mean(axis=1)
        loudness = pyloudnorm.Meter(sr).integrated_loudness(y)
    except Exception as error:
        return f"{path}: {error}"
    return None

if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        for failed in filter(None, pool.map(listen, sys.stdin.read().split("\\0"))):
            print(failed, file=sys.stderr)
"""


def whole_scan(music: Path, limit: int) -> None:
    """Print how long `scan` takes for a folder, beside naive librosa code."""
    files = sorted(
        each
        for each in music.rglob("*")
        if each.suffix.lower() in SUFFIXES and each.stat().st_size > SMALLEST
    )
    step = max(1, len(files) // limit)
    chosen = [str(each) for each in files[::step][:limit]]
    if not chosen:
        sys.exit(f"{music}: no music")
    for path in chosen:  # so that no disk is measured
        Path(path).read_bytes()

    def scanned(*options: str) -> float:
        with tempfile.TemporaryDirectory() as name:
            library = str(Path(name) / "library.db")
            command = [sys.executable, "-m", "playlistkit", "--library", library, "scan", "--jobs", "2"]
            start = time.perf_counter()
            subprocess.run([*command, *options, *chosen], check=True)
            return time.perf_counter() - start

    def naive() -> float:
        with tempfile.TemporaryDirectory() as name:  # a script of its own, which the processes can import
            script = Path(name) / "naive.py"
            script.write_text(NAIVE)
            start = time.perf_counter()
            # one thread in each, its best case: the threads of BLAS would contend for the same cores
            threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
            subprocess.run(
                [sys.executable, str(script)],
                input="\0".join(chosen),
                text=True,
                check=True,
                env={**os.environ, **threads},
            )
            return time.perf_counter() - start

    plain, librosa, voiced = scanned("--no-voice"), naive(), scanned()
    print(f"{len(chosen)} tracks, 2 processes, start-up included")
    print("| what | seconds | faster than librosa | aim |\n| --- | --- | --- | --- |")
    print(f"| naive librosa code | {librosa:.1f} | | |")
    print(f"| scan without voice | {plain:.1f} | {librosa / plain:.2f} | 5 |")
    print(f"| scan with voice | {voiced:.1f} | {librosa / voiced:.2f} | 2.5 |")


def made_features(chance: random.Random) -> Features:
    def vector() -> tuple[float, ...]:
        return tuple(chance.gauss(0, 1) for _ in range(TIMBRE))

    numbers = {
        name: chance.random()
        for name in [
            "pulse_clarity",
            "energy",
            "activation",
            "intensity",
            "brightness",
            "percussiveness",
            "key_clarity",
            "onset_rate",
            "energy_start",
            "energy_end",
            "loudness",
            "loudness_range",
            "true_peak",
            "loudness_start",
            "loudness_end",
            "silence_start",
            "silence_end",
            "silence_inside",
            "swell",
            "vocals_probability",
        ]
    }
    return Features(
        tempo=60 + 60 * chance.random(),
        tempo_alternative=120.0,
        key="C",
        mode="minor",
        fades=True,
        vocals="none",
        timbre=vector(),
        timbre_start=vector(),
        timbre_end=vector(),
        energy_curve=Curve((chance.random() for _ in range(SECONDS)), 0.001),
        loudness_curve=Curve((-40 * chance.random() for _ in range(SECONDS)), 0.01),
        **numbers,
    )


def fill(library: Library, folder: Path, count: int, *, files: bool) -> None:
    """Keep made tracks, with empty files or with URIs."""
    chance = random.Random(1)
    features = [made_features(chance) for _ in range(200)]
    low_level = listen(str(LISTENED), voice=False).low_level
    with library.transaction():
        for number in range(count):
            path = folder / f"{number // 200:03}" / f"{number:06}.mp3"
            if files:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
            mtime_ns = path.stat().st_mtime_ns if files else 0
            track = Track(
                f"{number:012x}",
                path=str(path),
                title=f"Title {number}",
                artist=f"Artist {number // 10}",
                album=f"Album {number // 10}",
                duration=float(SECONDS),
            )
            library.add_file(
                track,
                features[number % 200],
                size=0,
                mtime_ns=mtime_ns,
                versions=analysis.VERSIONS,
                low_level=low_level,
            )


def median(function: Callable[[], object], times: int = 5) -> float:
    """Seconds of wall clock, the median of several runs after one that warms up."""
    function()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("music", nargs="?", type=Path)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--folder")
    arguments = parser.parse_args()
    if arguments.music is not None:
        whole_scan(arguments.music, arguments.limit)
        return
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        with Library(folder / "thousand.db") as library:
            fill(library, folder / "thousand", 1000, files=True)
            rows.append(("candidates() of 1,000 tracks", f"{median(library.candidates):.3f} s", "0.3 s"))
            rows.append(("find() in 1,000 tracks", f"{median(lambda: library.find('title 77')):.3f} s", ""))
        with Library(folder / "files.db") as library:
            fill(library, folder / "music", arguments.files, files=True)
            again = median(lambda: scan(library, folder / "music"), times=3)
            report = scan(library, folder / "music")
            assert report.unchanged == arguments.files, report
            rows.append((f"second scan of {arguments.files:,} unchanged files", f"{again:.2f} s", "5 s"))
        with Library(folder / "many.db") as library:
            fill(library, folder / "many", arguments.tracks, files=False)
            size = library.path.stat().st_size
            taken = median(lambda: library.candidates(available=False), times=1)
        code = MEMORY.replace("candidates()", "candidates(available=False)")
        answer = subprocess.run(
            [sys.executable, "-c", code, str(folder / "many.db")], capture_output=True, text=True, check=True
        ).stdout.split()
        kilobytes = int(answer[1]) / (1024 if sys.platform == "darwin" else 1)
        rows.append((f"candidates() of {arguments.tracks:,} tracks", f"{taken:.1f} s", ""))
        rows.append((f"memory of {arguments.tracks:,} candidates", f"{kilobytes / 1024:.0f} MB", "1024 MB"))
        rows.append(
            (
                f"library of {arguments.tracks:,} tracks on disk, without low-level descriptors",
                f"{size / 2**20:.0f} MB",
                "",
            )
        )
    print("| what | measured | aim |\n| --- | --- | --- |")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
