"""Nothing leaves the machine, and nothing is left where nobody looks for it: every command as strace sees it."""

from __future__ import annotations

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tracing import Home, Trace, needs_strace, trace

from playlistkit.cli import main
from playlistkit.library import Library
from playlistkit.model import Track

ROOT = Path(__file__).parents[1]
TEMPLATE = """
name: Two minutes
phases:
  - {name: arrival, minutes: {default: 1, min: 0.5, max: 2}, energy: [0.1, 0.2], energy_tolerance: 0.2}
  - {name: peak, minutes: {default: 1, min: 0.5, max: 2}, energy: [0.3, 0.3], energy_tolerance: 0.3}
rules:
  join: {loudness_up: 9, loudness_up_limit: 20, loudness_down: 9, loudness_down_limit: 20, energy_step: 1, energy_step_limit: 1}
  track_minutes: {min: 0.5, max: 2}
  tail_minutes: 0
  boundary_tolerance: 60
"""
ALIAS = "Kingfisher"
ELSEWHERE = "198.51.100.7"  # nobody's address (RFC 5737)

ORDERS = (
    "quieter", "louder", "quiet", "resume", "hold", "more", "gentler", "skip", "another", "next-phase", "return",
    "grounding", "pause", "undo", "end",
)  # fmt: skip

# Every command but those of `spotify` (tests/spotify/test_privacy.py), in an order in which they can be run.
COMMANDS = {
    "demo": ["demo", "demo"],
    "scan": ["scan", "music", "--force"],
    "import": ["import", "table.csv"],
    "tracks": ["tracks"],
    "rate": ["rate", "--examples", "steps"],
    "set": ["set", "Long", "vocals=none"],
    "templates": ["templates"],
    "templates show": ["templates", "show", "ketamine-im"],
    "templates new": ["templates", "new", "--from", "ketamine-im", "-o", "own.yaml"],
    "templates check": ["templates", "check", "own.yaml"],
    "templates schema": ["templates", "schema"],
    "build": [
        *("build", "two.yaml", "--client", ALIAS, "-o", "session.m3u8", "-o", "session.html"),
        *("-o", "session.png", "-o", "session.svg", "-o", "session.xspf", "-o", "session.json"),
    ],
    "check": ["check", "far.m3u8", "--template", "two.yaml"],
    "swap": ["swap", "session.json", "99"],
    "export": ["export", "session.json", "-o", "again.csv"],
    "preview": ["preview", "session.json", "-o", "joins.wav", "--phase", "peak"],
    "render": ["render", "session.json", "-o", "session.wav"],
    "session check": ["session", "check", "session.json", "--device", "null", "--quick"],
    "play": [
        "play",
        "session.json",
        "--device",
        "null",
        "--client",
        ALIAS,
        "--detach",
        "--record",
        "record.jsonl",
    ],
    "session status": ["session", "status"],
    **{f"session {name}": ["session", name] for name in ORDERS},
    "session played": ["session", "played", "record.jsonl", "-o", "played.csv"],
    "aftercare": ["aftercare", "-o", "aftercare.html"],
    "clients": ["clients"],
    "clients sessions": ["clients", "sessions", ALIAS],
    "clients mark": ["clients", "mark", ALIAS, "Red Dawn", "avoid"],
    "clients marks": ["clients", "marks", ALIAS],
    "clients rate": ["clients", "rate", ALIAS, "--liking", "8"],
    "clients drop": ["clients", "drop", ALIAS, "1"],
    "clients rename": ["clients", "rename", ALIAS, "Wren"],
    "clients forget": ["clients", "forget", "Wren", "--yes"],
}

# Commands that run until they are stopped, and what they say when they have begun.
RUNNING = {
    "open": (["open", "--no-browser"], "http://127.0.0.1"),
}

# The sockets that a command is made of, as `tracing.Trace` names them. Every other command has none.
LOCAL = {
    "open": {"AF_INET", "AF_INET 127.0.0.1"},  # the page, for this machine alone
    "play": {"AF_UNIX", "AF_UNIX of the user's own"},  # by which `session` reaches the player
}

# What a library does when it is imported alone. All others do nothing.
ON_IMPORT = {
    # urllib3 tries whether this machine has IPv6: a socket of its own, bound to itself and closed at once
    "requests": {"AF_INET6", "AF_INET6 ::1"},
    "spotipy": {"AF_INET6", "AF_INET6 ::1"},
}


def leaves(command: click.Command, path: str = "") -> Iterator[str]:
    """The names of all commands that do something by themselves."""
    if not isinstance(command, click.Group) or (path and command.invoke_without_command):
        yield path
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from leaves(inner, f"{path} {name}".strip())


def test_every_command_is_traced() -> None:
    known = {name for name in leaves(main) if not name.startswith("spotify")}
    assert known == {*COMMANDS, *RUNNING}, "give each new command a line in COMMANDS or RUNNING"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, demo_folder: Path) -> Home:
    """A user with the demo's library, and with files that ask for something far away."""
    home = Home(tmp_path_factory.mktemp("user"))
    shutil.copytree(demo_folder, home.work / "demo")  # so that nothing need be listened to again
    library = home.data / "playlistkit" / "library.db"
    library.parent.mkdir(mode=0o700)
    shutil.copyfile(demo_folder / "library.db", library)
    with Library(library) as opened:  # more than SQLite keeps in memory by itself when it rewrites the file
        opened.mark(opened.add_uri(Track("", uri="spotify:track:long", title="Long")), note="x" * 5_000_000)
    music = home.work / "music"
    music.mkdir()
    shutil.copyfile(demo_folder / "music" / "intro.opus", music / "intro.opus")
    far = f"http://{ELSEWHERE}/far.mp3"
    for name, text in {
        "live.mp3": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{far}\n#EXT-X-ENDLIST\n",
        "cast.wav": f"v=0\r\no=- 0 0 IN IP4 {ELSEWHERE}\r\ns=-\r\nc=IN IP4 {ELSEWHERE}\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n",
        "joined.flac": f"ffconcat version 1.0\nfile '{far}'\n",
        "../two.yaml": TEMPLATE,
        "../far.m3u8": f"#EXTM3U\n{far}\n{home.work}/demo/music/intro.opus\n",
        "../table.csv": f"title,artist,uri,energy,url\nOdd,Nobody,spotify:track:{1:022},0.3,{far}\n",
    }.items():
        (music / name).write_text(text, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def traced(home: Home) -> dict[str, Trace]:
    """What every command did, all in one process."""
    steps = home.work / "steps.json"
    steps.write_text(json.dumps(COMMANDS))
    traces, said = trace(
        [sys.executable, str(ROOT / "tests" / "run_marked.py"), "commands", str(steps)], home
    )
    codes = dict(re.findall(r"^([a-z -]+): exit code (\d)$", said, re.MULTILINE))
    assert (
        len(re.findall("^not read: ", said, re.MULTILINE)) == 3
    )  # the files that ask for something far away
    answers = {"check": "3", "session check": "3", "swap": "2"}
    refused = {
        f"session {name}" for name in ORDERS if codes.get(f"session {name}") == "1"
    }  # as it stood then
    assert len(refused) < 5
    assert {name: code for name, code in codes.items() if name not in refused} == {
        name: answers.get(name, "0") for name in COMMANDS if name not in refused
    }, said[-2000:]
    return traces


def allowed(home: Home) -> list[Path]:
    """The folders that docs/library.md names."""
    return [
        home.data / "playlistkit", home.state / "playlistkit", home.cache / "matplotlib", home.config / "matplotlib",
    ]  # fmt: skip


@needs_strace
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_opens_a_socket_or_looks_up_a_name(command: str, traced: dict[str, Trace]) -> None:
    sockets = traced[command].sockets
    if command.split()[0] in ("play", "session"):  # the player, asked by a socket in the session's own folder
        sockets = {each for each in sockets if not each.startswith("AF_UNIX")}
    assert sockets <= LOCAL.get(command, set())


@needs_strace
def test_nothing_is_written_but_where_the_documents_say(home: Home, traced: dict[str, Trace]) -> None:
    assert {
        name: strays for name, each in traced.items() if (strays := home.strays(each.written, allowed(home)))
    } == {}
    assert {str(path) for path in home.files() if "fontlist" not in path.name} == {
        "data/playlistkit/library.db",
        "data/playlistkit/library-checked.db",
        "state/playlistkit/session/lock",
    }
    page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    for folder in (
        "~/.local/share/playlistkit/",
        "~/.local/state/playlistkit/",
        "~/.cache/matplotlib/",
        "~/.config/matplotlib/",
    ):
        assert folder in page


@needs_strace
def test_machine_code_is_kept_where_the_documents_say(tmp_path: Path) -> None:
    home = Home(tmp_path)
    kept = home.cache / "numba"
    code = "import playlistkit.planner.bound.compiled"
    traces, _ = trace(
        [sys.executable, "-c", code], home, {"NUMBA_CACHE_DIR": str(kept), "NUMBA_OPT": "0"}
    )  # in half the time
    did = traces[""]
    assert list(kept.rglob("compiled.*.nbc"))
    assert did.sockets == set()
    assert home.strays(did.written, [kept]) == set()
    assert "`~/.cache/numba/`" in (ROOT / "docs" / "library.md").read_text(encoding="utf-8")


@needs_strace
def test_no_list_of_processes_shows_an_alias_or_a_track(traced: dict[str, Trace]) -> None:
    started = [line for each in traced.values() for line in each.programs]
    assert any("serve" in line for line in started)  # the process that listened
    assert not [line for line in started[1:] if ALIAS in line or ".opus" in line or "library.db" in line]


@needs_strace
def test_no_library_reaches_out_when_it_is_imported(tmp_path: Path) -> None:
    home = Home(tmp_path)
    modules: dict[str, list[str]] = {}
    for module, distributions in importlib.metadata.packages_distributions().items():
        for name in distributions:
            if module.isidentifier() and not module.startswith("_"):
                modules.setdefault(name.lower().replace("_", "-"), []).append(module)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"].get("cluster", ())]
    named = (re.split(r"[^\w-]", line)[0].lower() for line in lines)
    asked = {name: modules[name] for name in named if name in modules}
    steps = home.work / "modules.json"
    steps.write_text(json.dumps(asked))
    traces, said = trace([sys.executable, str(ROOT / "tests" / "run_marked.py"), "imports", str(steps)], home)
    assert said == "".join(f"{name}: exit code 0\n" for name in asked)
    assert {name: traces[name].sockets for name in asked if traces[name].sockets} == ON_IMPORT
    strays = {name: home.strays(traces[name].written, allowed(home)[2:]) for name in asked}
    assert not any(strays.values()), strays


@needs_strace
@pytest.mark.parametrize("command", RUNNING)
def test_what_runs_until_it_is_stopped_reaches_this_machine_alone(
    command: str, home: Home, traced: dict[str, Trace]
) -> None:
    arguments, begun = RUNNING[command]
    parts, said = trace([sys.executable, "-m", "playlistkit", *arguments], home, until=begun)
    assert begun in said
    own = re.compile(rf"AF_UNIX {re.escape(str(home.folder))}/.*")
    assert {own.sub("AF_UNIX of the user's own", each) for each in parts[""].sockets} <= LOCAL[command]
    assert home.strays(parts[""].written, allowed(home)) == set()
    assert command == "play" or not list(
        home.state.rglob("*.*")
    )  # a player that is killed leaves where it was
    assert not [line for line in parts[""].programs[1:] if ".opus" in line or "library.db" in line]


def test_a_crash_of_a_command_leaves_no_memory_on_the_disk() -> None:
    code = (
        "import resource\nfrom playlistkit.cli import main\nmain(['templates'], standalone_mode=False)\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) in (0, 1)
