"""What the tests of several folders share."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import made_plans
import pytest
from hypothesis import HealthCheck, settings

from playlistkit.model import Plan
from playlistkit.workflow.demo import Demo, demo

# no test measures time, and CI shall not fail by chance: what chance finds is found where people work
settings.register_profile(
    "playlistkit",
    deadline=None,
    max_examples=30,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("playlistkit")

# started in the background of a shell, we would hand an ignored Ctrl-C on to the programs that are to be stopped by it
signal.signal(signal.SIGINT, signal.default_int_handler)


AGAINST_THE_CLOCK = (
    "tests/player/",
    "tests/web/",
    "tests/cli/",
    "tests/test_privacy.py",
    "tests/test_campaigns.py",
)
"""Where processes and browsers are watched as time passes."""


WAITED_FOR = ("tests/player/", "tests/web/test_day.py", "tests/web/test_access.py", "tests/web/")
"""What is waited for more than it works, the longest tests early, and the page after the player: by then another worker
has compiled the search."""


COMPILING: list[subprocess.Popen[bytes]] = []
"""What compiles the planner's machine code, which a fresh copy of the project has to do once and takes twenty seconds."""


def pytest_configure(config: pytest.Config) -> None:
    """Compile it while the workers look for tests; else each would compile it for itself."""
    if config.getoption("numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ:
        load = "from playlistkit.workflow.planning.build import get_ready; get_ready()"
        COMPILING.append(subprocess.Popen([sys.executable, "-c", load]))


def pytest_unconfigure() -> None:
    """Leave no process behind."""
    for process in COMPILING:
        process.wait()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask a test of processes once more before it fails: a machine that others share may stop for seconds.

    A fault fails twice; what passes the second time is counted as rerun, and is a race to be found.
    """
    for item in items:
        if item.nodeid.startswith(AGAINST_THE_CLOCK):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items[:] = spread(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def spread(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """The tests in such an order that every core is busy to the end.

    Each worker begins with an equal stretch of them and takes others' last ones when it is done. So one works all the
    time, while the others begin with what is waited for, module by module, and keep the quick tests to the last.
    """
    if workers == 1:
        return items
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
    waiting = sorted(
        (name for name in modules if name.startswith(WAITED_FOR)),
        key=lambda name: next(k for k, begin in enumerate(WAITED_FOR) if name.startswith(begin)),
    )
    rest = [item for name, own in modules.items() if name not in waiting for item in own]
    parts: list[list[pytest.Item]] = [[] for _ in range(workers)]
    for k, name in enumerate(waiting):
        parts[1 + k % (workers - 1)] += modules[name]
    for k, part in enumerate(parts):
        room = (len(items) * (k + 1)) // workers - (len(items) * k) // workers - len(part)
        part += rest[: max(room, 0)]
        del rest[: max(room, 0)]
    return [item for part in (*parts, rest) for item in part]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto` one more than there are cores: players and browsers are waited for more than they work."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (cores or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test sees or touches what the person who runs it keeps: library, token, plans, a session that plays."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("DATA", "STATE"):
            patch.setenv(f"XDG_{kind}_HOME", str(folder / kind.lower()))
        yield


@pytest.fixture(scope="session")
def three_hours() -> Plan:
    """A made plan of three hours; its files exist nowhere."""
    return made_plans.three_hours()


@pytest.fixture(scope="session")
def demo_made(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo in a folder, listened to once for all workers; who changes anything takes a copy."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return demo(tmp_path_factory.mktemp("demo"))
    shared = tmp_path_factory.getbasetemp().parent  # of this run of tests
    kept = shared / "demo.pickle"
    with contextlib.closing(sqlite3.connect(shared / "demo.lock", timeout=900)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        if not kept.exists():
            kept.write_bytes(pickle.dumps(demo(shared / "demo")))
    return pickle.loads(kept.read_bytes())


@pytest.fixture(scope="session")
def demo_folder(demo_made: Demo) -> Path:
    """Where the demo's `music`, `library.db` and `session.m3u8` are."""
    return demo_made.files[0].parent
