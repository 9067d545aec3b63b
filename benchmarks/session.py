"""What a session survives: kills, faults, a busy machine, eight hours of orders. Prints the table of docs/session.md.

``python benchmarks/session.py [--kills 20] [--hours 8] [--seeds 20] [--busy 10]``: kills of real processes, hours and seeds
of the session at speed, minutes with every core kept busy.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "player"))

from made_sessions import Played, setlist

from playlistkit.player import Cue, Remote, Setlist, Span, start
from playlistkit.player import reading as readings
from playlistkit.player.device import Device
from playlistkit.player.engine import LEAD, Engine
from playlistkit.player.place import Place
from playlistkit.player.sinks import PERIOD, Null
from playlistkit.render import RATE

Row = tuple[str, str, str]


def music(folder: Path, tracks: int = 12, seconds: float = 40.0) -> Setlist:
    """Tones in files, in two phases."""
    cues = []
    for k in range(tracks):
        times = np.arange(round(seconds * 22_050)) / 22_050
        samples = (4000 * np.sin(2 * np.pi * (150 + 25 * k) * times)).astype("<i2")
        path = folder / f"{k}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 22_050, 0, "NONE", ""))
            file.writeframes(samples.tobytes())
        phase = "peak" if k < tracks // 2 else "grounding"
        cues.append(Cue(str(k), str(path), phase, (seconds - 3) * k, seconds, overlap=3.0, title=str(k)))
    spans = (Span("peak", 0, 200, "peak"), Span("grounding", 200, 400, "grounding"))
    return Setlist("made", tuple(cues[:-3]), (), {"peak": (cues[-3],)}, (cues[-2], cues[-1]), spans)


def wait(true: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)


def pid(folder: Path) -> int:
    run = Place(folder).run()
    assert run is not None
    return run.pid


def longest_hole(sound: np.ndarray) -> float:
    """Seconds of the longest stretch below -60 dBFS."""
    loud = np.flatnonzero(np.abs(sound).max(axis=1) > 0.001)
    return float(np.diff(loud).max() - 1) / RATE if len(loud) > 1 else len(sound) / RATE


def of_face(folder: Path) -> Row:
    """Whoever began it is killed while it plays into a file."""
    made = music(folder)
    from playlistkit.player import to_json

    code = (
        "import sys,time\nfrom playlistkit.player import Setlist,from_json,start\n"
        "start(from_json(Setlist,sys.stdin.read()),device='wav:'+sys.argv[2],folder=sys.argv[1])\n"
        "print('on',flush=True)\ntime.sleep(99)"
    )
    sound = folder / "face.wav"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder / "face"), str(sound)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(to_json(made))
    process.stdin.close()
    process.stdout.readline()
    time.sleep(4)
    process.kill()
    process.wait()
    time.sleep(6)
    remote = Remote(Place(folder / "face"))
    gaps = remote.state().gaps
    remote.interrupt()
    samples = np.frombuffer(sound.read_bytes()[44:], "<i2").reshape(-1, 2)[2 * RATE :] / 32767
    return ("terminal or page killed", "0", f"{1000 * longest_hole(samples):.0f} ms, {gaps} gaps told")


def of_player(folder: Path, kills: int, rng: random.Random) -> Row:
    """The player is killed at random moments; how long the device had nothing, as the record tells."""
    record = folder / "kills.jsonl"
    place = folder / "kills"
    made = music(folder, 60)
    remote = start(made, device="null", folder=place, record=str(record))
    for k in range(kills):
        time.sleep(rng.uniform(5.0, 9.0))
        if k % 5 == 4:  # hangs rather than dies
            os.kill(pid(place), signal.SIGSTOP)
            time.sleep(4.0)
        else:
            os.kill(pid(place), signal.SIGKILL)
        before = k + 1
        wait(lambda count=before: told(record).count("gap") >= count)  # type: ignore[misc]
    state = remote.state()
    remote.interrupt()
    gaps = [event["values"]["seconds"] for event in lines(record) if event["what"] == "gap"]
    dead = [gap for k, gap in enumerate(gaps) if k % 5 != 4]
    hung = [gap for k, gap in enumerate(gaps) if k % 5 == 4]
    assert state.mode == "running"
    text = f"{len(dead)} kills: median {np.median(dead):.1f} s, longest {max(dead):.1f} s, all logged"
    if hung:
        text += f"; {len(hung)} hangs: longest {max(hung):.1f} s"
    return ("player killed", "at most 2 s, logged", text)


def lines(record: Path) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(line) for line in record.read_text().splitlines()]


def told(record: Path) -> list[str]:
    return [event["what"] for event in lines(record)]


class Fails:
    """A device that fails on command."""

    name, fault = "failing", None

    def __init__(self, pull: Callable[[int], np.ndarray], way: str) -> None:
        self.beat = time.monotonic()
        self._inner = Null(pull)
        self._way = way
        self._end = time.monotonic() + 4.0

    def __getattribute__(self, name: str) -> object:
        get = super().__getattribute__
        if name == "beat" and (get("_way") == "fault" or time.monotonic() < get("_end")):
            return get("_inner").beat
        if name == "beat" and get("_way") != "fault":
            get("_inner").close()
            return get("_end")
        if name == "fault" and get("_way") == "fault" and time.monotonic() > get("_end"):
            get("_inner").close()
            return "unplugged"
        return get(name)

    def close(self) -> None:
        """Take a while."""
        if self._way == "hangs":
            time.sleep(60)


def of_device() -> Row:
    """A device that reports a fault, one that calls back no more, one whose close hangs as well."""
    gaps = []
    for way in ("fault", "silent", "hangs"):
        engine = Engine(setlist(), made_files(), time.monotonic, patience=0.0)
        hands = iter([lambda pull, way=way: Fails(pull, way)])
        device = Device(engine, "x", open_it=lambda _, pull, hands=hands: next(hands, Null)(pull))  # type: ignore[misc]
        with working(engine):
            end = time.monotonic() + 9.0
            while time.monotonic() < end:
                device.look()
                time.sleep(0.25)
        gaps.append(engine.state().gap_seconds)
    return (
        "device fails, falls silent, hangs",
        "at most 2 s, logged",
        ", ".join(f"{gap:.1f} s" for gap in gaps),
    )


def made_files():  # type: ignore[no-untyped-def]
    from made_sessions import Files

    return Files()


@contextlib.contextmanager
def working(engine: Engine) -> Iterator[None]:
    stop = threading.Event()

    def mix() -> None:
        while not stop.wait(0.05):
            engine.work()

    thread = threading.Thread(target=mix)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def of_files(folder: Path) -> Row:
    """The playing file is cut, the next vanishes, a third hangs for 20 s on a read: what a device gets meanwhile."""
    made = music(folder, 8, 26.0)
    whole = Path(made.cues[0].path).read_bytes()
    Path(made.cues[0].path).write_bytes(whole[: len(whole) // 2])
    Path(made.cues[1].path).unlink()
    opened = readings.open_audio

    def slow(path: str):  # type: ignore[no-untyped-def]
        stream = opened(path)
        if path == made.cues[2].path:
            blocks = stream.blocks

            def hanging():  # type: ignore[no-untyped-def]
                for number, block in enumerate(blocks()):
                    if number == 1:
                        time.sleep(20)
                    yield block

            stream.blocks = hanging  # type: ignore[method-assign]
        return stream

    readings.open_audio = slow  # type: ignore[assignment]
    try:
        heard: list[np.ndarray] = []
        engine = Engine(made, readings.Files(), time.monotonic)
        with working(engine):
            time.sleep(1.0)

            def pull(count: int) -> np.ndarray:
                heard.append(engine.pull(count))
                return heard[-1]

            sink = Null(pull)
            time.sleep(75)
            sink.close()
    finally:
        readings.open_audio = opened
    sound = np.concatenate(heard)[RATE:]
    told_of = engine.state().told_count
    return (
        "a file vanishes, is cut, hangs for 20 s", "no gap over 50 ms",
        f"longest {1000 * longest_hole(sound):.0f} ms in 75 s; {told_of} faults told, {engine.state().gaps} underruns",
    )  # fmt: skip


def of_orders(folder: Path, rng: random.Random) -> Row:
    """From the sending of an order to the first sample of its crossfade at the device."""
    remote = start(music(folder, 40), device="null", folder=folder / "orders")
    took = []
    for _ in range(20):
        time.sleep(rng.uniform(1.6, 2.4))
        begun = time.monotonic()
        remote.order(rng.choice(["skip", "grounding", "resume", "next-phase"]))  # type: ignore[arg-type]
        took.append(time.monotonic() - begun)
    remote.interrupt()
    slowest = max(took) + LEAD + 2 * PERIOD
    return (
        "order to ear",
        "at most 0.5 s",
        f"median {np.median(took) + LEAD + 2 * PERIOD:.2f} s, slowest {slowest:.2f} s",
    )


def of_hours(hours: float, seeds: int) -> Row:
    """Sessions at speed, 200 orders at random in each: ended as told, every second in the record, memory flat."""
    names = [
        "pause", "resume", "resume", "quieter", "louder", "quiet", "hold", "more", "gentler", "skip", "another",
        "next-phase", "return", "grounding", "undo",
    ]  # fmt: skip
    grown, unaccounted, twice, begun = [], 0.0, 0, time.monotonic()
    for seed in range(seeds):
        rng = random.Random(seed)
        tracks = round(hours * 3600 / 4 / 236)
        played = Played(setlist(tracks=tracks, seconds=240.0), period=0.5)
        played.keep = False
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        given = 0
        while not played.engine.over and played.now < hours * 3600 * 2:
            played.run(hours * 3600 / 200)
            if given < 200:
                played.order(rng.choice(names))  # type: ignore[arg-type]
                given += 1
            elif (
                played.engine.state().mode != "running"
                or played.engine.state().held
                or played.engine.state().grounding
            ):
                played.order("resume")
        assert played.engine.over
        at = 0.0
        for each in sorted(played.engine.heard(), key=lambda heard: heard.start):
            unaccounted += max(0.0, each.start - at - 0.05)
            at = max(at, each.end)
        unaccounted += max(0.0, played.engine.state().position - at - 0.05)
        plain = [each.cue.id for each in played.engine.heard() if each.rung in ("session", "tail")]
        ordered = sum(event.what == "order" and event.values["done"] for event in played.events)
        twice += max(0, len(plain) - len(set(plain)) - ordered)
        grown.append((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
    text = (
        f"{seeds} seeds, all ended; {unaccounted:.1f} s unaccounted for; {twice} tracks twice; "
        f"memory grew by {grown[0]:.0f} MB in the first, {max([0.0, *grown[1:]]):.0f} MB in any later one "
        f"({hours * 3600 * seeds / (time.monotonic() - begun):.0f} times as fast as the clock)"
    )
    return (f"{hours:g} h at speed, 200 orders", "nothing unaccounted for", text)


def burn() -> None:
    while True:
        sum(range(10_000))


def of_busy(folder: Path, minutes: float) -> list[Row]:
    """Every core kept busy; and what the player takes of one."""
    remote = start(music(folder, 60), device="null", folder=folder / "busy")
    time.sleep(5)
    ticks, begun = cpu(pid(folder / "busy")), time.monotonic()
    time.sleep(20)
    share = (cpu(pid(folder / "busy")) - ticks) / (time.monotonic() - begun)
    burning = [multiprocessing.Process(target=burn, daemon=True) for _ in range(os.cpu_count() or 1)]
    for process in burning:
        process.start()
    time.sleep(60 * minutes)
    state = remote.state()
    for process in burning:
        process.kill()
    remote.interrupt()
    return [
        (
            f"every core busy for {minutes:g} min",
            "no underrun",
            f"{state.gaps} underruns, {state.gap_seconds:.2f} s",
        ),
        ("processor, playing", "under 5 % of one core", f"{100 * share:.1f} %"),
    ]


def cpu(process: int) -> float:
    """Seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--busy", type=float, default=10.0)
    asked = parser.parse_args()
    rng = random.Random(17)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        for k, measure in enumerate(
            (
                lambda folder: [of_face(folder)],
                lambda folder: [of_player(folder, asked.kills, rng)],
                lambda _: [of_device()],
                lambda folder: [of_files(folder)],
                lambda folder: [of_orders(folder, rng)],
                lambda _: [of_hours(asked.hours, asked.seeds)],
                lambda folder: of_busy(folder, asked.busy),
            )
        ):
            folder = Path(name, str(k))
            folder.mkdir()
            rows += measure(folder)
            print(f"{rows[-1][0]}: {rows[-1][2]}", file=sys.stderr, flush=True)
    for row in [("what", "must reach", "reached"), ("---", "---", "---"), *rows]:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
