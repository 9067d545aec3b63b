"""Every key of a template, each declared once: its name, its shape with its bounds, and what it means.

The reader, the JSON Schema, the writer, the tables of docs/templates.md (`python docs/template_keys.py`) and the
templates made by the tests all come from these entries. To add a key: give the model a field with a default, add an
entry here under the field's name, and use the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from playlistkit.model import (
    PHASES,
    EnergyLimit,
    Hold,
    InsideRules,
    JoinRules,
    Phase,
    Repeats,
    Rules,
    Template,
    Variant,
    VocalsRule,
)
from playlistkit.template.faults import Faults
from playlistkit.template.mapping_shapes import Evidence, ListOf, Part, Record, ShortForm
from playlistkit.template.number_shapes import Limits, Number, Pair, Whole
from playlistkit.template.phase_shapes import (
    Curve,
    MinutesByPhase,
    PhaseMinutes,
    PhaseRecord,
    Phases,
    Variants,
    Voice,
    named,
    unknown_phases,
)
from playlistkit.template.shapes import Key
from playlistkit.template.text_shapes import Flag, Line, Name, Text, Word
from playlistkit.template.yaml_nodes import Items, Node, entry

__all__ = ["PHASE", "RULES", "TEMPLATE", "VARIANT"]

TAKEN_NAMES = ("tail", "grounding now")
"""Words of the plan that can't be a phase's name."""

VOCALS: tuple[VocalsRule, ...] = get_args(VocalsRule)
"""From the strictest to the freest."""

SHARE = Number(0, 1)
TEMPO = Number(20, 300, "BPM")
RANGE = Number(0, 60, "LU", above=True)
LOUDNESS_STEP = Number(0, 40, "LU", above=True)
ENERGY_STEP = Number(0, 1, above=True)
SILENCE = Number(0, 3600, "seconds", above=True)
BOUNDARY = Number(0, 3600, "seconds", above=True)
RISE = Number(0, 120, "minutes")


def with_evidence(*keys: Key) -> tuple[Key, ...]:
    """The keys, plus the one that gives their sources."""
    sourced = tuple(key.name for key in keys if key.sourced)
    says = "where each key's value comes from"
    return (*keys, Key("evidence", Evidence(sourced), says, sourced=False, left_out=" "))


def check_wishes(faults: Faults, found: Mapping[str, Node], where: str, values: Mapping[str, Any]) -> None:
    """No wish about joins lies beyond its limit."""
    _check_pairs(faults, found, where, "join", JOIN, JoinRules(**values))


def check_inside(faults: Faults, found: Mapping[str, Node], where: str, values: Mapping[str, Any]) -> None:
    """No wish about what happens within a track lies beyond its limit."""
    _check_pairs(faults, found, where, "inside", INSIDE, InsideRules(**values))


def _check_pairs(
    faults: Faults, found: Mapping[str, Node], where: str, name: str, record: Record, given: object
) -> None:
    node = next(iter(found.values()), None)
    for key in record.names:
        if node is not None and f"{key}_limit" in record.names:
            wished, limit = getattr(given, key), getattr(given, f"{key}_limit")
            if wished > limit:
                told = f"{name}: {key} {wished:g} is above {key}_limit {limit:g}; give both"
                faults.add(node, where, told, between=True)


def check_hold(faults: Faults, found: Mapping[str, Node], where: str, values: Mapping[str, Any]) -> None:
    """The hold of a phase lies within it."""
    hold, minutes = values.get("hold"), values.get("minutes")
    if hold is not None and minutes is not None and hold.minute > minutes.most:
        node = entry(found["hold"], "minute") or found["hold"]
        longest = f"at most {minutes.most:g} minutes long"
        told = f"hold: minute {hold.minute:g} comes after the phase's end, {longest}"
        faults.add(node, where, told, between=True)


def check_variants(
    faults: Faults, found: Mapping[str, Node], _where: str, _values: Mapping[str, Any]
) -> None:
    """Variants change only existing phases."""
    phases = found.get("phases")
    if isinstance(phases, Items) and "variants" in found:
        names = (named(phase) for phase in phases.items)
        unknown_phases(faults, tuple(name for name in names if name), found["variants"])


HOLD = Record(
    Hold,
    (
        Key("minute", Number(0, 1440, "minutes"), "its middle", needed=True),
        Key("around", Number(0, 120, "minutes", above=True), "minutes before and after it", always=True),
        Key("rise_minutes", RISE, "the longest unbroken rise of the music within it"),
        Key("note", Text(), "what happens then"),
    ),
)

ENERGY_LIMIT = Record(
    EnergyLimit,
    (
        Key("up", SHARE, "upwards: too much energy harms more", always=True),
        Key("down", SHARE, "downwards", always=True),
    ),
)

PHASE = PhaseRecord(
    Phase,
    with_evidence(
        Key("name", Name(TAKEN_NAMES), "what the phase is called", needed=True, sourced=False),
        Key("stands_for", Word(PHASES), "which of the five phases it is", sourced=False,
            left_out="the name, if it is one of these; else needed"),
        Key("minutes", PhaseMinutes(), "how long it lasts; unless given, `min` is half of it, and `max` half as long again",
            needed=True),
        Key("energy", Curve(SHARE), "the energy it aims at, from 0, the calmest, to 1, the fullest", needed=True),
        Key("energy_tolerance", SHARE,
            "how far a track should lie outside the phase's lowest and highest energy; reported when exceeded"),
        Key("energy_limit", ShortForm(ENERGY_LIMIT, ("up", "down")),
            "how far it may lie at most: `{up: 0.2, down: 0.3}`, or one number for both",
            left_out="`energy_tolerance`, which is then the limit"),
        Key("energy_max", SHARE, "nothing fuller than this, even for half a minute; never exceeded"),
        Key("tempo", Pair(TEMPO, "[lowest, highest] in BPM", rising=True), "BPM as felt; a wish"),
        Key("loudness", Number(-60, 0, "LUFS"), "loudness as played; a wish, except under `--for render`"),
        Key("loudness_range", Limits(RANGE, ("max",)), "how far loudness should move within a track; a wish"),
        Key("loudness_range_limit", Limits(RANGE, ("max",)), "the same; never exceeded"),
        Key("vocals", Voice(VOCALS), "what voice is allowed"),
        Key("brightness", Limits(SHARE), "0 is dark, 1 is bright; a wish"),
        Key("brightness_limit", Limits(SHARE), "the same; never exceeded"),
        Key("percussiveness", Limits(SHARE), "0 is no attacks, 1 is drums; a wish"),
        Key("percussiveness_limit", Limits(SHARE), "the same; never exceeded"),
        Key("boundary_tolerance", BOUNDARY, "by how much the phase may end early or late", left_out="as in `rules`"),
        Key("album_runs", Flag(), "whether one artist may play twice running here"),
        Key("repeats", Word(get_args(Repeats)),
            "whether tracks of the client's earlier sessions may be repeated here: `allowed`, besides all others; "
            "`last session`, only those of the last one, in order, as far as the phase's energy allows "
            "(any music if none is remembered)"),
        Key("music", Word(("on", "optional")), "`optional`: the phase may be left out with `--minutes NAME=0`"),
        Key("hold", ShortForm(HOLD, ("minute",)),
            "a minute of the phase around which nothing may startle or rise for long, such as a blood pressure "
            "reading: `around` are the minutes before and after, `rise_minutes` the longest unbroken rise of the music; "
            "a plan avoids longer rises, and reports where it could not",
            left_out="none, `around` 5, `rise_minutes` 3"),
        Key("note", Text(), "what happens in the room", sourced=False, left_out=" "),
    ),
    title="the phase",
    check=check_hold,
)  # fmt: skip

JOIN = Record(
    JoinRules,
    (
        Key("loudness_up", LOUDNESS_STEP, "how much louder a track may begin than the last one ended; reported when exceeded"),
        Key("loudness_up_limit", LOUDNESS_STEP, "the same; never exceeded"),
        Key("loudness_down", LOUDNESS_STEP, "how much softer; reported when exceeded"),
        Key("loudness_down_limit", LOUDNESS_STEP, "the same; never exceeded"),
        Key("energy_step", ENERGY_STEP, "how far energy may jump; reported when exceeded"),
        Key("energy_step_limit", ENERGY_STEP, "the same; never exceeded"),
        Key("silence", SILENCE, "the longest silence between two tracks; reported when exceeded; `--for render` leaves none"),
        Key("silence_limit", SILENCE, "the same; never exceeded"),
    ),
    check=check_wishes,
)  # fmt: skip

INSIDE = Record(
    InsideRules,
    (
        Key("silence", SILENCE, "the longest silence between two sounds; reported when exceeded"),
        Key("silence_limit", SILENCE, "the same; never exceeded"),
        Key("jolt", LOUDNESS_STEP, "how far loudness may jump within half a second over the ten seconds before; reported when exceeded"),
        Key("jolt_limit", LOUDNESS_STEP, "the same; never exceeded"),
        Key("swell", LOUDNESS_STEP, "how far loudness may rise over ten seconds; reported when exceeded"),
        Key("swell_limit", LOUDNESS_STEP, "the same; never exceeded"),
    ),
    check=check_inside,
)  # fmt: skip

ARTIST = Part(
    Rules,
    (
        Key("max", Whole(1, 1000, "tracks"), "tracks of one artist in a session", "artist_max"),
        Key(
            "apart_minutes",
            Number(0, 1440, "minutes"),
            "the preferred gap between two",
            "artist_apart_minutes",
        ),
    ),
)

RULES = Record(
    Rules,
    with_evidence(
        Key("join", JOIN, "the passage from one track to the next"),
        Key("inside", INSIDE, "what may happen within a track"),
        Key("track_minutes", Limits(Number(0, 240, "minutes")), "shortest and longest track"),
        Key("works", Word(("together", "free")),
            "`together`: several movements of one work (tags WORK and MOVEMENT, numbers in titles) only in their order and "
            "right after each other"),
        Key("artist", ARTIST, "how often, and how far apart, one artist may play"),
        Key("overlap", Number(0, 60, "seconds"), "the crossfade your player is set to"),
        Key("tail_minutes", Number(0, 1440, "minutes"),
            "music after the planned end, so that it never falls silent"),
        Key("grounding_now_minutes", Number(0, 1440, "minutes"),
            "calm music without voice, held ready for \"grounding now\" at any minute"),
        Key("boundary_tolerance", BOUNDARY, "by how much a phase may end early or late"),
    ),
    place=True,
    empty=True,
)  # fmt: skip

VARIANT = Record(
    Variant,
    (
        Key("note", Text(), "what it is for", sourced=False),
        *with_evidence(
            Key("energy", Number(-1, 1), "added to every energy; the result stays within 0 to 1"),
            Key("energy_max", SHARE, "nothing fuller than this, in the curve and in what sounds"),
            Key("tempo_max", TEMPO, "no tempo above this"),
            Key("brightness_max", SHARE, "nothing brighter", caps="brightness",
                told="Darker sound; brightness at most"),
            Key("percussiveness_max", SHARE, "nothing more percussive", caps="percussiveness",
                told="Softer attacks; percussiveness at most"),
            Key("loudness_range_max", RANGE, "no track whose loudness moves further", caps="loudness_range",
                told="More even pieces; loudness within a track moves at most, in LU"),
            Key("loudness_up", LOUDNESS_STEP,
                "how much louder a track may begin than the last one ended; phases' loudness is brought as near"),
            Key("vocals", Word(VOCALS), "the most that is allowed, in all phases except grounding, where words are welcome"),
            Key("minutes", MinutesByPhase(), "minutes more or fewer; the phase stays within its `min` and `max`"),
            Key("hold_rise_minutes", RISE,
                "the longest rise around a phase's `hold`; an arc that rises for longer is levelled for the rest of the "
                "phase"),
        ),
    ),
    title="the variant",
    empty=True,
)  # fmt: skip

TEMPLATE = Record(
    Template,
    (
        Key("name", Line(), "what the protocol is called", needed=True),
        Key("id", Line(), "its short name", left_out="the file's name without its suffix"),
        Key("zero", Line(), "what happens at minute 0 of the medicine"),
        Key("note", Text(), "what to know before using it"),
        Key("build", Flag(), "`false`: only to be read, never assembled; the note says why"),
        Key("phases", Phases(PHASE), "the phases in order", needed=True),
        Key("rules", RULES, "what holds in the whole session"),
        Key("variants", Variants(VARIANT), "named changes, for `--variant NAME`"),
        Key(
            "sources", ListOf(Line(), "tags"), "the source tags of the whole; docs/evidence.md explains ours"
        ),
    ),
    title="the template",
    check=check_variants,
)
