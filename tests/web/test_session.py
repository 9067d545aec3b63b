"""The session screen: it shows what the player reports, and steers it; nothing that happens to the page ends the music."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import playlistkit
from playlistkit.player import attach, interrupted
from playlistkit.player.place import Place

from .conftest import PATIENCE, Server, accessible, operable, press_long, resize, until


@pytest.fixture(scope="module")
def plan(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's session, planned for a player that levels and joins."""
    path = tmp_path_factory.mktemp("planned") / "plan.json"
    template = Path(playlistkit.__file__).parent / "demo" / "demo.yaml"
    with playlistkit.Library(demo_folder / "library.db") as library:
        playlistkit.export(playlistkit.build(template, library, player="render"), path)
    return path


@pytest.fixture
def played(demo_folder: Path, plan: Path, start: Callable[..., Server]) -> Iterator[Server]:
    """A server, and a session of the demo that plays, as fast as time goes, into nothing."""
    server = start(demo_folder / "library.db")
    _run(server, "play", str(plan), "--device", "null:1", "--detach")
    yield server
    subprocess.run(
        [sys.executable, "-m", "playlistkit", "session", "end"],
        env=server.environment,
        check=False,
        capture_output=True,
    )


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


def test_what_was_heard_is_offered_where_there_is_something(
    start: Callable[..., Server], walk: Any, tmp_path: Path
) -> None:
    place = Place(tmp_path / "session")
    server = start(tmp_path / "library.db", PLAYLISTKIT_SESSION=str(place.folder))
    page = walk(server)
    page.goto(f"{server.address}/session")
    page.get_by_role("heading", name="After a session").wait_for()
    assert not page.get_by_role("button", name="To what was heard").count()
    accessible(page)
    place.make()
    place.write(place.options_file, json.dumps({"client": "Heron"}))
    place.record_file.touch()
    page.reload()
    page.get_by_role("button", name="To what was heard").wait_for()


def test_a_therapist_steers_the_session_and_ends_it_by_a_long_press(played: Server, walk: Any) -> None:
    page = walk(played)
    page.goto(f"{played.address}/session")
    until(page, "document.querySelector('#elapsed').textContent > '0:00:01'")
    assert page.title() == "Session"
    assert page.locator("nav").count() == 0  # nothing can be edited while it runs
    accessible(page)
    for size in ((320, 512), (640, 400), (844, 390)):  # at 400 % zoom, at 200 %, a phone on its side
        resize(page, *size)
        accessible(page)
        operable(page)
        page.evaluate("scrollTo(0, 0)")
        box = page.locator("button.grounding").bounding_box()
        assert box["y"] + box["height"] <= size[1]  # in an emergency nobody has to scroll
    resize(page, 1280, 800)
    first = page.text_content("#title")
    place = page.locator("button.grounding").bounding_box()
    page.get_by_role("button", name="Skip").click()
    until(page, f"document.querySelector('#title').textContent !== {json.dumps(first)}")
    assert page.locator("button.grounding").bounding_box() == place  # no button moves under a hand
    page.evaluate(
        "for (const id of ['title', 'artist', 'next-title']) document.getElementById(id).textContent = 'Long '.repeat(60)"
    )
    assert page.locator("button.grounding").bounding_box() == place
    page.keyboard.press("h")
    until(page, "!document.querySelector('#back').disabled")
    assert status(played)["held"] is True
    assert page.text_content("#next-title") != "The end"
    page.get_by_role("button", name="Stop holding").click()
    until(page, "document.querySelector('#back').disabled")
    page.keyboard.press("g")
    until(page, "document.querySelector('#phase').textContent === 'grounding'")
    page.get_by_role("button", name="Quieter").click()
    until(page, "document.querySelector('#level').textContent === '-1 dB'")
    page.get_by_role("button", name="Hold down to end").click()
    page.get_by_text("Hold the button down for a second and a half").wait_for()
    assert status(played)["mode"] == "running"
    page.evaluate(
        "new MutationObserver(() => { sessionStorage.said = (sessionStorage.said || '') + document.querySelector('#said').textContent })"
        ".observe(document.querySelector('#said'), { childList: true, characterData: true, subtree: true })"
    )
    press_long(page, "Hold down to end")
    page.get_by_role("heading", name="After the session").wait_for()
    assert "Hold the button down" not in page.evaluate("sessionStorage.said")  # letting go is no slip by then
    accessible(page)
    assert page.get_by_text("it was planned without a client").is_visible()
    page.get_by_role("button", name="Store what was heard").click()
    page.get_by_role("heading", name="After the session").wait_for()


def reported(claim: str) -> str:
    """A claim about what the player reports as `s`, to wait for."""
    return f"fetch('/session/state').then((each) => each.json()).then((s) => {claim})"


def test_orders_are_given_by_keys_alone_from_letters_or_a_number_keypad(played: Server, walk: Any) -> None:
    page = walk(played)
    page.goto(f"{played.address}/session")
    until(page, "document.querySelector('#elapsed').textContent > '0:00:01'")
    resize(page, 1366, 650)  # a small laptop: every button is in sight
    assert page.evaluate("document.querySelector('#end').getBoundingClientRect().bottom <= innerHeight")
    reached = []
    while not reached or reached[-1] != "on":
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.value || document.activeElement.id"))
        assert len(reached) < 30
    assert reached == [
        "grounding", "hold", "more", "gentler", "skip", "another", "return", "quieter", "louder", "quiet", "pause",
        "end", "on",
    ]  # fmt: skip
    for key in ("m", "3", "a", "6"):  # what they can do depends on where it is; the player's answer is shown
        page.evaluate("document.querySelector('#said').textContent = ''")
        page.keyboard.press(key)
        until(page, "document.querySelector('#said').textContent !== ''")
    for key, claim, back in (
        ("-", "s.level === '-1 dB'", ""), ("+", "s.level === 'as planned'", ""),
        ("s", "s.mode === 'quiet'", "b"), ("8", "s.mode === 'paused'", "."), ("1", "s.held", "b"),
        ("0", "s.grounding && s.phase === 'grounding'", "b"),
    ):  # fmt: skip
        page.keyboard.press(key)
        until(page, reported(claim))
        if back:
            until(page, "!document.querySelector('#back').disabled")
            page.wait_for_timeout(1600)  # the same order within a second and a half counts once
            page.keyboard.press(back)
            until(page, reported("s.mode === 'running' && !s.held && !s.grounding"))
    page.locator("#keys").focus()
    page.keyboard.press("Space")  # single keys can be switched off: then none gives an order
    page.keyboard.press("s")
    page.locator("#end").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Hold the button down").wait_for()
    assert page.evaluate(reported("s.mode")) == "running"
    page.keyboard.down("Enter")
    until(page, "document.querySelector('#end') === null || document.body.dataset.mode === 'ending'")
    page.keyboard.up("Enter")
    page.get_by_role("heading", name="After the session").wait_for()


def test_the_first_page_leads_to_the_session_and_offers_to_go_on_with_an_interrupted_one(
    played: Server, walk: Any
) -> None:
    page = walk(played)
    page.get_by_text("A session is playing.").wait_for()
    accessible(page)
    page.get_by_role("link", name="To the session").click()
    until(page, "document.querySelector('#elapsed').textContent > '0:00:01'")
    page.goto(f"{played.address}/")
    folder = next(played.home.rglob("point.json")).parent
    attach(folder).interrupt()  # as a crash of the machine does
    end = time.monotonic() + PATIENCE
    while interrupted(folder) is None:
        assert time.monotonic() < end
    page.reload()
    page.get_by_role("heading", name=re.compile("^A session was interrupted at 0:00:")).wait_for()
    accessible(page)
    late = page.context.new_page()
    late.goto(f"{played.address}/session")
    late.get_by_role("button", name=re.compile("^Go on from ")).wait_for()
    for tab in (page, late):  # the second touch comes when it plays already, and leads there as well
        tab.get_by_role("button", name=re.compile("^Go on from ")).click()
        until(tab, "document.querySelector('#elapsed')?.textContent > '0:00:01'")
    assert status(played)["mode"] == "running"


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
