"""Which value of a feature counts, said a second time, and which values a feature may have."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlistkit.errors import InputError, LibraryError
from playlistkit.library import values
from playlistkit.library.layers import LAYERS, overlay
from playlistkit.model import FEATURES, Curve

LEVELS = ("loudness_start", "loudness_end", "loudness_start_near", "loudness_end_near")
HEARD = ("music_probability", "speech", "speech_at", "repetition")
SHARES = st.integers(0, 20).map(lambda n: n / 20)
LAYER = st.fixed_dictionaries(
    {},
    optional={
        "energy": SHARES, "energy_start": SHARES, "energy_end": SHARES, "loudness": st.sampled_from([-60.0, -20.0, 0.0]),
        **dict.fromkeys(LEVELS, st.sampled_from([-118.0, -30.0, -10.0, 8.0])), "tempo": st.sampled_from([60.0, 90.0]),
        "pulse_clarity": SHARES, "tempo_alternative": st.just(120.0), **dict.fromkeys(HEARD, SHARES),
        "energy_curve": st.lists(SHARES, min_size=1, max_size=3).map(lambda row: Curve(row, 0.001)),
    },
)  # fmt: skip


def by_hand(layers: dict[str, dict[str, Any]]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values and their sources, by the rules in words."""
    source = {
        name: max((k for k in layers if name in layers[k]), key=LAYERS.index)
        for k in layers
        for name in layers[k]
    }
    known = {name: layers[where][name] for name, where in source.items()}
    for whole, parts, low, high in (
        ("energy", ("energy_start", "energy_end", "energy_curve"), 0, 1),
        ("loudness", LEVELS, -120, 10),
    ):
        for part in parts:
            if (
                part not in known
                or whole not in known
                or LAYERS.index(source[whole]) <= LAYERS.index(source[part])
            ):
                continue
            if whole in layers[source[part]]:  # what was thought of the whole where the part comes from
                by = known[whole] - layers[source[part]][whole]
                one = known[part]
                moved = [
                    min(max(each + by, low), high) for each in (one if isinstance(one, Curve) else (one,))
                ]
                known[part] = Curve(moved, one.step) if isinstance(one, Curve) else moved[0]
    for told, names in (("tempo", ("pulse_clarity", "tempo_alternative")), ("energy", HEARD)):
        for name in names:
            if source.get(told) == "set" and source.get(name, "set") != "set":
                del known[name], source[name]
    return known, source


@given(st.dictionaries(st.sampled_from(LAYERS), LAYER))
def test_a_later_source_overrules_and_takes_along_what_belongs_to_it(
    layers: dict[Any, dict[str, Any]],
) -> None:
    assert overlay(layers) == by_hand(layers)


VALUES = (None, -71.0, -0.001, 0, 0.5, 1, 1.001, 5.001, 400, 1e9, float("inf"), True, "none", "major", "x", (), (1.0, 2), (1, "x"), Curve((), 1))  # fmt: skip


def may_be(name: str, value: object, source: str) -> bool:
    """Whether a feature may have a value, by what kind of feature it is."""
    kind = FEATURES[name]
    number = type(value) in (int, float) and abs(value) < float("inf")  # type: ignore[arg-type]
    if value is None:
        return True
    if kind.shape == "number":
        return number and (source == "measured" or kind.low <= value <= kind.high)  # type: ignore[operator]
    return {
        "curve": isinstance(value, Curve),
        "vector": value in ((), (1.0, 2)),
        "words": isinstance(value, str) and value in kind.words,
        "flag": value is True,
    }[kind.shape]


@pytest.mark.parametrize("source", ["measured", "set"])
def test_each_feature_takes_the_values_of_its_kind_and_no_others(source: Any) -> None:
    for name, value in product(FEATURES, VALUES):
        if may_be(name, value, source):
            values.check(name, value, source)
        else:
            with pytest.raises(InputError, match=f"^{name}: .* should be "):
                values.check(name, value, source)
    with pytest.raises(InputError, match=r"^there is no feature 'zzzz'$"):
        values.check("zzzz", None, source)


def test_stored_values_come_back_as_they_are_kept() -> None:
    kept = {
        "tempo": 60.1234567,
        "timbre": (1, 2.00000049),
        "fades": True,
        "vocals": "none",
        "key": None,
        "energy_curve": Curve((), 1),
    }
    encoded = values.encodable(kept)
    assert encoded == {"tempo": 60.123457, "timbre": [1.0, 2.0], "fades": True, "vocals": "none", "key": None}
    assert values.decode('{"timbre": [1.0, 2.5], "newer": 3, "vocals": "none", "tempo": 3.5}') == {
        "timbre": (1.0, 2.5), "vocals": "none", "tempo": 3.5
    }  # fmt: skip
    with pytest.raises(LibraryError, match="the library is damaged"):
        values.decode("{")
    assert [values.tag(each) for each in ("", 0, None, (), "a\udcff", 3, ("ä", "b\udcff"))] == [
        None, None, None, None, "a?", 3, '["ä", "b?"]'
    ]  # fmt: skip
    assert [values.names(each) for each in (None, "", '["a", "b"]')] == [(), (), ("a", "b")]
