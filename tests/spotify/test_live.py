"""One run against the live service; only with PLAYLISTKIT_LIVE_CLIENT_ID and PLAYLISTKIT_LIVE_REFRESH_TOKEN."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from playlistkit.model import Track
from playlistkit.spotify.authorization import SCOPES
from playlistkit.spotify.client import Client
from playlistkit.spotify.match import find, found_track
from playlistkit.spotify.push import push
from playlistkit.spotify.tokens import SignIn, Store

from .fake import Spotify
from .test_push import plan_of

CLIENT_ID = os.environ.get("PLAYLISTKIT_LIVE_CLIENT_ID", "")
REFRESH_TOKEN = os.environ.get("PLAYLISTKIT_LIVE_REFRESH_TOKEN", "")


@pytest.mark.skipif(
    not (CLIENT_ID and REFRESH_TOKEN), reason="needs a client id and a token of the live service"
)
def test_a_track_is_found_pushed_and_read_back_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLAYLISTKIT_SPOTIFY_API_URL", raising=False)
    monkeypatch.delenv("PLAYLISTKIT_SPOTIFY_ACCOUNTS_URL", raising=False)
    store = Store(tmp_path)
    store.save(SignIn(CLIENT_ID, "", REFRESH_TOKEN, 0.0, store.now(), " ".join(SCOPES)))
    client = Client(store, tell=print)
    wanted = Track("0" * 12, title="Weightless", artist="Marconi Union", duration=485.0)
    match = find(
        wanted,
        lambda query: [found for item in client.search(query) if (found := found_track(item)) is not None],
    )
    assert match.candidates
    track = Track("0" * 12, uri=match.candidates[0].uri, title="Weightless")
    plan = plan_of(Spotify(), 1)
    state = tmp_path / "state.json"
    pushed = push(client, plan, [track], state=state, name="playlistkit test, delete me")
    try:
        assert pushed.differences == ()
        assert push(client, plan, [track], state=state, name="playlistkit test, delete me").id == pushed.id
    finally:
        client._spotipy._delete("me/library", uris=f"spotify:playlist:{pushed.id}")
