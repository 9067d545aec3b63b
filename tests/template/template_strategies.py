"""Templates made by hypothesis: any that the reader would accept, from the keys that it knows."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

from hypothesis import strategies as st

from playlistkit.model import PHASES, Minutes, Phase, Range, Template, Variant
from playlistkit.template.keys import PHASE, TEMPLATE, VARIANT
from playlistkit.template.mapping_shapes import Evidence, ListOf, Part, Record, ShortForm
from playlistkit.template.number_shapes import Limits, Number, Pair, Whole
from playlistkit.template.phase_shapes import Curve, MinutesByPhase, PhaseMinutes, Voice
from playlistkit.template.shapes import Shape
from playlistkit.template.text_shapes import Flag, Line, Text, Word

LETTERS = "abcxyzÄßñ日 -_'!#&*?|%{}[]\"."
Values = st.SearchStrategy[Any]


def texts(letters: str, longest: int) -> Values:
    return st.text(letters, min_size=1, max_size=longest).map(str.strip).filter(bool)


@functools.singledispatch
def of(shape: Shape) -> Values:
    """The values that a shape takes."""
    raise NotImplementedError(f"make values for {type(shape).__name__}")


@of.register
def _(shape: Text) -> Values:
    return texts(LETTERS + "=@:,\n", 60)


@of.register
def _(shape: Line) -> Values:
    return texts(LETTERS, 20)


@of.register
def _(shape: Number) -> Values:
    return st.floats(shape.low, shape.high, exclude_min=shape.above, allow_subnormal=False)


@of.register
def _(shape: Whole) -> Values:
    return st.integers(int(shape.low), int(shape.high))


@of.register
def _(shape: Word) -> Values:
    return st.sampled_from(shape.words)


@of.register
def _(shape: Flag) -> Values:
    return st.booleans()


@of.register
def _(shape: Pair) -> Values:
    pairs = st.tuples(of(shape.of), of(shape.of))
    return pairs.map(lambda pair: tuple(sorted(pair))) if shape.rising else pairs


@of.register
def _(shape: Limits) -> Values:
    upper = of(shape.of).map(lambda value: Range(None, value))
    lower = of(shape.of).map(lambda value: Range(value, None))
    both = st.tuples(of(shape.of), of(shape.of)).map(lambda pair: Range(*sorted(pair)))
    return upper if shape.sides == ("max",) else upper | lower | both


@of.register
def _(shape: ListOf) -> Values:
    return st.lists(of(shape.of), min_size=1, max_size=3).map(tuple)


@of.register
def _(shape: Evidence) -> Values:
    tags = st.lists(of(Line()), min_size=1, max_size=3).map(tuple)
    return st.dictionaries(st.sampled_from(shape.keys), tags, max_size=3)


@of.register
def _(shape: Curve) -> Values:
    inner = st.sets(st.floats(0.001, 0.999), max_size=4)

    def levels(fractions: list[float]) -> Values:
        return st.tuples(*(st.tuples(st.just(fraction), of(shape.of)) for fraction in fractions))

    return inner.flatmap(lambda fractions: levels([0.0, *sorted(fractions), 1.0]))


@of.register
def _(shape: PhaseMinutes) -> Values:
    def bounded(default: float) -> Values:
        usual = st.just(Minutes(default, default / 2, default * 1.5))
        return usual | st.builds(Minutes, st.just(default), st.floats(0, default), st.floats(default, 1440))

    return st.floats(1, 600).flatmap(bounded)


@of.register
def _(shape: Voice) -> Values:
    share = st.floats(0, 1, exclude_min=True)
    plain = st.builds(lambda word: {"vocals": word}, st.sampled_from(shape.words))
    pairs = [(allow, beyond) for at, allow in enumerate(shape.words) for beyond in shape.words[at + 1 :]]
    shared = st.builds(
        lambda pair, part: {"vocals": pair[0], "vocals_beyond": pair[1], "vocals_share": part},
        st.sampled_from(pairs),
        share,
    )
    return plain | shared


@of.register
def _(shape: ShortForm) -> Values:
    return of(shape.of)


@of.register
def _(shape: Record) -> Values:
    return fields(shape).map(lambda values: shape.of(**values))


@of.register
def _(shape: Part) -> Values:
    return fields(shape)


@st.composite
def fields(draw: st.DrawFn, record: Record, **given: object) -> dict[str, Any]:
    """Values for the fields of a record: each key there or not, wishes within their limits."""
    values: dict[str, Any] = dict(given)
    for key in record.keys:
        if key.fills not in values and (key.needed or draw(st.booleans())):
            value = draw(of(key.shape))
            values |= value if key.shape.spreads else {key.fills: value}
    for key in record.keys:
        limit = f"{key.fills}_limit"
        is_step = isinstance(key.shape, Number) and limit in record.names and record[limit].shape == key.shape
        if is_step and (key.fills in values or limit in values):
            wished, barred = sorted(draw(st.tuples(of(key.shape), of(key.shape))))
            values |= {key.fills: wished, limit: barred}
    return values


@st.composite
def phases(draw: st.DrawFn, name: str) -> Phase:
    stands_for = name if name in PHASES else draw(st.sampled_from(PHASES))
    phase = PHASE.of(**draw(fields(PHASE, name=name, stands_for=stands_for)))
    if phase.hold is not None and phase.hold.minute > phase.minutes.most:
        return dataclasses.replace(phase, hold=dataclasses.replace(phase.hold, minute=phase.minutes.most))
    return phase


@st.composite
def variants(draw: st.DrawFn, name: str, phase_names: list[str]) -> Variant:
    by_phase = st.dictionaries(st.sampled_from(phase_names), of(MinutesByPhase.of), max_size=2)
    return VARIANT.of(**draw(fields(VARIANT, name=name, minutes=draw(by_phase))))


NAMES = st.sampled_from(
    [*PHASES, "before", "Ankommen 1", "re_entry", "true", "12", "null", "~", "a b", "[x", "'"]
)


@st.composite
def templates(draw: st.DrawFn) -> Template:
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique_by=str.casefold))
    variant_names = draw(st.lists(NAMES, max_size=3, unique=True))
    return TEMPLATE.of(
        **draw(
            fields(
                TEMPLATE,
                id=draw(of(Line())),
                phases=tuple(draw(phases(name)) for name in names),
                variants=tuple(draw(variants(name, names)) for name in variant_names),
            )
        )
    )
