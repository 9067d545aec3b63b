"""How fast a session is rendered, drawn and put on a sheet; `render` against FFmpeg's own filters.

    python benchmarks/render.py [--minutes 30] [--runs 3] FILE...

prints a table. A session of about so many minutes is made of the files as they come (the demo music, again and
again, without any), with crossfades of 4 s and a gain a track. FFmpeg does the same in one command: `atrim`,
`volume` and `acrossfade` with equal power, then libopus at the same bit rate. Both take turns; the ratio of the
medians is what to look at. Decoding and encoding are the same libraries on both sides, so the rest shows.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import playlistkit
from playlistkit import report
from playlistkit.audio import open_audio
from playlistkit.errors import AudioError
from playlistkit.model import (
    Curve,
    Features,
    Minutes,
    Phase,
    Plan,
    PlannedPhase,
    Session,
    Slot,
    Template,
    Track,
)
from playlistkit.workflow.output.export import export

OVERLAP = 4.0  # s
TRACKS = 36  # of the plan whose picture and sheet are made
RENDER = """
import sys
from playlistkit.workflow.output.export import load_plan
from playlistkit.workflow.output.render import render
render(load_plan(sys.argv[1]), sys.argv[2])
"""


def session(tracks: list[Track], minutes: float) -> Plan:
    """The tracks as one phase, each with a gain of its own."""
    slots: list[Slot] = []
    start = 0.0
    for k, track in enumerate(itertools.cycle(tracks)):
        if start >= 60 * minutes:
            break
        gain = -3.0 - k % 5
        slots.append(
            Slot("peak", start, track.duration, track, features(track.duration), OVERLAP, gain, "why so")
        )
        start = slots[-1].end - OVERLAP
    phase = Phase(
        "peak", Minutes(minutes, 1, 600), ((0.0, 0.2), (1.0, 0.4)), stands_for="peak", loudness=-20.0
    )
    end = slots[-1].end
    return Plan(
        "Benchmark",
        Session(Template("benchmark", (phase,)), player="render"),
        (PlannedPhase("peak", 0.0, end, 0.0, 60 * minutes, end - 60 * minutes),),
        tuple(slots),
    )


def features(seconds: float) -> Features:
    """As a scan gives them: with a value a second for energy and loudness."""
    count = int(seconds)
    return Features(
        tempo=80.0, pulse_clarity=0.4, energy=0.3, loudness=-20.0, true_peak=-2.0, vocals="none",
        energy_curve=Curve((0.3 + 0.001 * (k % 50) for k in range(count)), 0.001),
        loudness_curve=Curve((-20.0 - 0.1 * (k % 30) for k in range(count)), 0.01),
    )  # fmt: skip


def durations(files: list[Path], wanted: float) -> list[Track]:
    """As many of the files as fill the wanted seconds, each decoded for its length."""
    tracks, total = [], 0.0
    for file in files:
        try:
            with open_audio(file) as stream:
                for _ in stream.blocks():
                    pass
                seconds = stream.decoded
        except AudioError as error:
            print(error, file=sys.stderr)
            continue
        if seconds > 4 * OVERLAP:
            tracks.append(Track(file.name, os.fspath(file), title=file.stem, duration=seconds))
            total += seconds
        if total > wanted:
            break
    return tracks


def ffmpeg(plan: Plan, output: Path) -> list[str]:
    """FFmpeg's command for the same session."""
    command = ["ffmpeg", "-y", "-v", "error"]
    chains = []
    for k, slot in enumerate(plan.slots):
        command += ["-i", slot.track.path or ""]
        chains.append(
            f"[{k}:a:0]atrim=end={slot.duration},volume={slot.gain}dB,aresample=48000,"
            f"aformat=sample_fmts=flt:channel_layouts=stereo[t{k}]"
        )
    last = "t0"
    for k in range(1, len(plan.slots)):
        chains.append(f"[{last}][t{k}]acrossfade=d={OVERLAP}:c1=qsin:c2=qsin[x{k}]")
        last = f"x{k}"
    return [
        *command, "-filter_complex", ";".join(chains), "-map", f"[{last}]", "-c:a", "libopus", "-b:a", "128k",
        os.fspath(output),
    ]  # fmt: skip


def measured(command: list[str]) -> tuple[float, float, float]:
    """Seconds, seconds of CPU, peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[0]} failed")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def timed(action: Callable[[], bytes]) -> tuple[float, int]:
    """Median seconds of five runs after a first one, and the bytes made."""
    size = len(action())
    times = []
    for _ in range(5):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times), size


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    demo = sorted((Path(playlistkit.__file__).parent / "demo").glob("*.opus"))
    tracks = durations(options.files or demo, 60 * options.minutes * 1.1)
    plan = session(tracks, options.minutes)
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "session.json"
        export(plan, saved)
        ours = [sys.executable, "-c", RENDER, os.fspath(saved), f"{folder}/ours.opus"]
        theirs = ffmpeg(plan, Path(folder) / "theirs.opus")
        rows: dict[str, list[tuple[float, float, float]]] = {"render": [], "ffmpeg": []}
        for _ in range(options.runs):
            rows["render"].append(measured(ours))
            if shutil.which("ffmpeg"):
                rows["ffmpeg"].append(measured(theirs))
    print(f"{len(plan.slots)} tracks, {plan.duration / 60:.1f} min, to Opus, {options.runs} runs in turn\n")
    print(
        "| | seconds (median) | of CPU | times real time | peak memory, MB |\n| --- | --- | --- | --- | --- |"
    )
    for name, runs in rows.items():
        if runs:
            seconds = statistics.median(each[0] for each in runs)
            cpu = statistics.median(each[1] for each in runs)
            memory = max(each[2] for each in runs)
            print(f"| {name} | {seconds:.1f} | {cpu:.1f} | {plan.duration / seconds:.0f} | {memory:.0f} |")
    if rows["ffmpeg"]:
        turns = list(zip(rows["render"], rows["ffmpeg"], strict=True))
        wall, cpu = (statistics.median(one[k] / other[k] for one, other in turns) for k in (0, 1))
        print(
            f"\nrender takes {wall:.2f} times as long as ffmpeg and {cpu:.2f} times the CPU (medians of the turns)"
        )
    long = session([Track(str(k), f"/{k}", title=f"Track {k}", duration=310.0) for k in range(TRACKS)], 180.0)
    print("\n| | seconds (median) | KB |\n| --- | --- | --- |")
    for name, action in (("picture, .png", ".png"), ("picture, .svg", ".svg"), ("sheet, .html", ".html")):
        seconds, size = timed(lambda suffix=action: report.SUFFIXES[suffix](long))  # type: ignore[misc]
        print(f"| {name}, {len(long.slots)} tracks | {seconds:.2f} | {size / 1000:.0f} |")


if __name__ == "__main__":
    main()
