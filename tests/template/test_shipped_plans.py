"""Every protocol and every variant of the default is built, from a made library that can fill it."""

from __future__ import annotations

import made_music
import pytest

from playlistkit import planner
from playlistkit import template as reader
from playlistkit.model import Plan, Session, Template
from playlistkit.objective import findings, tolerance_of
from playlistkit.workflow.templates.finding import DEFAULT, load_template, shipped_templates

BUILT = {template.id: template for template in shipped_templates() if template.build}
BASE = load_template(DEFAULT)
VARIED = {variant.name: reader.vary(BASE, [variant.name]) for variant in BASE.variants}
WHOLE = {**BUILT, **VARIED}


def planned(template: Template) -> Plan:
    music = made_music.following(template, times=3)
    return planner.plan(Session(template), music, effort="quick")


@pytest.mark.parametrize("name", WHOLE)
def test_a_library_that_can_fill_it_gives_a_session_within_its_tolerances(name: str) -> None:
    template = WHOLE[name]
    plan = planned(template)
    assert [phase.name for phase in plan.phases] == [phase.name for phase in template.phases]
    for planned_phase, phase in zip(plan.phases, template.phases, strict=True):
        assert abs(planned_phase.residual) <= tolerance_of(plan.session, phase)
    assert [each.text for each in findings(plan.session, plan.slots) if each.breaks] == []
    assert plan.shortfalls == ()
    tail = sum(slot.duration for slot in plan.tail)
    assert tail >= template.rules.tail_minutes * 60
    last = template.phases[-1]
    assert all(
        (slot.features.energy or 0) <= last.energy[-1][1] + last.energy_tolerance for slot in plan.tail
    )
    assert_the_fallback_set_is_whole(plan)


def assert_the_fallback_set_is_whole(plan: Plan) -> None:
    """Twenty minutes, energy 0.08 to 0.20, no voice, nothing sudden, or the plan says what is lacking."""
    ready = plan.reserves["grounding now"]
    minutes = sum(each.track.duration for each in ready) / 60
    assert minutes >= 19.5 or any(
        f"grounding now has {minutes:.0f} of 20 min" in warning for warning in plan.warnings
    )
    played = {slot.track.id for slot in plan.slots}
    for each in ready:
        assert each.track.id not in played
        assert 0.08 <= (each.features.energy or 0) <= 0.20
        assert each.features.vocals == "none"
        assert (each.features.percussiveness or 0) <= 0.20
        assert (each.features.loudness_range or 0) <= 9
    levels = [each.features.loudness or 0 for each in ready]
    assert not levels or max(levels) - min(levels) <= 8  # it may be looped: its last runs into its first


def test_the_default_has_its_whole_fallback_set() -> None:
    plan = planned(BASE)
    assert sum(each.track.duration for each in plan.reserves["grounding now"]) >= 20 * 60
    assert len({each.track.id for each in plan.reserves["grounding now"]}) == len(
        plan.reserves["grounding now"]
    )


def test_shipped_templates_are_listed_by_what_they_are_called_after_the_default() -> None:
    first, *others = shipped_templates()
    assert first.id == DEFAULT
    assert others == sorted(others, key=lambda each: each.name.casefold())
