"""What a session survives: kills, faults, a busy machine, eight hours of orders. Prints the table of docs/session.md.

``python benchmarks/session.py [--kills 200] [--disks 24] [--hours 8] [--seeds 20] [--busy 10] [--only NAME]``: kills of real
processes at random moments, sessions on disks that fail at random, hours and seeds of the session at speed, minutes with
every core kept busy. Everything but the kills' moments is the same at each run.
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
import types
import wave
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "player"))

from made_sessions import Played, setlist

from playlistkit.errors import PlaylistkitError
from playlistkit.player import Cue, Remote, Setlist, Span, start
from playlistkit.player import reading as readings
from playlistkit.player.device import Device
from playlistkit.player.engine import Engine
from playlistkit.player.place import Place
from playlistkit.player.process import load
from playlistkit.player.sinks import PERIOD, Null
from playlistkit.player.sounding import USED_UP
from playlistkit.player.values import Event, Name, Order
from playlistkit.render import RATE

Row = tuple[str, str, str]
"""What, what it must reach, what it reached; the machine's load is printed beside them."""


def music(
    folder: Path, tracks: int = 12, seconds: float = 40.0, rate: int = 22_050, level: float = 0.12
) -> Setlist:
    """Tones in files, in two phases."""
    cues = []
    for k in range(tracks):
        times = np.arange(round(seconds * rate)) / rate
        samples = (32767 * level * np.sin(2 * np.pi * (150 + 25 * (k % 40)) * times)).astype("<i2")
        path = folder / f"{k}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, rate, 0, "NONE", ""))
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


def of_kills(folder: Path, kills: int) -> list[Row]:
    """Player, stand-bys, several at once and a face are killed or stopped at random moments, half of them behind an order."""
    rng = random.Random(17)
    record, place = folder / "kills.jsonl", folder / "kills"
    remote = start(music(folder, 60), device="null", folder=place, record=str(record), endless=True)
    face = faced(place)
    found: dict[str, list[float]] = {
        "killed": [],
        "hangs": [],
        "killed with its stand-by": [],
        "killed with both its stand-bys": [],
        "stand-by killed": [],
        "face killed": [],
    }
    kinds = [
        "killed", "killed with its stand-by", "hangs", "killed", "killed with its stand-by", "stand-by killed",
        "killed with both its stand-bys", "killed", "face killed",
    ]  # fmt: skip
    for k in range(kills):
        time.sleep(rng.uniform(2.5, 6.0))
        kind = kinds[k % len(kinds)]
        before = remote.state()
        if rng.random() < 0.5:
            names: list[Name] = [
                "skip",
                "grounding",
                "resume",
                "hold",
                "quieter",
                "louder",
                "another",
                "undo",
            ]
            remote.order(rng.choice(names))
            time.sleep(rng.uniform(0.0, 0.3))
        player = pid(place)
        if kind == "face killed":
            face.kill()
            face.wait()
            face = faced(place)
        elif kind == "stand-by killed":
            for mate in children(player):
                os.kill(mate, signal.SIGKILL)
        else:
            mates = children(player) if kind.startswith("killed with") else []
            if "both" in kind:
                mates += [each for mate in mates for each in children(mate)]
            for each in [*mates, player]:
                os.kill(each, signal.SIGSTOP if kind == "hangs" else signal.SIGKILL)
            with contextlib.suppress(TimeoutError):
                wait(lambda gaps=before.gaps: gaps_told(remote) > gaps)  # type: ignore[misc]
        time.sleep(0.5)
        found[kind].append(remote.state().gap_seconds - before.gap_seconds)
        if remote.state().mode != "running":
            raise AssertionError(f"after kill {k} ({kind}) the session is {remote.state().mode}")
    face.kill()
    remote.interrupt()
    logged = sum(event["what"] == "gap" for event in lines(record))
    still = len(found["stand-by killed"]) + len(found["face killed"])
    return [
        (
            f"player {kind}" if kind.startswith(("killed", "hangs")) else kind,
            reach(kind),
            summary(gaps),
        )
        for kind, gaps in found.items()
        if gaps
    ] + [("silences in the record", "all of them", f"{logged} of {sum(map(len, found.values())) - still}")]


def reach(kind: str) -> str:
    """What the silence may be."""
    return "0" if kind in ("face killed", "stand-by killed") else "at most 2 s, logged"


def summary(gaps: list[float]) -> str:
    return f"{len(gaps)} times: median {np.median(gaps):.1f} s, longest {max(gaps):.1f} s"


def gaps_told(remote: Remote) -> int:
    """How many silences the player tells of; 0 while there is none to ask."""
    with contextlib.suppress(PlaylistkitError):
        return remote.state().gaps
    return 0


def faced(place: Path) -> subprocess.Popen[bytes]:
    """A face that asks without end."""
    code = (
        "import sys,time\nfrom playlistkit.player import attach\nremote=attach(sys.argv[1])\n"
        "while True: remote.state(); time.sleep(0.05)"
    )
    return subprocess.Popen([sys.executable, "-c", code, str(place)], stderr=subprocess.DEVNULL)


def children(process: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == process:
                found.append(int(stat.parent.name))
    return found


def lines(record: Path) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(line) for line in record.read_text().splitlines()]


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


class Disk:
    """Where a session's files lie; it fails in every way, at moments of a seed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._rng = folder, random.Random(seed)
        self.setlist = music(folder, 12, 20.0)
        self._paths = [Path(cue.path) for cue in (*self.setlist.cues, *self.setlist.grounding)]
        self._hangs: dict[str, float] = {}
        self._slow = (0.0, 1.0)
        self.log: list[str] = []

    def fail(self) -> None:
        """Do one thing."""
        rng, now = self._rng, time.monotonic()
        some = rng.sample(self._paths, rng.choice([1, 1, 2, 4, len(self._paths)]))
        kind = rng.choice(["gone", "gone", "hang", "hang", "slow", "cut", "noise", "back", "back"])
        if kind == "gone":
            for path in some:
                with contextlib.suppress(OSError):
                    path.rename(path.with_suffix(".gone"))
        elif kind == "back":
            for gone in self._folder.glob("*.gone"):
                gone.rename(gone.with_suffix(".wav"))
        elif kind == "hang":
            for path in some:
                self._hangs[str(path)] = now + rng.choice([1.0, 5.0, 20.0])
        elif kind == "slow":
            self._slow = (now + 15.0, rng.choice([0.5, 1.0, 2.0]))
        else:
            path = some[0]
            if path.exists():
                with path.open("r+b") as file:
                    size = path.stat().st_size
                    if kind == "cut":
                        file.truncate(rng.randrange(40, size))
                    else:
                        file.seek(rng.randrange(0, size))
                        file.write(rng.randbytes(200))
        self.log.append(f"{kind} {'all' if len(some) == len(self._paths) else len(some)}")

    def wait(self, path: str, seconds: float = 0.0) -> None:
        """What a reading of so many seconds of music takes."""
        while time.monotonic() < self._hangs.get(path, 0.0):
            time.sleep(0.05)
        until, speed = self._slow
        if time.monotonic() < until:
            time.sleep(seconds / speed)


def of_disks(folder: Path, disks: int) -> list[Row]:
    """Sessions on disks that fail at random, each with orders at random, all at the pace of a clock."""
    places: dict[str, Disk] = {}
    opened, paths = readings.open_audio, readings.os

    def slowly(path: str):  # type: ignore[no-untyped-def]
        disk = places[str(Path(path).parent)]
        disk.wait(path)
        stream = opened(path)
        blocks = stream.blocks

        def waiting():  # type: ignore[no-untyped-def]
            for block in blocks():
                disk.wait(path, len(block) / stream.rate)
                yield block

        stream.blocks = waiting  # type: ignore[method-assign]
        return stream

    def exists(path: str) -> bool:
        places[str(Path(path).parent)].wait(path)
        return os.path.exists(path)  # noqa: PTH110

    load()  # as the player's process does
    readings.open_audio = slowly  # type: ignore[assignment]
    readings.os = types.SimpleNamespace(path=types.SimpleNamespace(exists=exists))  # type: ignore[assignment]
    results: list[tuple[float, int, int, str]] = []
    try:
        threads = []
        for seed in range(disks):
            place = folder / str(seed)
            place.mkdir()
            places[str(place)] = Disk(place, seed)
            threads.append(threading.Thread(target=on_disk, args=(places[str(place)], seed, results)))
        for at in range(0, disks, 12):
            for thread in threads[at : at + 12]:
                thread.start()
            for thread in threads[at : at + 12]:
                thread.join()
    finally:
        readings.open_audio, readings.os = opened, paths
    for hole, _, _, said in sorted(results):
        if hole > 0.05:
            print(f"a silence of {hole:.2f} s: {said}", file=sys.stderr, flush=True)
    holes = [hole for hole, *_ in results]
    faults, told_of = sum(each[1] for each in results), sum(each[2] for each in results)
    return [
        (
            "files vanish, are cut, hang, are slow", "no gap over 50 ms",
            f"{disks} sessions of 100 s, {faults} faults and 12 orders in each at random: longest {1000 * max(holes):.0f} ms; {told_of} sentences told",
        )
    ]  # fmt: skip


def on_disk(disk: Disk, seed: int, results: list[tuple[float, int, int, str]]) -> None:
    """One such session."""
    rng = random.Random(1000 + seed)
    longest = silent = at = 0

    def pull(count: int) -> np.ndarray:
        nonlocal longest, silent, at
        block = engine.pull(count)
        at += count
        for quiet in np.abs(block.reshape(-1, count // 24, 2)).max(axis=(1, 2)) < 0.001:  # 2 ms each
            silent = silent + count // 24 if quiet else 0
            if at > RATE:
                longest = max(longest, silent)
        return block

    engine = Engine(disk.setlist, readings.Files(), time.monotonic, endless=True)
    names: list[Name] = ["skip", "grounding", "resume", "hold", "resume", "another", "next-phase", "undo"]
    with working(engine):
        wait(lambda: engine.state().now is not None or engine.point(0) is not None)
        time.sleep(1.0)
        sink = Null(pull)
        end = time.monotonic() + 100.0
        next_order, next_fault, order, faults = time.monotonic() + 5, time.monotonic() + 3, 0, 0
        while time.monotonic() < end:
            now = time.monotonic()
            if now > next_fault:
                disk.fail()
                faults += 1
                next_fault = now + rng.uniform(0.5, 8.0)
            if now > next_order:
                order += 1
                name = rng.choice(names)
                engine.order(Order(name, str(order)))
                disk.log.append(name)
                next_order = now + rng.uniform(2.0, 14.0)
            time.sleep(0.02)
        sink.close()
    told_of = engine.state().told_count
    results.append((longest / RATE, faults, told_of, f"seed {seed}: {', '.join(disk.log)}"))


def of_orders(folder: Path) -> list[Row]:
    """From the sending of an order to the first sample at the loudspeaker that differs because of it."""
    rng = random.Random(17)
    took = ordered(music(folder, 40, rate=44_100, level=0.7), folder / "orders", rng, 60)
    return [("order to ear", "at most 0.5 s", seconds_to_ear(took))]


def ordered(made: Setlist, place: Path, rng: random.Random, count: int) -> list[float]:
    """Seconds that orders took in a session of its own."""
    record = place.with_suffix(".jsonl")
    remote = start(made, device="null", folder=place, record=str(record), endless=True)
    time.sleep(3.0)
    took = to_ear(remote, record, rng, count)
    remote.interrupt()
    return took


def to_ear(remote: Remote, record: Path, rng: random.Random, count: int) -> list[float]:
    """The sample at which each order was heard, less the one that the device took as it was sent; and the device's own."""
    asked: list[tuple[float, str]] = []
    while len(asked) < count:
        time.sleep(rng.uniform(1.6, 2.4))
        names: list[Name] = ["skip", "grounding", "resume", "next-phase", "return", "undo", "pause", "quiet"]
        before = remote.state()
        name = rng.choice(names)
        if remote.order(name).done and not (name == "undo" and before.mode != "running"):
            silent = before.mode != "running" or name in ("pause", "quiet")
            asked.append((before.position, "mode" if silent else "track"))
    time.sleep(1.0)
    events = lines(record)
    took = []
    for at, what in asked:
        behind = [
            event["position"] - at for event in events if event["what"] == what and event["position"] >= at
        ]
        if behind and min(behind) < 10.0:  # an undo of what was not heard yet is not heard either
            took.append(min(behind) + 2 * PERIOD)
    return took


def seconds_to_ear(took: list[float]) -> str:
    return f"{len(took)} orders: median {np.median(took):.2f} s, slowest {max(took):.2f} s"


def of_hours(hours: float, seeds: int) -> Row:
    """Sessions at speed, 200 orders at random in each: ended as told, every second in the record, memory flat."""
    names = [
        "pause", "resume", "resume", "quieter", "louder", "quiet", "hold", "more", "gentler", "skip", "another",
        "next-phase", "return", "grounding", "undo",
    ]  # fmt: skip
    grown, unaccounted, begun = [], 0.0, time.monotonic()
    twice: Counter[str] = Counter()
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
                continue
            state = played.engine.state()
            stays = state.mode != "running" or state.held or state.grounding
            if stays and not played.order("resume").done:
                played.order("end")
        assert played.engine.over
        at = 0.0
        for each in sorted(played.engine.heard(), key=lambda heard: heard.start):
            unaccounted += max(0.0, each.start - at - 0.05)
            at = max(at, each.end)
        unaccounted += max(0.0, played.engine.state().position - at - 0.05)
        twice.update(repeats(played.events))
        grown.append((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
    text = (
        f"{seeds} seeds, all ended; {unaccounted:.1f} s unaccounted for; "
        f"tracks again: {', '.join(f'{count} {why}' for why, count in sorted(twice.items()))}, "
        f"{twice['by accident']} by accident; "
        f"memory grew by {grown[0]:.0f} MB in the first, {max([0.0, *grown[1:]]):.0f} MB in any later one "
        f"({hours * 3600 * seeds / (time.monotonic() - begun):.0f} times as fast as the clock)"
    )
    return (f"{hours:g} h at speed, 200 orders", "nothing unaccounted for", text)


def repeats(events: list[Event]) -> Counter[str]:
    """Why tracks came again, by what the record says."""
    why: Counter[str] = Counter()
    heard: list[str] = []
    led_back: set[str] = set()
    held = used_up = False
    for event in events:
        if event.what == "told":
            used_up |= event.values["text"] == USED_UP
        elif event.what == "order" and event.values["done"]:
            name = event.values["name"]
            if name == "undo":  # to what it left; and what had begun meanwhile comes again in its turn
                led_back.update(heard[-3:])
            elif name == "grounding":  # whose end leads back to the beginning of what it left
                led_back.update(heard[-1:])
            held |= name == "hold"
        elif event.what == "track":
            track, rung = event.values["id"], event.values["rung"]
            if track in heard:
                if rung == "grounding":
                    why["of the set for grounding" if not used_up else "as all was used up"] += 1
                elif rung == "again" and (held or used_up):
                    why["held" if held else "as all was used up"] += 1
                elif track in led_back:
                    why["led back to"] += 1
                    led_back.discard(track)
                else:
                    why["by accident"] += 1
            heard.append(track)
    return why


def burn() -> None:
    while True:
        sum(range(10_000))


def of_busy(folder: Path, minutes: float) -> list[Row]:
    """Every core kept busy; and what the player takes of one."""
    place, record = folder / "busy", folder / "busy.jsonl"
    made = music(folder, 60, rate=44_100, level=0.7)
    remote = start(made, device="null", folder=place, record=str(record), endless=True)
    time.sleep(5)
    ticks, begun = cpu(pid(place)), time.monotonic()
    time.sleep(20)
    share = (cpu(pid(place)) - ticks) / (time.monotonic() - begun)
    burning = [multiprocessing.Process(target=burn, daemon=True) for _ in range(os.cpu_count() or 1)]
    for process in burning:
        process.start()
    player = pid(place)
    end = time.monotonic() + 60 * minutes
    took = to_ear(remote, record, random.Random(17), 20)
    time.sleep(max(0.0, end - time.monotonic()))
    state = remote.state()
    for process in burning:
        process.kill()
    replaced = "" if pid(place) == player else "; the stand-by took over without need"
    remote.interrupt()
    return [
        (
            f"every core busy for {minutes:g} min",
            "no underrun",
            f"{state.gaps} underruns, {state.gap_seconds:.2f} s{replaced}",
        ),
        ("order to ear meanwhile", "at most 0.5 s", seconds_to_ear(took)),
        ("processor, playing", "under 5 % of one core", f"{100 * share:.1f} %"),
    ]


def cpu(process: int) -> float:
    """Seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--disks", type=int, default=24)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--busy", type=float, default=10.0)
    parser.add_argument(
        "--only", metavar="NAME", help="one of face, kills, device, disks, orders, hours, busy"
    )
    asked = parser.parse_args()
    measures: dict[str, Callable[[Path], list[Row]]] = {
        "face": lambda folder: [of_face(folder)],
        "kills": lambda folder: of_kills(folder, asked.kills),
        "device": lambda _: [of_device()],
        "disks": lambda folder: of_disks(folder, asked.disks),
        "orders": of_orders,
        "hours": lambda _: [of_hours(asked.hours, asked.seeds)],
        "busy": lambda folder: of_busy(folder, asked.busy),
    }
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as top:
        for name, measure in measures.items():
            if asked.only not in (None, name):
                continue
            folder = Path(top, name)
            folder.mkdir()
            loads = [os.getloadavg()[0]]
            found = measure(folder)
            loads.append(os.getloadavg()[0])
            told = f"{min(loads):.0f} to {max(loads):.0f}"
            rows += [(*row, told) for row in found]
            for row in found:
                print(f"{row[0]}: {row[2]} (load {told})", file=sys.stderr, flush=True)
    for row in [("what", "must reach", "reached", "load"), ("---",) * 4, *rows]:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
