"""Processor time of listening as a multiple of raw decoding, start-up and memory, in one run.

usage: python benchmarks/speed.py FILE...
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time

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


def cost(work: object, path: str) -> float:
    """Seconds of processor time."""
    start = time.process_time()
    work(path)  # type: ignore[operator]
    return time.process_time() - start


def main(*paths: str) -> None:
    with_voice(paths[0])  # start-up is told apart
    ratios: dict[str, list[float]] = {"without voice": [], "with voice": []}
    print(f"{'file':<40} {'decode s':>9} {'without voice':>14} {'with voice':>11}")
    for path in paths:
        rounds = [[cost(work, path) for work in (decode, without_voice, with_voice)] for _ in range(ROUNDS)]
        raw, plain, voiced = (statistics.median(column) for column in zip(*rounds, strict=True))
        ratios["without voice"].append(plain / raw)
        ratios["with voice"].append(voiced / raw)
        print(f"{path[-40:]:<40} {raw:9.2f} {plain / raw:14.2f} {voiced / raw:11.2f}")
    print(f"median without voice {statistics.median(ratios['without voice']):.2f}   aim 1.5")
    print(f"median with voice    {statistics.median(ratios['with voice']):.2f}   aim 3")
    print(
        f"peak memory          {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB   aim 250"
    )
    start = time.perf_counter()
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from playlistkit.audio import listen; listen(sys.argv[1])",
            paths[0],
        ],
        check=True,
    )
    print(f"one file, start-up included {time.perf_counter() - start:.2f} s   aim 1.5")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
