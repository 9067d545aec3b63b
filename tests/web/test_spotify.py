"""Spotify on the page, against the stand-in with the real client: sign in, pull, match, push."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import made_music
import pytest
import requests
from spotify.fake import CLIENT_ID, FakeServer, Spotify
from spotify.fake_service import Service

from playlistkit.library import Library
from playlistkit.workflow.planning import plans

from .conftest import PATIENCE, accessible


@pytest.fixture(scope="module")
def fake():
    with FakeServer() as running:
        running.spotify = Spotify()
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture(scope="module")
def service():
    with Service() as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield running
        running.shutdown()


def test_a_therapist_signs_in_pulls_chooses_and_pushes(
    start, walk, fake, service, demo_folder, demo_made, tmp_path
):
    plan = replace(demo_made.plan, slots=demo_made.plan.slots[:2], tail=())
    with Library(demo_folder / "library.db") as opened:
        two = opened.load([slot.track.id for slot in plan.slots])
    with made_music.keep(tmp_path, two) as library:
        key = plans.keep(library, plan)
    first, second = (slot.track for slot in plan.slots)
    fake.spotify.add_track(first.title, first.artist or "", first.duration)
    fake.spotify.add_track(first.title, "Somebody Else", first.duration + 40)
    fake.spotify.add_track(f"{second.title} (Live)", second.artist or "", second.duration + 15)
    quiet = fake.spotify.add_track("Slow Water", "Ana Ruiz", 300)
    service.knows(quiet.rpartition(":")[2], energy=0.05, tempo=62.0)
    fake.spotify.add_playlist("Quiet evenings", [quiet])
    server = start(
        tmp_path / "library.db",
        PLAYLISTKIT_SPOTIFY_API_URL=f"{fake.url}/v1",
        PLAYLISTKIT_SPOTIFY_ACCOUNTS_URL=fake.url,
        PLAYLISTKIT_RECCOBEATS_URL=service.url,
        PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring",
    )
    page = walk(server, "phone", color_scheme="dark")
    page.goto(f"{server.address}/spotify")
    accessible(page)
    page.get_by_label("Client ID").fill("nonsense")
    page.get_by_label("Client ID").press("Enter")
    page.get_by_text("the 32 letters and digits").first.wait_for()
    page.get_by_label("Client ID").fill(CLIENT_ID)
    page.get_by_role("button", name="Sign in").click()
    requests.get(page.get_by_role("link", name="Open Spotify").get_attribute("href"), timeout=PATIENCE)
    page.get_by_text("Signed in as The Therapist").first.wait_for()
    page.goto(f"{server.address}/spotify")
    accessible(page)
    page.get_by_label("Playlists by name").fill("Quiet evenings")
    page.get_by_role("button", name="Read them").click()
    page.get_by_text("read: 1 new track").wait_for()
    assert not service.raw  # nobody was asked yet
    page.goto(f"{server.address}/spotify")
    assert page.get_by_text("What is sent:").is_visible()
    page.get_by_role("button", name="Ask reccobeats for 1 track, in 1 request").click()
    page.get_by_text("Every Spotify track has its values").wait_for()
    assert len(service.raw) == 1
    with Library(tmp_path / "library.db") as library:
        told = library.find("Slow Water")[0]
        assert (told.features.tempo, told.sources["tempo"]) == (62.0, "imported")
    page.get_by_role("button", name="Look for them").click()
    page.get_by_text(re.compile(r"\b\d+ found")).wait_for()
    accessible(page)
    page.get_by_role("button", name="Take ").first.click()
    page.get_by_text("Taken.").wait_for()
    page.goto(f"{server.address}/plans/{key}/spotify")
    accessible(page)
    page.get_by_label("Tracks that are not on Spotify").select_option("skip")
    page.get_by_role("button", name="Write it to Spotify").click()
    page.get_by_text("tracks are on Spotify").wait_for()
    page.goto(f"{server.address}/plans/{key}/spotify")
    page.get_by_role("heading", name="Result").wait_for()
    accessible(page)
    assert any(each.name == plan.name and each.items for each in fake.spotify.playlists.values())
