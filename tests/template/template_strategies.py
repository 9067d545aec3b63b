"""Templates made by hypothesis: any that the reader would accept."""

from __future__ import annotations

from hypothesis import strategies as st

from playlistkit.model import (
    PHASES,
    Hold,
    JoinRules,
    Minutes,
    Phase,
    Range,
    Rules,
    Template,
    Variant,
)
from playlistkit.template.keys import PHASE_EVIDENCE, REPEATS, RULES_EVIDENCE, VARIANT_EVIDENCE

LETTERS = "abcxyzÄßñ日 -_'!#&*?|%{}[]\"."


def lines() -> st.SearchStrategy[str]:
    return st.text(LETTERS, min_size=1, max_size=20).map(str.strip).filter(bool)


def notes() -> st.SearchStrategy[str]:
    return st.text(LETTERS + "=@:,\n", min_size=1, max_size=60).map(str.strip).filter(bool)


def numbers(low: float, high: float, *, above: bool = False) -> st.SearchStrategy[float]:
    return st.floats(low, high, exclude_min=above, allow_subnormal=False)


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | values


def ranges(high: float, *, below: bool = True) -> st.SearchStrategy[Range]:
    pairs = st.tuples(numbers(0, high), numbers(0, high)).map(sorted).map(lambda pair: Range(*pair))
    upper = numbers(0, high, above=True).map(lambda value: Range(None, value))
    lower = numbers(0, high).map(lambda value: Range(value, None))
    return st.just(Range()) | upper | (pairs | lower if below else upper)


def evidence(keys: tuple[str, ...]) -> st.SearchStrategy[dict[str, tuple[str, ...]]]:
    return st.dictionaries(
        st.sampled_from(keys), st.lists(lines(), min_size=1, max_size=3).map(tuple), max_size=3
    )


@st.composite
def energies(draw: st.DrawFn) -> tuple[tuple[float, float], ...]:
    inner = sorted(draw(st.sets(numbers(0.001, 0.999), max_size=4)))
    return tuple((fraction, draw(numbers(0, 1))) for fraction in (0.0, *inner, 1.0))


@st.composite
def minutes(draw: st.DrawFn) -> Minutes:
    default = draw(numbers(1, 600))
    if draw(st.booleans()):
        return Minutes(default, default / 2, default * 1.5)
    return Minutes(default, draw(numbers(0, default)), draw(numbers(default, 1440)))


VOICES = st.sampled_from(
    [
        ("none", "any", 0.0),
        ("wordless", "any", 0.0),
        ("any", "any", 0.0),
        ("none", "wordless", 0.25),
        ("wordless", "any", 0.5),
    ]
)


@st.composite
def phases(draw: st.DrawFn, name: str) -> Phase:
    length = draw(minutes())
    vocals, beyond, share = draw(VOICES)
    holds = st.builds(Hold, numbers(0, length.most), numbers(0.5, 30), maybe(notes()), numbers(0, 20))
    return Phase(
        name,
        length,
        draw(energies()),
        name if name in PHASES else draw(st.sampled_from(PHASES)),
        energy_tolerance=draw(numbers(0, 1)),
        tempo=draw(
            maybe(st.tuples(numbers(20, 300), numbers(20, 300)).map(lambda pair: tuple(sorted(pair))))
        ),
        loudness=draw(maybe(numbers(-60, 0))),
        loudness_range=draw(ranges(60, below=False)),
        vocals=vocals,
        vocals_beyond=beyond,
        vocals_share=share,
        brightness=draw(ranges(1)),
        percussiveness=draw(ranges(1)),
        boundary_tolerance=draw(maybe(numbers(0, 3600, above=True))),
        album_runs=draw(st.booleans()),
        repeats=draw(st.sampled_from(REPEATS)),
        music=draw(st.sampled_from(["on", "optional"])),
        hold=draw(maybe(holds)),
        note=draw(maybe(notes())),
        evidence=draw(evidence(PHASE_EVIDENCE)),
    )


@st.composite
def join_rules(draw: st.DrawFn) -> JoinRules:
    steps = {}
    for key, high in (("loudness_up", 40), ("loudness_down", 40), ("energy_step", 1)):
        wished, limit = sorted(draw(st.tuples(numbers(0, high, above=True), numbers(0, high, above=True))))
        steps |= {key: wished, f"{key}_limit": limit}
    return JoinRules(**steps)


def rules() -> st.SearchStrategy[Rules]:
    return st.builds(
        Rules,
        join=join_rules(),
        track_minutes=ranges(240).filter(lambda bounds: bounds != Range()),
        artist_max=st.integers(1, 1000),
        artist_apart_minutes=numbers(0, 1440),
        overlap=numbers(0, 60),
        tail_minutes=numbers(0, 1440),
        boundary_tolerance=numbers(0, 3600, above=True),
        evidence=evidence(RULES_EVIDENCE),
    )


@st.composite
def variants(draw: st.DrawFn, name: str, phase_names: list[str]) -> Variant:
    return Variant(
        name,
        note=draw(maybe(notes())),
        energy=draw(numbers(-1, 1)),
        energy_max=draw(maybe(numbers(0, 1))),
        tempo_max=draw(maybe(numbers(20, 300))),
        brightness_max=draw(maybe(numbers(0, 1))),
        percussiveness_max=draw(maybe(numbers(0, 1))),
        loudness_range_max=draw(maybe(numbers(0, 60, above=True))),
        loudness_up=draw(maybe(numbers(0, 40, above=True))),
        vocals=draw(st.sampled_from([None, "none", "wordless", "any"])),
        minutes=draw(st.dictionaries(st.sampled_from(phase_names), numbers(-60, 60), max_size=2)),
        hold_rise_minutes=draw(maybe(numbers(0, 20))),
        evidence=draw(evidence(VARIANT_EVIDENCE)),
    )


NAMES = st.sampled_from(
    [
        *PHASES,
        "before",
        "Ankommen 1",
        "re_entry",
        "true",
        "12",
        "null",
        "~",
        "a: b".replace(":", ""),
        "[x",
        "'",
    ]
)


@st.composite
def templates(draw: st.DrawFn) -> Template:
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique_by=str.casefold))
    variant_names = draw(st.lists(NAMES, max_size=3, unique=True))
    return Template(
        draw(lines()),
        tuple(draw(phases(name)) for name in names),
        id=draw(lines()),
        zero=draw(maybe(lines())),
        rules=draw(rules()),
        variants=tuple(draw(variants(name, names)) for name in variant_names),
        sources=tuple(draw(st.lists(lines(), max_size=3))),
        note=draw(maybe(notes())),
        build=draw(st.booleans()),
    )
