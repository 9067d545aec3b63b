"""The command line as a person meets it: one library of the demo music, every command on it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import playlistkit
from playlistkit.cli import main
from playlistkit.cli.library import row
from playlistkit.model import Candidate, Track
from playlistkit.workflow.demo import Demo

DEMO_TEMPLATE = str(Path(playlistkit.__file__).parent / "demo" / "demo.yaml")

Run = Callable[..., Result]


@pytest.fixture
def library(demo_folder: Path, tmp_path: Path) -> Path:
    """A copy of the demo's library, so that no test sees another's changes."""
    copy = tmp_path / "music.db"
    shutil.copyfile(demo_folder / "library.db", copy)
    return copy


@pytest.fixture
def run(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line on the library, in an empty folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return lambda *arguments: CliRunner().invoke(main, ["--library", str(library), *map(str, arguments)])


def test_the_demo_writes_what_it_says(demo_made: Demo) -> None:
    assert all(file.stat().st_size > 500 for file in demo_made.files)
    assert {file.suffix for file in demo_made.files} == {".m3u8", ".json", ".html", ".png"}


def test_the_demo_command_prints_the_arc(run: Run, demo_folder: Path) -> None:
    shutil.copytree(demo_folder, "out")  # so that nothing need be listened to again
    Path("out/session.m3u8").unlink()
    done = run("demo", "out")
    assert done.exit_code == 0, done.output
    assert "peak" in done.stdout
    assert "wrote" in done.stderr
    assert Path("out/session.m3u8").exists()


def test_every_file_in_the_demo_playlist_exists(demo_folder: Path) -> None:
    playlist = demo_folder / "session.m3u8"
    lines = playlist.read_text(encoding="utf-8").splitlines()
    tracks = [line for line in lines if line and not line.startswith("#")]
    assert len(tracks) >= 8
    assert all((playlist.parent / track).exists() for track in tracks)


def test_build_writes_every_format(run: Run) -> None:
    suffixes = ("m3u8", "m3u", "xspf", "jspf", "csv", "json", "html", "svg", "png")
    outputs = [argument for suffix in suffixes for argument in ("-o", f"s.{suffix}")]
    done = run("build", DEMO_TEMPLATE, *outputs)
    assert done.exit_code == 0, done.output
    assert all(Path(f"s.{suffix}").stat().st_size > 0 for suffix in suffixes)


def test_build_as_json_prints_the_plan_and_nothing_else(run: Run) -> None:
    done = run("build", DEMO_TEMPLATE, "--json")
    plan = json.loads(done.stdout)
    assert plan["playlistkit"] == 1
    assert [phase["name"] for phase in plan["phases"]] == ["arrival", "onset", "peak", "return", "grounding"]


def test_the_same_build_gives_the_same_bytes(run: Run) -> None:
    assert (
        run("build", DEMO_TEMPLATE, "--json").stdout_bytes
        == run("build", DEMO_TEMPLATE, "--json").stdout_bytes
    )


def test_a_shortfall_is_told_in_minutes_with_exit_code_3(run: Run) -> None:
    done = run("build", "-o", "session.m3u8")  # three hours from a quarter of an hour of music
    assert done.exit_code == 3
    assert "min" in done.stderr
    assert "Traceback" not in done.output
    assert not Path("session.m3u8").exists()


def test_a_shortfall_as_json_is_data(run: Run) -> None:
    done = run("build", "--json")
    assert done.exit_code == 3
    shortfalls = json.loads(done.stdout)["shortfalls"]
    assert {"phase", "minutes", "rule", "text"} <= set(shortfalls[0])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["build", "nowhere"], "nowhere"),
        (["build", "phase"], "did you mean 'phases'"),
        (["build", DEMO_TEMPLATE, "--minutes", "peak"], "PHASE=N"),
        (["build", DEMO_TEMPLATE, "--minutes", "peek=3"], "peek"),
        (["build", DEMO_TEMPLATE, "--minutes", "peak=900"], "900"),
        (["build", DEMO_TEMPLATE, "--variant", "anxiuos"], "anxiuos"),
        (["build", DEMO_TEMPLATE, "--pin", "No Such Track"], "No Such Track"),
        (["build", DEMO_TEMPLATE, "--exclude", "No Such Artist"], "No Such Artist"),
        (["build", DEMO_TEMPLATE, "--overlap", "-1"], "-1"),
        (["set", "No Such Track", "energy=0.5"], "No Such Track"),
        (["tracks", "--phase", "peek", "--template", DEMO_TEMPLATE], "peek"),
        (["scan", "no-such-folder"], "no-such-folder"),
        (["templates", "show", "phasse"], "did you mean 'phases'"),
        (["frobnicate"], "frobnicate"),
        (["scann"], "scan"),
    ],
)
def test_wrong_usage_is_a_sentence_and_exit_code_2(run: Run, arguments: list[str], told: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert told in done.stderr
    assert "Traceback" not in done.output


def test_an_unknown_suffix_is_refused_before_planning(run: Run) -> None:
    done = run("build", DEMO_TEMPLATE, "-o", "session.m3u9")
    assert done.exit_code == 2
    assert "did you mean .m3u8" in done.stderr or ".m3u8" in done.stderr


def test_set_takes_the_therapists_word_and_gives_it_back(run: Run) -> None:
    track = json.loads(run("tracks", "--json").stdout)[0]["id"]
    assert run("set", track, "energy=0.33", "avoid=yes", "note=not today").exit_code == 0
    changed = next(each for each in json.loads(run("tracks", "--json").stdout) if each["id"] == track)
    assert changed["features"]["energy"] == 0.33
    assert changed["sources"]["energy"] == "set"
    assert changed["avoid"] is True
    assert changed["note"] == "not today"
    assert run("set", track, "energy=", "avoid=no", "note=").exit_code == 0
    again = next(each for each in json.loads(run("tracks", "--json").stdout) if each["id"] == track)
    assert again["sources"]["energy"] == "measured"
    assert not again["avoid"]


@pytest.mark.parametrize(
    "assignment", ["energy=2", "energy=nan", "energy=loud", "tempoo=90", "vocals=maybe", "energy"]
)
def test_a_wrong_value_changes_nothing(run: Run, assignment: str) -> None:
    before = run("tracks", "--json").stdout
    track = json.loads(before)[0]["id"]
    done = run("set", track, "tempo=61", assignment)
    assert done.exit_code == 2
    assert run("tracks", "--json").stdout == before


def test_an_avoided_or_excluded_track_is_not_planned(run: Run) -> None:
    plan = json.loads(run("build", DEMO_TEMPLATE, "--json").stdout)
    first = plan["slots"][0]["track"]["id"]
    again = json.loads(run("build", DEMO_TEMPLATE, "--best-effort", "--exclude", first, "--json").stdout)
    assert first not in {slot["track"]["id"] for slot in again["slots"]}
    run("set", first, "avoid=yes")
    third = json.loads(run("build", DEMO_TEMPLATE, "--best-effort", "--json").stdout)
    assert first not in {slot["track"]["id"] for slot in third["slots"]}


def test_a_pin_is_kept_in_its_phase(run: Run) -> None:
    plan = json.loads(run("build", DEMO_TEMPLATE, "--json").stdout)
    peak = [slot["track"]["id"] for slot in plan["slots"] if slot["phase"] == "peak"]
    done = run("build", DEMO_TEMPLATE, "--best-effort", "--pin", f"{peak[-1]}@peak:first", "--json")
    assert done.exit_code == 0, done.output
    slots = [slot for slot in json.loads(done.stdout)["slots"] if slot["phase"] == "peak"]
    assert slots[0]["track"]["id"] == peak[-1]


def test_every_option_can_come_from_the_environment(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYLISTKIT_LIBRARY", str(library))
    monkeypatch.setenv("PLAYLISTKIT_TRACKS_AS_JSON", "1")
    monkeypatch.setenv("PLAYLISTKIT_TRACKS_JSON", "1")
    assert json.loads(CliRunner().invoke(main, ["tracks"]).stdout)


def test_scanning_again_analyses_nothing_twice(run: Run, demo_folder: Path) -> None:
    done = run("scan", demo_folder / "music", "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["analysed"] == 0
    assert report["unchanged"] >= 12


def test_a_broken_file_is_told_and_the_scan_goes_on(run: Run, demo_folder: Path) -> None:
    music = Path("music")
    music.mkdir()
    shutil.copyfile(next((demo_folder / "music").glob("*.o*")), music / "gut 😀.opus")
    (music / "broken.mp3").write_bytes(b"\xff\xfbgarbage" * 50)
    (music / "empty.flac").write_bytes(b"")
    (music / "cover.jpg").write_bytes(b"\xff\xd8\xff")
    if hasattr(os, "mkfifo"):
        os.mkfifo(music / "pipe.wav")
    (music / "loop").symlink_to(music.absolute(), target_is_directory=True)
    done = run("scan", "music")
    assert done.exit_code == 0, done.output
    assert "broken.mp3" in done.stderr
    assert "empty.flac" in done.stderr
    assert "cover.jpg" not in done.stderr


def test_a_saved_plan_exports_to_the_same_playlist(run: Run) -> None:
    run("build", DEMO_TEMPLATE, "-o", "a.m3u8", "-o", "plan.json")
    assert run("export", "plan.json", "-o", "b.m3u8").exit_code == 0
    assert Path("a.m3u8").read_bytes() == Path("b.m3u8").read_bytes()


def test_our_own_plan_checks_clean_and_a_shuffled_one_does_not(run: Run) -> None:
    run("build", DEMO_TEMPLATE, "-o", "plan.json", "-o", "list.m3u8")
    clean = run("check", "plan.json", "--json")
    assert clean.exit_code == 0, clean.output
    assert json.loads(clean.stdout)["findings"] == []
    lines = Path("list.m3u8").read_text(encoding="utf-8").splitlines()
    tracks = [line for line in lines if line and not line.startswith("#")]
    Path("worse.m3u").write_text("\n".join([*tracks[:5], tracks[0], "gone.flac"]), encoding="utf-8")
    worse = run("check", "worse.m3u", "--template", DEMO_TEMPLATE, "--json")
    assert worse.exit_code == 3, worse.output
    kinds = {finding["kind"] for finding in json.loads(worse.stdout)["findings"]}
    assert {"missing", "repeat", "minutes"} <= kinds


def test_a_new_template_is_never_written_over_a_file(run: Run) -> None:
    assert run("templates", "new", "--from", "phases", "-o", "mine.yaml").exit_code == 0
    assert run("templates", "check", "mine.yaml").exit_code == 0
    assert run("templates", "new", "-o", "mine.yaml").exit_code == 1


def test_templates_as_json_name_their_phases(run: Run) -> None:
    shipped = json.loads(run("templates", "--json").stdout)
    assert shipped[0]["id"] == "phases"
    assert shipped[0]["minutes"] == 180
    assert shipped[0]["phases"] == ["arrival", "onset", "peak", "return", "grounding"]


def test_a_library_that_is_no_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "music.db"
    path.write_text("not a database, but long enough to look like a file\n" * 50, encoding="utf-8")
    done = CliRunner().invoke(main, ["--library", str(path), "tracks"])
    assert done.exit_code == 1
    assert "music.db" in done.stderr
    assert "Traceback" not in done.output


def test_tracks_are_narrowed_and_sorted_by_what_is_typed(run: Run) -> None:
    rows = json.loads(run("tracks", "energy:..0.3", "--sort", "energy-", "--json").stdout)
    energies = [row["features"]["energy"] for row in rows]
    assert energies == sorted(energies, reverse=True)
    assert 0 < len(energies) < 18
    assert max(energies) <= 0.3
    assert "energie" in run("tracks", "energie:0.3").stderr


def test_many_tracks_are_set_at_once_after_a_look(run: Run) -> None:
    count = len(run("tracks", "energy:..0.3").stdout.splitlines())
    asked = run("set", "--where", "energy:..0.3", "note=calm")
    assert asked.exit_code == 2
    assert f"{count} tracks" in asked.stderr
    assert len(asked.stdout.splitlines()) == count
    assert not run("tracks", "note:calm").stdout
    assert run("set", "--where", "energy:..0.3", "note=calm", "--yes").exit_code == 0
    assert len(run("tracks", "note:calm").stdout.splitlines()) == count


def test_on_a_narrow_terminal_the_title_stays() -> None:
    candidate = Candidate(
        Track("0123456789ab", title="Spiegel im Spiegel", artist="Arvo Pärt", duration=504.0)
    )
    assert "Spiegel im Spiegel" in row(candidate, 60)
    assert len(row(candidate, 60)) <= 60
    assert row(candidate, 200) == row(candidate)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("playlistkit build ketamine-im --variant anx", "anxious"),
        ("playlistkit tracks --phase pe", "peak"),
        ("playlistkit tracks --sort ener", "energy"),
        ("playlistkit build --client Her", "Heron"),
    ],
)
def test_the_shell_completes_variants_phases_columns_and_aliases(
    run: Run, library: Path, monkeypatch: pytest.MonkeyPatch, words: str, offered: str
) -> None:
    track = json.loads(run("tracks", "--json").stdout)[0]["id"]
    assert run("clients", "mark", "Heron", track, "keep", "--new").exit_code == 0
    monkeypatch.setenv("PLAYLISTKIT_LIBRARY", str(library))
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    done = CliRunner().invoke(
        main,
        prog_name="playlistkit",
        env={"_PLAYLISTKIT_COMPLETE": "bash_complete"},
        auto_envvar_prefix="PLAYLISTKIT",
    )
    assert offered in done.stdout


def test_a_table_that_brings_nothing_is_no_success(run: Run) -> None:
    Path("mine.csv").write_text("Track Name,Artist,energy\nNo Such Piece,Nobody,0.2\n", encoding="utf-8")
    done = run("import", "mine.csv")
    assert done.exit_code == 1
    assert "playlistkit scan" in done.stderr


def test_a_track_of_a_saved_plan_is_swapped_for_one_that_was_listed(run: Run) -> None:
    assert run("build", DEMO_TEMPLATE, "-o", "s.json").exit_code == 0
    before = json.loads(Path("s.json").read_text(encoding="utf-8"))
    slots = range(1, len(before["slots"]) + 1)
    listed = {slot: json.loads(run("swap", "s.json", slot, "--json").stdout) for slot in slots}
    offers = [(slot, each["track"]) for slot, found in listed.items() for each in found]
    slot, wanted = offers[0]
    assert wanted["title"] in run("swap", "s.json", slot).stdout
    assert run("swap", "s.json", slot, "--with", wanted["id"]).exit_code == 2  # nowhere to write it
    assert run("swap", "s.json", 99).exit_code == 2
    done = [
        (run("swap", "s.json", slot, "--with", track["id"], "-o", "t.json", "--json"), track)
        for slot, track in offers[:6]
    ]
    taken, wanted = next((each, track) for each, track in done[::-1] if each.exit_code == 0)
    assert all(each.exit_code == 0 or "No plan was found" in each.stderr for each, _ in done)
    told = json.loads(taken.stdout)
    after = json.loads(Path("t.json").read_text(encoding="utf-8"))
    assert after["slots"][told["slot"] - 1]["track"]["id"] == wanted["id"]
    assert told["score"] == pytest.approx(after["score"]["total"])
