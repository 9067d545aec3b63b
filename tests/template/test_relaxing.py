"""Rules that are given up by a step or to a value: each one lets in what it barred, and no more than it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playlistkit.errors import InputError
from playlistkit.model import (
    Candidate,
    EnergyLimit,
    Features,
    Minutes,
    Phase,
    Range,
    Rule,
    Rules,
    Template,
    Track,
)
from playlistkit.objective.rules import FLOORS, RULES
from playlistkit.objective.rules_broken import barred
from playlistkit.template.relaxing import OF_A_PHASE, RELAXABLE, every_rule, relaxed, rule_of, text_of

STRICT = Phase(
    "peak",
    Minutes(20, 10, 30),
    ((0.0, 0.4), (1.0, 0.4)),
    energy_tolerance=0.1,
    energy_limit=EnergyLimit(0.1, 0.1),
    vocals="none",
    brightness=Range(None, 0.3),
    brightness_limit=Range(None, 0.5),
    percussiveness_limit=Range(None, 0.2),
    loudness_range_limit=Range(None, 10.0),
)
ARC = Template("arc", (STRICT,), rules=Rules(track_minutes=Range(2.5, 10.0)))
FINE = Features(energy=0.4, vocals="none", brightness=0.4, percussiveness=0.1, loudness_range=5.0)

BARRED = {
    "energy": (replace(FINE, energy=0.22), 300.0),
    "vocals": (replace(FINE, vocals="wordless"), 300.0),
    "brightness": (replace(FINE, brightness=0.6), 300.0),
    "percussiveness": (replace(FINE, percussiveness=0.3), 300.0),
    "loudness_range": (replace(FINE, loudness_range=14.0), 300.0),
    "track_minutes": (FINE, 120.0),
}
"""For each rule about a track, what it bars, within a step of it."""


@pytest.mark.parametrize("name", BARRED)
def test_a_rule_that_is_given_up_by_a_step_lets_in_what_it_barred(name: str) -> None:
    features, seconds = BARRED[name]
    track = Candidate(Track("t", path="t.flac", title="T", duration=seconds), features)
    found = barred(track, STRICT, ARC.rules)
    assert found is not None
    assert found[0] == name
    rule = Rule("peak" if name in OF_A_PHASE else "", name)
    after = relaxed(ARC, [text_of(rule)])
    assert barred(track, after.phases[0], after.rules) is None


@pytest.mark.parametrize("rule", every_rule(ARC.phases), ids=text_of)
def test_the_value_that_a_step_leads_to_gives_the_same_template(rule: Rule) -> None:
    stepped = relaxed(ARC, [text_of(rule)])
    if "=" in text_of(rule, stepped):
        assert relaxed(ARC, [text_of(rule, stepped)]) == stepped
    assert rule_of(text_of(rule, stepped)) == rule


@pytest.mark.parametrize("rule", every_rule(ARC.phases), ids=text_of)
def test_no_value_makes_a_rule_stricter(rule: Rule) -> None:
    strictest = {"vocals": "none", "track_minutes": "4..5", "last_session": "", "used": ""}.get(
        rule.name, "0"
    )
    if strictest:
        assert relaxed(ARC, [f"{text_of(rule)}={strictest}"]) == relaxed(ARC, [text_of(rule, ARC)])


def test_energy_gives_way_downwards_as_far_as_is_asked_and_upwards_by_a_tenth_in_all() -> None:
    limit = relaxed(ARC, ["energy@peak"] * 4).phases[0].energy_limit
    assert limit == EnergyLimit(up=0.2, down=0.5)
    assert relaxed(ARC, ["energy@peak=0.9"]).phases[0].energy_limit == EnergyLimit(up=0.2, down=0.9)


def test_a_step_beside_a_value_counts_from_the_value_and_upwards_no_further() -> None:
    limit = relaxed(ARC, ["energy@peak=0.3", "energy@peak"]).phases[0].energy_limit
    assert limit == EnergyLimit(up=0.2, down=0.4)


def test_what_a_rule_wishes_stays_where_its_limit_gives_way() -> None:
    after = relaxed(ARC, ["brightness@peak=0.8"]).phases[0]
    assert (after.brightness, after.brightness_limit) == (STRICT.brightness, Range(None, 0.8))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("seconds", "'seconds' is not a rule that can be given up"),
        ("energy", "write energy@PHASE"),
        ("artist@peak", "write artist"),
        ("energy@summit", "there is no phase 'summit'; there are peak"),
        ("energy@peak=much", "energy@peak=much: give a number"),
        ("vocals@peak=humming", "give one of none, wordless, any"),
        ("track_minutes=5", "such as 1.5..45"),
        ("used=3", "takes no value"),
    ],
)
def test_a_rule_that_is_misspelt_gets_a_sentence(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told.replace(".", r"\.")):
        relaxed(ARC, [text])


def test_every_rule_but_the_floors_may_bend() -> None:
    assert set(RULES) - set(FLOORS) <= set(RELAXABLE), (
        "declare it in template/relaxing.py, or make it a Floor"
    )


def test_every_rule_that_may_bend_has_words_for_each_who_asks() -> None:
    for kind in RELAXABLE.values():
        assert kind.words
        assert kind.remedy
        assert kind.costs.endswith(".")
