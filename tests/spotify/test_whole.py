"""The ways of docs/spotify.md from end to end, typed as a therapist types them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from playlistkit.cli import main
from playlistkit.library import Library
from playlistkit.model import Features, Track
from playlistkit.spotify.tokens import Store
from playlistkit.workflow.music.rating import parse_rating, rate, to_rate

from .fake import Spotify
from .fake_service import Service

Run = Callable[..., Result]

HEADER = (
    "Track URI,Track Name,Artist Name(s),Duration (ms),Danceability,Energy,Key,Loudness,Mode,"
    "Instrumentalness,Valence,Tempo"
)


@pytest.fixture
def run(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: store.folder)
    monkeypatch.chdir(tmp_path)

    def typed(*arguments: str) -> Result:
        done = CliRunner().invoke(main, ["--library", str(tmp_path / "music.db"), *arguments])
        assert done.exit_code == 0, done.output
        return done

    return typed


@pytest.fixture
def music(spotify: Spotify) -> list[str]:
    """Rows of an export of 160 calm tracks, most of them without a voice."""
    chance = random.Random(1)
    rows = []
    for number in range(160):
        uri = spotify.add_track(f"Piece {number}", f"Artist {number % 60}", chance.uniform(170, 700))
        energy = min(0.6, max(0.005, chance.lognormvariate(-2.5, 0.9)))
        rows.append(
            f"{uri},Piece {number},Artist {number % 60},{spotify.tracks[uri]['duration_ms']},0.3,{energy:.4f},"
            f"{number % 12},{chance.uniform(-24, -12):.2f},{number % 2},{0.9 if number % 5 else 0.1},0.1,"
            f"{chance.uniform(50, 90):.2f}"
        )
    return rows


def pushed_uris(spotify: Spotify, document: str) -> list[str | None]:
    return spotify.playlists[json.loads(document)["pushed"]["id"]].items


def planned_uris(plan: Path) -> list[str]:
    document = json.loads(plan.read_text(encoding="utf-8"))
    return [slot["track"]["uri"] for slot in document["slots"] + document["tail"]]


def test_from_playlists_without_any_file_to_a_pushed_session(
    spotify: Spotify, run: Run, music: list[str], tmp_path: Path
) -> None:
    spotify.add_playlist("Quiet evenings", [row.split(",")[0] for row in music])
    (tmp_path / "export.csv").write_text("\n".join([HEADER, *music]), encoding="utf-8")
    assert "160 new tracks" in run("spotify", "pull", "Quiet evenings").output
    assert len(json.loads(run("tracks", "--missing", "--json").stdout)) == 160
    run("import", "export.csv", "--instrumentalness")
    assert json.loads(run("tracks", "--missing", "--json").stdout) == []
    run("set", "Piece 7", "avoid=yes")
    run("build", "--for", "spotify", "-o", "session.json")
    done = run("spotify", "push", "session.json", "--name", "Blue", "--json")
    assert pushed_uris(spotify, done.stdout) == planned_uris(tmp_path / "session.json")
    run("spotify", "pull", "Blue")  # reads back


def test_from_an_export_and_files_to_a_pushed_session(
    spotify: Spotify, run: Run, music: list[str], tmp_path: Path
) -> None:
    with Library(tmp_path / "music.db") as library, library.transaction():
        for number, uri in enumerate(list(spotify.tracks)):
            item = spotify.tracks[uri]
            file = tmp_path / f"{number}.flac"
            file.write_bytes(b"x")
            track = Track(
                f"{number:012x}",
                str(file),
                title=item["name"],
                artist=item["artists"][0]["name"],
                duration=item["duration_ms"] / 1000 + 0.4,
            )
            library.add_file(track, Features(loudness=-18.0), size=1, mtime_ns=1, versions={})
    without_uri = [f",{row.split(',', 1)[1]}" for row in music]
    (tmp_path / "export.csv").write_text("\n".join([HEADER, *without_uri]), encoding="utf-8")
    run("import", "export.csv", "--instrumentalness")
    assert "160 found" in run("spotify", "match").output
    run("build", "--for", "spotify", "-o", "session.json")
    done = run("spotify", "push", "session.json", "--json")
    assert pushed_uris(spotify, done.stdout) == planned_uris(tmp_path / "session.json")
    assert json.loads(run("spotify", "push", "session.json", "--json").stdout)["pushed"]["made"] is False


def test_who_only_has_spotify_comes_from_nothing_to_a_pushed_session(
    spotify: Spotify, service: Service, run: Run, tmp_path: Path
) -> None:
    chance = random.Random(7)
    for name in range(4):
        uris = [
            spotify.add_track(
                f"Piece {name}-{number}", f"Artist {name} {number % 20}", chance.uniform(170, 700)
            )
            for number in range(43)
        ]
        spotify.add_playlist(f"Evening {name}", list(uris))
        for number, uri in enumerate(uris):
            if number >= 3:  # three of each, twelve in all, are not known to the service
                energy = min(0.6, max(0.005, chance.lognormvariate(-2.5, 0.9)))
                service.knows(
                    uri.removeprefix("spotify:track:"),
                    energy=energy,
                    tempo=chance.uniform(50, 90),
                    loudness=chance.uniform(-24, -12),
                )
    assert "172 new tracks" in run("spotify", "pull").output
    assert "internet address" in run("spotify", "features", "--from", "reccobeats", "--dry-run").stderr
    run("spotify", "features", "--from", "reccobeats", "--instrumentalness")
    waiting = json.loads(run("tracks", "energy:unknown", "--json").stdout)
    assert len(waiting) == 12
    with Library(tmp_path / "music.db") as library:
        for track in to_rate(library):
            rate(library, track.track.id, parse_rating("2nf"))
    assert json.loads(run("tracks", "energy:unknown", "--json").stdout) == []
    run("build", "--for", "spotify", "-o", "session.json")
    done = run("spotify", "push", "session.json", "--name", "Blue", "--json")
    assert pushed_uris(spotify, done.stdout) == planned_uris(tmp_path / "session.json")
    assert not json.loads(done.stdout)["pushed"]["differences"]
    assert "nothing was changed" in run("spotify", "push", "session.json", "--name", "Blue").stderr
