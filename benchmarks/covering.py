"""Run chosen tests in a forked child of a process that has loaded the libraries, and see which lines each test runs."""

from __future__ import annotations

import ast
import contextlib
import importlib
import json
import math
import os
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

import coverage
import pytest
from hypothesis import HealthCheck, Phase, settings

__all__ = ["Covered", "Outcome", "cover", "covered_from", "outcome", "warm_up"]

Outcome = Literal["pass", "fail", "no end"]
"""Of chosen tests: all pass, one fails, or they use up their processor time, as with a loop that never ends."""

LIBRARIES = (
    "numpy", "scipy.fft", "scipy.ndimage", "scipy.optimize", "scipy.signal", "scipy.sparse", "numba", "librosa.filters",
    "soxr", "soundfile", "av", "mutagen", "yaml", "ruamel.yaml", "click.testing", "rich.progress", "platformdirs", "jinja2",
    "jsonschema", "rapidfuzz", "requests", "sqlite3", "charset_normalizer", "threadpoolctl", "matplotlib.figure",
)  # fmt: skip
"""Loaded once, before the children are forked."""

HERE = Path(__file__).resolve().parents[1]
ARGUMENTS = ["-q", "-p", "no:cacheprovider"]
SLOWER = 10  # times the processor time that a child may take by the clock, on a busy machine
MEMORY = 8 << 30  # bytes a child may take before it is refused more
BUDGET = 30.0
"""Seconds that the tests of one mutant may take. Half of them go to the most direct tests, which run the fewest other lines: what
states a rule a second time takes a second, and a hundred plans that only pass by would leave it none. The other half go to the
quickest. The rest could only kill more."""


def warm_up() -> None:
    """Load the libraries, so that each child has them."""
    for name in LIBRARIES:
        importlib.import_module(name)


@dataclass
class Covered:
    """What tests run, and how long they take."""

    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)
    """By file, the tests that run each line; what runs while a module is imported is run by none."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Processor time by test that passes, with that of the fixtures that it shares: a busy machine changes nothing."""

    @cached_property
    def breadth(self) -> Counter[str]:
        """How many lines of the package each test runs."""
        return Counter(
            name for of_file in self.lines.values() for names in of_file.values() for name in names
        )

    def tests_for(self, path: str, line: int) -> list[str]:
        """The most direct and the quickest tests that run a line, up to `BUDGET`; for a line of the import, of its file."""
        of_file = self.lines.get(path, {})
        own = of_file.get(line, []) if line in _in_functions(HERE / path) else []
        names = set(own or [name for each in of_file.values() for name in each])
        known = names & self.seconds.keys()
        chosen: dict[str, None] = {}
        spent = 0.0
        for share, by in ((BUDGET / 2, self.breadth), (BUDGET, self.seconds)):
            for name in sorted(known - chosen.keys(), key=lambda each: (by[each], each)):
                if chosen and spent + self.seconds[name] > share:
                    break
                spent += self.seconds[name]
                chosen[name] = None
        return list(chosen)


@cache
def _in_functions(path: Path) -> frozenset[int]:
    """The lines of functions that run at each call. All others, as those of what is cached, run once, in whatever test is first."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bodies = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not any("cache" in ast.unparse(each) for each in node.decorator_list)
    ]
    return frozenset(
        line for each in bodies for line in range(each.body[0].lineno, (each.end_lineno or 0) + 1)
    )


class _Chosen:
    """A pytest plugin: only the chosen tests, quickest file first; hypothesis says what fails and does not simplify it."""

    def __init__(self, tests: Collection[str] | None) -> None:
        self.tests = tests

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        settings.register_profile(
            "mutants",
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
            phases=(Phase.explicit, Phase.generate),
        )
        settings.load_profile("mutants")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.tests is not None:
            chosen = set(self.tests)
            items[:] = [item for item in items if item.nodeid in chosen]


class _Watched(_Chosen):
    """A pytest plugin that notes lines, seconds and failures."""

    def __init__(self, measured: coverage.Coverage) -> None:
        super().__init__(None)
        self.measured = measured
        self.seconds: dict[str, float] = defaultdict(float)
        self.shared: dict[str, float] = defaultdict(float)
        self.closures: dict[str, list[str]] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self.measured.switch_context(item.nodeid)
        self.closures[item.nodeid] = list(getattr(item, "fixturenames", ()))
        try:
            return (yield)
        finally:
            self.measured.switch_context("")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        begin = _worked()
        try:
            return (yield)
        finally:
            if fixturedef.scope != "function":
                self.shared[fixturedef.argname] += _worked() - begin

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        begin = _worked()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] += _worked() - begin

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:
            self.failed.add(report.nodeid)

    def result(self) -> dict[str, object]:
        data = self.measured.get_data()
        return {
            "lines": {
                str(Path(path).relative_to(Path.cwd())): {
                    line: names
                    for line, contexts in data.contexts_by_lineno(path).items()
                    if (names := [name for name in contexts if name])
                }
                for path in data.measured_files()
            },
            "seconds": {
                name: seconds + sum(self.shared[each] for each in self.closures[name])
                for name, seconds in self.seconds.items()
                if name not in self.failed
            },
            "failed": sorted(self.failed),
        }


def _worked() -> float:
    """Seconds of processor time of this process and of those that it started and that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def cover(project: Path, tests: Collection[str], to: Path) -> None:
    """Run test files and write down which lines each test runs, as JSON."""

    def child() -> int:
        os.environ["COVERAGE_CORE"] = "ctrace"  # the only one that knows contexts in every Python
        measured = coverage.Coverage(
            data_file=str(to.with_suffix(".coverage")), config_file=False, source=["playlistkit"]
        )
        measured.start()
        plugin = _Watched(measured)
        code = pytest.main([*ARGUMENTS, *tests], plugins=[plugin])
        measured.stop()
        measured.save()
        to.write_text(json.dumps(plugin.result()), encoding="utf-8")
        return 0 if code in (0, 1) else int(code)

    if _in_child(project, child, 3600.0, to.with_suffix(".log")) != 0:
        raise SystemExit(f"the tests could not be run; see {to.with_suffix('.log')}")


def covered_from(path: Path) -> Covered:
    """What `cover` wrote down."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return Covered(
        {name: {int(line): names for line, names in lines.items()} for name, lines in data["lines"].items()},
        data["seconds"],
    )


def outcome(project: Path, tests: Collection[str], limit: float, log: Path | None = None) -> Outcome:
    """What becomes of the chosen tests within `limit` seconds of processor time, in a child that stops at the first that fails.

    What the child says goes to `log`.
    """
    files = list(dict.fromkeys(name.partition("::")[0] for name in tests))

    def child() -> int:
        return int(pytest.main([*ARGUMENTS, "-x", *files], plugins=[_Chosen(tests)]))

    code = _in_child(project, child, limit, log)
    return "pass" if code == 0 else "no end" if code in (None, -signal.SIGXCPU, -signal.SIGKILL) else "fail"


def _in_child(project: Path, work: Callable[[], int], limit: float, log: Path | None = None) -> int | None:
    """What `work` answers in a forked child that stands in `project`; `None` if it did not end in time."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        code = 99
        with contextlib.suppress(BaseException):
            os.setsid()  # so that what it starts ends with it
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(limit), math.ceil(limit) + 1))
            out = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for stream in (1, 2):
                os.dup2(out, stream)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.chdir(project)
            os.environ.update(PYTHONPATH=str(project), CI="1", PYTHONDONTWRITEBYTECODE="1")
            sys.dont_write_bytecode = True
            sys.path[:] = [str(project), *(each for each in sys.path if Path(each).resolve() != HERE)]
            code = work()
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        os._exit(code)
    end = time.monotonic() + SLOWER * limit
    status = None
    while status is None and time.monotonic() < end:
        done, answer = os.waitpid(child, os.WNOHANG)
        if done:
            status = os.waitstatus_to_exitcode(answer)
        else:
            time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if status is None:
        os.waitpid(child, 0)
    return status
