"""A therapist's whole day in the browser, on real music; every touch is counted, and docs/page.md says how many there are."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import playlistkit
from playlistkit.library import Library

from .conftest import accessible, press_long, until

ALIAS = "Heron-7731"
SPEED = 10  # times as fast as a clock; twelve minutes in 72 s, for what a quiet machine does in 12 s
NEW = ("intro.opus", "media-threat.opus")
MOST_TOUCHES = 30  # beside one for each voice
SOUNDS = "document.querySelector('#player audio').currentTime > 0.1"


class Hand:
    """The therapist's hand: each click, key and typed field is a touch."""

    def __init__(self, page: Any) -> None:
        self.page, self.touches = page, 0

    def click(self, role: str, name: str | re.Pattern[str], *, exact: bool = False, nth: int = 0) -> None:
        self.touches += 1
        self.page.get_by_role(role, name=name, exact=exact).nth(nth).click()

    def key(self, key: str) -> None:
        self.touches += 1
        self.page.keyboard.press(key)

    def type(self, label: str, text: str) -> None:
        self.touches += 1
        self.page.get_by_label(label).fill(text)


def prepared(home: Path, demo_folder: Path) -> Path:
    """A home with the demo's music in its folder, of which all but two files were heard before, and a miniature protocol."""
    shutil.copytree(demo_folder / "music", home / "Music")
    data = home / "xdg_data_home" / "playlistkit"
    (data / "templates").mkdir(parents=True)
    demo = (Path(playlistkit.__file__).parent / "demo" / "demo.yaml").read_text(encoding="utf-8")
    (data / "templates" / "Miniature.yaml").write_text(
        re.sub(r"(    energy: .*\n)", r"\1    vocals: none\n", demo, count=1)
    )
    shutil.copy(demo_folder / "library.db", data / "library.db")
    with Library(data / "library.db") as library:
        for each in library.candidates():
            if Path(each.track.path or "").name in NEW:
                library.forget(each.track.id)
            elif (each.features.energy or 1) < 0.2:
                library.set_features(each.track.id, {"vocals": "unknown"}, "set")
    return data / "library.db"


def test_a_whole_day_from_music_to_aftercare(start, walk, demo_folder):
    server = start(
        None, prepare=lambda home: prepared(home, demo_folder), PLAYLISTKIT_PLAY_DEVICE=f"null:{SPEED}"
    )
    library = server.home / "xdg_data_home" / "playlistkit" / "library.db"
    page = walk(server)
    hand = Hand(page)

    # add music
    hand.click("link", "Add my music")
    hand.click("button", "Listen to this folder")
    page.get_by_text("2 analysed").first.wait_for()

    # decide voices
    hand.click("link", "By ear")
    hand.touches += 1
    page.get_by_label("For which protocol?").select_option("Miniature")
    page.get_by_text(re.compile(r"^\d+ to decide")).wait_for()
    waiting = int(page.get_by_text(re.compile(r"^\d+ to decide")).inner_text().split()[0])
    assert waiting >= 3
    hand.key("p")
    until(page, SOUNDS)
    for left in range(waiting - 1, -1, -1):
        hand.key("n")
        page.get_by_text(f"{left} to decide" if left else "Every voice that").first.wait_for()

    # plan
    hand.click("link", "Plan", exact=True)
    hand.click("link", "Plan Miniature")
    hand.type("Client alias", ALIAS)
    hand.click("button", "Build")
    page.wait_for_url("**/plans/*")
    with Library(library) as opened:
        (made,) = opened.plans.list()

    # swap two tracks
    for slot in (2, 10):  # where the miniature leaves a choice
        page.goto(f"{server.address}/plans/{made.id}")
        hand.click("link", re.compile("^Swap "), nth=slot)
        page.wait_for_url("**/swap/*")
        hand.click("button", "the join before")
        until(page, SOUNDS)
        hand.click("button", re.compile("^Take "))
        page.wait_for_url(re.compile(r"/plans/\w+(#.*)?$"))
    assert page.get_by_role("button", name="Undo").first.is_enabled()

    # hear the joins
    hand.click("link", "Listen")
    hand.click("button", "Hear join 1 to 2")
    until(page, SOUNDS)
    hand.click("button", "Heard, good")
    page.get_by_text("1 of ").first.wait_for()

    # print
    hand.click("link", "Print and export")
    with page.context.expect_page() as opened_page:
        hand.click("link", "Open the sheet")
    sheet = opened_page.value
    sheet.wait_for_url("**/sheet")  # it is an empty page first, and that is loaded at once
    assert sheet.locator("svg").count()
    assert ALIAS not in sheet.content()
    sheet.close()

    # run
    hand.click("link", "Play it")
    hand.click("button", "Look at everything")
    page.get_by_text("In order:").first.wait_for()
    accessible(page)
    hand.click("button", "Begin the session")
    page.wait_for_url("**/session")
    until(page, "document.querySelector('#elapsed').textContent > '0:00:20'")
    assert ALIAS not in page.content()
    first = page.text_content("#title")
    hand.key("n")
    until(page, f"document.querySelector('#title').textContent !== {first!r}")
    hand.click("button", "Quieter")
    until(page, "document.querySelector('#level').textContent === '-1 dB'")
    until(page, "document.querySelector('#elapsed').textContent > '0:02:00'")
    hand.touches += 1
    press_long(page, "Hold down to end")

    # the record, ratings, marks, aftercare
    page.get_by_role("heading", name="What was heard").wait_for()
    accessible(page)
    assert ALIAS not in page.content()
    assert page.get_by_role("region", name="The arc as it was played").locator("svg").count()
    hand.type("Liking", "8")
    hand.click("button", "Save the ratings")
    page.get_by_text("The ratings are stored.").wait_for()
    hand.click("button", re.compile("^Avoid "))
    page.locator("[aria-pressed=true]").first.wait_for()
    with page.context.expect_page() as opened_page:
        hand.click("link", "With the music that was heard")
    sheet = opened_page.value
    sheet.wait_for_url("**/session/aftercare**")
    assert ALIAS not in sheet.content()
    to_take_home = sheet.inner_text("body")

    with Library(library) as opened:
        (session,) = opened.clients.sessions(ALIAS)
        assert all(str(each.track.title) in to_take_home for each in opened.load(session.tracks))
        assert session.liking == 8
        assert first is not None
        heard = {each.track.title for each in opened.load(session.tracks)}
        assert 2 <= len(heard) < 14
        assert len(opened.clients.avoided(ALIAS)) == 1
        assert opened.clients.record(ALIAS, session.number) is not None
    assert hand.touches - waiting <= MOST_TOUCHES, hand.touches - waiting
