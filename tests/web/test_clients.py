"""Clients on the page: what is kept for an alias is seen, rated, taken back, and forgotten for good."""

from __future__ import annotations

from pathlib import Path

import made_music
import pytest

from playlistkit.library import Library
from playlistkit.workflow.templates.finding import load_template

from .conftest import accessible


@pytest.fixture
def library(tmp_path) -> Path:
    kept = made_music.keep(tmp_path, made_music.following(load_template("montreal"), times=1))
    tracks = [each.track.id for each in kept.candidates(available=False)[:3]]
    kept.clients.remember("Heron-7731", tracks)
    kept.clients.remember("Heron-7731", tracks[:2])
    kept.clients.mark("Heron-7731", tracks[0], "avoid")
    kept.clients.remember("Kestrel", tracks)
    kept.close()
    return tmp_path / "library.db"


def test_a_client_is_rated_unmarked_renamed_and_really_forgotten(start, walk, library):
    server = start(library)
    page = walk(server, "phone", color_scheme="dark")
    page.get_by_role("link", name="Clients").click()
    page.get_by_role("heading", name="Heron-7731").click()
    accessible(page)
    second = page.get_by_role("region", name="Session 2 of Heron-7731")
    second.get_by_label("Liking").fill("7.5")
    second.get_by_label("Liking").press("Enter")
    page.get_by_text("Stored for session 2.").wait_for()
    page.get_by_role("button", name="Remove avoid").click()
    page.get_by_text("The mark is removed.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone.", exact=True).wait_for()
    page.goto(f"{server.address}/clients")
    page.get_by_role("heading", name="Heron-7731").click()
    page.get_by_role("button", name="Delete session 1 of Heron-7731").click()
    page.get_by_text("Session 1 is deleted").wait_for()
    with Library(library) as opened:
        (session,) = opened.clients.sessions("Heron-7731")
        assert (session.number, session.liking) == (2, 7.5)
        assert len(opened.clients.avoided("Heron-7731")) == 1
    page.get_by_text("Forget Heron-7731", exact=True).click()
    page.get_by_role("button", name="Delete everything stored for Heron-7731").press("Enter")
    page.get_by_text("Forgotten.").wait_for()
    assert "Heron" not in page.url
    assert "Heron" not in page.title()
    assert not page.get_by_text("Heron-7731").count()
    page.get_by_label("Another alias").fill("Wren")
    page.get_by_role("button", name="Rename").click()
    page.get_by_text("Renamed").wait_for()
    server.stop()
    for file in library.parent.glob("library*"):
        assert b"Heron-7731" not in file.read_bytes()
        assert b"Kestrel" not in file.read_bytes()
