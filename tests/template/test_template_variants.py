"""Variants and minutes: gentle, within bounds, and told in words."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from template_strategies import templates

from playlistkit import template as reader
from playlistkit.errors import InputError
from playlistkit.model import Template

DEFAULT = reader.parse((Path(__file__).parents[2] / "phases.yaml").read_text(encoding="utf-8"))
VOICES = ("none", "wordless", "any")


def of(body: str) -> Template:
    return reader.parse(f"name: Small\nphases:\n{body}", "small.yaml")


def highest(template: Template) -> list[float]:
    return [max(level for _, level in phase.energy) for phase in template.phases]


@settings(max_examples=40, deadline=None)
@given(templates())
def test_the_order_of_variants_does_not_matter(template: Template) -> None:
    names = [variant.name for variant in template.variants]
    results = {repr(reader.vary(template, order)) for order in permutations(names)}
    assert len(results) == 1


@settings(max_examples=40, deadline=None)
@given(templates(), st.data())
def test_a_varied_template_is_still_a_template(template: Template, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from([variant.name for variant in template.variants] or [""])))
    varied = reader.vary(template, [name for name in names if name])
    for before, after in zip(template.phases, varied.phases, strict=True):
        assert all(0 <= level <= 1 for _, level in after.energy)
        fractions = [fraction for fraction, _ in after.energy]
        assert fractions == sorted(set(fractions))
        assert (fractions[0], fractions[-1]) == (0, 1)
        assert after.minutes.least <= after.minutes.default <= after.minutes.most
        assert VOICES.index(after.vocals) <= VOICES.index(before.vocals)
        for old, new in (
            (before.brightness, after.brightness),
            (before.percussiveness, after.percussiveness),
        ):
            assert old.high is None or new.high is None or new.high <= old.high


def test_a_combination_is_never_fuller_than_its_calmest_part() -> None:
    alone = highest(reader.vary(DEFAULT, ["anxious"]))
    together = highest(reader.vary(DEFAULT, ["anxious", "deepening-session", "first-session"]))
    assert all(both <= calm for both, calm in zip(together, alone, strict=True))


def test_the_anxious_variant_is_calmer_slower_and_arrives_longer() -> None:
    varied = reader.vary(DEFAULT, ["anxious"])
    arrival, peak = varied.phases[0], varied.phases[2]
    assert arrival.minutes.default == DEFAULT.phases[0].minutes.default + 10
    assert max(level for _, level in peak.energy) == pytest.approx(0.30)
    assert peak.tempo == (55, 80)
    assert peak.percussiveness.high == 0.15
    assert varied.rules.join.loudness_up == 2


def test_no_phase_is_louder_after_a_softer_one_than_a_join_may_rise() -> None:
    varied = reader.vary(
        of(
            "  - {name: onset, minutes: 10, energy: 0.2, loudness: -24}\n"
            "  - {name: peak, minutes: 10, energy: 0.3, loudness: -20}\n"
            "variants: {calm: {loudness_up: 2}}\n"
        ),
        ["calm"],
    )
    assert [phase.loudness for phase in varied.phases] == [-24, -22]


def test_no_voice_is_asked_for_in_grounding_where_words_are_welcome() -> None:
    varied = reader.vary(DEFAULT, ["trauma-history"])
    assert [phase.vocals for phase in varied.phases] == ["none"] * 4 + ["wordless"]
    assert all(phase.vocals_share == 0 for phase in varied.phases)


def test_the_arc_does_not_rise_for_long_around_the_reading() -> None:
    rising = of(
        "  - {name: peak, minutes: 40, energy: [0.2, 0.6], hold: {minute: 20, around: 5}}\n"
        "variants: {level: {hold_rise_minutes: 3}, lenient: {hold_rise_minutes: 15}}\n"
    )
    (peak,) = reader.vary(rising, ["level"]).phases
    assert peak.energy == ((0, 0.2), (0.375, 0.35), (1, 0.35))
    assert reader.vary(rising, ["lenient"]).phases == rising.phases


def test_a_variant_shortens_the_rise_that_a_hold_allows_and_never_lengthens_it() -> None:
    template = of(
        "  - {name: peak, minutes: 40, energy: 0.3, hold: {minute: 20, rise_minutes: 2}}\n"
        "variants: {level: {hold_rise_minutes: 1}, lenient: {hold_rise_minutes: 15}}\n"
    )
    rises = [reader.vary(template, [name]).phases[0].hold.rise_minutes for name in ("level", "lenient")]
    assert rises == [1, 2]


def test_a_variants_minutes_stay_within_the_phases_bounds() -> None:
    varied = reader.vary(
        of(
            "  - {name: return, minutes: {default: 20, min: 15, max: 25}, energy: 0.2}\n"
            "variants: {long: {minutes: {return: 30}}}\n"
        ),
        ["long"],
    )
    assert varied.phases[0].minutes.default == 25


def test_a_variant_drops_no_phase() -> None:
    varied = reader.vary(
        of(
            "  - {name: peak, minutes: {default: 20, min: 0}, energy: 0.2, hold: 5}\n"
            "variants: {short: {minutes: {peak: -20}, hold_rise_minutes: 1}}\n"
        ),
        ["short"],
    )
    assert varied.phases[0].minutes.default == 1


def test_the_gentler_of_two_wishes_for_minutes_is_a_longer_return_and_a_shorter_peak() -> None:
    varied = reader.vary(
        of(
            "  - {name: peak, minutes: 40, energy: 0.4}\n"
            "  - {name: return, minutes: 40, energy: 0.2}\n"
            "variants: {a: {minutes: {peak: -5, return: 5}}, b: {minutes: {peak: 5, return: 10}}}\n"
        ),
        ["a", "b"],
    )
    assert [phase.minutes.default for phase in varied.phases] == [35, 50]


def test_a_variant_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"no variant 'anxios'; did you mean 'anxious'\?"):
        reader.vary(DEFAULT, ["anxios"])


def test_minutes_are_taken_within_bounds() -> None:
    shorter = reader.with_minutes(DEFAULT, {"peak": 30, "return": 60})
    assert [phase.minutes.default for phase in shorter.phases] == [40, 15, 30, 60, 40]
    assert shorter.phases[2].minutes.most == 60


def test_a_phase_with_optional_music_may_be_left_out() -> None:
    assert [phase.name for phase in reader.with_minutes(DEFAULT, {"grounding": 0}).phases] == [
        "arrival", "onset", "peak", "return",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        ({"peak": 90}, r"phase 'peak': 90 minutes are outside its 30 to 60"),
        ({"peak": 0}, r"can't be left out"),
        ({"grounding": 5}, r"or 0 to leave it out"),
        ({"peek": 40}, r"no phase 'peek'; did you mean 'peak'\?"),
        ({"peak": float("nan")}, r"outside"),
    ],
)
def test_other_minutes_are_refused_with_a_sentence(minutes: dict[str, float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        reader.with_minutes(DEFAULT, minutes)


def test_a_reading_after_the_end_of_a_shortened_phase_falls_into_the_next() -> None:
    template = of(
        "  - {name: peak, minutes: 40, energy: 0.4, hold: 30}\n  - {name: return, minutes: 40, energy: 0.3}\n"
    )
    peak, back = reader.with_minutes(template, {"peak": 25}).phases
    assert peak.hold is None
    assert back.hold is not None
    assert back.hold.minute == 5


def test_what_a_variant_changes_is_told_as_to_a_colleague() -> None:
    assert reader.describe_variants(DEFAULT, ["trauma-history", "sound-sensitive"]) == [
        "trauma-history: no voice before grounding unless the client asks, soft attacks; exclude what the client names",
        "sound-sensitive: darker and more even; use speakers, not headphones, and start softly",
        "Darker sound; brightness at most: 0.4 in arrival, onset, peak, return, grounding (was 0.5, 0.55, 0.5, 0.65, 0.7).",
        "Softer attacks; percussiveness at most: 0.15 in arrival, onset, peak, return, grounding "
        "(was 0.2, 0.25, 0.25, 0.35, 0.35).",
        "More even pieces; loudness within a track moves at most, in LU: 8 in onset, peak, return (was 9, 9, 10).",
        "Less voice: return no voice (was no voice but for voice without words in 25% of the time).",
        "Gentler joins: a track begins at most 2 LU louder than the last one ended, instead of 3.",
    ]


def test_variants_that_differ_say_whose_wish_holds() -> None:
    told = reader.describe_variants(DEFAULT, ["deepening-session", "first-session"])
    assert told[-1] == (
        "They differ on energy (first-session -0.08, deepening-session +0.08); the gentler, -0.08, holds."
    )


def test_a_variant_that_changes_nothing_says_so() -> None:
    still = of("  - {name: peak, minutes: 40, energy: 0.2}\nvariants: {calm: {energy_max: 0.4}}\n")
    assert reader.describe_variants(still, ["calm"]) == [
        "Nothing changes: the template is already that gentle."
    ]
