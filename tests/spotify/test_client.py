"""The layer over spotipy: every failure a sentence, no hidden retries, no secret in any log."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
import requests

from playlistkit.errors import InputError, SpotifyError
from playlistkit.spotify import addresses
from playlistkit.spotify.client import Client, ComeBack, NotFound, NotSignedIn, Refused, Unclear
from playlistkit.spotify.tokens import SignIn, Store

from .fake import CLIENT_ID, Fault, Spotify, error

Connect = Callable[[], Client]


def always(fault: Fault) -> Callable[[str, str], Fault]:
    return lambda method, path: fault


def test_a_short_pause_is_waited_for_and_told(
    spotify: Spotify, connect: Connect, waits: list[float], told: list[str]
) -> None:
    spotify.faults = {
        1: Fault(429, headers={"Retry-After": "7"}),
        2: Fault(429, headers={"Retry-After": "60"}),
    }
    assert connect().me()["id"] == "therapist"
    assert waits == [7, 60]
    assert "a pause of 7 s" in told[0]


@pytest.mark.parametrize(
    ("headers", "body", "words"),
    [
        ({"Retry-After": "86000"}, None, "run the same command again after 20"),
        ({"Retry-After": "61"}, None, "run the same command again after 20"),
        ({}, None, "does not say for how long"),
        ({"Retry-After": "soon"}, None, "does not say for how long"),
        (
            {"Retry-After": "2"},
            error(429, "Too many", reason="QUOTA_EXCEEDED"),
            "quota of your Spotify developer",
        ),
    ],
)
def test_a_long_or_unclear_pause_stops_at_once(
    spotify: Spotify, connect: Connect, waits: list[float], headers: dict[str, str], body: object, words: str
) -> None:
    spotify.rule = always(Fault(429, headers=headers, body=body))
    with pytest.raises(ComeBack, match=words):
        connect().me()
    assert len(spotify.log) == 1
    assert waits == []


def test_pauses_without_end_stop(spotify: Spotify, connect: Connect, waits: list[float]) -> None:
    spotify.rule = always(Fault(429, headers={"Retry-After": "1"}))
    with pytest.raises(ComeBack, match="keeps asking"):
        connect().me()
    assert sum(waits) <= 60


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (403, error(403, "Insufficient client scope"), Refused, "lacks a permission"),
        (403, "User not registered in the Developer Dashboard", Refused, "not on your app's list of users"),
        (
            403,
            {"error": "Active premium subscription required for the owner of the app."},
            Refused,
            "Premium",
        ),
        (403, error(403, "Forbidden"), Refused, "owner and collaborators only"),
        (403, {"error": "Forbidden"}, Refused, "refuses"),  # a string, on which spotipy trips
        (403, ["odd"], Refused, "refuses"),
        (404, error(404, "Resource not found"), NotFound, "one of Spotify's own"),
        (400, error(400, "Invalid limit"), SpotifyError, "Invalid limit"),
        (404, "<html>", NotFound, "deleted"),
    ],
)
def test_refusals_are_told_in_sentences(
    spotify: Spotify, connect: Connect, status: int, body: object, kind: type[SpotifyError], words: str
) -> None:
    spotify.rule = always(Fault(status, body=body))
    with pytest.raises(kind, match=words):
        connect().playlist("1" * 22)
    assert len(spotify.log) == 1


@pytest.mark.parametrize("status", [0, 500, 502, 503])
def test_reading_is_tried_again_and_then_given_up(
    spotify: Spotify, connect: Connect, waits: list[float], told: list[str], status: int
) -> None:
    spotify.faults = {1: Fault(status), 2: Fault(status)}
    assert connect().me()["id"] == "therapist"
    assert waits == [2, 4]
    assert len(told) == 2
    spotify.rule = always(Fault(status))
    with pytest.raises(SpotifyError, match="try again later"):
        connect().me()


@pytest.mark.parametrize("status", [0, 500, 503])
def test_a_write_is_never_sent_twice_of_itself(spotify: Spotify, connect: Connect, status: int) -> None:
    uri = spotify.add_track("Piece", "Ana")
    made = spotify.add_playlist("Mine", [])
    spotify.rule = always(Fault(status, after=True))
    with pytest.raises(Unclear, match="it carries on from there"):
        connect().add_items(made.id, [uri], 0)
    assert made.items == [uri]


@pytest.mark.parametrize("body", ["", "<html>", "[]", "null"])
def test_an_answer_that_is_none_is_told(
    spotify: Spotify, connect: Connect, waits: list[float], body: str
) -> None:
    spotify.rule = always(Fault(200, body=body))
    with pytest.raises(SpotifyError, match="can't be read"):
        connect().me()


def test_no_answer_in_time_is_told(connect: Connect, waits: list[float]) -> None:
    class Slow(requests.Session):
        def send(self, *args: object, **kwargs: object) -> requests.Response:
            raise requests.ReadTimeout

    client = connect()
    client._spotipy._session = Slow()
    with pytest.raises(SpotifyError, match="does not answer in time"):
        client.me()


def test_an_old_token_is_renewed_before_and_after_spotify_says_so(
    spotify: Spotify, store: Store, connect: Connect
) -> None:
    access, refresh = spotify.sign_in()
    store.save(SignIn(CLIENT_ID, access, refresh, store.now() + 30, store.now() - 9e6, "a b", "therapist"))
    assert connect().me()["id"] == "therapist"
    assert ("POST", "/api/token") in spotify.log
    spotify.access.clear()
    spotify.log.clear()
    assert connect().me()["id"] == "therapist"  # 401, renewed, asked again
    kept = store.load()
    assert kept is not None
    assert kept.authorized == pytest.approx(store.now() - 9e6, abs=10)


def test_a_renewal_without_a_new_refresh_token_keeps_the_old_one(
    spotify: Spotify, store: Store, connect: Connect
) -> None:
    spotify.rotate = False
    before = store.load()
    assert before is not None
    spotify.access.clear()
    connect().me()
    after = store.load()
    assert after is not None
    assert after.refresh_token == before.refresh_token
    assert after.access_token != before.access_token


def test_a_renewal_keeps_what_is_permitted_as_spotify_says_now(
    spotify: Spotify, store: Store, connect: Connect
) -> None:
    spotify.access.clear()
    spotify.scope = "user-library-read"
    connect().me()
    after = store.load()
    assert after is not None
    assert after.scope == "user-library-read"


def test_a_sign_in_that_has_ended_is_dropped_and_told(
    spotify: Spotify, store: Store, connect: Connect
) -> None:
    spotify.access.clear()
    spotify.refresh.clear()
    with pytest.raises(NotSignedIn, match="run `playlistkit spotify login` again"):
        connect().me()
    assert store.load() is None
    with pytest.raises(NotSignedIn, match="not signed in"):
        connect()


def test_no_secret_is_in_any_log_or_message_at_any_verbosity(
    spotify: Spotify, store: Store, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("spotipy", "spotipy.client", "spotipy.oauth2", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    first = store.load()
    spotify.access.clear()
    messages = []
    connect().me()
    for status in (401, 403, 404, 429, 500):
        spotify.rule = lambda method, path, status=status: (  # type: ignore[misc]
            Fault(status, body={"error": "no"}) if path.startswith("/v1") else None
        )
        with pytest.raises(SpotifyError) as caught:
            connect().me()
        messages.append(str(caught.value) + repr(store.load()) + repr(caught.value))
    second = store.load()
    assert first is not None
    assert second is not None
    shown = caplog.text + "".join(messages)
    for secret in (first.access_token, first.refresh_token, second.access_token, second.refresh_token):
        assert secret not in shown


def test_stand_ins_are_taken_on_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLAYLISTKIT_SPOTIFY_API_URL", raising=False)
    assert addresses.api_url() == "https://api.spotify.com/v1/"
    for wrong in (
        "https://evil.example/v1",
        "http://127.0.0.1.evil.example/v1",
        "http://localhost@evil.example/",
    ):
        monkeypatch.setenv("PLAYLISTKIT_SPOTIFY_API_URL", wrong)
        with pytest.raises(InputError, match="not on this machine"):
            addresses.api_url()
    monkeypatch.setenv("PLAYLISTKIT_SPOTIFY_API_URL", "http://127.0.0.1:9/v1")
    assert addresses.api_url() == "http://127.0.0.1:9/v1/"


def test_a_refused_sign_in_is_tried_again_before_anybody_is_sent_to_sign_in(
    spotify: Spotify, connect: Connect, waits: list[float]
) -> None:
    false = Fault(401, body=error(401, "Access token missing"))
    spotify.faults = {1: false, 3: false}  # the second request renews the token
    assert connect().me()["id"] == "therapist"
    assert len(waits) == 1


def test_a_refused_renewal_is_asked_twice(spotify: Spotify, connect: Connect, waits: list[float]) -> None:
    client = connect()
    spotify.access.clear()
    spotify.faults = {2: Fault(400, body={"error": "invalid_grant"})}
    assert client.me()["id"] == "therapist"
    assert len(waits) == 1


def test_a_used_up_day_stops_at_once_and_says_so(spotify: Spotify, connect: Connect) -> None:
    client = connect()
    spotify.budget = 1
    client.me()
    with pytest.raises(ComeBack, match="quota"):
        client.me()
