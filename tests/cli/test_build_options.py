"""Each option of `build` changes the plan in the way that it promises, against the same call without it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import made_music
import pytest
from click.testing import CliRunner, Result

from playlistkit import template as templates
from playlistkit.cli import main
from playlistkit.library import Library

TEXT = """
name: Small
phases:
  - {name: arrival, minutes: 10, energy: [0.12, 0.18], vocals: none, loudness: -24}
  - {name: peak, minutes: {default: 15, min: 10, max: 20}, energy: [0.20, 0.30], tempo: [55, 90], loudness: -21}
  - {name: return, minutes: 10, energy: [0.28, 0.18], loudness: -24}
rules: {track_minutes: {min: 2, max: 10}, boundary_tolerance: 60, tail_minutes: 4}
variants:
  calm: {energy: -0.04}
"""
OVERLAPS_UNDER_RENDER = (0, 12)  # s

Run = Callable[..., Result]
Slots = list[dict[str, Any]]
CLAIMS: set[str] = set()
"""The options of which a test here says what they do."""


def claims(*options: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Marks a test as the one that shows what these options do."""
    CLAIMS.update(options)
    return lambda test: test


@pytest.fixture
def library(tmp_path: Path) -> Path:
    music = made_music.following(templates.parse(TEXT, "small.yaml"), times=9)
    with made_music.keep(tmp_path, music) as made:
        for number, each in enumerate(made.candidates()):
            if number % 3:  # two thirds are on Spotify as well
                made.link(each.track.id, f"spotify:track:{number:022}")
        return Path(made.path)


@pytest.fixture
def run(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `build` of the small template in an empty folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("small.yaml").write_text(TEXT, encoding="utf-8")

    def build(*options: str) -> Result:
        effort = () if "--effort" in options else ("--effort", "quick")
        return CliRunner().invoke(
            main, ["--library", str(library), "build", "small.yaml", "--json", *effort, *options]
        )

    return build


def plan(done: Result) -> dict[str, Any]:
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ids(of: dict[str, Any], phase: str | None = None) -> list[str]:
    return [slot["track"]["id"] for slot in of["slots"] if phase in (None, slot["phase"])]


@claims("--output", "--json")
def test_output_writes_the_plan_that_json_prints(run: Run) -> None:
    printed = run("--output", "one.json", "-o", "one.m3u8")
    assert Path("one.json").read_text(encoding="utf-8").strip() == printed.stdout.strip()
    assert json.loads(printed.stdout)["playlistkit"] == 1
    assert Path("one.m3u8").exists()
    assert printed.stderr == "wrote one.json\nwrote one.m3u8\n"


@claims("--variant")
def test_variant_lowers_what_it_says(run: Run) -> None:
    usual, calm = plan(run()), plan(run("--variant", "calm"))
    levels = [[phase["energy"] for phase in each["template"]["phases"]] for each in (usual, calm)]
    assert levels[0] != levels[1]

    def mean(of: dict[str, Any]) -> float:
        played = [(slot["features"]["energy"], slot["duration"]) for slot in of["slots"]]
        return sum(level * seconds for level, seconds in played) / sum(seconds for _, seconds in played)

    assert mean(usual) - mean(calm) == pytest.approx(0.04, abs=0.02)


@claims("--minutes")
def test_minutes_lengthen_the_phase(run: Run) -> None:
    longer = plan(run("--minutes", "peak=20"))
    ends = [[phase["end"] for phase in each["phases"]] for each in (plan(run()), longer)]
    assert [round((two - one) / 60) for one, two in zip(*ends, strict=True)] == [0, 5, 5]


@claims("--pin")
def test_pin_brings_a_track_that_would_not_be_there(run: Run, library: Path) -> None:
    usual = plan(run())
    with Library(library) as opened:
        spare = next(
            each.track.title
            for each in opened.candidates()
            if 0.22 <= (each.features.energy or 0) <= 0.28 and each.track.id not in ids(usual)
        )
    pinned = plan(run("--pin", f"{spare}@peak:last"))
    assert [slot["track"]["title"] for slot in pinned["slots"] if slot["phase"] == "peak"][-1] == spare


@claims("--exclude")
def test_exclude_takes_a_track_and_an_artist_out(run: Run) -> None:
    first, *_, last = plan(run())["slots"]
    without = plan(run("--exclude", first["track"]["id"], "--exclude", last["track"]["artist"]))
    assert first["track"]["id"] not in ids(without)
    assert last["track"]["artist"] not in {slot["track"]["artist"] for slot in without["slots"]}


@claims("--client", "--session", "--allow-repeats")
def test_a_client_hears_nothing_twice_but_what_is_planned_again_or_allowed(run: Run) -> None:
    usual = ids(plan(run()))
    assert ids(plan(run("--client", "Heron"))) == usual
    second = plan(run("--client", "Heron"))
    assert not set(ids(second)) & set(usual)
    assert ids(plan(run("--client", "Heron", "--session", "1"))) == usual
    assert ids(plan(run("--client", "Heron", "--session", "1", "--allow-repeats"))) == usual


@claims("--for")
def test_for_decides_gains_overlaps_and_what_can_be_played(run: Run) -> None:
    files, spotify, render = (plan(run("--for", player)) for player in ("files", "spotify", "render"))
    assert {(slot["gain"], slot["overlap"]) for slot in files["slots"]} == {(0.0, 0.0)}
    assert any(slot["track"]["uri"] is None for slot in files["slots"])
    assert all(slot["track"]["uri"] for slot in spotify["slots"])
    assert len({slot["gain"] for slot in render["slots"]}) > 5
    low, high = OVERLAPS_UNDER_RENDER
    assert all(low <= slot["overlap"] <= high for slot in render["slots"])
    assert [phase["residual"] for phase in render["phases"]] == pytest.approx([0, 0, 0], abs=0.01)
    assert any(abs(phase["residual"]) > 0.5 for phase in files["phases"])


@claims("--overlap")
def test_overlap_lets_each_track_begin_before_the_one_before_ends(run: Run) -> None:
    slots: Slots = plan(run("--overlap", "8"))["slots"]
    assert {slot["overlap"] for slot in slots} == {8.0}
    for one, two in itertools.pairwise(slots):
        assert two["start"] == pytest.approx(one["start"] + one["duration"] - 8)
    assert slots[-1]["start"] + slots[-1]["duration"] == pytest.approx(35 * 60, abs=70)


@claims("--seed")
def test_seed_gives_other_plans_nearly_as_good_and_each_the_same_again(tmp_path: Path) -> None:
    template = tmp_path / "small.yaml"
    template.write_text(TEXT, encoding="utf-8")
    music = made_music.following(templates.parse(TEXT, "small.yaml"), times=25)

    def seeded(*options: str) -> dict[str, Any]:
        return plan(CliRunner().invoke(main, ["--library", path, "build", str(template), "--json", *options]))

    with made_music.keep(tmp_path, music) as made:
        path = str(made.path)
        best = seeded()
        others = [seeded("--seed", str(seed)) for seed in range(3)]
    assert len({tuple(ids(each)) for each in others}) > 1
    assert all(each["score"]["total"] <= best["score"]["total"] * 1.01 for each in others)
    assert seeded("--seed", "2") == others[2]


@claims("--strict", "--best-effort")
def test_strict_refuses_unknown_voices_and_best_effort_tells_what_it_bends(run: Run, library: Path) -> None:
    with Library(library) as opened:
        for each in opened.candidates():
            opened.set_features(each.track.id, {"vocals": "unknown"}, "set")
    assert any("nobody knows whether anyone sings" in warning for warning in plan(run())["warnings"])
    strict = run("--strict")
    assert strict.exit_code == 3
    assert json.loads(strict.stdout)["shortfalls"][0]["phase"] == "arrival"
    bent = plan(run("--strict", "--best-effort"))
    assert all(slot["bends"] for slot in bent["slots"] if slot["phase"] == "arrival")
    assert not any(slot["bends"] for slot in bent["slots"] if slot["phase"] != "arrival")


@claims("--effort")
def test_effort_makes_the_plan_no_worse_and_brings_a_certificate(run: Run) -> None:
    quick, normal, proof = (plan(run("--effort", effort)) for effort in ("quick", "normal", "proof"))
    bounds = [each["certificate"]["within"] for each in (proof, normal, quick)]
    assert None not in bounds[:2]  # `quick` need not know how far it is from the best
    bounds = [1.0 if each is None else each for each in bounds]
    assert bounds == sorted(bounds)
    assert proof["score"]["total"] <= normal["score"]["total"] * 1.001 <= quick["score"]["total"] * 1.002


@claims("--name")
def test_name_is_the_plans_and_the_playlists(run: Run) -> None:
    assert plan(run())["name"] == "Small"
    assert plan(run("--name", "Thursday", "-o", "a.m3u8"))["name"] == "Thursday"
    assert "#PLAYLIST:Thursday" in Path("a.m3u8").read_text(encoding="utf-8")


@claims("--give-up")
def test_give_up_relaxes_a_rule_to_the_value_or_by_a_step(run: Run) -> None:
    def limits(*options: str) -> tuple[object, object]:
        template = plan(run(*options))["template"]
        return template["phases"][1].get("energy_limit"), template["rules"]["track_minutes"]

    assert limits() == (None, {"min": 2, "max": 10})
    assert limits("--give-up", "energy@peak=0.4") == ({"up": 0.22, "down": 0.4}, {"min": 2, "max": 10})
    assert limits("--give-up", "track_minutes") == (None, {"min": 1.2, "max": 15})
    refused = run("--give-up", "joins")
    assert (refused.exit_code, "'joins' is not a rule that can be given up" in refused.stderr) == (2, True)


@claims("--begin")
def test_begin_fills_the_clock_of_the_sheet_and_stands_nowhere_else(run: Run) -> None:
    run("-o", "plain.html", "-o", "plain.json")
    run("--begin", "14:00", "-o", "clock.html", "-o", "clock.json")
    assert "14:10" in Path("clock.html").read_text(encoding="utf-8")  # where the peak begins
    assert "14:10" not in Path("plain.html").read_text(encoding="utf-8")
    assert Path("clock.json").read_bytes() == Path("plain.json").read_bytes()


@claims("--relative", "--absolute")
def test_relative_and_absolute_name_the_files_so(run: Run) -> None:
    def first(file: str) -> str:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
        return next(line for line in lines if line and not line.startswith("#"))

    run("-o", "usual.m3u8")
    run("--relative", "-o", "relative.m3u8")
    run("--absolute", "-o", "../absolute.m3u8")
    run("-o", "../beside.m3u8")
    assert first("relative.m3u8").startswith("../music/")
    assert Path(first("usual.m3u8")).is_absolute()  # the music lies outside the playlist's folder
    assert Path(first("../absolute.m3u8")).is_absolute()
    assert first("../beside.m3u8").startswith("music/")


def test_no_option_is_without_its_test() -> None:
    options = {
        name
        for parameter in main.commands["build"].params
        if isinstance(parameter, click.Option)
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("--")
    }
    assert options == CLAIMS
