"""Photographs every page of `playlistkit open`: three widths, light and dark. `python docs/page_pictures.py FOLDER`.

Needs the extra `dev` and Chromium. On a library of the demo's music, or of `--library FILE`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.web.conftest import CHROMIUM, FLAGS, SIZES, Server  # noqa: E402

PAGES = {
    "welcome": "/",
    "music": "/music",
    "music-narrowed": "/music?energy_to=0.3&sort=energy",
    "add": "/music/add",
    "table": "/music/table",
    "protocols": "/plan",
    "choices": "/plan/new/phases?variant=anxious",
    "plan": "/plans/{id}",
    "lacking": "/plan/lacking/1",
}


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--only", nargs="*", default=list(PAGES))
    parser.add_argument("--sizes", nargs="*", default=list(SIZES))
    parser.add_argument("--schemes", nargs="*", default=["light", "dark"])
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        library = Path(home) / "library.db"
        if asked.library is not None:
            shutil.copy(asked.library, library)
        server = Server(Path(home), library)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
                plan = make_plans(browser, server)
                for size in asked.sizes:
                    for scheme in asked.schemes:
                        photograph(browser, server, asked.folder, size, scheme, asked.only, plan)
        finally:
            server.stop()


def make_plans(browser: Browser, server: Server) -> str:
    """Plan the demo's session, fail to plan three hours; the plan's id."""
    page = browser.new_page()
    page.goto(server.ticket())
    page.wait_for_url(f"{server.address}/")
    page.goto(f"{server.address}/plan/new/phases")
    page.get_by_role("button", name="Build").click()
    page.get_by_role("heading", name="What you can do").wait_for()
    page.goto(f"{server.address}/")
    page.get_by_role("button", name="Try with this music").click()
    page.wait_for_url("**/plans/*", timeout=120_000)
    return str(page.url).rpartition("/")[2]


def photograph(
    browser: Browser, server: Server, folder: Path, size: str, scheme: str, names: list[str], plan: str
) -> None:
    """Every page at one size in one scheme."""
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(server.ticket())
    page.wait_for_url(f"{server.address}/")
    for name in names:
        page.goto(server.address + PAGES[name].format(id=plan))
        page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)
    page.close()


if __name__ == "__main__":
    main()
