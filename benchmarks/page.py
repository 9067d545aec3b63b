"""How quick the page is: a library of 20,000 tracks, a plan from 1,000, a join to hear. Prints the table of docs/page.md.

``python benchmarks/page.py [--tracks 20000] [--times 5]``: the real server and Chromium without a window, on made libraries
whose files are empty, and on the demo's music for what is heard. Each figure is the median of so many tries, beside
what it should reach; the machine's load stands below, as a busy machine makes every figure worse.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import made_music  # noqa: E402

from playlistkit.library import Library  # noqa: E402
from playlistkit.model import Candidate  # noqa: E402
from playlistkit.workflow.demo import demo  # noqa: E402
from playlistkit.workflow.planning import plans  # noqa: E402
from playlistkit.workflow.templates.finding import load_template  # noqa: E402
from tests.web.conftest import CHROMIUM, FLAGS, Server  # noqa: E402

PAGES = (
    "/", "/music", "/music?energy_to=0.3&sort=energy", "/voices", "/tempi", "/plan", "/plan/new/phases", "/arcs", "/clients",
    "/session", "/spotify",
)  # fmt: skip
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"

Row = tuple[str, float, float, float]
"""What, seconds, seconds of the server's processor, seconds that it should take."""


def keep(folder: Path, made: Iterable[Candidate]) -> Path:
    """A library of these tracks, each with an empty file."""
    music = folder / "music"
    music.mkdir(parents=True)
    with Library(folder / "library.db") as library, library.transaction():
        for number, each in enumerate(made):
            file = music / f"{number}.flac"
            file.touch()
            track = replace(each.track, id=f"{number:012x}", path=str(file))
            library.add_file(track, each.features, size=1, mtime_ns=1, versions={})
    return folder / "library.db"


def many(count: int) -> Iterable[Candidate]:
    """Tracks of all kinds: a third of unknown voice, half with a tempo that may be felt twice as fast."""
    rng = random.Random(1)
    phases = load_template("phases").phases
    for number in range(count):
        made = made_music.fitting(rng.choice(phases), number, rng)
        tempo = rng.uniform(50, 180)
        features = replace(
            made.features,
            energy=rng.random(),
            tempo=tempo,
            tempo_alternative=tempo * 2 if rng.random() < 0.5 else None,
            pulse_clarity=rng.random(),
            vocals=rng.choice(("none", "words", "unknown")),
            vocals_probability=rng.random(),
        )
        yield replace(made, features=features)


def median(tries: int, server: Server | None, measure: Callable[[], float]) -> tuple[float, float]:
    """The median in seconds; and of the server's processor, which doesn't depend on what else is running."""
    taken = []
    for _ in range(tries):
        before = processor(server)
        taken.append((measure(), processor(server) - before))
    wall, own = zip(*taken, strict=True)
    return statistics.median(wall), statistics.median(own)


def processor(server: Server | None) -> float:
    """Seconds that the server has had of a processor; NaN where the system doesn't tell."""
    try:
        fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()  # type: ignore[union-attr]
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError):
        return float("nan")


def wait(page: Page, claim: str, patience: float = 60.0) -> None:
    """Until a claim in JavaScript holds."""
    end = time.monotonic() + patience
    while not page.evaluate(claim):
        if time.monotonic() > end:
            raise TimeoutError(claim)
        time.sleep(0.005)


def opening(library: Path, browser: object, tries: int) -> Row:
    """From the command to the first page on the screen."""

    def once() -> float:
        with tempfile.TemporaryDirectory() as home:
            begin = time.monotonic()
            server = Server(Path(home), library)
            page = browser.new_page()  # type: ignore[attr-defined]
            page.goto(server.door)
            page.locator("h1").wait_for()
            took = time.monotonic() - begin
            page.close()
            server.stop()
            return took

    return "from the command to a usable page", *median(tries, None, once), 1.5


def large(server: Server, page: Page, tries: int) -> list[Row]:
    """Pages and filters of the large library."""
    rows = []
    for address in PAGES:

        def painted(address: str = address) -> float:
            page.goto(server.address + address)
            wait(page, f"{PAINT} > 0")
            if page.locator("[data-again]").count():
                raise TimeoutError(
                    f"{address}: another page stood in for it; the machine is too busy to measure"
                )
            return float(page.evaluate(PAINT)) / 1000

        rows.append((f"{address}: first paint", *median(tries, server, painted), 0.3))
    page.goto(f"{server.address}/music")
    words = iter(
        [
            "piece 12",
            "artist 77",
            "energy:..0.2",
            "vocals:unknown",
            "piece",
            "tempo:90..",
            "0077",
            "zz",
            "q",
            "9",
        ]
    )

    def narrowed() -> float:
        before = page.locator("#count").inner_text()
        begin = time.monotonic()
        page.locator("#q").fill(next(words))
        wait(page, f"document.querySelector('#count').textContent !== {before!r}")
        return time.monotonic() - begin

    rows.append(
        (
            "a filter, from the key to the table",
            *median(tries, server, narrowed),
            0.2,
        )
    )
    return rows


def idle(server: Server) -> None:
    """Until the server no longer computes: it compiles the search once on a machine, in the background."""
    before = processor(server)
    while True:
        time.sleep(1)
        now = processor(server)
        if not now - before > 0.1:
            return
        before = now


def planned(server: Server, page: Page, tries: int) -> list[Row]:
    """A plan from 1,000 tracks, its alternatives, a swap."""

    def built() -> float:
        page.goto(f"{server.address}/plan/new/phases?player=render")
        begin = time.monotonic()
        page.get_by_role("button", name="Build").click()
        page.wait_for_url("**/plans/*", timeout=120_000)
        page.locator("svg.arc a.slot").first.wait_for()
        return time.monotonic() - begin

    built()
    idle(server)
    rows = [("build from 1,000 tracks, three hours, to the arc", *median(tries, server, built), 2.0)]
    plan = page.url
    slots = iter(range(3, 40))

    def offered() -> float:
        begin = time.monotonic()
        page.goto(f"{plan}/swap/{next(slots)}")
        page.locator("article.alternative").first.wait_for()
        return time.monotonic() - begin

    def swapped() -> float:
        page.goto(f"{plan}/swap/{next(slots)}")
        begin = time.monotonic()
        page.get_by_role("button", name="Take ").first.click()
        page.wait_for_url(f"{plan}*")
        page.locator("svg.arc a.slot").first.wait_for()
        return time.monotonic() - begin

    return [
        *rows,
        ("a slot's alternatives", *median(tries, server, offered), 0.3),
        ("a swap, to the plan as it is then", *median(tries, server, swapped), 0.5),
    ]


def heard(folder: Path, browser: object, tries: int) -> Row:
    """A join of real music, from the touch to its sound."""
    made = demo(folder / "demo")
    with Library(folder / "demo" / "library.db") as library:
        plan = plans.keep(library, made.plan)
    server = Server(folder, folder / "demo" / "library.db")
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(server.door)
    page.goto(f"{server.address}/plans/{plan}/listen")
    joins = iter(range(len(made.plan.slots) - 1))

    def once() -> float:
        begin = time.monotonic()
        page.locator(f"#join-{next(joins)} .play").click()
        wait(page, "document.querySelector('#player audio').currentTime > 0")
        took = time.monotonic() - begin
        page.locator("#player-stop").click()
        return took

    took = median(tries, server, once)
    server.stop()
    return "a join, from the touch to its sound", *took, 1.0


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or CHROMIUM, args=list(FLAGS)
        )
        library = keep(folder / "many", many(asked.tracks))
        rows.append(opening(library, browser, asked.times))
        server = Server(folder, library)
        page = browser.new_page()
        page.goto(server.door)
        page.goto(f"{server.address}/music")  # what the first page of a kind loads is not counted
        rows += large(server, page, asked.times)
        server.stop()
        rng = random.Random(2)
        template = load_template("phases")
        thousand = [made_music.fitting(rng.choice(template.phases), number, rng) for number in range(1000)]
        server = Server(folder, keep(folder / "thousand", thousand))
        page.goto(server.door)
        rows += planned(server, page, asked.times)
        server.stop()
        rows.append(heard(folder, browser, asked.times))
        browser.close()
    print(
        f"| what, {asked.tracks} tracks | s | of it the server's processor | reach |\n| --- | --- | --- | --- |"
    )
    for what, took, own, reach in rows:
        print(f"| {what} | {took:.2f} | {own:.2f} | {reach:g} |")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"\n{os.cpu_count()} cores, load {load:.1f} at the end; median of {asked.times}")


if __name__ == "__main__":
    main()
