from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail

from playlistkit.spotify.client import Client
from playlistkit.spotify.tokens import SignIn, Store

from .fake import ALL_SCOPES, CLIENT_ID, FakeServer, Spotify
from .fake_service import Service


@pytest.fixture(scope="session")
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield running
        running.shutdown()


@pytest.fixture(autouse=True)
def _no_keyring() -> Iterator[None]:
    """Whatever keyring this machine has is left alone."""
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def spotify(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> Spotify:
    monkeypatch.setenv("PLAYLISTKIT_SPOTIFY_API_URL", f"{server.url}/v1")
    monkeypatch.setenv("PLAYLISTKIT_SPOTIFY_ACCOUNTS_URL", server.url)
    server.spotify = Spotify()
    return server.spotify


@pytest.fixture
def store(spotify: Spotify, tmp_path: Path) -> Store:
    """Signed in, with the sign-in in a file."""
    kept = Store(tmp_path / "data")
    access, refresh = spotify.sign_in()
    kept.save(SignIn(CLIENT_ID, access, refresh, kept.now() + 3600, kept.now(), ALL_SCOPES, "therapist", "T"))
    return kept


@pytest.fixture
def waits() -> list[float]:
    """The seconds that a client was asked to wait, instead of waiting."""
    return []


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def connect(store: Store, waits: list[float], told: list[str]) -> Callable[[], Client]:
    return lambda: Client(store, wait=waits.append, tell=told.append)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with Service() as running:
        monkeypatch.setenv("PLAYLISTKIT_RECCOBEATS_URL", running.url)
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield running
        running.shutdown()
