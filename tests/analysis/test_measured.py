"""What is measured of made sounds stays what it was until a version says that it changed."""

from __future__ import annotations

import json

import pytest

from playlistkit import analysis

from . import steps
from .measured import SOUNDS, WRITTEN, measured

DOCUMENT = json.loads(WRITTEN.read_text(encoding="utf-8"))
ANEW = (
    "raise the version of what changed, in playlistkit.analysis, and run `python -m tests.analysis.measured`"
)


def differing(was: object, now: object) -> bool:
    """Beyond what another processor or library rounds otherwise."""
    if isinstance(was, list) and isinstance(now, list):
        return len(was) != len(now) or any(differing(*each) for each in zip(was, now, strict=True))
    if isinstance(was, int | float) and isinstance(now, int | float) and not isinstance(was, bool):
        return now != pytest.approx(was, rel=2e-3, abs=2e-3)
    return was != now


@pytest.mark.parametrize("name", SOUNDS)
def test_what_is_kept_of_a_sound_changes_only_with_a_version(name: str) -> None:
    """Else a library would mix what was measured before with what is measured now, and no scan would mend it."""
    assert DOCUMENT["versions"] == analysis.VERSIONS, f"a version was raised: {ANEW}"
    now = measured(name)
    changed = [
        f"{key}: {was} became {now[group][key]}"
        for group, values in DOCUMENT["sounds"][name].items()
        for key, was in values.items()
        if differing(was, now[group][key])
    ]
    assert not changed, f"{changed}: if that is meant, {ANEW}"


ANSWERS = json.loads(steps.WRITTEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("module", steps.STEPS)
def test_each_step_answers_as_before(module: str) -> None:
    now = steps.asked(module)
    before = {
        name.removeprefix(f"{module}: "): rows
        for name, rows in ANSWERS.items()
        if name.startswith(f"{module}: ")
    }
    assert now.keys() == before.keys()
    changed = [
        f"{name}: {before[name]} became {now[name]}"
        for name in now
        if steps.differing(before[name], now[name])
    ]
    assert not changed, f"{changed}: if that is meant, {ANEW}"
