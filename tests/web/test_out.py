"""A plan leaves the page: as playlists, as the sheet to print, as one piece of sound."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from playlistkit.library import Library
from playlistkit.workflow.output.export import load_plan
from playlistkit.workflow.output.formats import file_stem, places_for
from playlistkit.workflow.planning import plans

from .conftest import accessible


@pytest.fixture(scope="module")
def made(demo_folder, demo_made, tmp_path_factory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(demo_folder / "library.db", folder / "library.db")
    with Library(folder / "library.db") as opened:
        short = replace(demo_made.plan, slots=demo_made.plan.slots[:2], tail=())
        return folder / "library.db", plans.keep(opened, short)


@pytest.fixture(scope="module")
def server(start, made):
    return start(made[0])


def test_a_plan_is_saved_in_the_formats_that_were_chosen(server, walk, made, tmp_path):
    folder = tmp_path / "Säle 🎵"
    folder.mkdir()
    page = walk(server, "phone", color_scheme="dark")
    page.goto(f"{server.address}/plans/{made[1]}/out?folder={tmp_path}")
    accessible(page)
    page.get_by_role("link", name="Säle 🎵").click()
    page.locator("#folder").get_by_text(str(folder)).wait_for()
    page.get_by_role("checkbox", name="Sheet the session").press("Space")  # as by keyboard alone
    page.get_by_role("checkbox", name="JSON the plan itself").check()
    page.get_by_label("Name, without suffix").first.fill("Abend")
    page.get_by_label("Name, without suffix").first.press("Enter")
    page.get_by_text("Wrote Abend.m3u8, Abend.json, Abend.html").wait_for()
    assert {each.name for each in folder.iterdir()} == {"Abend.m3u8", "Abend.json", "Abend.html"}
    assert load_plan(folder / "Abend.json").slots
    page.get_by_label("Name, without suffix").first.fill("Abend")
    page.get_by_role("button", name="Save into the folder").click()
    page.get_by_role("alert").get_by_text("exists; choose another name").wait_for()


def test_the_sheet_opens_to_print_and_every_format_downloads(server, walk, made):
    page = walk(server)
    page.goto(f"{server.address}/plans/{made[1]}/out")
    with page.expect_download() as found:
        page.get_by_role("link", name="Download CSV").click()
    assert found.value.suggested_filename.endswith(".csv")
    page.goto(f"{server.address}/plans/{made[1]}/sheet")
    assert page.locator("svg").count()
    assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none"  # its own style is let in


def test_a_session_is_rendered_with_progress(server, walk, made, tmp_path):
    page = walk(server)
    page.goto(f"{server.address}/plans/{made[1]}/out?folder={tmp_path}")
    page.get_by_label("Name, without suffix").nth(1).fill("whole")
    page.get_by_role("button", name="Render").click()
    page.get_by_text("whole.opus: ").wait_for()
    assert (tmp_path / "whole.opus").stat().st_size > 50_000


def test_a_name_that_some_system_refuses_is_refused_with_one_that_is_taken(tmp_path):
    for name in ("a/b", "..", "", "CON: x?", "x" * 300, "\x00"):
        stem = file_stem(name)
        assert places_for(tmp_path, stem, [".m3u8"])[0].parent == tmp_path
        with pytest.raises(Exception, match=r"file name on every system|choose"):
            places_for(tmp_path, name, [".m3u8"])
