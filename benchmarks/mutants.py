"""How many small faults the tests notice.

    python benchmarks/mutants.py [--sample 60] [--seed 0] [--package planner]... [--tests tests/planner]... [--known] [--keep FOLDER]

A mutant is the package with one thing changed by an operator of cosmic-ray (`faults.py`): a comparison, an arithmetic
sign, a number, `and` for `or`, a condition turned round. First the tests run once, and coverage.py notes which lines each
runs (`covering.py`). Then so many places are drawn by the seed from each package that decides something; at each a
fault is made in a copy of the project, and the tests that run its line run until one fails. Kinds of changes that can't be
seen are left out before anything is drawn (`faults.NO_FAULTS`, which `--help` prints with the reasons). `--known` takes the faults
made by hand that once survived instead. With `--keep` the note of lines is kept in a folder, and used again until a source changes.

Each run of tests is a child forked from a process that has loaded numpy and the rest, so a mutant takes a second or
two. mutmut and cosmic-ray alone would run them all, by the suite of a package or of the project: a day.
A line of a package that no test runs counts as survived.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import os
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

from covering import Covered, Outcome, cover, covered_from, outcome, warm_up  # noqa: E402
from faults import NO_FAULTS, Mutant, Place, mutant_at, places_of  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("objective", "planner", "analysis", "library", "exporters")

LEFT_OUT = (
    "tests/web", "tests/player", "tests/spotify", "tests/test_privacy.py", "tests/test_architecture.py", "tests/test_package.py",
    "tests/test_examples.py", "tests/test_campaigns.py",
)  # fmt: skip
"""Tests of faces, other processes and the project itself: slow, and they judge little of these packages."""

PATIENCE = 20.0
"""Seconds that a mutant's tests may take beyond three times what they should: one that runs for ever is noticed."""

KNOWN = (
    ("planner/sessions/reserves.py", "WEIGHTS.join * (total - fitting)", "0 * (total - fitting)"),
    (
        "planner/problem/borders.py",
        "beyond=seconds_of_share(pool.arc.phases[p], played),",
        "beyond=0.0,",
    ),
    ("planner/bound/grid.py", "for late in (0, 1, 2):", "for late in (1,):"),
    ("planner/search/solve.py", "refinement.bound - best.surcharge", "refinement.bound"),
    ("objective/findings.py", "heard[name] == most + 1", "heard[name] == most + 2"),
    ("objective/hearing.py", "    12.0,\n)  # dB;", "    24.0,\n)  # dB;"),
    ("analysis/meter.py", "6: (1.0, 1.0, 1.0, 0.0,", "6: (1.0, 1.0, 1.0, 1.0,"),
    ("analysis/loudness.py", "RANGE_GATE = -20.0", "RANGE_GATE = -10.0"),
    ("analysis/edges.py", "fall >= 12 and", "fall >= 6 and"),
    ("analysis/loudness.py", "np.maximum(curve, loudness - 20)", "np.maximum(curve, loudness - 60)"),
    ("analysis/loudness.py", "np.maximum(before, loudness - 20)", "np.maximum(before, loudness - 60)"),
    ("analysis/meter.py", "NEAR = 0.8 ", "NEAR = 0.98 "),
    ("exporters/m3u.py", "if named != path and AMBIGUOUS.match(named):", "if False:"),
)
"""File, what stands there, and what stands there in the mutant."""


def drawn(package: str, count: int, rng: random.Random) -> tuple[list[Mutant], int]:
    """So many mutants of a package, each at a place of its own; and how many places it has."""
    files = sorted((ROOT / "playlistkit" / package).rglob("*.py"))
    places: list[Place] = [place for path in files for place in places_of(path)]
    rng.shuffle(places)
    mutants: list[Mutant] = []
    for place in places:
        if len(mutants) == count:
            break
        mutant = mutant_at(place, rng)
        if mutant is not None:
            mutants.append(mutant)
    return mutants, len(places)


def known(package: str) -> list[Mutant]:
    """The mutants of a package that were made by hand."""
    made = []
    for name, old, new in KNOWN:
        if name.split("/")[0] != package:
            continue
        path = ROOT / "playlistkit" / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} no longer says {old!r} once"
        line = text[: text.index(old)].count("\n") + 1
        made.append(Mutant(path, line, f"{old} => {new}", text.replace(old, new)))
    return made


class Project:
    """A copy of the project, in which faults are made."""

    def __init__(self, folder: Path, tests: Sequence[str]) -> None:
        self.folder, self.tests = folder, tests
        leave = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis")
        shutil.copytree(ROOT, folder, ignore=leave)

    def covered(self, kept: Path) -> Covered:
        """Which tests run which lines; from `kept` if no source or test has changed since."""
        sources = sorted([*(ROOT / "playlistkit").rglob("*.py"), *(ROOT / "tests").rglob("*.py")])
        chosen = " ".join(self.tests).encode()
        state = hashlib.sha256(chosen + b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
        note = kept / f"covered-{state}.json"
        if not note.exists():
            kept.mkdir(parents=True, exist_ok=True)
            left_out = [f"--ignore={each}" for each in LEFT_OUT]
            cover(self.folder, [*self.tests, *left_out], note)
        return covered_from(note)

    def outcome(self, mutant: Mutant, covered: Covered) -> Outcome:
        """What becomes of the tests that run the changed line."""
        path = mutant.path.relative_to(ROOT)
        tests = covered.tests_for(str(path), mutant.line)
        if not tests:
            return "pass"
        seconds = sum(covered.seconds[name] for name in tests)
        place = self.folder / path
        whole, times = place.read_bytes(), place.stat()
        place.write_text(mutant.text, encoding="utf-8")
        try:
            return outcome(self.folder, tests, PATIENCE + 3 * seconds, self.folder.with_name("said"))
        finally:
            place.write_bytes(whole)
            os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))  # numba's cache goes by it


def interval(shares: list[tuple[int, int, int]]) -> tuple[float, float]:
    """The share of all places at which a fault is noticed, and half the width of its 95 % interval.

    `shares` has, for each package, how many were killed, of how many, and how many places there are. Each package weighs
    what its places do; Agresti and Coull's two added to either side keep a full score from being certain.
    """
    whole = sum(places for *_, places in shares)
    share = sum(killed / count * places / whole for killed, count, places in shares)
    variance = 0.0
    for killed, count, places in shares:
        n = count + 4
        p = (killed + 2) / n
        variance += (places / whole) ** 2 * p * (1 - p) / n
    return share, 1.96 * math.sqrt(variance)


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="No faults, and never drawn: " + "; ".join(NO_FAULTS) + ".",
    )
    arguments.add_argument("--sample", type=int, default=60, help="mutants of each package")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--package", action="append", choices=PACKAGES, help="only this; may be repeated")
    arguments.add_argument(
        "--tests", action="append", metavar="PATH", help="only these judge; may be repeated"
    )
    arguments.add_argument("--known", action="store_true", help="those made by hand, instead of a sample")
    arguments.add_argument("--keep", type=Path, help="folder for the note of which tests run which lines")
    chosen = arguments.parse_args()
    warm_up()
    shares = []
    with tempfile.TemporaryDirectory() as scratch:
        project = Project(Path(scratch) / "project", chosen.tests or ["tests"])
        begin = time.monotonic()
        covered = project.covered(chosen.keep or Path(scratch))
        print(f"{len(covered.seconds)} tests, noted in {time.monotonic() - begin:.0f} s\n", flush=True)
        print("| mutant | | |\n| --- | --- | --- |")
        for package in chosen.package or PACKAGES:
            rng = random.Random(f"{chosen.seed} {package}")
            mutants, places = (known(package), 1) if chosen.known else drawn(package, chosen.sample, rng)
            if not mutants:
                continue
            # a fault that is none: if tests fail without one, they would fail with any
            path = mutants[0].path
            sound = replace(mutants[0], what="nothing changed", text=path.read_text(encoding="utf-8"))
            if project.outcome(sound, covered) != "pass":
                said = project.folder.with_name("said").read_text(encoding="utf-8", errors="replace")
                raise SystemExit(
                    f"the tests of {path.relative_to(ROOT)} fail without any fault:\n{said[-4000:]}"
                )
            killed = 0
            for mutant in mutants:
                begin = time.monotonic()
                end = project.outcome(mutant, covered)
                killed += end != "pass"
                name = mutant.path.relative_to(ROOT / "playlistkit")
                what = mutant.what.replace("|", "\\|")
                verdict = {"fail": "killed", "no end": "killed by its time", "pass": "**survived**"}[end]
                print(
                    f"| {name}:{mutant.line} | `{what}` | {verdict}, {time.monotonic() - begin:.1f} s |",
                    flush=True,
                )
            shares.append((package, (killed, len(mutants), places)))
    print("\n| package | killed | of | places |\n| --- | --- | --- | --- |")
    for package, (killed, count, places) in shares:
        print(f"| {package} | {killed} | {count} | {'' if chosen.known else places} |")
    share, half = interval([each for _, each in shares])
    print(f"\n{100 * share:.0f} % of all, ± {100 * half:.0f} % (95 %)")


if __name__ == "__main__":
    main()
