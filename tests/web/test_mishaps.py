"""What goes wrong around a page: two tabs, the back button, a reload, a server that dies, a library that is busy."""

from __future__ import annotations

import re
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from playlistkit.library import Library
from playlistkit.workflow.planning import plans

from .conftest import Server, until


@pytest.fixture(scope="module")
def kept(demo_folder, demo_made, tmp_path_factory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(demo_folder / "library.db", folder / "library.db")
    with Library(folder / "library.db") as opened:
        return folder / "library.db", plans.keep(opened, demo_made.plan)


@pytest.fixture(scope="module")
def server(start, kept):
    return start(kept[0])


def test_two_tabs_change_one_plan_and_none_loses_the_other_s_change(server, walk, kept):
    one = walk(server)
    one.goto(f"{server.address}/plans/{kept[1]}")
    two = one.context.new_page()
    two.goto(one.url)
    one.get_by_role("button", name=re.compile("^Lock ")).nth(0).click()
    one.locator("[name=locked][aria-pressed=true]").first.wait_for()
    two.get_by_role("button", name=re.compile("^Lock ")).nth(1).click()
    until(two, "document.querySelectorAll('[name=locked][aria-pressed=true]').length === 2")
    one.reload()
    until(one, "document.querySelectorAll('[name=locked][aria-pressed=true]').length === 2")


def test_the_back_button_leads_through_what_was_shown_in_place(server, walk):
    page = walk(server)
    page.goto(f"{server.address}/music")
    page.get_by_role("link", name="energy", exact=True).click()
    page.get_by_role("columnheader", name="energy ↑").wait_for()
    page.get_by_role("link", name="Plan", exact=True).click()
    page.wait_for_url("**/plan")
    page.go_back()
    page.get_by_role("columnheader", name="energy ↑").wait_for()
    page.go_back()
    page.get_by_role("link", name="energy", exact=True).wait_for()


def test_a_reload_finds_the_job_that_goes_on_and_a_second_of_its_kind_is_refused(
    server, walk, kept, demo_made, tmp_path
):
    page = walk(server)
    once = demo_made.plan
    slots = [
        replace(slot, start=slot.start + time * once.duration) for time in range(12) for slot in once.slots
    ]
    with Library(
        kept[0]
    ) as opened:  # rendered for longer than it takes to look at the page, however slow that is
        plan = plans.keep(opened, replace(once, slots=tuple(slots), tail=()))
    out = f"{server.address}/plans/{plan}/out?folder={tmp_path}"
    page.goto(out)
    for _ in range(2):
        page.get_by_label("Name, without suffix").nth(1).fill(f"whole{_}")
        page.get_by_role("button", name="Render").click()
        page.locator("#jobs .job").or_(page.get_by_text("is still running")).first.wait_for()
    page.get_by_text("is still running; stop it first").wait_for()
    page.reload()
    page.locator("#jobs .job.running").wait_for()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("no file was left").wait_for()
    assert not list(tmp_path.iterdir())


def test_a_library_that_is_busy_holds_a_page_up_and_loses_nothing(server, walk, kept):
    page = walk(server)
    page.goto(f"{server.address}/music?q=cave")
    other = sqlite3.connect(kept[0], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # another program writes, and takes its time
    page.get_by_role("button", name="Keep Cave Theme").click()
    page.get_by_text("Still working on it.").wait_for()
    with Library(kept[0]) as opened:
        assert not opened.find("cave")[0].keep
    other.execute("COMMIT")
    other.close()
    page.get_by_text("One track: keep: yes").wait_for()
    assert not page.get_by_text("Still working on it.").count()
    with Library(kept[0]) as opened:
        assert opened.find("cave")[0].keep


def test_other_pages_are_usable_while_many_changes_wait_for_a_library_that_is_busy(server, walk, kept):
    page = walk(server)
    page.goto(f"{server.address}/music")
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    with Library(kept[0]) as opened:
        tracks = [each.track.id for each in opened.candidates()][:3]

    def mark(number: int) -> int:
        form = f"said={tracks[number % 3]}+keep%3Dyes"
        return server.ask("POST", "/music/say", form, Host=server.host, Cookie=cookie, Origin=server.address)[
            0
        ]

    other = sqlite3.connect(kept[0], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(60) as many:
        waiting = [many.submit(mark, number) for number in range(60)]  # more than there are threads for pages
        try:
            two = page.context.new_page()
            two.goto(f"{server.address}/music?q=cave")
            two.get_by_text("1 of 18 tracks").wait_for()
            two.goto(f"{server.address}/plans/{kept[1]}")
            two.locator("svg.arc").first.wait_for()
            two.goto(f"{server.address}/session")
            two.get_by_role("heading", level=1).wait_for()
            assert not any(each.done() for each in waiting)
        finally:
            other.execute("COMMIT")
            other.close()
        assert {each.result() for each in waiting} == {303}


def test_a_soft_tone_tells_which_loudspeaker_it_is_and_one_that_is_gone_is_told_of(start, walk, kept):
    server = start(kept[0], PLAYLISTKIT_PLAY_DEVICE="null:1")
    page = walk(server)
    page.goto(f"{server.address}/plans/{kept[1]}/session")
    assert page.get_by_label("Loudspeaker").input_value() == "null:1"
    page.get_by_role("button", name="Play a soft test tone").click()
    page.get_by_text("A soft chord sounded from").wait_for()
    page.locator("input[name=device]").evaluate("each => { each.value = 'Unplugged speaker' }")
    page.get_by_role("button", name="Play a soft test tone").click()
    page.get_by_role("alert").get_by_text("Unplugged speaker").wait_for()


def test_what_was_typed_for_a_plan_outlives_a_mistake_and_is_asked_about_before_it_is_left(server, walk):
    page = walk(server)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto(f"{server.address}/plan")
    page.goto(f"{server.address}/plan/new/phases?variant=anxious")
    page.get_by_text("Tracks that must be there").click()
    page.get_by_label("Must be there").fill("No such piece anywhere")
    alias = page.get_by_label("Client alias")
    alias.fill("Heron-7731")
    page.get_by_role("button", name="Build").click()
    page.get_by_text("the library has no track").wait_for()
    assert alias.input_value() == "Heron-7731"
    assert page.get_by_label("Must be there").input_value() == "No such piece anywhere"
    for number, leave in enumerate(("location.reload()", "history.back()", "location.assign('/music')")):
        page.evaluate(f"setTimeout(() => {leave})")
        while len(asked) <= number:
            page.wait_for_timeout(50)
        assert asked[number] == "beforeunload"
        assert alias.input_value() == "Heron-7731"


def test_a_plan_that_was_deleted_by_a_slip_comes_back_by_undo(server, walk, kept):
    page = walk(server)
    page.goto(f"{server.address}/plans/{kept[1]}")
    page.get_by_role("button", name="Delete this plan").click()
    page.get_by_text("is deleted").wait_for()
    page.locator("form.notice").get_by_role("button", name="Undo").click()
    page.locator(f"a[href='/plans/{kept[1]}']").first.wait_for()
    page.goto(f"{server.address}/plans/{kept[1]}")
    page.get_by_role("button", name="Delete this plan").wait_for()


def test_a_page_whose_server_was_killed_says_so_and_another_server_takes_its_place(start, walk, kept):
    server = start(kept[0])
    page = walk(server)
    page.goto(f"{server.address}/music")
    server.process.kill()
    server.process.wait()
    page.get_by_label("Search").fill("cave")
    page.get_by_text("playlistkit does not answer").wait_for()
    port = server.host.partition(":")[2]
    again = Server(server.home, kept[0], "--port", port)
    try:
        page.goto(again.ticket())
        page.wait_for_url(f"{again.address}/")
        page.goto(f"{again.address}/plans/{kept[1]}")
        page.locator("svg.arc").first.wait_for()
    finally:
        again.stop()
