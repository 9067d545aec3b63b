"""The command line in trouble: full disks, closed pipes, slips of the pen, files that are not what they seem."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from made_music import following, keep

import playlistkit
from playlistkit import Features, Library, Shortfall, ShortfallError, Track
from playlistkit.cli import main
from playlistkit.cli.shortfall import tell_shortfall
from playlistkit.model import Diagnosis, PhaseSupply, Rule
from playlistkit.objective import barred
from playlistkit.report import words
from playlistkit.workflow.music.tracks import tracks
from playlistkit.workflow.planning.today import parse_pin
from playlistkit.workflow.templates.finding import load_template

PACKAGE = Path(playlistkit.__file__).parent
DEMO_TEMPLATE = str(PACKAGE / "demo" / "demo.yaml")
COMMAND = [sys.executable, "-m", "playlistkit"]

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line on a small library, in an empty folder."""
    path = tmp_path / "music.db"
    with Library(path) as library:
        for number, energy in enumerate((0.1, 0.12, 0.3, 0.45, 0.5, 0.4, 0.25, 0.15, 0.1, 0.08)):
            library.add_uri(
                Track(
                    "",
                    uri=f"spotify:track:{number:022}",
                    title=f"T{number}",
                    artist=f"A{number}",
                    duration=60.0,
                )
            )
            library.set_features(
                library.resolve(f"T{number}").track.id,
                {"energy": energy, "loudness": -20.0, "vocals": "none"},
                "set",
            )
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return lambda *arguments, **more: CliRunner().invoke(
        main, ["--library", str(path), *map(str, arguments)], **more
    )


def sentence(done: Result, code: int, *parts: str) -> None:
    """Hold a result to its exit code and to what is told."""
    assert done.exit_code == code, done.output
    for part in parts:
        assert part in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("s.m3u9", ".m3u8"),
        ("nodir/s.m3u8", "there is no folder nodir"),
        ("", "no format is known"),
        ("taken.m3u8", "is a folder"),
    ],
)
def test_an_output_that_can_t_be_is_refused_before_a_client_s_session_is_kept(
    run: Run, output: str, told: str
) -> None:
    Path("taken.m3u8").mkdir()
    wanted = ("build", DEMO_TEMPLATE, "--for", "spotify", "--best-effort", "--client", "Heron")
    sentence(run(*wanted, "-o", "good.json", "-o", output), 2, told)
    assert not Path("good.json").exists()
    assert json.loads(run("clients", "--json").stdout) == []


def test_minutes_of_one_phase_are_asked_once(run: Run) -> None:
    sentence(
        run("build", DEMO_TEMPLATE, "--minutes", "peak=3", "--minutes", "peak=4"),
        2,
        "peak was already given 3 minutes",
    )


def test_an_empty_template_name_is_not_the_default(run: Run) -> None:
    sentence(run("build", ""), 2, "no template file or name ''")


def test_an_empty_path_does_not_scan_the_current_folder(run: Run) -> None:
    sentence(run("scan", ""), 2, "empty path")


def test_a_library_whose_name_may_be_mistyped_is_told_once(run: Run) -> None:
    sentence(run("--library", "mucis.db", "tracks"), 0, "mucis.db: no library was there; this is a new one")
    assert "new one" not in run("--library", "mucis.db", "tracks").stderr


def test_a_scan_that_could_read_nothing_says_so_by_its_exit_code(run: Run) -> None:
    Path("notes.mp3").write_text("no music", encoding="utf-8")
    sentence(run("scan", "notes.mp3"), 1, "not read:", "notes.mp3", "None of the files")


def test_an_unknown_name_to_exclude_is_neither_artist_nor_track(run: Run) -> None:
    sentence(run("build", DEMO_TEMPLATE, "--exclude", "nobody"), 2, "no artist 'nobody'", "no track 'nobody'")


@pytest.mark.parametrize(
    ("written", "seconds"), [("1:05:00", 3900), ("65:00", 3900), ("0:30", 30), ("5:09", 309)]
)
def test_a_pin_s_time_is_minutes_or_hours(tmp_path: Path, written: str, seconds: int) -> None:
    with Library(tmp_path / "music.db") as library:
        library.add_uri(Track("", uri=f"spotify:track:{'1' * 22}", title="One", duration=60.0))
        assert parse_pin(f"One@{written}", load_template(DEMO_TEMPLATE), library).time == seconds


def test_a_clock_with_ninety_nine_seconds_is_no_time(run: Run) -> None:
    sentence(run("build", DEMO_TEMPLATE, "--pin", "T1@9:99"), 2, "'9:99' is neither a phase")


def test_a_phase_that_no_track_fits_says_of_how_many(run: Run) -> None:
    done = run("tracks", "--template", DEMO_TEMPLATE, "--phase", "peak")
    assert done.stderr.startswith("0 tracks; none of ")
    assert done.stderr.endswith("in the library may play in peak, and `playlistkit build` says why\n")


def test_marks_of_an_alias_that_is_not_known_don_t_offer_what_lists_can_t_do(run: Run) -> None:
    sentence(
        run("clients", "marks", "Nobody"), 2, "there is no client 'Nobody'; `playlistkit clients` lists them"
    )


def test_a_search_without_a_find_does_not_tell_to_scan(run: Run) -> None:
    done = run("tracks", "no such thing")
    assert done.stderr == "0 tracks\n"


def test_a_folder_that_was_moved_after_the_scan_is_told_where_its_tracks_are_missed(
    run: Run, tmp_path: Path
) -> None:
    with Library(tmp_path / "music.db") as library:
        gone = str(tmp_path / "disk" / "one.flac")
        library.add_file(
            Track("", path=gone, title="Gone", duration=60.0), Features(), size=1, mtime_ns=1, versions={}
        )
    for command in (["tracks"], ["tracks", "--json"], ["build", DEMO_TEMPLATE]):
        done = run(*command)
        assert "1 track is left out" in done.stderr
        assert gone in done.stderr
    searched = run("tracks", "gone")  # which finds it all the same
    assert "Gone" in searched.stdout
    assert "1 track of these can't be played because its file is no longer" in searched.stderr
    assert run("tracks", "T3").stderr == "1 track\n"


def test_best_effort_is_advised_where_it_can_help_and_was_not_asked_for(run: Run) -> None:
    advice = "to the command:\n  --best-effort"
    assert advice not in run("build", DEMO_TEMPLATE).stderr  # none of the tracks has a file
    too_little = run("build", "phases", "--for", "spotify")  # 10 minutes for 180
    sentence(too_little, 3, "add music, or take a shorter template")
    assert advice not in too_little.stderr
    Path("bright.yaml").write_text(
        "{name: T, phases: [{name: peak, minutes: 5, energy: 0.9}], rules: {track_minutes: {min: 0.5, max: 30}}}",
        encoding="utf-8",
    )
    wanted = ("build", "bright.yaml", "--for", "spotify")
    lacking = run(*wanted)
    sentence(lacking, 3, "can't fill", advice)
    helped = run(*wanted, "--best-effort")
    assert helped.exit_code == 0, helped.output
    assert advice not in helped.stderr


def test_forgetting_nobody_asks_nothing(run: Run) -> None:
    sentence(run("clients", "forget", "Nobody"), 2, "there is no client 'Nobody'")


def test_a_rating_without_a_rating_is_wrong_usage(run: Run) -> None:
    sentence(run("clients", "rate", "Heron"), 2, "--liking")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_a_title_or_a_name_that_the_terminal_can_t_hold_is_shown_escaped(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "music.db"
    odd = tmp_path / os.fsdecode(b"\xff.flac")
    odd.touch()
    with Library(path) as library:
        track = Track("", path=str(odd), title="Młot 😀 \u7a7a", duration=60.0)
        library.add_file(track, Features(), size=1, mtime_ns=1, versions={})
    run = [*COMMAND, "--library", str(path), "tracks"]
    there = {**os.environ, "PYTHONIOENCODING": encoding}
    shown = subprocess.run(run, env=there, capture_output=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert b"1 track" in shown.stderr
    told = json.loads(subprocess.run([*run, "--json"], env=there, capture_output=True, check=True).stdout)
    assert (told[0]["path"], told[0]["title"]) == (str(odd), "Młot 😀 \u7a7a")


def test_variables_are_named_like_the_options(run: Run) -> None:
    done = run("tracks", env={"PLAYLISTKIT_TRACKS_JSON": "1"})
    assert len(json.loads(done.stdout)) == 10
    done = run("templates", "new", env={"PLAYLISTKIT_TEMPLATES_NEW_FROM": "nothing"})
    sentence(done, 2, "nothing")


def test_features_that_a_damaged_library_garbles_are_told_in_a_sentence(run: Run, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "music.db") as connection:
        connection.execute("UPDATE feature SET known = '{\"energy\":0.'")
    connection.close()
    sentence(run("tracks"), 1, "damaged")


def test_a_plan_whose_times_were_garbled_is_refused(run: Run) -> None:
    wanted = ("build", DEMO_TEMPLATE, "--for", "spotify", "--best-effort", "-o", "plan.json")
    assert run(*wanted).exit_code == 0
    good = json.loads(Path("plan.json").read_text(encoding="utf-8"))
    for key, value, told in (
        ("start", 1e308, "within reach"),
        ("track", {"id": "x", "path": "a\0b"}, "path"),
    ):
        plan = json.loads(json.dumps(good))
        slot = plan["slots"][0]
        slot[key] = {**slot[key], **value} if isinstance(value, dict) else value
        Path("bad.json").write_text(json.dumps(plan), encoding="utf-8")
        sentence(run("export", "bad.json", "-o", "s.m3u8", "-o", "s.html"), 2, "damaged plan", told)


def test_a_plan_with_an_odd_relative_path_is_exported_all_the_same(run: Run) -> None:
    assert run("build", DEMO_TEMPLATE, "--for", "spotify", "--best-effort", "-o", "plan.json").exit_code == 0
    plan = json.loads(Path("plan.json").read_text(encoding="utf-8"))
    plan["session"]["player"] = "files"
    plan["slots"][0]["track"]["path"] = "#1\n.opus"
    Path("odd.json").write_text(json.dumps(plan), encoding="utf-8")
    assert run("export", "odd.json", "-o", "s.m3u8").exit_code == 0
    assert "%231%0A.opus" in Path("s.m3u8").read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("asked", ["templates", "--help"])
def test_a_full_disk_under_standard_output_is_told_in_a_sentence(asked: str) -> None:
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, asked], stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=buffered
        )
    assert done.returncode == 1
    assert done.stderr == (
        "standard output can't be written: No space left on device; nothing more can be shown\n"
    )


@pytest.mark.skipif(os.name == "nt", reason="needs a shell that closes streams")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_end_no_command_in_a_traceback(tmp_path: Path, closed: str) -> None:
    shell = f'"$@" --library {tmp_path / "l.db"} tracks {closed}'
    done = subprocess.run(
        ["sh", "-c", shell, "sh", *COMMAND], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


def test_a_demo_never_leaves_half_a_track(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = CliRunner().invoke(main, ["demo", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert "no space left" in done.stderr
    assert not list((tmp_path / "out" / "music").iterdir())


def test_a_session_is_remembered_only_once_its_files_are_written(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = (
        "build",
        DEMO_TEMPLATE,
        "--for",
        "spotify",
        "--best-effort",
        "--client",
        "Heron",
        "-o",
        "s.json",
    )
    with monkeypatch.context() as patched:

        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        patched.setattr(os, "fsync", full)
        sentence(run(*wanted), 1, "no space left")
    assert json.loads(run("clients", "--json").stdout) == []
    sentence(run(*wanted), 0, "remembered as session 1")
    assert len(json.loads(run("clients", "--json").stdout)) == 1


def test_a_shortfall_tells_what_would_do_in_words_and_as_data(run: Run) -> None:
    done = run("build", "--for", "spotify", "--json")  # three hours from ten minutes
    assert done.exit_code == 3
    why = json.loads(done.stdout)
    assert [each["phase"] for each in why["phases"]] == ["arrival", "onset", "peak", "return", "grounding"]
    assert {"wanted", "eligible", "shared", "shared_with", "lacking"} <= set(why["phases"][0])
    assert why["relaxation"] is None
    assert all({"phase", "rule", "minutes"} == set(each) for each in why["gains"])
    assert "of 180 min are missing, and giving up every rule would not fill them: add music" in done.stderr


@pytest.mark.parametrize("command", ["preview", "render"])
def test_a_sound_of_no_known_format_is_wrong_usage(run: Run, command: str) -> None:
    run("build", DEMO_TEMPLATE, "--for", "spotify", "--best-effort", "-o", "plan.json")
    sentence(run(command, "plan.json", "-o", "a.txt"), 2, "suffix '.txt'; take one of .flac")
    sentence(
        run(command, "plan.json", "-o", "nowhere/a.opus"), 2, "there is no folder nowhere; make it first"
    )


def test_a_template_that_is_no_file_is_told_as_what_it_is(run: Run) -> None:
    sentence(run("templates", "check", "."), 2, ".: is a folder")
    if hasattr(os, "mkfifo"):
        os.mkfifo("pipe.yaml")
        sentence(run("templates", "check", "pipe.yaml"), 2, "pipe.yaml: is not an ordinary file")


def test_a_mark_begins_no_client_by_a_slip_of_the_pen(run: Run) -> None:
    sentence(
        run("clients", "mark", "Heron", "T1", "avoid"), 2, "there is no client 'Heron'", "--new starts one"
    )
    assert run("clients", "mark", "Heron", "T1", "avoid", "--new").exit_code == 0
    sentence(run("clients", "mark", "Herron", "T1", "avoid"), 2, "did you mean 'Heron'?")
    assert run("clients", "mark", "Heron", "T2", "keep").exit_code == 0
    (known,) = json.loads(run("clients", "--json").stdout)
    assert (known["alias"], known["keep"], known["avoid"]) == ("Heron", 1, 1)


@pytest.mark.skipif(os.name == "nt", reason="closes a descriptor as POSIX shells do")
@pytest.mark.parametrize("stdin", ["<&-", "</dev/null"])
def test_forgetting_where_nobody_can_be_asked_deletes_nothing(run: Run, tmp_path: Path, stdin: str) -> None:
    run("clients", "mark", "Heron", "T1", "avoid", "--new")
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {stdin}', "sh", *COMMAND, "--library", str(tmp_path / "music.db"), "clients", "forget",
         "Heron"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    told = "nothing was deleted: there is no terminal to ask at; add --yes to delete without asking"
    assert done.stderr.splitlines()[1:] == [told]
    assert len(json.loads(run("clients", "--json").stdout)) == 1


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
def test_tracks_have_a_header_on_a_terminal_and_none_in_a_pipe(run: Run, tmp_path: Path) -> None:
    import pty

    piped = run("tracks", "T1").stdout.splitlines()
    ours, theirs = pty.openpty()
    command = [*COMMAND, "--library", str(tmp_path / "music.db"), "tracks", "T1"]
    subprocess.run(command, stdout=theirs, stderr=subprocess.DEVNULL, check=True)
    shown = os.read(ours, 10_000).decode().splitlines()
    os.close(ours)
    os.close(theirs)
    assert shown[1:] == piped
    header, line = shown[:2]
    for name, value in (("loudness", "-20.0"), ("voice", "none"), ("title", "T1 - A1")):
        assert abs(header.index(name) - line.index(value)) <= 1


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
@pytest.mark.parametrize("unwanted", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_plan_is_shown_in_colour_on_a_terminal_unless_unwanted(
    run: Run, tmp_path: Path, unwanted: dict[str, str]
) -> None:
    import pty

    ours, theirs = pty.openpty()
    build = ["build", DEMO_TEMPLATE, "--for", "spotify", "--best-effort", "--effort", "quick"]
    command = [*COMMAND, "--library", str(tmp_path / "music.db"), *build]
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    environment |= {"TERM": "xterm", **unwanted}
    running = subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=environment)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while more := os.read(ours, 10_000):
            shown += more
    os.close(ours)
    assert running.wait() == 0
    assert (b"\x1b[" in shown) is (not unwanted)


def test_help_says_of_every_command_a_whole_sentence() -> None:
    for command in ([], ["templates"], ["clients"], ["spotify"]):
        told = CliRunner().invoke(main, [*command, "--help"]).output
        assert "..." not in told.partition("Commands:")[2]


def test_a_new_template_that_has_no_room_leaves_nothing_in_the_way(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:

        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        patched.setattr(os, "fsync", full)
        sentence(run("templates", "new", "-o", "mine.yaml"), 1, "no space left")
    assert run("templates", "new", "-o", "mine.yaml").exit_code == 0


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_demo_that_is_stopped_says_nothing_of_a_poor_library(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [*COMMAND, "demo", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not (tmp_path / "library.db").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 128 + number
    assert "lacks" not in out + err
    assert "Traceback" not in err


def test_ctrl_c_while_the_program_is_being_loaded_ends_it_as_later(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    pyproject = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())
    module, _, function = pyproject["project"]["scripts"]["playlistkit"].partition(":")
    script = f"from {module} import {function}; {function}()"
    done = subprocess.run(
        [sys.executable, "-c", script, "--help"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(PACKAGE.parent)])},
    )
    assert (done.returncode, done.stderr) == (130, "Stopped. What was finished is kept.\n")


def test_what_giving_up_rules_would_bring_is_told_in_whole_sentences(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shortfall = Shortfall("peak", 3.0, "energy", "peak lacks 3 min.")
    supply = PhaseSupply("peak", 45.0, eligible=42.0, shared=0.0, shared_with=(), lacking=3.0)
    why = Diagnosis((shortfall,), (supply,), (), (), (Rule("peak", "energy"), Rule("", "artist")))
    tell_shortfall(ShortfallError((shortfall,), why), as_json=False)
    told = capsys.readouterr().err
    assert (
        "In all, 3.0 of 45 min are missing. It would be enough to give up the limits on energy in peak; the most"
        in told
    )


def test_no_tag_moves_or_colours_the_terminal(run: Run, tmp_path: Path) -> None:
    with Library(tmp_path / "music.db") as library:
        odd = Track(
            "", uri=f"spotify:track:{'x' * 22}", title="Red\x1b[31m\x07", artist="Ren\xe9\xa0B", duration=9.0
        )
        library.add_uri(odd)
    listed = run("tracks", "Red", color=True)
    assert listed.stdout.endswith("Red\\x1b[31m\\x07 - Ren\xe9\xa0B\n")
    refused = run("set", "Red\x1b[31m", "energy=0.1", color=True)
    assert refused.exit_code == 2
    assert "\x1b" not in refused.stderr


def test_a_saved_plan_finds_its_files_where_the_library_knows_them_now(tmp_path: Path) -> None:
    made = following(load_template(DEMO_TEMPLATE), times=12)
    shorter = [
        dataclasses.replace(each, track=dataclasses.replace(each.track, duration=60.0)) for each in made
    ]
    library = keep(tmp_path, shorter)
    plan = playlistkit.build(DEMO_TEMPLATE, library, best_effort=True)
    playlistkit.export(plan, tmp_path / "saved.json")
    (tmp_path / "music").rename(tmp_path / "disk")
    command = ["--library", str(library.path), "export", str(tmp_path / "saved.json"), "-o"]

    lost = CliRunner().invoke(main, [*command, str(tmp_path / "lost.m3u8")])
    assert lost.exit_code == 0
    assert "is not there" in lost.stderr

    library.relocate(tmp_path / "music", tmp_path / "disk")
    found = CliRunner().invoke(main, [*command, str(tmp_path / "found.m3u8")])
    assert found.exit_code == 0
    assert "have moved" in found.stderr
    assert "is not there" not in found.stderr
    named = [line for line in (tmp_path / "found.m3u8").read_text("utf-8").splitlines() if line[:1] != "#"]
    assert len(named) == len(plan.slots) + len(plan.tail)
    assert all(Path(tmp_path, each).is_file() for each in named)
    assert not playlistkit.check(tmp_path / "saved.json", library).findings


def test_tracks_as_json_are_one_document_however_many_they_are(run: Run) -> None:
    all_of_them = json.loads(run("tracks", "--json").stdout)
    assert [each["title"] for each in all_of_them if each["title"] == "T3"] == ["T3"]
    assert len(all_of_them) == 10
    assert len(json.loads(run("tracks", "T3", "--json").stdout)) == 1
    assert json.loads(run("tracks", "no such thing", "--json").stdout) == []


def test_tracks_of_a_phase_are_those_that_no_rule_of_it_bars(tmp_path: Path) -> None:
    template = load_template("phases")
    library = keep(tmp_path, following(template, times=2))
    for name in ("onset", "grounding"):
        (phase,) = (each for each in template.phases if each.name == name)
        one_by_one = [
            each.track.id for each in library.candidates() if barred(each, phase, template.rules) is None
        ]
        assert [each.track.id for each in tracks(library, phase=name)] == one_by_one
        assert one_by_one


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("build ketamine-i", "plain,ketamine-im"),
        ("templates check mon", "plain,montreal"),
        ("build mine", "file,mine"),
    ],
)
def test_a_shell_completes_templates_by_name_and_by_file(typed: str, offered: str) -> None:
    words = {"COMP_WORDS": f"playlistkit {typed}", "COMP_CWORD": str(len(typed.split()))}
    run = "import sys; sys.argv[0] = 'playlistkit'; from playlistkit.cli import main; main(prog_name='playlistkit')"
    done = subprocess.run(
        [sys.executable, "-c", run],
        env={**os.environ, **words, "_PLAYLISTKIT_COMPLETE": "bash_complete"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert offered in done.stdout.split(), done.stderr


def test_standard_output_as_a_file_is_told_what_to_do_instead(run: Run) -> None:
    sentence(run("build", DEMO_TEMPLATE, "-o", "-"), 2, "name a file, or use `build --json`")


def test_a_thousand_files_that_can_t_be_read_leave_the_rest_to_be_seen(run: Run) -> None:
    Path("music").mkdir()
    for number in range(130):
        Path("music", f"{number:03}.mp3").touch()
    told = run("scan", "music").stderr.splitlines()
    assert len(told) < 110
    assert any("30 more" in line for line in told)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_the_numbers_of_a_scan_add_up_beside_what_is_no_file(run: Run) -> None:
    Path("music").mkdir()
    Path("music", "empty.mp3").touch()
    os.mkfifo("music/pipe.mp3")
    Path("music", "device.wav").symlink_to("/dev/zero")
    told = run("scan", "music").stderr
    assert "1 audio file: 1 not read, 2 more that can't be opened" in told


def test_a_title_can_t_turn_the_writing_round_and_keeps_its_joiners(run: Run) -> None:
    title = "\u202egpj \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f469\u200d\U0001f3a4"
    assert run("set", "T1", f"note={title}").exit_code == 0
    assert "\u202e" not in run("set", title, "energy=0.5").stderr
    assert words.plain(title) == title[1:]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_file_with_a_line_end_in_its_name_is_told_on_one_line(run: Run) -> None:
    Path("two\nlines.mp3").touch()
    told = run("scan", "two\nlines.mp3").stderr.splitlines()
    assert any(line.startswith("not read:") and r"two\nlines.mp3: is empty" in line for line in told)
