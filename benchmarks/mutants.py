"""How many small faults the tests notice.

    python benchmarks/mutants.py [--sample 60] [--seed 0] [--package planner]... [--known]

A mutant is the package with one thing changed: a comparison, an arithmetic sign, a number, `and` for `or`, a condition turned
round. A seeded sample is drawn over the packages that decide something; for each the tests that cover its package
run, in a copy of the project, until one fails. `--known` runs those by hand that once survived instead.

mutmut and cosmic-ray run every mutant of a package against the whole suite, or need its coverage first; with a suite
of minutes that takes a day. This draws some and says which survive, for somebody to look at.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent

COVERED_BY = {
    "objective": ("tests/test_objective.py", "tests/workflow/test_check.py", "tests/planner"),
    "planner": ("tests/planner",),
    "analysis": ("tests/analysis", "tests/test_audio.py", "tests/workflow/test_scan.py"),
    "library": ("tests/library", "tests/workflow/test_query.py", "tests/workflow/test_forgotten.py"),
    "exporters": ("tests/exporters", "tests/sources/test_playlist.py"),
}
"""The tests that cover each package, those nearest to it first."""

LIMIT = 900.0
"""Seconds after which the tests of a mutant are ended: one that runs for ever is noticed."""

KNOWN = (
    ("planner/sessions/reserves.py", "WEIGHTS.join * (total - fitting)", "0 * (total - fitting)"),
    ("planner/sessions/replanning.py", "beyond=beyond if phase.vocals_share > 0 else 0.0", "beyond=0.0"),
    ("planner/bound/grid.py", "for late in (0, 1, 2):", "for late in (1,):"),
    ("planner/search/solve.py", "refinement.bound - best.surcharge", "refinement.bound"),
    ("objective/scoring.py", "heard[name] == most + 1", "heard[name] == most + 2"),
    ("objective/hearing.py", "GAIN_LIMITS = (-24.0, 24.0)", "GAIN_LIMITS = (-24.0, 12.0)"),
    ("analysis/loudness.py", "6: (1.0, 1.0, 1.0, 0.0,", "6: (1.0, 1.0, 1.0, 1.0,"),
    ("analysis/loudness.py", "RANGE_GATE = -20.0", "RANGE_GATE = -10.0"),
    ("analysis/edges.py", "last[0] - last[-1] >= 12", "last[0] - last[-1] >= 6"),
    ("analysis/loudness.py", "np.maximum(curve, loudness - 20)", "np.maximum(curve, loudness - 60)"),
    ("analysis/loudness.py", "np.maximum(before, loudness - 20)", "np.maximum(before, loudness - 60)"),
    ("analysis/loudness.py", "NEAR = 0.8 ", "NEAR = 0.98 "),
    ("exporters/m3u.py", "if named != path and AMBIGUOUS.match(named):", "if False:"),
)
"""File, what stands there, and what stands there in the mutant."""

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed line of one file."""

    path: str
    line: int
    what: str
    text: str
    """The whole file, changed."""


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """What could stand in the place of a node."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARED:
        yield ast.Compare(node.left, [COMPARED[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in COUNTED:
        yield ast.BinOp(node.left, COUNTED[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1 if isinstance(node.value, int) else node.value * 1.5 + 0.1)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


def mutants_of(path: Path) -> list[Mutant]:
    """All mutants of a file, annotations and docstrings left alone."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    found = []

    def walk(node: ast.AST) -> Iterator[ast.AST]:
        yield node
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from walk(child)

    for node in walk(ast.parse(text)):
        for other in changed(node):
            begin = starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
            end = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
            before = text.encode()
            new = f"({ast.unparse(other)})"
            found.append(
                Mutant(
                    path.relative_to(ROOT).as_posix(),
                    node.lineno,  # type: ignore[attr-defined]
                    f"{before[begin:end].decode()} -> {new}",
                    (before[:begin] + new.encode() + before[end:]).decode(),
                )
            )
    return found


def known() -> list[Mutant]:
    """The mutants that were made by hand."""
    made = []
    for name, old, new in KNOWN:
        path = ROOT / "playlistkit" / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} no longer says {old!r} once"
        line = text[: text.index(old)].count("\n") + 1
        made.append(
            Mutant(path.relative_to(ROOT).as_posix(), line, f"{old} -> {new}", text.replace(old, new))
        )
    return made


def noticed(mutant: Mutant, copy: Path) -> bool:
    """Whether any test that covers the mutant's package fails."""
    place = copy / mutant.path
    whole = place.read_text(encoding="utf-8")
    place.write_text(mutant.text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    tests = COVERED_BY[mutant.path.split("/")[1]]
    # a seed, so that a property test that fails by chance alone decides nothing
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "--hypothesis-seed=1",
        *tests,
    ]
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, timeout=LIMIT, check=False
        )
        return done.returncode != 0
    except subprocess.TimeoutExpired:
        return True
    finally:
        place.write_text(whole, encoding="utf-8")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--sample", type=int, default=60, help="mutants over all packages")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument(
        "--package", action="append", choices=COVERED_BY, help="only this; may be repeated"
    )
    arguments.add_argument("--known", action="store_true", help="those made by hand, instead of a sample")
    chosen = arguments.parse_args()
    packages = chosen.package or list(COVERED_BY)
    if chosen.known:
        drawn = [each for each in known() if each.path.split("/")[1] in packages]
    else:
        rng = random.Random(chosen.seed)
        drawn = []
        for package in packages:
            files = sorted((ROOT / "playlistkit" / package).rglob("*.py"))
            all_of_it = [mutant for path in files for mutant in mutants_of(path)]
            drawn += rng.sample(all_of_it, min(len(all_of_it), chosen.sample // len(packages)))
    print("| package | mutant | |\n| --- | --- | --- |")
    count: Counter[tuple[str, bool]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache"))
        for mutant in drawn:
            begin = time.monotonic()
            fell = noticed(mutant, copy)
            package = mutant.path.split("/")[1]
            count[package, fell] += 1
            what = " ".join(mutant.what.split()).replace("|", "\\|")
            took = time.monotonic() - begin
            print(
                f"| {mutant.path.removeprefix('playlistkit/')}:{mutant.line} | `{what}` | "
                f"{'killed' if fell else '**survived**'}, {took:.0f} s |",
                flush=True,
            )
    print("\n| package | killed | of |\n| --- | --- | --- |")
    for package in packages:
        print(f"| {package} | {count[package, True]} | {count[package, True] + count[package, False]} |")
    killed = sum(number for (_, fell), number in count.items() if fell)
    print(f"| all | {killed} | {count.total()}, {100 * killed / max(1, count.total()):.0f} % |")


if __name__ == "__main__":
    main()
