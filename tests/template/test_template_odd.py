"""What is legal but odd, and the copy to change."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from template_strategies import templates

from playlistkit import template as reader
from playlistkit.model import Minutes, Phase, Template

DEFAULT = (Path(__file__).parents[2] / "phases.yaml").read_text(encoding="utf-8")

SOUND = """\
name: Small
phases:
  - {name: onset, minutes: 20, energy: [0.2, 0.3], loudness: -24, tempo: [50, 80], hold: 10}
  - {name: peak, minutes: 20, energy: [0.3, 0.4], loudness: -22, brightness: {max: 0.5}}
  - {name: return, minutes: 20, energy: [0.4, 0.2], loudness: -24, percussiveness: {max: 0.3}}
"""


def found(old: str, new: str) -> list[str]:
    assert old in SOUND
    odd = reader.oddities(reader.parse(SOUND.replace(old, new)))
    return [f"{each.where}: {each.text}" for each in odd]


def test_nothing_is_odd_about_a_sound_template() -> None:
    assert reader.oddities(reader.parse(SOUND)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("loudness: -22", "loudness: -18", "phase peak: is 6 LU louder than onset, to which the ear is used"),
        ("loudness: -22", "loudness: -15", "phase return: is 9 LU softer than peak"),
        ("loudness: -22", "loudness: -12", "as loud as streamed pop music"),
        ("[0.3, 0.4]", "[0.5, 0.4]", "phase peak: begins at energy 0.5, but onset ends at 0.3"),
        ("[0.4, 0.2]", "[0.2, 0.1]", "phase return: begins at energy 0.2, but peak ends at 0.4"),
        ("[0.4, 0.2]", "[0.4, 0.6]", "phase return: is fuller than the peak"),
        ("[0.3, 0.4]", "0.3, energy_tolerance: 0", "phase peak: only tracks of energy 0.30 to 0.30 fit"),
        ("minutes: 20, energy: [0.4", "minutes: 2, energy: [0.4", "phase return: 2 minutes hold no track"),
        ("{max: 0.5}", "{max: 0.01}", "brightness of at most 0.01 leaves almost no track"),
        ("{max: 0.5}", "{min: 0.5, max: 0.51}", "brightness from 0.5 to 0.51"),
        ("[50, 80]", "[60, 62]", "tempo 60 to 62 is narrow"),
        ("hold: 10", "hold: 28", "phase onset: the hold at minute 28 lies after"),
        ("[0.2, 0.3]", "[0.1, 0.3]", "phase onset: the energy rises by 0.10 around the hold"),
        ("hold: 10", "boundary_tolerance: 900", "may be off by 900 seconds"),
        ("name: return", "name: early, stands_for: arrival", "phases: stand for onset, peak, arrival"),
        ("name: Small", "name: Small\nrules: {tail_minutes: 0}", "rules: tail_minutes 0: it falls silent"),
        ("name: Small", "name: Small\nvariants: {calm: {note: as it is}}", "variant calm: changes nothing"),
    ],
)  # fmt: skip
def test_what_is_legal_but_odd_is_told(old: str, new: str, said: str) -> None:
    told = found(old, new)
    assert any(said in each for each in told), told


@settings(max_examples=30, deadline=None)
@given(templates())
def test_any_template_can_be_looked_at_and_its_variants_told(template: Template) -> None:
    for each in reader.oddities(template):
        assert " " not in each.kind
        assert "\n" not in each.text
    for variant in template.variants:
        assert reader.describe_variants(template, [variant.name])


def test_phases_made_in_python_need_not_say_what_they_stand_for() -> None:
    phase = Phase("song", Minutes(20, 10, 30), ((0, 0.2), (1, 0.2)))
    assert reader.oddities(Template("Made", (phase,))) == []


def test_a_template_that_is_never_built_has_no_oddities() -> None:
    text = SOUND.replace("name: Small", "name: Small\nbuild: false").replace("-22", "-12")
    assert reader.oddities(reader.parse(text)) == []


def test_a_copy_to_change_keeps_every_comment_and_differs_only_in_its_name() -> None:
    copy = reader.commented_copy(DEFAULT, "mine")
    for line in DEFAULT.splitlines():
        assert line in copy or line.startswith("name:")
    original, mine = (yaml.safe_load(text) for text in (DEFAULT, copy))
    assert mine.pop("name") == f"{original.pop('name')}, my version"
    assert mine == original


def test_a_copy_says_what_to_do_next() -> None:
    assert "playlistkit templates check mine.yaml" in reader.commented_copy(DEFAULT, "mine")


def test_a_copy_of_a_template_with_an_id_is_a_template_of_its_own() -> None:
    copy = reader.commented_copy(f"id: small\n{SOUND}", 'my "arc"')
    assert reader.parse(copy, "mine.yaml").id == "mine"
    assert reader.parse(copy, "mine.yaml").name == "Small, my version"
