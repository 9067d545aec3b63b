"""The command line against the stand-in: a therapist's way from sign-in to a pushed session, and every exit code."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result

from playlistkit import exporters
from playlistkit.cli import main
from playlistkit.library import Library
from playlistkit.model import Features, Plan, Track
from playlistkit.spotify.tokens import Store

from .fake import CLIENT_ID, Fault, Spotify
from .test_push import plan_of, uris_of

Run = Callable[..., Result]


@pytest.fixture
def run(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line with a library and a data folder of its own."""
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: store.folder)

    library = str(tmp_path / "music.db")
    return lambda *arguments, typed="": CliRunner().invoke(
        main, ["--library", library, *map(str, arguments)], input=typed
    )


def kept(plan: Plan, folder: Path) -> Path:
    file = folder / "session.json"
    file.write_text(exporters.plan_json.dumps(plan), encoding="utf-8")
    return file


def test_login_asks_for_the_client_id_once_and_pasting_works(
    spotify: Spotify, run: Run, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.remove()
    shown: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: True)

    def answer(text: str, **_: object) -> str:
        if text == "Client ID":
            return CLIENT_ID
        return requests.get(shown[-1], allow_redirects=False, timeout=60).headers["Location"]

    monkeypatch.setattr("click.prompt", answer)
    monkeypatch.setattr(
        "playlistkit.cli.spotify.say", lambda text: shown.append(text) if text.startswith("http") else None
    )
    first = run("spotify", "login", "--paste")
    assert first.exit_code == 0, first.output
    assert "signed in as The Therapist until" in first.output
    monkeypatch.setattr("click.prompt", lambda text, **_: answer("Address"))
    assert run("spotify", "login", "--paste", "--json").exit_code == 0


def test_login_says_what_the_terms_mean_and_how_to_get_a_client_id(run: Run, store: Store) -> None:
    store.remove()
    shown = run("spotify", "login", typed="nonsense\n")
    assert shown.exit_code == 2
    assert "probably outside them" in shown.output
    assert "http://127.0.0.1/callback" in shown.output
    assert "32 letters and digits" in shown.output


def test_status_and_logout(run: Run) -> None:
    assert "signed in as T until" in run("spotify", "status").output
    assert json.loads(run("spotify", "status", "--json").stdout)["user"] == "therapist"
    assert run("spotify", "logout").exit_code == 0
    gone = run("spotify", "status")
    assert (gone.exit_code, "spotify login" in gone.output) == (1, True)
    assert run("spotify", "pull").exit_code == 1


def test_from_playlists_and_a_table_to_features(spotify: Spotify, run: Run, tmp_path: Path) -> None:
    uri = spotify.add_track("Piece", "Ana")
    spotify.add_playlist("Quiet", [uri, None])
    pulled = run("spotify", "pull", "Quiet")
    assert pulled.exit_code == 0, pulled.output
    assert "1 new track" in pulled.output
    assert "entry 2: Spotify no longer returns it" in pulled.output
    assert json.loads(run("spotify", "pull", "--json").stdout)["unchanged"] == ["Quiet"]
    (tmp_path / "a.csv").write_text(f"Track URI,Energy,Valence,Tempo\n{uri},0.1,0.1,\n")
    imported = run("import", tmp_path / "a.csv")
    assert imported.exit_code == 0, imported.output
    assert "a.csv:2: no tempo, length" in imported.output
    assert json.loads(run("import", tmp_path / "a.csv", "--json").stdout)[0]["known"] == 1
    with Library(tmp_path / "music.db") as library:
        assert library.resolve("Piece").features.energy == 0.5


def test_a_plan_is_pushed_and_the_player_settings_told(spotify: Spotify, run: Run, tmp_path: Path) -> None:
    plan = plan_of(spotify, 3)
    pushed = run("spotify", "push", kept(plan, tmp_path))
    assert pushed.exit_code == 0, pushed.output
    assert "3 tracks, https://open.spotify.com/playlist/" in pushed.output
    assert "shuffle off" in pushed.output
    assert "Make private" in pushed.output
    document = json.loads(run("spotify", "push", tmp_path / "session.json", "--json").stdout)
    assert document["pushed"]["made"] is False
    (made,) = spotify.playlists.values()
    assert made.items == uris_of(plan)


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (Fault(429, headers={"Retry-After": "90000"}), 1, "run the same command again after"),
        (Fault(429), 1, "tomorrow"),
        (Fault(403, body={"error": "User not registered in the Developer Dashboard"}), 1, "list of users"),
        (Fault(403, body={"error": {"message": "Insufficient client scope"}}), 1, "lacks a permission"),
        (Fault(401, body={"error": {"message": "Invalid access token"}}), 1, "spotify login"),
    ],
)
def test_what_fails_is_told_in_a_sentence_with_its_exit_code(
    spotify: Spotify, run: Run, tmp_path: Path, fault: Fault, code: int, words: str
) -> None:
    file = kept(plan_of(spotify, 1), tmp_path)
    spotify.rule = lambda method, path: fault if path.startswith("/v1") else None
    for command in (["push", file], ["pull"]):
        done = run("spotify", *command)
        assert done.exit_code == code, done.output
        assert words in done.output
        assert "Traceback" not in done.output


def test_wrong_usage_has_code_2(spotify: Spotify, run: Run, tmp_path: Path) -> None:
    plan = plan_of(spotify, 1)
    slot = plan.slots[0]
    local = dataclasses.replace(slot, track=dataclasses.replace(slot.track, uri=None, path="/m.flac"))
    file = kept(dataclasses.replace(plan, slots=(local,)), tmp_path)
    assert run("spotify", "push", file).exit_code == 2
    assert run("spotify", "push", tmp_path / "none.json").exit_code == 2
    assert run("spotify", "pull", "No such list").exit_code == 2
    assert run("import", tmp_path / "none.csv").exit_code == 2
    assert run("spotify", "match", "--ask", "--json").exit_code == 2


def test_matching_shows_what_is_not_sure_and_asks(spotify: Spotify, run: Run, tmp_path: Path) -> None:
    with Library(tmp_path / "music.db") as library:
        (tmp_path / "home.flac").write_bytes(b"x")
        track = Track("ab" * 6, str(tmp_path / "home.flac"), title="Home", artist="Ana", duration=200)
        library.add_file(track, Features(), size=1, mtime_ns=1, versions={})
    uri = spotify.add_track("Home - Live", "Ana")
    shown = run("spotify", "match")
    assert shown.exit_code == 0, shown.output
    assert "only one of them is a live version" in shown.output
    assert "--ask" in shown.output
    assert json.loads(run("spotify", "match", "--json").stdout)["open"][0]["candidates"][0]["uri"] == uri
    assert run("spotify", "match", "--ask", typed="1\n").exit_code == 0
    with Library(tmp_path / "music.db") as library:
        assert library.resolve("Home").track.uri == uri
    assert run("spotify", "match", "--link", "Home", f"spotify:track:{'8' * 22}").exit_code == 0
