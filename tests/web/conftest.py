"""The real server in a process of its own, and a real browser to walk through it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first that is there: the same browser without its windows opens a page with a third of the work."""
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
)
PATIENCE = 60.0  # s; what takes longer hangs, and a machine that is busy takes long
SIZES = {"zoomed": (320, 512), "phone": (390, 844), "tablet": (820, 1180), "desk": (1280, 800)}


class Server:
    """A running `playlistkit open` with a home of its own."""

    def __init__(self, home: Path, library: Path | None = None, *options: str, **environment: str) -> None:
        self.home = home
        own = {
            name: str(home / name.lower()) for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
        }
        self.command = [
            sys.executable,
            "-m",
            "playlistkit",
            *(["--library", str(library)] if library is not None else []),
            "open",
            "--no-browser",
        ]
        self.environment = {**os.environ, **own, "HOME": str(home), **environment}
        self.process = subprocess.Popen(
            [*self.command, *options],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env=self.environment,
        )
        self.said = ""
        self.door = self._door()
        self.address = self.door.partition("/enter")[0]
        self.host = self.address.removeprefix("http://")
        self.cookie = ""

    def _door(self) -> str:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said += line
            found = re.search(r"http://\S+/enter\?ticket=\S+", line)
            if found:
                return found.group()
        raise AssertionError(f"the server did not start: {self.said}")

    def again(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the same command once more, while this one runs."""
        return subprocess.run(
            [*self.command, *options],
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=PATIENCE,
            check=False,
        )

    def ticket(self) -> str:
        """Another door, asked for as a second `open` does."""
        runs = [json.loads(each.read_text()) for each in self.home.rglob("page-*.json")]
        # one that was killed leaves its own, and the next may have its address
        (key,) = (run["key"] for run in runs if run["process"] == self.process.pid)
        headers = {"Host": self.host, "Origin": self.address, "Authorization": f"Bearer {key}"}
        status, _, ticket = self.ask("POST", "/ticket", **headers)
        assert status == 200
        return f"{self.address}/enter?ticket={ticket.decode()}"

    def ask(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """One request, with these headers to the letter and no others but the length."""
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
            connection.putheader("Content-Type", "application/x-www-form-urlencoded")
        connection.endheaders(body.encode() or None)
        answer = connection.getresponse()
        whole = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, whole

    def stop(self) -> int:
        """As Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE)
        assert self.process.stderr is not None
        self.said += self.process.stderr.read()
        self.process.stderr.close()
        return code


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts servers, and ends them after the module."""
    running: list[Server] = []

    def begin(
        library: Path | None = None,
        *options: str,
        prepare: Callable[[Path], object] = lambda _: None,
        **environment: str,
    ) -> Server:
        home = tmp_path_factory.mktemp("home")
        prepare(home)
        running.append(Server(home, library, *options, **environment))
        return running[-1]

    yield begin
    for each in running:
        with contextlib.suppress(Exception):
            each.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A browser without a window."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium is installed here, and in CI the page must be tried in one")
        pytest.skip("no Chromium is installed here (apt install chromium-headless-shell)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def walk(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Comes in through a server's door; the test fails if the page errs or asks for anything elsewhere."""
    contexts, faults = [], []

    def come_in(server: Server, size: str = "desk", **options: Any) -> Any:
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((server.address, "blob:", "data:"))
                else faults.append(f"asked for {request.url}")
            ),
        )
        go = page.goto

        def goto(address: str, **options: Any) -> None:
            go(address, **options)
            until(page, COME)

        page.goto = goto
        page.goto(server.ticket())
        page.wait_for_url(f"{server.address}/")
        return page

    yield come_in
    for context in contexts:
        context.close()
    assert not faults


COME = "!document.querySelector('[data-again]')"
"""That no page stands in any more for one that is slow to come, as all are on a busy machine."""


def until(page: Any, claim: str) -> None:
    """Wait until a claim in JavaScript holds; Playwright's own way is barred by the page's policy."""
    from playwright.sync_api import Error

    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(Error):  # on the way from one page to the next
            if page.evaluate(claim):
                return
        page.wait_for_timeout(50)
    raise AssertionError(claim)


def resize(page: Any, width: int, height: int) -> None:
    """Give the page another size, and wait until it is laid out by it: its script knows the size before its style does."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    until(page, f"innerWidth === {width} && innerHeight === {height}")


def press_long(page: Any, name: str) -> None:
    """Hold the mouse down on a button until the page has had enough of it, however late it counts the seconds."""
    button = page.get_by_role("button", name=name)
    button.hover()
    page.mouse.down()
    until(page, "document.body.dataset.mode !== 'running'")
    page.mouse.up()


def accessible(page: Any, come: str = COME) -> None:
    """The page as it is now has no fault that axe knows, by WCAG 2.2 AA."""
    from axe_playwright_python.sync_playwright import Axe

    until(page, f"{come} && !document.getAnimations().length")  # a colour on its way to another is neither
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {
        "runOnly": {"type": "tag", "values": tags},
        "resultTypes": ["violations"],
    }  # else all is told of all
    there = page.evaluate("'axe' in window")  # half a megabyte, which takes as long as a small page's check
    found = (Axe("0") if there else Axe()).run(page, options=options)
    assert found.violations_count == 0, found.generate_report()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{wide} px too wide"


def operable(page: Any) -> None:
    """Whatever can be touched on the page as it is now takes the focus, shows that it has it, and then lies under nothing.

    Without a positive `tabindex`, Tab goes through them in this order.
    """
    page.keyboard.press("Tab")  # from now on a focus is shown
    faults = page.evaluate(OUT_OF_REACH)
    assert not faults, "\n".join(faults)


OUT_OF_REACH = """(() => {
  const faults = [];
  const every = document.querySelectorAll("a[href], button, input, select, textarea, summary, audio[controls], [tabindex], [role=button], [role=slider]");
  for (const each of every) {
    const name = each.outerHTML.slice(0, 160);
    if (each.tabIndex > 0) faults.push(`comes before its turn: ${name}`);
    if (each.disabled || each.type === "hidden" || each.tabIndex < 0 || !each.checkVisibility({ visibilityProperty: true })) continue;
    if (each.closest("noscript, details:not([open]) > :not(summary)")) continue;
    each.focus();
    if (document.activeElement !== each) { faults.push(`takes no focus: ${name}`); continue; }
    const shown = [each, ...each.querySelectorAll("rect, circle")].map((part) => getComputedStyle(part));
    if (!shown.some((style) => style.outlineStyle !== "none" || style.stroke !== "none")) faults.push(`does not show its focus: ${name}`);
    const boxes = [...each.getClientRects()];
    const seen = boxes.some((box) => {
      const over = document.elementFromPoint(Math.max(1, box.left) + Math.min(box.width, innerWidth) / 2, box.top + Math.min(box.height, innerHeight) / 2);
      return over && (over === each || each.contains(over) || over.contains(each) || over.closest("label")?.contains(each));
    });
    if (!seen) faults.push(`lies out of sight or under something: ${name}`);
  }
  return faults;
})()"""


def tab_to(page: Any, selector: str) -> None:
    """Go there by the Tab key alone; what has the focus must be seen, with nothing over it."""
    page.locator(selector).first.wait_for(state="attached")
    for _ in range(250):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({selector!r})"):
            assert page.evaluate(SEEN), selector
            return
    raise AssertionError(f"{selector} can't be reached by Tab")


SEEN = """(() => {
  const box = document.activeElement.getBoundingClientRect();
  const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return Boolean(over) && (over === document.activeElement || document.activeElement.contains(over) || over.contains(document.activeElement));
})()"""
