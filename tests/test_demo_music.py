"""The bundled music: credited, lawful to ship, small, and enough for its own template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import playlistkit
from playlistkit import template as templates
from playlistkit.audio import read_tags
from playlistkit.library import Library
from playlistkit.model import PHASES, Candidate, Plan
from playlistkit.workflow import words
from playlistkit.workflow.demo import Demo
from playlistkit.workflow.templates.finding import load_template

DEMO = Path(playlistkit.__file__).parent / "demo"
MUSIC = sorted((*DEMO.glob("*.opus"), *DEMO.glob("*.ogg")))
LICENCES = {
    "CC BY 3.0": "https://creativecommons.org/licenses/by/3.0/",
    "CC BY-SA 3.0": "https://creativecommons.org/licenses/by-sa/3.0/",
}
COLUMNS = ("File", "Title", "Author", "Licence", "Package and file", "From", "To", "Further change")


def table() -> list[dict[str, str]]:
    """The rows of the table in CREDITS.md, by its headings."""
    lines = [
        line for line in (DEMO / "CREDITS.md").read_text(encoding="utf-8").splitlines() if line[:1] == "|"
    ]
    heading, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    assert tuple(heading) == COLUMNS
    return [dict(zip(heading, row, strict=True)) for row in rows]


CREDITS = {row["File"]: row for row in table()}


def seconds(clock: str) -> float:
    """Minutes and seconds, as the table gives them."""
    minutes, rest = clock.split(":")
    return 60 * int(minutes) + float(rest)


@pytest.fixture(scope="module")
def heard(demo_folder: Path) -> dict[str, Candidate]:
    """What is known of each file."""
    with Library(demo_folder / "library.db") as library:
        return {Path(each.track.path or "").name: each for each in library.candidates()}


@pytest.fixture(scope="module")
def planned(demo_made: Demo) -> Plan:
    return demo_made.plan


def test_every_file_is_credited_and_every_credit_has_its_file() -> None:
    assert sorted(CREDITS) == [path.name for path in MUSIC]
    assert all(all(row.values()) for row in CREDITS.values())


def test_the_music_may_be_shipped() -> None:
    text = (DEMO / "CREDITS.md").read_text(encoding="utf-8")
    assert {row["Licence"] for row in CREDITS.values()} <= set(LICENCES)
    assert all(f"<{link}>" in text for link in LICENCES.values())


@pytest.mark.parametrize("path", MUSIC, ids=lambda path: path.name)
def test_each_file_says_itself_what_the_credits_say(path: Path) -> None:
    row, tags = CREDITS[path.name], read_tags(path)
    comment = path.read_bytes()[:4_000].decode("latin-1")
    assert (tags.title, tags.artist) == (row["Title"], row["Author"])
    assert tags.album
    assert f"{row['Licence']} ({LICENCES[row['Licence']]})" in comment
    assert row["Package and file"].split(":")[0] in comment


def test_there_are_12_to_20_files_of_at_most_8_mb() -> None:
    assert 12 <= len(MUSIC) <= 20
    assert sum(path.stat().st_size for path in MUSIC) <= 8_000_000


def test_the_names_survive_every_archive_and_file_system() -> None:
    assert all(re.fullmatch(r"[a-z0-9-]+\.(opus|ogg)", path.name) for path in MUSIC)


@pytest.mark.parametrize("path", MUSIC, ids=lambda path: path.name)
def test_each_file_is_softened_by_its_header_as_the_credits_say(path: Path) -> None:
    head = path.read_bytes()[:200]
    gain = int.from_bytes(head[head.index(b"OpusHead") + 16 :][:2], "little", signed=True) / 256
    said = re.search(r"([\d.]+) dB softer by its header", CREDITS[path.name]["Further change"])
    assert gain == (-float(said[1]) if said else 0)


def test_each_file_decodes_to_the_length_that_the_credits_say(heard: dict[str, Candidate]) -> None:
    assert sorted(heard) == sorted(CREDITS)
    for name, each in heard.items():
        row = CREDITS[name]
        assert 40 <= each.track.duration <= 80, name
        assert each.track.duration == pytest.approx(seconds(row["To"]) - seconds(row["From"]), abs=0.3), name


def test_no_file_clips(heard: dict[str, Candidate]) -> None:
    for name, each in heard.items():
        assert each.features.true_peak is not None, name
        assert each.features.true_peak < 0, name


def test_no_artist_has_more_files_than_a_session_takes() -> None:
    artists = [row["Author"] for row in CREDITS.values()]
    assert max(artists.count(artist) for artist in artists) <= 3
    assert len(set(artists)) >= 6


def test_the_template_has_the_five_phases_and_is_sound() -> None:
    template = templates.parse((DEMO / "demo.yaml").read_text(encoding="utf-8"), "demo.yaml")
    assert tuple(phase.name for phase in template.phases) == PHASES
    assert 11 <= template.minutes <= 13


def test_the_music_fills_the_template_within_its_tolerance(planned: Plan) -> None:
    assert not planned.shortfalls
    assert all(abs(phase.residual) <= planned.template.rules.boundary_tolerance for phase in planned.phases)
    assert planned.tail
    assert not any(slot.bends for slot in planned.slots)


def test_a_strangers_first_session_is_one_to_play(planned: Plan) -> None:
    assert words.flagged_joins(planned) == {}
    assert words.remarks(planned) == []
    assert words.verdict(planned).startswith("Every rule is kept; no join needs checking by ear; ")


def test_its_joins_may_step_no_further_than_those_of_a_session(planned: Plan) -> None:
    assert planned.template.rules.join == load_template("phases").rules.join


def test_the_arc_rises_to_the_peak_and_falls(planned: Plan) -> None:
    energy: dict[str, float] = {}
    for phase in planned.phases:
        slots = [slot for slot in planned.slots if slot.phase == phase.name]
        energy[phase.name] = sum(slot.features.energy or 0.0 for slot in slots) / len(slots)
    assert energy["arrival"] + 0.1 < energy["onset"] < energy["peak"] - 0.05
    assert energy["peak"] > energy["return"] + 0.1
    assert energy["return"] > energy["grounding"] + 0.05


def test_the_planner_has_some_choice(planned: Plan) -> None:
    assert len(planned.slots) + len(planned.tail) <= len(MUSIC) - 3
    assert all(planned.reserves.get(phase) for phase in PHASES)
