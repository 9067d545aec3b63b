"""The session screen: it shows what the player reports, and steers it; nothing that happens to the page ends the music."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from playlistkit.workflow.demo import Demo

from .conftest import PATIENCE, Server, accessible, press_long, until


@pytest.fixture
def played(demo_made: Demo, start: Callable[..., Server], tmp_path: Path) -> Iterator[Server]:
    """A server, and a session of the demo that plays, as fast as time goes, into nothing."""
    folder = demo_made.files[0].parent
    server = start(folder / "library.db")
    plan = tmp_path / "plan.json"
    _run(
        server,
        "--library",
        str(folder / "library.db"),
        "build",
        str(_demo_template()),
        "--for",
        "render",
        "-o",
        str(plan),
    )
    _run(server, "play", str(plan), "--device", "null:1", "--detach")
    yield server
    subprocess.run(
        [sys.executable, "-m", "playlistkit", "session", "end"],
        env=server.environment,
        check=False,
        capture_output=True,
    )


def _demo_template() -> Path:
    import playlistkit

    return Path(playlistkit.__file__).parent / "demo" / "demo.yaml"


def _run(server: Server, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "playlistkit", *words],
        env=server.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def status(server: Server) -> dict[str, Any]:
    return json.loads(_run(server, "session", "status", "--json"))


def test_a_therapist_steers_the_session_and_ends_it_by_a_long_press(played: Server, walk: Any) -> None:
    page = walk(played)
    page.goto(f"{played.address}/session")
    until(page, "document.querySelector('#elapsed').textContent > '0:00:01'")
    assert page.title() == "Session"
    assert page.locator("nav").count() == 0  # nothing can be edited while it runs
    accessible(page)
    page.set_viewport_size({"width": 320, "height": 512})  # at 400 % zoom
    accessible(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    first = page.text_content("#title")
    page.get_by_role("button", name="Skip").click()
    until(page, f"document.querySelector('#title').textContent !== {json.dumps(first)}")
    page.keyboard.press("h")
    until(page, "!document.querySelector('#back').disabled")
    assert status(played)["held"] is True
    page.get_by_role("button", name="Stop holding").click()
    until(page, "document.querySelector('#back').disabled")
    page.keyboard.press("g")
    until(page, "document.querySelector('#phase').textContent === 'grounding'")
    page.get_by_role("button", name="Quieter").click()
    until(page, "document.querySelector('#level').textContent === '-1 dB'")
    page.get_by_role("button", name="Hold down to end").click()
    page.get_by_text("Hold the button down for a second and a half").wait_for()
    assert status(played)["mode"] == "running"
    press_long(page, "Hold down to end")
    page.get_by_role("heading", name="After the session").wait_for()
    accessible(page)
    assert page.get_by_text("it was planned without a client").is_visible()


def test_the_music_goes_on_without_the_server_and_a_new_one_finds_it(played: Server, walk: Any) -> None:
    before = status(played)["position"]
    os.kill(played.process.pid, 9)
    played.process.wait()
    end = time.monotonic() + PATIENCE
    while status(played)["position"] <= before:
        assert time.monotonic() < end
    again = Server(played.home, None)
    try:
        page = walk(again)
        page.goto(f"{again.address}/session")
        until(page, "document.querySelector('#title').textContent !== ''")
    finally:
        again.stop()
