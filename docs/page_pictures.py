"""Photographs every page of `playlistkit open`: three widths, light and dark. `python docs/page_pictures.py FOLDER`.

Needs the extra `dev` and Chromium. The library is the demo's music, with a client, some voices to decide, a protocol of
one's own, and a session that plays into nothing. `--only NAME...`, `--sizes` and `--schemes` narrow what is taken.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from playlistkit.library import Library  # noqa: E402
from playlistkit.player import attach  # noqa: E402
from tests.web.conftest import CHROMIUM, COME, FLAGS, SIZES, Server, until  # noqa: E402

ALIAS = "Heron-7731"

EMPTY = {"welcome": "/", "music-empty": "/music", "plan-empty": "/plan", "session-empty": "/session"}
STILL = {
    "home": "/",
    "music": "/music",
    "music-narrowed": "/music?energy_to=0.3&sort=energy",
    "music-nothing": "/music?q=nothing+like+it",
    "track": "/music/{track}",
    "add": "/music/add",
    "table": "/music/table",
    "voices": "/voices?template=Miniature",
    "tempi": "/tempi?template=Miniature",
    "protocols": "/plan",
    "choices": "/plan/new/phases?variant=anxious",
    "plan": "/plans/{plan}",
    "swap": "/plans/{plan}/swap/1",
    "listen": "/plans/{plan}/listen",
    "out": "/plans/{plan}/out",
    "push": "/plans/{plan}/spotify",
    "before": "/plans/{plan}/session",
    "lacking": "/plan/lacking/1",
    "arcs": "/arcs",
    "arc": "/arcs/Evening",
    "arc-text": "/arcs/Evening/text",
    "clients": "/clients",
    "spotify": "/spotify",
    "no-session": "/session",
    "wrong": "/plans/nowhere",
}
PLAYS = {"session": "/session", "home-plays": "/"}
LEFT = {"home-left": "/"}
AFTER = {"after": "/session/after"}
STAGES = (EMPTY, STILL, PLAYS, LEFT, AFTER)
SHOWN = ("phone", "tablet", "desk")


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[name for stage in STAGES for name in stage])
    parser.add_argument("--sizes", nargs="*", choices=list(SIZES), default=list(SHOWN))
    parser.add_argument("--schemes", nargs="*", choices=["light", "dark"], default=["light", "dark"])
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        server = Server(home, None, PLAYLISTKIT_PLAY_DEVICE="null:1")
        try:
            values = {"plan": "", "track": ""}
            for stage in STAGES:
                values |= prepare(stage, browser, server)
                wanted = {name: stage[name].format(**values) for name in stage if name in asked.only}
                for size in asked.sizes:
                    for scheme in asked.schemes:
                        photograph(browser, server, asked.folder, size, scheme, wanted)
        finally:
            command(server, "session", "end")
            server.stop()
        browser.close()


def prepare(stage: dict[str, str], browser: Browser, server: Server) -> dict[str, str]:
    """Bring the page to where a stage is photographed; what its addresses name."""
    if stage is STILL:
        return fill(browser, server)
    if stage is PLAYS:
        page = enter(browser, server)
        page.goto(f"{server.address}/plan")
        page.locator(".plans a").first.click()
        page.get_by_role("link", name="Play it").click()
        page.get_by_role("button", name="Begin the session").click()
        page.locator("#orders").wait_for()
        page.wait_for_timeout(3000)
        page.close()
    if stage is LEFT:
        attach(next(server.home.rglob("point.json")).parent).interrupt()
    if stage is AFTER:
        command(server, "play", "--go-on", "--detach")
        page = enter(browser, server)
        page.goto(f"{server.address}/session")
        command(server, "session", "grounding")
        command(server, "session", "end")
        page.get_by_role("heading", name="After the session").wait_for(timeout=60_000)
        page.close()
    return {}


def fill(browser: Browser, server: Server) -> dict[str, str]:
    """Listen to the demo's music, plan it for a client, fail to plan three hours, copy a protocol."""
    page = enter(browser, server)
    page.get_by_role("button", name="Try with this music").click()
    page.wait_for_url("**/plans/*", timeout=240_000)
    page.get_by_role("button", name="Back to my library").wait_for()
    page.goto(f"{server.address}/plan/new/phases")
    page.get_by_role("button", name="Build").click()
    page.get_by_role("heading", name="What you can do").wait_for(timeout=120_000)
    (library,) = server.home.rglob("demo/library.db")
    own = server.home / "xdg_data_home" / "playlistkit" / "templates" / "Miniature.yaml"
    own.parent.mkdir(exist_ok=True)
    shutil.copy(ROOT / "playlistkit" / "demo" / "demo.yaml", own)
    page.goto(f"{server.address}/arcs?from=phases")
    page.get_by_label("Its name").fill("Evening")
    page.get_by_label("Its name").press("Enter")
    page.get_by_role("heading", name="Evening").wait_for()
    with Library(library) as opened:
        (plan,) = opened.plans.list()
        tracks = opened.candidates()
        opened.clients.remember(ALIAS, [each.track.id for each in tracks[:6]])
        opened.clients.rate(ALIAS, session=1, liking=8, resonance=7)
        opened.clients.mark(ALIAS, tracks[0].track.id, "keep")
        for each in tracks[:4]:
            opened.set_features(each.track.id, {"vocals": "unknown"}, "set")
    page.close()
    return {"plan": plan.id, "track": tracks[4].track.id}


def enter(browser: Browser, server: Server, **options: object) -> Page:
    """A new page that was let in."""
    page = browser.new_page(**options)  # type: ignore[arg-type]
    page.set_default_timeout(240_000)  # ms; a busy machine takes its time
    page.goto(server.ticket())
    page.wait_for_url(f"{server.address}/")
    return page


def command(server: Server, *words: str) -> None:
    """Run a command in the server's home."""
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "playlistkit", *words],
        env=server.environment,
        check=False,
        capture_output=True,
    )


def photograph(
    browser: Browser, server: Server, folder: Path, size: str, scheme: str, wanted: dict[str, str]
) -> None:
    """These pages at one size in one scheme."""
    width, height = SIZES[size]
    page = enter(browser, server, viewport={"width": width, "height": height}, color_scheme=scheme)
    for name, address in wanted.items():
        page.goto(server.address + address)
        until(page, COME)
        page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)
    page.close()


if __name__ == "__main__":
    main()
