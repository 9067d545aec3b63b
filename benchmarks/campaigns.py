"""Campaigns of hostile files and of kills; prints the table of what was tried and what failed.

    python benchmarks/campaigns.py [--mutations 10000] [--audio 5000] [--kills 500] [--by-time] [--seed 0] [--only KIND]

Mutations of good files (tests/mutated_files.py) are read as the commands read them, each kind in a process of its own. A
mutation fails if it ends in anything but a result or one of our sentences, or takes more than 5 s. Writing commands are
killed (SIGKILL) at a random one of their writes, syncs and renames, which strace counts; with --by-time, or without strace,
at a random moment. A kill fails if the library is not sound afterwards, a file under a final name is half, the sound of a
music file is not what it was, the same command does not succeed when it is run again, or anything is left beside its files
then. Seeds make each campaign repeatable; kills by time are not.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))

LIMIT = 5.0  # s for a mutation
KINDS = {
    "template": 1.0, "plan": 1.0, "picture": 0.1, "render": 0.1, "playlist": 1.0, "table": 1.0, "cue": 1.0, "audio": 1.0,
}  # fmt: skip
"""Kinds of mutated files, with the share of the mutations that is tried: a picture or sound of a plan takes long."""
CALLS = "write,pwrite64,sendfile,fsync,fdatasync,rename,renameat,renameat2,ftruncate,unlink"
COMMANDS = {
    "build": ["build", "demo.yaml", "-o", "out/s.json", "-o", "out/s.m3u8", "-o", "out/s.html"],
    "export": ["export", "session.json", "-o", "out/s.xspf", "-o", "out/s.csv"],
    "preview": ["preview", "session.json", "-o", "out/p.opus", "--phase", "arrival"],
    "render": ["render", "session.json", "-o", "out/r.wav"],
    "templates new": ["templates", "new", "-o", "out/mine.yaml"],
    "set": ["set", "{track}", "energy=0.3", "note=again"],
    "clients mark": ["clients", "mark", "Heron", "{track}", "keep", "--new"],
    "import": ["import", "table.csv"],
    "scan": ["scan", "--jobs", "1", "--force", "--no-voice", "made"],
    "write gains": ["render", "session.json", "--write-replaygain"],
}
TRACKS = 3
"""Of the session that is rendered and exported: its writes are what counts, not its length."""


class TooLong(BaseException):
    """A mutation that takes more than `LIMIT`."""


def mutations(kind: str, seed: int, count: int) -> dict[str, object]:
    """One kind of file, in this process."""
    import mutated_files

    from playlistkit.errors import PlaylistkitError

    def stop(*_: object) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, stop)
    faults: list[str] = []
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number, _, read in mutated_files.read(kind, Path(folder), seed, count):
            begun = time.process_time()
            signal.setitimer(signal.ITIMER_REAL, 12 * LIMIT)  # of the wall; the machine may have other work
            try:
                read()
            except PlaylistkitError:
                pass
            except TooLong:
                faults.append(f"{number}: still running after {12 * LIMIT:.0f} s")
            except BaseException as error:
                faults.append(f"{number}: {error!r}"[:200])
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            took = time.process_time() - begun
            if took > LIMIT:
                faults.append(f"{number}: {took:.1f} s of processor time")
            slowest = max(slowest, took)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"tried": count, "faults": faults, "slowest": slowest, "memory": memory}


# --- kills


def prepared(folder: Path) -> dict[str, str]:
    """A library, a plan and a table to work on; the environment that names them."""
    env = {
        **os.environ,
        "PLAYLISTKIT_LIBRARY": str(folder / "library.db"),
        "XDG_DATA_HOME": str(folder / "x"),
        "XDG_CONFIG_HOME": str(folder / "x"),
    }
    import playlistkit

    demo = Path(playlistkit.__file__).parent / "demo"
    for name in ("music", "made", "out"):
        (folder / name).mkdir()
    for each in demo.glob("*.opus"):
        shutil.copy(each, folder / "music")
    for hz in (200, 250, 300):
        _tone(folder / "made" / f"{hz}.wav", hz)
    shutil.copy(demo / "demo.yaml", folder)
    call(["scan", "--jobs", "2", "--no-voice", "music"], folder, env)
    done = call(["build", "demo.yaml", "--for", "render", "--best-effort", "-o", "session.json"], folder, env)
    if done.returncode:
        raise SystemExit(f"the campaign can't be prepared: {done.stderr}")
    whole = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    whole.update(slots=whole["slots"][:TRACKS], tail=[])
    (folder / "session.json").write_text(json.dumps(whole), encoding="utf-8")
    (folder / "good-music").mkdir()
    for slot in whole["slots"]:
        shutil.copy2(slot["track"]["path"], folder / "good-music")
    (folder / "table.csv").write_text(
        "Track URI,Track Name,Artist Name(s),Track Duration (ms),Energy\n"
        + "".join(f"spotify:track:{n:022d},Piece {n},Ann,200000,0.2\n" for n in range(500)),
        encoding="utf-8",
    )
    return env


def _tone(path: Path, hz: int) -> None:
    """Five seconds of sound."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 22_050, 0, "NONE", ""))
        for n in range(5 * 22_050):
            file.writeframesraw(struct.pack("<h", round(8000 * math.sin(2 * math.pi * hz * n / 22_050))))


def call(
    arguments: list[str], folder: Path, env: dict[str, str], before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, sys.executable, "-m", "playlistkit", *arguments],
        cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def kills(seed: int, count: int, *, by_time: bool) -> dict[str, dict[str, object]]:
    """Each writing command, killed in turn."""
    rng = random.Random(seed)
    results: dict[str, dict[str, object]] = {name: {"tried": 0, "faults": []} for name in COMMANDS}
    strace = None if by_time else shutil.which("strace")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        env = prepared(folder)
        session = json.loads((folder / "session.json").read_text(encoding="utf-8"))
        track = session["slots"][0]["track"]["id"]
        commands = {name: [each.format(track=track) for each in words] for name, words in COMMANDS.items()}
        for each in folder.glob("library.db*"):
            shutil.copy(each, folder / f"good-{each.name}")
        places = {name: _places(words, folder, env, strace) for name, words in commands.items()}
        for number in range(count):
            name = list(commands)[number % len(commands)]
            words = commands[name]
            _restore(folder)
            old = (folder / "out" / Path(words[words.index("-o") + 1]).name) if "-o" in words else None
            if old is not None and rng.random() < 0.5:
                old.write_bytes(b"old")
            if not _killed(words, folder, env, strace, rng.choice(places[name])):
                continue  # it was done before; no kill
            why = _damage(folder, old) or _second_run(words, folder, env)
            print(
                f"\r{number + 1} of {count} {name}: {why or 'sound'}\x1b[K",
                end="\n" if why else "",
                file=sys.stderr,
                flush=True,
            )
            results[name]["tried"] = int(str(results[name]["tried"])) + 1
            if why:
                results[name]["faults"] += [f"{number}: {why}"]  # type: ignore[operator]
    return results


def _restore(folder: Path) -> None:
    """The library and the files as they were before the first kill."""
    for each in (*(folder / "out").iterdir(), *folder.glob("library.db*")):
        each.unlink()
    for each in folder.glob("good-library.db*"):
        shutil.copy(each, folder / each.name.removeprefix("good-"))
    for each in (folder / "good-music").iterdir():
        shutil.copy2(each, folder / "music")
    for each in (folder / "music").glob(".*"):
        each.unlink()


Place = tuple[str, float]
"""A call and how manieth of its kind; without strace "" and seconds."""


def _places(words: list[str], folder: Path, env: dict[str, str], strace: str | None) -> list[Place]:
    """The places at which a command may be killed: each of its calls that write."""
    _restore(folder)
    begun = time.monotonic()
    if strace is None:
        call(words, folder, env)
        return [("", (time.monotonic() - begun) * part / 1000) for part in range(1000)]
    log = folder / "strace.log"
    call(words, folder, env, (strace, "-f", "-qq", "-o", str(log), "-e", f"trace={CALLS}"))
    counted: dict[str, int] = {}
    places: list[Place] = []
    lines = log.read_text(errors="replace").splitlines()
    log.unlink()
    first = lines[0].split()[0]
    for line in lines:
        found = re.match(r"(\d+) +(\w+)\(", line)
        if found and found[1] == first:  # strace counts by thread and by call
            counted[found[2]] = counted.get(found[2], 0) + 1
            places.append((found[2], counted[found[2]]))
    return places


def _killed(words: list[str], folder: Path, env: dict[str, str], strace: str | None, place: Place) -> bool:
    """Run a command to a place and kill it there; whether it was still running."""
    name, at = place
    if strace is not None:
        inject = f"inject={name}:signal=KILL:when={at}"
        done = call(words, folder, env, (strace, "-f", "-qq", "-o", os.devnull, "-e", inject))
        return done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
    process = subprocess.Popen(
        [sys.executable, "-m", "playlistkit", *words], cwd=folder, env=env, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(at)
    os.killpg(process.pid, signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def _damage(folder: Path, old: Path | None) -> str:
    """What is wrong right after the kill."""
    with sqlite3.connect(folder / "library.db") as database:
        ((state,),) = database.execute("PRAGMA integrity_check")
    if state != "ok":
        return f"library: {state}"
    for each in (folder / "out").iterdir():
        if each.name.startswith("."):
            continue
        if each == old and each.read_bytes() == b"old":
            continue
        if why := _half(each):
            return f"{each.name}: {why}"
    for each in (folder / "good-music").iterdir():
        if _sound(each) != _sound(folder / "music" / each.name):
            return f"{each.name}: its sound is not what it was"
    return ""


def _sound(path: Path) -> bytes:
    """The coded sound of a file, whatever its tags."""
    import av

    with av.open(str(path)) as file:
        return b"".join(bytes(packet) for packet in file.demux(audio=0))


def _half(path: Path) -> str:
    """Why a file is not whole."""
    from playlistkit.audio import open_audio
    from playlistkit.errors import PlaylistkitError
    from playlistkit.sources.playlist import read_playlist
    from playlistkit.workflow.output.export import load_plan
    from playlistkit.workflow.templates.finding import load_template

    try:
        if path.suffix == ".json":
            load_plan(path)
        elif path.suffix in (".m3u8", ".xspf", ".csv"):
            read_playlist(path)
        elif path.suffix == ".yaml":
            load_template(path)
        elif path.suffix == ".html":
            return "" if path.read_text(encoding="utf-8").rstrip().endswith("</html>") else "cut short"
        else:
            with open_audio(path) as stream:
                for _ in stream.blocks():
                    pass
    except PlaylistkitError as error:
        return str(error)
    return ""


def _second_run(words: list[str], folder: Path, env: dict[str, str]) -> str:
    """What is wrong with the next run, and what it leaves."""
    if words[0] == "templates":
        (folder / "out" / "mine.yaml").unlink(missing_ok=True)  # it never overwrites
    done = call(words, folder, env)
    if done.returncode:
        return f"the next run: {done.stderr.strip()[-160:]}"
    left = [
        each.name
        for place in (folder, folder / "out", folder / "music")
        for each in place.iterdir()
        if each.name.startswith(".")
    ]
    return f"left: {', '.join(left)}" if left else ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--audio", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--by-time", action="store_true", help="kill at random moments, not at writes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help=f"{', '.join(KINDS)} or kill")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        most = given.audio if given.inside == "audio" else given.mutations
        print(json.dumps(mutations(given.inside, given.seed, round(most * KINDS[given.inside]))))
        return
    told: list[str] = []
    print(
        "| campaign | tried | failed | slowest, s of processor | memory, MB |\n| --- | ---: | ---: | ---: | ---: |"
    )
    for kind in KINDS:
        if given.only not in (None, kind):
            continue
        found = _apart(kind, given)
        print(
            f"| mutated {kind} | {found['tried']} | {len(found['faults'])} | {found['slowest']:.1f} | {found['memory']:.0f} |",
            flush=True,
        )
        told += (f"{kind} {each}" for each in found["faults"])
    if given.only in (None, "kill"):
        for name, result in kills(given.seed, given.kills, by_time=given.by_time).items():
            faults: list[str] = result["faults"]  # type: ignore[assignment]
            print(f"| killed: {name} | {result['tried']} | {len(faults)} | | |", flush=True)
            told += (f"{name} {each}" for each in faults)
    print("\n".join(["", *told]))


def _apart(kind: str, given: argparse.Namespace) -> dict[str, object]:
    """A kind of mutations in a process of its own, whose end by a signal is a failure too."""
    words = [
        sys.executable,
        __file__,
        "--inside",
        kind,
        "--seed",
        str(given.seed),
        "--mutations",
        str(given.mutations),
    ]
    done = subprocess.run([*words, "--audio", str(given.audio)], capture_output=True, text=True, check=False)
    if done.returncode:
        return {
            "tried": 0,
            "faults": [f"ended with {done.returncode}: {done.stderr[-300:]}"],
            "slowest": 0.0,
            "memory": 0.0,
        }
    found: dict[str, object] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
