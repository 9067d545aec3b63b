"""How fast the library is: a second scan of unchanged files, candidates, memory.

    python benchmarks/scan.py [--files 20000] [--tracks 100000] [--folder DIR]

prints a table. The files are empty and the features made; nothing is listened to. `--folder` names where the
files are made (a temporary folder by default).
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playlistkit import analysis
from playlistkit.library import Library
from playlistkit.model import Curve, Features, Track
from playlistkit.workflow.scan import scan

SECONDS = 300  # of a track
TIMBRE = 24  # values of a timbre vector

MEMORY = """
import resource, sys
from playlistkit.library import Library
with Library(sys.argv[1]) as library:
    found = library.candidates()
    print(len(found), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


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
                track, features[number % 200], size=0, mtime_ns=mtime_ns, versions=analysis.VERSIONS
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
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--folder")
    arguments = parser.parse_args()
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
        rows.append((f"library of {arguments.tracks:,} tracks on disk", f"{size / 2**20:.0f} MB", ""))
    print("| what | measured | aim |\n| --- | --- | --- |")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
