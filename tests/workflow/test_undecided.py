"""What is to be decided by ear: which tracks wait, in which order, and what an answer makes of them."""

from __future__ import annotations

import random
from dataclasses import replace

import made_music
import pytest

from playlistkit.errors import InputError, ShortfallError
from playlistkit.model import Features
from playlistkit.workflow.music import undecided as module
from playlistkit.workflow.music.undecided import decide, undecided
from playlistkit.workflow.planning.build import build
from playlistkit.workflow.planning.nearly import nearly_fitting
from playlistkit.workflow.planning.today import session
from playlistkit.workflow.templates.finding import load_template

TEMPLATE = load_template("montreal")


def library_of(folder, change, *, times=2.0):
    """A library that fits the template, with each track's features changed."""
    rng = random.Random(1)
    made = made_music.following(TEMPLATE, times=times)
    return made_music.keep(folder, [replace(each, features=change(each.features, rng)) for each in made])


def voice_lost(features: Features, rng: random.Random) -> Features:
    return replace(features, vocals=rng.choice(["none", "words", "unknown"]), energy=rng.random())


def test_whoever_loads_in_stretches_finds_what_looking_at_every_track_finds(tmp_path, monkeypatch):
    with library_of(tmp_path, voice_lost, times=6) as library:
        monkeypatch.setattr(module, "AT_ONCE", 3)
        found = undecided(library, TEMPLATE, "voices", most=10)
        every = undecided(library, TEMPLATE, "voices", most=10_000)
        minutes = {phase.name: phase.minutes.default for phase in TEMPLATE.phases}
        weights = [sum(minutes[name] for name in each.phases) for each in every]
        assert weights == sorted(weights, reverse=True)
        assert [sum(minutes[name] for name in each.phases) for each in found] == weights[:10]
        unknown = {each.track.id for each in library.candidates() if each.features.vocals == "unknown"}
        assert {each.candidate.track.id for each in every} <= unknown
        assert len({each.candidate.track.id for each in every}) == len(every) > 10


def test_a_voice_that_somebody_decided_waits_no_longer_and_one_that_is_doubted_does(tmp_path):
    with library_of(tmp_path, lambda f, _: replace(f, vocals="none", vocals_probability=0.5)) as library:
        first = undecided(library, TEMPLATE, "voices")[0].candidate.track.id
        decide(library, "voices", first, "words")
        assert first not in {each.candidate.track.id for each in undecided(library, TEMPLATE, "voices")}
        with pytest.raises(InputError, match="none, wordless, words or later"):
            decide(library, "voices", first, "shouted")


def octave_apart(features: Features, _: random.Random) -> Features:
    return replace(features, tempo=140.0, tempo_alternative=70.0, pulse_clarity=0.9)


@pytest.mark.parametrize(
    ("word", "tempo", "clarity"),
    [("half", 70.0, None), ("as-it-is", 140.0, None), ("double", 280.0, None), ("unknown", 140.0, 0.0)],
)
def test_a_tempo_is_decided_by_octave_and_taken_back(tmp_path, word, tempo, clarity):
    from playlistkit.workflow.music.overruling import set_values

    with library_of(tmp_path, octave_apart) as library:
        track = undecided(library, TEMPLATE, "tempi")[0].candidate.track.id
        before, back = decide(library, "tempi", track, word)
        now = library.get(track).features
        assert (now.tempo, now.pulse_clarity) == (pytest.approx(tempo), clarity)
        assert track not in {each.candidate.track.id for each in undecided(library, TEMPLATE, "tempi")}
        set_values(library, track, back)
        assert library.get(track) == before


def test_a_tempo_waits_only_where_another_octave_would_fit_better_or_worse(tmp_path):
    with library_of(tmp_path, octave_apart) as library:
        (one, *_), other = undecided(library, TEMPLATE, "tempi"), library.candidates()[-1]
        library.set_features(other.track.id, {"pulse_clarity": 0.05}, "imported")  # no beat that is felt
        waiting = {each.candidate.track.id for each in undecided(library, TEMPLATE, "tempi")}
        assert one.candidate.track.id in waiting
        assert other.track.id not in waiting
        phases = tuple(replace(phase, tempo=None) for phase in TEMPLATE.phases)
        assert not undecided(library, replace(TEMPLATE, phases=phases), "tempi")


def test_what_nearly_fits_is_let_in_by_a_step_of_one_rule_and_says_which(tmp_path):
    made = made_music.following(TEMPLATE, times=0.5)
    high = TEMPLATE.rules.track_minutes.high
    long, far = high * 60 * 1.2, high * 60 * 4
    made[0] = replace(made[0], track=replace(made[0].track, duration=long))
    made[1] = replace(made[1], track=replace(made[1].track, duration=far))
    with made_music.keep(tmp_path, made) as library:
        with pytest.raises(ShortfallError) as short:
            build(TEMPLATE, library, player="render")
        today = session(TEMPLATE, library, player="render")
        (near,) = nearly_fitting(library, today, short.value.diagnosis)
        assert near.candidate.track.id == made[0].track.id
        assert f"lasts {long / 60:.1f} min; tracks may last" in near.why
