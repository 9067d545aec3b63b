"""`session`: what it says of a session doesn't hang on the library."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from playlistkit.cli import main
from playlistkit.player.place import Place


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("PLAYLISTKIT_SESSION", str(tmp_path / "session"))
    return Place()


def status(library: Path) -> list[str]:
    done = CliRunner().invoke(main, ["--library", str(library), "session", "status"])
    assert done.exit_code == 1
    return done.stderr.splitlines()


def test_a_status_makes_no_library_and_needs_none(tmp_path: Path) -> None:
    (tmp_path / "drive").touch()  # no folder: nothing in it can be opened
    for library in (tmp_path / "new.db", tmp_path / "drive" / "library.db"):
        assert status(library) == ["No session is playing; `playlistkit play PLAN` starts one."]
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize(
    ("player", "told"),
    [
        ("render", "good  Levels and crossfades are as planned."),
        ("files", "look  The plan was made for an ordinary file player, so each track keeps its own level."),
        ("spotify", "look  The plan was made for Spotify, so all tracks are brought to one level,"),
    ],
)
def test_a_check_says_at_what_level_the_tracks_will_play(
    demo_folder: Path, tmp_path: Path, player: str, told: str
) -> None:
    plan = json.loads((demo_folder / "session.json").read_text())
    plan["session"]["player"] = player
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    words = ["session", "check", str(tmp_path / "plan.json"), "--device", "null", "--quick"]
    done = CliRunner().invoke(main, ["--library", str(demo_folder / "library.db"), *words])
    assert done.exit_code == 3, done.output  # "null" makes no sound in the room
    assert told in done.stdout


def test_what_a_client_heard_waits_for_a_library_that_is_gone(tmp_path: Path, place: Place) -> None:
    (tmp_path / "drive").touch()
    place.make()
    place.write(place.options_file, json.dumps({"client": "Heron"}))
    told = status(tmp_path / "drive" / "library.db")
    assert told[0].startswith("what was heard is not stored yet: ")
    assert told[1:] == ["No session is playing; `playlistkit play PLAN` starts one."]
    assert place.options() == {"client": "Heron"}
