"""`check`: an existing playlist of any make, held against a template."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import made_music
import pytest
from click.testing import CliRunner

from playlistkit import template as templates
from playlistkit.cli import main
from playlistkit.errors import InputError
from playlistkit.facts.playlists import PhaseEnd
from playlistkit.library import Library
from playlistkit.model import Candidate, Features, Finding, Place, Plan, Slot, Track
from playlistkit.workflow.output.export import export
from playlistkit.workflow.planning.build import build
from playlistkit.workflow.playlists.check import CheckReport, check
from playlistkit.workflow.playlists.grouped import grouped

TEMPLATE = templates.parse(
    """
name: Small
phases:
  - {name: arrival, minutes: 10, energy: [0.12, 0.18], vocals: none, loudness: -24}
  - {name: peak, minutes: 15, energy: [0.20, 0.30], vocals: none, loudness: -23}
  - {name: return, minutes: 10, energy: [0.28, 0.18], loudness: -24}
rules: {track_minutes: {min: 2, max: 10}, boundary_tolerance: 60, tail_minutes: 5}
""",
    "small.yaml",
)
MUSIC = made_music.following(TEMPLATE, times=3)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with made_music.keep(tmp_path_factory.mktemp("library"), MUSIC) as made:
        yield made


@pytest.fixture(scope="module")
def plan(library: Library) -> Plan:
    return build(TEMPLATE, library, effort="quick")


@pytest.fixture
def paths(plan: Plan) -> list[str]:
    """The files of the plan in their order, its tail left out."""
    return [str(slot.track.path) for slot in plan.slots]


def kinds(report: CheckReport) -> set[str]:
    return {finding.kind for finding in report.findings}


def found(report: CheckReport, kind: str) -> list[tuple[str, str]]:
    return [(each.where, each.text) for each in (*report.findings, *report.wishes) if each.kind == kind]


def m3u(folder: Path, lines: Sequence[str], name: str = "list.m3u") -> Path:
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def written_as_pls(file: Path, paths: Sequence[str]) -> None:
    lines = [f"File{number}={path}" for number, path in enumerate(paths, 1)]
    file.write_text("\r\n".join(["[playlist]", *lines, f"NumberOfEntries={len(paths)}"]), encoding="utf-8")


def written_as_asx(file: Path, paths: Sequence[str]) -> None:
    entries = "".join(f'<Entry><Ref href="{path}"></Entry>' for path in paths)
    file.write_text(f"<ASX version=3>{entries}</ASX>", encoding="utf-8")


def written_as_old_m3u(file: Path, paths: Sequence[str]) -> None:
    relative = [os.path.relpath(path, file.parent).replace("/", "\\") for path in paths]
    file.write_bytes("\r".join(["# Süß", *relative]).encode("latin-1"))


def written_as_table(file: Path, paths: Sequence[str]) -> None:
    with file.open("w", newline="", encoding="utf-16") as out:
        csv.writer(out, delimiter=";").writerows([["Path"], *([path] for path in paths)])


@pytest.mark.parametrize("suffix", [".json", ".m3u8", ".m3u", ".xspf", ".jspf", ".csv"])
def test_our_own_fresh_plan_is_clean_in_every_format(
    suffix: str, plan: Plan, library: Library, tmp_path: Path
) -> None:
    file = tmp_path / f"session{suffix}"
    export(plan, file)
    report = check(file, library, template=None if suffix == ".json" else TEMPLATE)
    assert report.findings == ()
    assert report.passed_over == ()
    assert [(phase.name, phase.tracks) for phase in report.phases] == [
        (phase.name, sum(slot.phase == phase.name for slot in plan.slots)) for phase in plan.phases
    ]
    assert len(report.tracks) == len(plan.slots) + len(plan.tail)
    assert [track.phase for track in report.tracks][-1] == "tail"


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("list.pls", written_as_pls),
        ("list.asx", written_as_asx),
        ("list.m3u", written_as_old_m3u),
        ("list.csv", written_as_table),
    ],
)
def test_playlists_of_other_makes_say_the_same(
    name: str,
    write: Callable[[Path, Sequence[str]], None],
    paths: list[str],
    library: Library,
    tmp_path: Path,
) -> None:
    write(tmp_path / name, paths)
    report = check(tmp_path / name, library, template=TEMPLATE)
    assert report.findings == ()
    assert len(report.tracks) == len(paths)


def test_a_phase_tells_its_minutes_energy_tempo_and_voice(
    plan: Plan, paths: list[str], library: Library, tmp_path: Path
) -> None:
    peak = check(m3u(tmp_path, paths), library, template=TEMPLATE).phases[1]
    own = [slot for slot in plan.slots if slot.phase == "peak"]
    assert peak.minutes == pytest.approx(sum(slot.duration for slot in own) / 60, abs=0.01)
    energies = [slot.features.energy or 0 for slot in own]
    tempos = [slot.features.tempo or 0 for slot in own]
    assert peak.energy is not None
    assert peak.tempo is not None
    assert min(energies) <= peak.energy <= max(energies)
    assert min(tempos) <= peak.tempo <= max(tempos)
    assert peak.voice == {"none": peak.minutes}


def test_a_join_tells_its_steps_silence_and_overlap(
    plan: Plan, paths: list[str], library: Library, tmp_path: Path
) -> None:
    joins = check(m3u(tmp_path, paths), library, template=TEMPLATE, overlap=0.5).joins
    assert len(joins) == len(plan.slots) - 1
    one, two = plan.slots[0].features, plan.slots[1].features
    assert joins[0].number == 1
    assert joins[0].loudness_step == pytest.approx(two.loudness_start - one.loudness_end, abs=0.01)
    assert joins[0].energy_step == pytest.approx(abs(two.energy_start - one.energy_end), abs=0.001)
    assert joins[0].silence == pytest.approx(
        0.2
    )  # half a second at the end, 0.2 s at the start, 0.5 s overlap
    assert joins[0].overlap == 0.5
    assert joins[0].time == pytest.approx(plan.slots[0].duration - 0.5)


def test_a_missing_file_is_told_by_its_number(paths: list[str], library: Library, tmp_path: Path) -> None:
    report = check(m3u(tmp_path, [*paths[:2], "gone.flac", *paths[2:]]), library, template=TEMPLATE)
    assert [where for where, _ in found(report, "missing")] == ["track 3"]
    assert str(tmp_path / "gone.flac") in found(report, "missing")[0][1]


def test_a_file_that_holds_no_audio_is_told(paths: list[str], library: Library, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not music", encoding="utf-8")
    (tmp_path / "broken.mp3").write_bytes(b"\xff\xfbnothing" * 40)
    report = check(m3u(tmp_path, [*paths, "notes.txt", "broken.mp3"]), library, template=TEMPLATE)
    count = len(paths)
    assert [where for where, _ in found(report, "unreadable")] == [f"track {count + 1}", f"track {count + 2}"]


def test_a_track_played_twice_is_told(paths: list[str], library: Library, tmp_path: Path) -> None:
    report = check(m3u(tmp_path, [*paths[:3], paths[0], *paths[3:]]), library, template=TEMPLATE)
    ((where, text),) = found(report, "repeat")
    assert where == "track 4"
    assert "already played as track 1" in text


def with_track(folder: Path, library_folder: Path, **features: object) -> tuple[Library, str]:
    """The made library and one track more, with its path."""
    odd = Candidate(
        Track("odd", title="Odd one", artist="Somebody", duration=float(features.pop("duration", 200.0))),  # type: ignore[arg-type]
        Features(**{"energy": 0.15, "loudness": -24.0, "vocals": "none", **features}),  # type: ignore[arg-type]
    )
    library = made_music.keep(library_folder, [*MUSIC, odd])
    path = next(each.track.path for each in library.candidates() if each.track.title == "Odd one")
    return library, str(path)


@pytest.mark.parametrize(
    ("features", "kind", "told"),
    [
        ({"duration": 700.0}, "track_minutes", "tracks may last 2 to 10 min"),
        ({"vocals": "unknown"}, "vocals", "nobody knows whether anyone sings"),
        ({"vocals": "words"}, "vocals", "it has words"),
        ({"energy": 0.9}, "energy", "arrival takes 0 to 0.3"),
        ({"energy": None}, "energy", "its energy is not known"),
    ],
)
def test_a_track_that_may_not_stand_there_is_told(
    features: dict[str, object], kind: str, told: str, tmp_path: Path
) -> None:
    library, path = with_track(tmp_path, tmp_path, **features)
    with library:
        report = check(m3u(tmp_path, [path]), library, template=TEMPLATE)
    assert ("track 1", True) in [(where, told in text) for where, text in found(report, kind)]


def test_loud_and_sudden_joins_and_silences_are_told_by_how_bad_they_are(tmp_path: Path) -> None:
    library, path = with_track(
        tmp_path, tmp_path, loudness_start=-5.0, energy_start=0.9, silence_end=5.0, silence_start=11.0
    )
    with library:
        others = [str(each.track.path) for each in library.candidates() if each.track.path != path][:2]
        report = check(m3u(tmp_path, [others[0], path, others[1]]), library, template=TEMPLATE)
    broken = {(each.kind, each.where) for each in report.findings}
    assert {("loudness", "join 1"), ("energy", "join 1"), ("silence", "join 1")} <= broken
    assert ("silence", "join 2") in {(each.kind, each.where) for each in report.wishes}


def test_an_overlap_that_eats_a_track_is_told(tmp_path: Path) -> None:
    library, path = with_track(tmp_path, tmp_path, duration=50.0)
    with library:
        report = check(m3u(tmp_path, [path]), library, template=TEMPLATE, overlap=30.0)
    assert found(report, "duration")


def test_an_overlap_that_no_player_has_is_refused(library: Library, paths: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="give 0 to 12 seconds"):
        check(m3u(tmp_path, paths), library, template=TEMPLATE, player="spotify", overlap=20)


def test_a_playlist_that_ends_early_lacks_its_phases(
    paths: list[str], library: Library, tmp_path: Path
) -> None:
    report = check(m3u(tmp_path, paths[:2]), library, template=TEMPLATE)
    assert "phase return" in [where for where, _ in found(report, "minutes")]
    assert [phase.tracks for phase in report.phases][-1] == 0


def test_what_was_passed_over_is_said(paths: list[str], library: Library, tmp_path: Path) -> None:
    report = check(
        m3u(tmp_path, ["#EXTM3U", "#EXTINF:what,A - B", *paths[:1], "#EXTVLCOPT:x=1", *paths[1:]]),
        library,
        template=TEMPLATE,
    )
    assert len(report.passed_over) == 2
    assert report.findings == ()


def test_a_table_of_titles_alone_finds_their_tracks(plan: Plan, library: Library, tmp_path: Path) -> None:
    file = tmp_path / "titles.csv"
    file.write_text("\n".join(["Title", *(str(slot.track.title) for slot in plan.slots)]), encoding="utf-8")
    assert check(file, library, template=TEMPLATE).findings == ()


def hyphened(title: str | None) -> str:
    """The title as somebody else typed it."""
    return str(title).replace(" ", "-")


def test_title_and_artist_or_the_end_of_a_path_find_what_no_path_finds(
    plan: Plan, paths: list[str], library: Library, tmp_path: Path
) -> None:
    tracks = [slot.track for slot in plan.slots]
    lines = [
        f"#EXTINF:-1,{each.artist} - {hyphened(each.title)}\n/data/audio/{k}.flac"
        for k, each in enumerate(tracks)
    ]
    assert check(m3u(tmp_path, ["#EXTM3U", *lines]), library, template=TEMPLATE).findings == ()
    elsewhere = [f"E:\\{Path(path).parent.name}\\{Path(path).name}" for path in paths]
    assert check(m3u(tmp_path, elsewhere), library, template=TEMPLATE).findings == ()
    encoded_anew = [str(Path("/old", *Path(path).parts[-2:]).with_suffix(".flac")) for path in paths]
    assert check(m3u(tmp_path, encoded_anew), library, template=TEMPLATE).findings == ()


@pytest.mark.parametrize(
    "written",
    [
        "#EXTINF:-1,{title} - {artist}\n/gone/{k}.flac",  # as iTunes writes it
        "#EXTINF:-1,{artist}-{title}\n/gone/{k}.flac",
        "#EXTINF:-1,{artist} \N{EN DASH} {title}\n/gone/{k}.flac",
        "{artist} - {title}",
        "{k}. {artist} \N{EN DASH} {title}",
    ],
)
def test_artist_and_title_are_known_in_either_order_and_from_a_list_typed_by_hand(
    written: str, plan: Plan, library: Library, tmp_path: Path
) -> None:
    tracks = [slot.track for slot in plan.slots]
    lines = [
        written.format(title=str(each.title).replace("/", " "), artist=each.artist, k=k)
        for k, each in enumerate(tracks)
    ]
    assert check(m3u(tmp_path, lines), library, template=TEMPLATE).findings == ()


def test_what_the_library_does_not_know_by_title_is_told(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "list.jspf"
    file.write_text('{"playlist": {"track": [{"title": "Nobody\'s", "creator": "X"}]}}', encoding="utf-8")
    assert found(check(file, library, template=TEMPLATE), "missing") == [
        ("track 1", 'the library has no track "X - Nobody\'s", or more than one; give its path')
    ]


def test_a_folder_stands_for_its_music_but_not_one_around_the_playlist(
    paths: list[str], library: Library, tmp_path: Path
) -> None:
    folder = str(Path(paths[0]).parent)
    report = check(m3u(tmp_path, [folder, "/", ".."]), library, template=TEMPLATE)
    assert len(report.tracks) == len(MUSIC)
    assert [each.rpartition(": ")[2].partition(";")[0] for each in report.passed_over] == [
        "this folder contains the playlist itself"
    ] * 2


def test_parts_of_a_file_are_judged_by_its_curves_and_are_no_repeats(
    plan: Plan, paths: list[str], library: Library, tmp_path: Path
) -> None:
    part = "#EXTVLCOPT:start-time={}\n#EXTVLCOPT:stop-time={}\n{}"
    report = check(
        m3u(tmp_path, [part.format(0, 60, paths[0]), part.format(60, 130, paths[0])]),
        library,
        template=TEMPLATE,
    )
    assert [track.duration for track in report.tracks] == [60.0, 70.0]
    assert not found(report, "repeat")
    assert report.passed_over == ("parts of files are judged by what was measured of the whole files",)


def test_a_plan_is_held_against_another_template_than_its_own(
    plan: Plan, library: Library, tmp_path: Path
) -> None:
    export(plan, tmp_path / "plan.json")
    report = check(tmp_path / "plan.json", library, template="phases")
    assert report.template.startswith("Ketamine")
    assert "minutes" in kinds(report)


def test_a_plan_is_judged_as_it_plays_though_its_template_is_named(library: Library, tmp_path: Path) -> None:
    rendered = build(TEMPLATE, library, player="render", effort="quick")
    assert (
        len({slot.overlap for slot in rendered.slots[:-1]}) > 1
    )  # overlaps of its own, moved until the times are met
    export(rendered, tmp_path / "plan.json")
    report = check(tmp_path / "plan.json", library, template=TEMPLATE)
    assert report == check(tmp_path / "plan.json", library)
    assert [track.phase for track in report.tracks].count("tail") == len(rendered.tail) > 0


def run(library: Library, *arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["--library", str(library.path), "check", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(json.dumps(templates.dump(TEMPLATE)), encoding="utf-8")
    return file


def test_exit_codes_say_clean_findings_or_unreadable(
    paths: list[str], library: Library, small: Path, tmp_path: Path
) -> None:
    clean, dirty = m3u(tmp_path, paths), m3u(tmp_path, paths[:3], "short.m3u")
    damaged, empty = m3u(tmp_path, ["<playlist><tr"], "damaged.xspf"), m3u(tmp_path, ["#EXTM3U"], "empty.m3u")
    assert run(library, clean, "--template", small)[0] == 0
    assert run(library, dirty, "--template", small)[0] == 3
    for file in (damaged, empty, tmp_path / "nowhere.m3u"):
        code, _, told = run(library, file, "--template", small)
        assert code == 2
        assert file.name in told


def test_json_is_one_document_with_its_findings(
    paths: list[str], library: Library, small: Path, tmp_path: Path
) -> None:
    code, out, _ = run(library, m3u(tmp_path, [*paths, "gone.mp3"]), "--template", small, "--json")
    report = json.loads(out)
    assert code == 3
    assert {"kind": "missing", "where": f"track {len(paths) + 1}"}.items() <= report["findings"][0].items()
    assert {"findings", "wishes", "phases", "joins", "tracks", "passed_over"} <= set(report)
    assert {"kind", "where", "text"} <= set(report["findings"][0])


NASTY = {
    "nothing": b"",
    "zeros": b"\0" * 200,
    "latin": b"#EXTM3U\r\n#EXTINF:-1,Caf\xe9\r\ncaf\xe9.mp3\r\n",
    "utf16": "#EXTM3U\nlied.mp3\n".encode("utf-16"),
    "network": b"http://radio.example/stream\nspotify:track:0000000000000000000001\n",
    "odd paths": b"\\\\host\\share\\x.mp3\nC:\\Music\\y.mp3\nfile:///%ff%fe.mp3\n%00.mp3\n" + b"a" * 5000,
    "folders": b".\n..\n/\n",
    "itself": b"itself.m3u\n",
    "html": b"<html><body>404</body></html>",
    "bomb": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><playlist>&b;</playlist>',
    "deep": b"[" * 100_000,
    "json": b'{"playlist": {"track": [1, null, {"location": [3]}, {"location": ["x.mp3"], "duration": "1"}]}}',
    "pls": b"[playlist]\nFile99999999999999999999=a.mp3\nLength99999999999999999999=-1\n",
}


@pytest.mark.parametrize(
    "suffix", [".m3u", ".m3u8", ".xspf", ".jspf", ".pls", ".asx", ".wpl", ".csv", ".json"]
)
@pytest.mark.parametrize("name", NASTY)
def test_whatever_the_file_holds_the_answer_is_a_sentence(
    name: str, suffix: str, library: Library, small: Path, tmp_path: Path
) -> None:
    file = tmp_path / f"itself{suffix}"
    file.write_bytes(NASTY[name])
    code, out, told = run(library, file, "--template", small)
    assert code in (2, 3)
    assert out if code == 3 else told


def test_a_look_at_a_playlist_puts_none_of_its_tracks_into_the_library(
    demo_folder: Path, tmp_path: Path
) -> None:
    music = shutil.copy(next((demo_folder / "music").glob("morning-b*.opus")), tmp_path / "new.opus")
    playlist = tmp_path / "a.m3u8"
    playlist.write_text(f"{music}\n", encoding="utf-8")
    with Library(tmp_path / "library.db") as library:
        for _ in range(2):
            report = check(playlist, library)
            assert report.tracks[0].energy is not None
        assert len(library) == 0
        assert library.files() == {}


def test_what_one_would_act_on_at_once_is_one_finding() -> None:
    slots = [
        Slot(phase, 100.0 * k, 100.0, Track(f"t{k}", title=f"T{k}", duration=100.0), Features())
        for k, phase in enumerate(["arrival"] * 3 + ["peak"] * 3)
    ]
    joins = [Finding("energy", Place("join", k), "steps by 0.5.") for k in (1, 2, 4)]
    short = [Finding("track_minutes", Place("track", k), "lasts 1 min.") for k in (1, 2, 5)]
    calm = [Finding("energy", Place("track", k), "has energy 0.9.") for k in (1, 2, 3, 5)]
    ends = [
        Finding("minutes", Place("phase", name), PhaseEnd(name, 40.0, 15.0))
        for name in ("arrival", "peak", "return")
    ]
    told = {(each.kind, each.where): each.text for each in grouped([*joins, *short, *calm, *ends], slots)}
    assert list(told) == [
        ("energy", "session"),
        ("track_minutes", "session"),
        ("energy", "phase arrival"),
        ("energy", "track 5"),
        ("minutes", "session"),
    ]
    assert told["energy", "session"].startswith("3 joins (1, 2 and 4).")
    assert (
        "arrival ends 40 s late, peak ends 40 s late and return ends 40 s late" in told["minutes", "session"]
    )
