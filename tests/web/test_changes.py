"""A plan changed by hand and by ear: swaps heard in place, joins listened to, voices decided."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from playlistkit.library import Library
from playlistkit.workflow.planning import plans

from .conftest import accessible, until

SOUNDS = "document.querySelector('#player audio').currentTime > 0.1"


@pytest.fixture(scope="module")
def library(demo_folder, demo_made, tmp_path_factory) -> Path:
    """The demo's music and its plan, from which tests take copies of their own."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(demo_folder / "library.db", folder / "library.db")
    return folder / "library.db"


@pytest.fixture
def plan(library, demo_made) -> str:
    with Library(library) as opened:
        return plans.keep(opened, demo_made.plan)


@pytest.fixture(scope="module")
def server(start, library):
    return start(library)


def slots(library: Path, plan: str) -> list[str]:
    with Library(library) as opened:
        return [slot.track.id for slot in plans.kept(opened, plan).plan.slots]


def one_with_a_choice(library: Path, plan: str) -> int:
    """A slot, not the first, for which another track would leave all else where it is."""
    with Library(library) as opened:
        for slot in range(1, len(plans.kept(opened, plan).plan.slots)):
            found = plans.choices_for(opened, plan, slot)
            if found and found[0].stays:
                return slot
    raise AssertionError("the demo's plan has no slot with another choice")


def test_a_slot_offers_alternatives_that_are_heard_in_place_and_taken(server, walk, library, plan):
    before = slots(library, plan)
    slot = one_with_a_choice(library, plan)
    page = walk(server)
    page.goto(f"{server.address}/plans/{plan}/swap/{slot}")
    accessible(page)
    page.get_by_role("button", name="the join before").first.click()
    until(page, SOUNDS)
    assert slots(library, plan) == before  # to hear it changes nothing
    page.get_by_role("button", name="Take").first.click()
    page.get_by_text("Every other track stays where it was.").wait_for()
    after = slots(library, plan)
    assert [k for k, (one, two) in enumerate(zip(before, after, strict=True)) if one != two] == [slot]
    page.get_by_role("button", name="Undo").first.click()
    page.get_by_role("button", name="Redo").and_(page.locator(":enabled")).wait_for()
    assert slots(library, plan) == before


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_join_is_heard_as_planned_and_marked(server, walk, library, plan, size):
    page = walk(server, size)
    page.goto(f"{server.address}/plans/{plan}/listen")
    accessible(page)
    page.get_by_role("button", name="Hear join 2 to 3").click()
    until(page, SOUNDS)
    page.locator("#join-1").get_by_role("button", name="Heard, change it").click()
    page.get_by_role("link", name="Swap 3").wait_for()
    accessible(page)
    page.goto(f"{server.address}/plans/{plan}")
    assert page.get_by_text("To be changed.").is_visible()


def test_a_voice_is_heard_and_decided_by_single_keys(start, walk, demo_folder, tmp_path):
    copy = tmp_path / "library.db"
    shutil.copy(demo_folder / "library.db", copy)
    with Library(copy) as opened:
        for each in opened.candidates()[:6]:  # as if they were long enough for a session
            state = Path(each.track.path).stat()
            long = replace(each.track, duration=200.0)
            opened.add_file(long, each.features, size=state.st_size, mtime_ns=state.st_mtime_ns, versions={})
            opened.set_features(each.track.id, {"vocals": "unknown", "energy": 0.15}, "set")
    page = walk(start(copy))
    page.goto(page.url + "voices")
    title = page.locator(".decide h2").inner_text()
    accessible(page)
    page.keyboard.press("p")
    until(page, SOUNDS)
    page.keyboard.press("n")
    page.get_by_text(f"{title}: No voice").wait_for()
    assert page.locator(".decide h2").inner_text() != title
    until(page, SOUNDS)  # the next is heard at once
    with Library(copy) as opened:
        assert opened.resolve(title).features.vocals == "none"
    page.get_by_label("Single keys").select_option("off")
    until(page, "!document.querySelector('[data-keys=on]')")
    page.locator(".decide h2").click()
    page.keyboard.press("w")
    assert page.locator(".decide h2").count() == 1
    page.get_by_role("button", name="Later").click()
    page.get_by_role("button", name="Ask again for 1").wait_for()
