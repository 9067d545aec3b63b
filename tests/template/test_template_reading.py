"""What a template may be, and what is said of one that it may not."""

from __future__ import annotations

import contextlib
import re
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from template_strategies import templates

from playlistkit import template as reader
from playlistkit.errors import TemplateError
from playlistkit.model import Hold, Minutes, Range, Template

DEFAULT = (Path(__file__).parents[2] / "phases.yaml").read_text(encoding="utf-8")

SMALL = """\
name: Small
phases:
  - name: peak
    minutes: 20
    energy: [0.2, 0.4]
"""


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(TemplateError) as caught:
        reader.parse(text, "mine.yaml")
    return caught.value.faults


def small(line: str) -> str:
    """The small template with one more line in its phase, line 6."""
    return f"{SMALL}    {line}\n"


def with_rules(line: str) -> str:
    return f"{SMALL}rules:\n  {line}\n"


def with_variant(line: str) -> str:
    return f"{SMALL}variants:\n  calm: {{{line}}}\n"


@settings(max_examples=40, deadline=None)
@given(templates())
def test_what_is_dumped_reads_back_equal(template: Template) -> None:
    dumped = reader.dump(template)
    assert reader.load(dumped) == template
    assert reader.parse(yaml.dump(dumped, sort_keys=False, allow_unicode=True), "elsewhere.yaml") == template


def test_a_bare_number_of_minutes_may_be_halved_or_grow_by_half() -> None:
    assert reader.parse(SMALL).phases[0].minutes == Minutes(20, 10, 30)


def test_energy_is_a_level_a_line_or_a_curve() -> None:
    def energy(written: str) -> object:
        return reader.parse(SMALL.replace("[0.2, 0.4]", written)).phases[0].energy

    assert energy("0.3") == ((0, 0.3), (1, 0.3))
    assert energy("[0.3, 0.5]") == ((0, 0.3), (1, 0.5))
    assert energy("[[0, 0.1], [0.5, 0.4], [1, 0.2]]") == ((0, 0.1), (0.5, 0.4), (1, 0.2))


def test_the_files_name_is_the_templates_id() -> None:
    assert reader.parse(SMALL, "folder/my arc.yaml").id == "my arc"
    assert reader.parse(f"id: chosen\n{SMALL}", "folder/mine.yml").id == "chosen"


@pytest.mark.parametrize("written", ["on", "On", "'on'", "true"])
def test_music_may_be_on_however_yaml_takes_the_word(written: str) -> None:
    assert reader.parse(small(f"music: {written}")).phases[0].music == "on"


def test_a_voice_may_have_a_share_of_the_minutes() -> None:
    phase = reader.parse(small("vocals: {allow: none, beyond: wordless, share: 0.25}")).phases[0]
    assert (phase.vocals, phase.vocals_beyond, phase.vocals_share) == ("none", "wordless", 0.25)


def test_a_hold_is_a_minute_or_more_words() -> None:
    assert reader.parse(small("hold: 12")).phases[0].hold == Hold(12)
    held = reader.parse(small("hold: {minute: 12, around: 3, note: reading}")).phases[0].hold
    assert held == Hold(12, 3, "reading")
    level = reader.parse(small("hold: {minute: 12, rise_minutes: 0}")).phases[0].hold
    assert level == Hold(12, rise_minutes=0)


@pytest.mark.parametrize("word", ["never", "allowed", "last session"])
def test_a_phase_says_whether_the_familiar_may_come_again(word: str) -> None:
    assert reader.parse(small(f"repeats: {word}")).phases[0].repeats == word
    assert reader.parse(small("tempo: [50, 80]")).phases[0].repeats == "never"


def test_one_side_of_a_range_may_be_open() -> None:
    assert reader.parse(small("brightness: {max: 0.5}")).phases[0].brightness == Range(None, 0.5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (small("tempoo: [50, 80]"), "mine.yaml:6: phase 'peak': unknown key 'tempoo'; did you mean 'tempo'?"),
        (small("bpm: [50, 80]"), "mine.yaml:6: phase 'peak': unknown key 'bpm'; did you mean 'tempo'?"),
        (small("vocals: wordles"), "is not one of none, wordless or any; did you mean 'wordless'?"),
        (small("vocals: no"), "vocals no (which YAML reads as false) is not one of none, wordless or any"),
        (small("repeats: true"), "repeats true is not one of never, allowed or last session"),
        (small("repeats: last"), "repeats 'last' is not one of never, allowed or last session"),
        (small("hold: {minute: 12, rise_minutes: 200}"), "rise_minutes 200 is not 0 to 120 minutes"),
        (small("music: off"), "mine.yaml:6: phase 'peak': music off"),
        (small("stands_for: summit"), "is not one of arrival, onset, peak, return or grounding"),
        (small("loudness: -22 LUFS"), "loudness '-22 LUFS' is not a number; write -22 (it is in LUFS)"),
        (small("loudness: 22"), "loudness 22 is not -60 to 0 LUFS"),
        (small("energy_tolerance: 12%"), "energy_tolerance '12%' is not a number; write 0.12"),
        (small("energy_tolerance: 0,12"), "write 0.12"),
        (small("energy_tolerance: 12"), "12 % is 0.12"),
        (small("tempo: [80, 50]"), "tempo [80, 50]: the lowest comes first; swap them"),
        (small("tempo: 60"), "tempo 60 is not [lowest, highest] in BPM"),
        (small("tempo: [60, fast]"), "tempo 'fast' is not a number"),
        (small("brightness: 0.5"), "write {max: 0.5}"),
        (small("brightness: {min: 0.6, max: 0.5}"), "min 0.6 is above max 0.5"),
        (small("brightness: {}"), "brightness is empty"),
        (small("hold: 31"), "minute 31 comes after the phase's end"),
        (small("hold: {around: 3}"), "hold lacks 'minute'"),
        (small("vocals: {allow: any, beyond: none, share: 0.2}"), "allows no more than allow 'any'"),
        (small("album_runs: maybe"), "must be true or false"),
        (small("note:"), "note (nothing) is not a text"),
        (small('note: "a\\0b"'), "note holds control characters"),
        (small('evidence: {tempo: "a\\nb"}'), "must be one line"),
        (small("note: 2024"), 'write "2024" in quotes'),
        (small("evidence: {tempo: []}"), "evidence of tempo is empty"),
        (small("evidence: {tempoo: x}"), "did you mean 'tempo'?"),
        (small("loudness: .nan"), "loudness .nan is not a finite number"),
        (small("loudness: -.inf"), "loudness -.inf is not a finite number"),
        (small("loudness: -1e999"), "loudness -1e999 is not a finite number"),
        (small("minutes: 30"), "mine.yaml:6: phase 'peak': key 'minutes' appears twice, first in line 4; keep one"),
        (SMALL.replace("20", "-20"), "minutes -20 is not above 0 and at most 1440 minutes"),
        (SMALL.replace("20", "0"), "minutes 0 is not above 0"),
        (SMALL.replace("20", "40 min"), "minutes '40 min' is not a number; write 40 (it is in minutes)"),
        (SMALL.replace("20", "1:30"), "minutes '1:30' is not a number"),
        (SMALL.replace("20", "{default: 5, min: 10, max: 20}"), "default 5 is not within 10 to 20"),
        (SMALL.replace("20", "{min: 10, max: 20}"), "minutes lacks 'default'"),
        (SMALL.replace("20", "{default: 5, min: 20, max: 10}"), "min 20 is above max 10"),
        (SMALL.replace("0.4]", "1.4]"), "energy 1.4 is not 0 to 1"),
        (SMALL.replace("[0.2, 0.4]", "[0.2, 0.4, 0.3]"), "is not [from, to] or [[fraction, energy], ...]"),
        (SMALL.replace("[0.2, 0.4]", "[[0, 0.2], [0.5, 0.3]]"), "the last at 1"),
        (SMALL.replace("[0.2, 0.4]", "[[0, 0.2], [0.7, 0.3], [0.5, 0.3], [1, 0.2]]"), "must rise"),
        (SMALL.replace("[0.2, 0.4]", "{from: 0.2}"), "energy is a mapping"),
        (SMALL.replace("name: peak", "name: summit"), "stands_for is missing"),
        (SMALL.replace("name: peak", "name: tail\n    stands_for: peak"), "means something else in a plan"),
        (SMALL.replace("name: peak", "name: a=b"), "a name can't have = @ :"),
        (SMALL.replace("  - name: peak\n    ", "  - "), "phase 1: the phase lacks 'name'"),
        (SMALL + SMALL[SMALL.index("  - ") :], "mine.yaml:6: phase 'peak' appears twice, first in line 3"),
        (SMALL.replace("name: Small\n", ""), "the template lacks 'name'"),
        ("name: x\nphases: []\n", "phases is empty"),
        ("name: x\nphases: peak\n", "phases 'peak' is not a list of phases"),
        ("- a\n", "is not a template"),
        (with_rules("overlap: 90"), "rules: overlap 90 is not 0 to 60 seconds"),
        (with_rules("crossfade: 6"), "did you mean 'overlap'?"),
        (with_rules("artist: {max: 2.5}"), "max 2.5 is not a whole number"),
        (with_rules("join: {loudness_up: 7}"), "loudness_up 7 is above loudness_up_limit 6; give both"),
        (with_rules("join: {loudnes_up: 2}"), "did you mean 'loudness_up'?"),
        (with_variant("minutes: {peek: 10}"), "there is no phase 'peek'; did you mean 'peak'?"),
        (with_variant("minutes: 10"), "must name the phase; write {return: 10}"),
        (with_variant("energy: low"), "variant 'calm': energy 'low' is not a number"),
        (with_variant("energy_min: 0.1"), "did you mean 'energy_max'?"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_its_value_and_what_to_do(text: str, said: str) -> None:
    told = faults(text)
    assert any(said in fault for fault in told), told
    assert all(re.match(r"mine\.yaml:\d+: \S", fault) and "\n" not in fault for fault in told)


def test_a_misspelt_key_is_not_also_told_as_missing() -> None:
    assert faults(SMALL.replace("minutes", "minuets")) == (
        "mine.yaml:4: phase 'peak': unknown key 'minuets'; did you mean 'minutes'?",
    )


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    told = faults(SMALL.replace("20", "-1").replace("0.4", "4") + "    tempoo: 3\nruless: {}\n")
    assert [int(fault.split(":")[1]) for fault in told] == [4, 5, 6, 7]


def test_a_file_that_is_no_template_at_all_does_not_flood_the_screen() -> None:
    told = faults("".join(f"key{number}: 1\n" for number in range(2_000)))
    assert len(told) == 101
    assert told[-1] == "mine.yaml: and 1,902 more faults; is this a template?"


BOMB = "a: &a [x, x, x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" \n\t\n", "empty"),
        ("# only words\n", "nothing but comments"),
        (BOMB, "anchor &a is refused"),
        ("name: *x\n", "alias *x is refused"),
        ("name: !!python/object/apply:os.system ['true']\n", "is refused; write the plain value"),
        ("name: !!str x\n", "is refused; write the plain value"),
        (f"{SMALL}---\n{SMALL}", "mine.yaml:6: a second document begins"),
        ("a: " + "[" * 50_000, "nested deeper than"),
        ("{a: " * 50_000, "nested deeper than"),
        ("- " * 50_000, "nested deeper than"),
        ("a: [" + "1," * 60_000 + "]", "more than 5,000 values"),
        ("x" * (1 << 20) + "x", "larger than any template"),
        ("\n" * 500_000, "larger than any template"),
        (small("loudness: " + "9" * 130_000 + "x"), "is not a number"),  # a number's pattern that goes back needs ten minutes
        ("a: " + "x " * 132_000, "264,003 characters outside comments"),
        ("name: a\0b\n", "mine.yaml:1: character U+0000"),
        ("name: \udcff\n", "character U+DCFF"),
        ("PK\x03\x04binary", "mine.yaml:1: character U+0003"),
        ("name: x\n\tphases: y\n", "mine.yaml:2: there is a tab where YAML needs spaces"),
        ("name: a: b\n", "a second colon in one line"),
        ("name: 'open\n", "the text ends inside a bracket or quote"),
        ("name: [open\n", "the text ends inside a bracket or quote"),
        ("? [a]\n: b\n", "a key must be a word"),
        ('name: "\\UFFFFFFFF"\n', "escape"),
        ("%YAML 9.9\n---\nname: x\n", "mine.yaml:1: "),
        ("name: &\n", "mine.yaml:1: "),
    ],
)  # fmt: skip
def test_what_is_no_plain_yaml_is_refused_in_one_sentence_and_soon(text: str, said: str) -> None:
    work, (told,) = calls_for(text)
    assert work <= CALLS + CALLS_A_CHARACTER * len(text)
    assert said in told
    assert "\n" not in told


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "x " * 15_000,
        "a: " + "x\n  " * 7_500,
        "a: |\n" + "  x\n" * 7_500,
        "a: '" + "x" * 30_000 + "'",
        'a: "' + "\\x41" * 7_500 + '"',
        "a: " + "\r" * 30_000,
        "# " + "x" * 30_000,
        "- " * 15_000,
        "? " * 15_000,
        "{a: 1, " * 5_000,
        "[a," * 10_000,
        "a: [" + " ," * 15_000,
        "".join(f"{'k' * 8}{number}: 1\n" for number in range(2_500)),
        "&" + "a" * 30_000,
        "!" * 30_000,
    ],
)
def test_no_text_costs_more_work_than_its_length_allows(text: str) -> None:
    """At this rate the largest text that is read at all, 1 MiB, takes a second or two."""
    assert calls_for(text)[0] <= CALLS + CALLS_A_CHARACTER * len(text)


CALLS, CALLS_A_CHARACTER = 3_000, 20  # measured: at most 600 and 10


def calls_for(text: str) -> tuple[int, tuple[str, ...]]:
    """How many functions are called to refuse a text, which no other work on the machine changes, and the faults."""
    count = 0

    def called(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        told = faults(text)
    finally:
        sys.setprofile(before)
    return count, told


@pytest.mark.parametrize(
    "values",
    [
        None,
        [],
        {"name": object()},
        {"name": b"x"},
        {("a",): 1},
        {"name": "x", "phases": [{"name": "peak", "minutes": 10**400, "energy": 0.1}]},
        {1: 2},
    ],
)
def test_values_of_no_template_are_refused_with_a_sentence(values: object) -> None:
    with pytest.raises(TemplateError):
        reader.load(values, "values")  # type: ignore[arg-type]


def test_a_long_comment_is_no_fault() -> None:
    assert reader.parse(SMALL + "# aside\n" * 18_000 + "# " + "x" * 500_000) == reader.parse(SMALL)


def test_values_that_hold_themselves_are_refused() -> None:
    values: dict[str, object] = {"name": "x"}
    values["phases"] = [values]
    with pytest.raises(TemplateError, match="nested deeper"):
        reader.load(values)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    assert reader.parse("\ufeff" + SMALL.replace("\n", "\r\n")) == reader.parse(SMALL)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_no_text_gives_a_traceback(text: str) -> None:
    with contextlib.suppress(TemplateError):
        reader.parse(text)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_change_to_a_template_gives_a_traceback(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(DEFAULT)))
    length = data.draw(st.integers(0, 12))
    put = data.draw(st.text("-0123456789.:,[]{}'\"&*!|>%@` \t\n#abonyes~?", max_size=6))
    with contextlib.suppress(TemplateError):
        reader.parse(DEFAULT[:place] + put + DEFAULT[place + length :])
