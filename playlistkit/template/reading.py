"""The tree of a YAML text to a `Template`, with every fault told at once.

Most of what can be wrong is a matter of shape: an unknown key, a word for a number, a value out of its bounds. The
JSON Schema (`playlistkit.template.schema`) says the same and shares the bounds. What holds *between* values
(lowest above highest, a phase twice, a variant for a phase that isn't there) no schema can say; those faults
are marked `between`, so that a test can hold the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Literal

from playlistkit.errors import TemplateError
from playlistkit.model import (
    PHASES,
    Hold,
    JoinRules,
    Minutes,
    Phase,
    Rules,
    Template,
    Variant,
    VocalsRule,
)
from playlistkit.template.keys import (
    BOUNDS,
    JOIN_KEYS,
    MOST_POINTS,
    PHASE_EVIDENCE,
    PHASE_KEYS,
    REPEATS,
    RULES_EVIDENCE,
    TAKEN_NAMES,
    TOP_KEYS,
    VARIANT_EVIDENCE,
    VOCALS,
)
from playlistkit.template.spots import Items, Pairs, Scalar, Spot, at, from_text, from_value
from playlistkit.template.values import Fault, Values, clipped, listed, near, shown

__all__ = ["Fault", "load", "parse", "read"]

MOST_FAULTS = 100  # more help nobody


def parse(text: str, origin: str = "template") -> Template:
    """Read a template from its YAML text.

    Parameters
    ----------
    text : str
        The YAML, at most 1 MiB of it.
    origin : str
        The name of the file, for messages; without its suffix it is the template's id unless `id` is given.

    Returns
    -------
    Template

    Raises
    ------
    TemplateError
        With every fault at once, each ``"phases.yaml:14: phase 'peak': ..."``.
    """
    return _settled(from_text(text, origin), origin)


def load(values: Mapping[str, object], origin: str = "template") -> Template:
    """Read a template from plain values in the YAML's own shape, as `dump` gives them.

    Parameters
    ----------
    values : mapping
        As `yaml.safe_load` or `json.loads` give it.
    origin : str
        What it is called in messages; the template's id unless `id` is given.

    Raises
    ------
    TemplateError
        With every fault at once.
    """
    return _settled(from_value(values, origin), origin)


def _settled(tree: Spot, origin: str) -> Template:
    template, faults = read(tree, origin)
    if template is None or faults:
        told = [f"{at(origin, fault.line)}: {fault.text}" for fault in faults[:MOST_FAULTS]]
        if len(faults) > MOST_FAULTS:
            told.append(f"{origin}: and {len(faults) - MOST_FAULTS:,} faults more; is this a template?")
        raise TemplateError(*told)
    return template


def read(tree: Spot, origin: str) -> tuple[Template | None, list[Fault]]:
    """The template of a tree, and all its faults in the order of their lines; `None` only with faults."""
    reader = _Reader()
    template = reader.template(tree, _stem(origin))
    faults = sorted(reader.faults, key=lambda fault: fault.line or 0)
    return (None if faults else template), faults


def _stem(origin: str) -> str:
    name = re.split(r"[/\\]", origin)[-1]
    return re.sub(r"\.(ya?ml|json)$", "", name, flags=re.IGNORECASE) or name


class _Reader(Values):
    """Reads a template's parts."""

    # --- a phase --------------------------------------------------------------------------------------------

    def phase(self, spot: Spot, position: int) -> Phase | None:
        where = _phase_name(spot, position)
        found = self.pairs(spot, where, "the phase", PHASE_KEYS, needed=("name", "minutes", "energy"))
        name = self.name(found["name"], where, "name") if "name" in found else None
        if name in TAKEN_NAMES:
            self.fault(
                found["name"], where, f"the name {name!r} means something else in a plan; choose another"
            )
        stands_for = self.stands_for(found, spot, where, name)
        minutes = self.minutes(found["minutes"], where) if "minutes" in found else None
        energy = self.energy(found["energy"], where) if "energy" in found else None
        options: dict[str, object] = {}
        for key in ("energy_tolerance", "loudness", "boundary_tolerance"):
            if key in found:
                options[key] = self.number(found[key], where, key, BOUNDS[key])
        if "tempo" in found:
            options["tempo"] = self.tempo(found["tempo"], where)
        if "loudness_range" in found:
            options["loudness_range"] = self.range(found["loudness_range"], where, "loudness_range", ("max",))
        for key in ("brightness", "percussiveness"):
            if key in found:
                options[key] = self.range(found[key], where, key)
        if "vocals" in found:
            options |= self.vocals(found["vocals"], where)
        if "album_runs" in found:
            options["album_runs"] = self.flag(found["album_runs"], where, "album_runs")
        if "repeats" in found:
            options["repeats"] = self.word(found["repeats"], where, "repeats", REPEATS)
        if "music" in found:
            options["music"] = self.music(found["music"], where)
        if "hold" in found:
            options["hold"] = self.hold(found["hold"], where, minutes)
        if "note" in found:
            options["note"] = self.text(found["note"], where, "note")
        if "evidence" in found:
            options["evidence"] = self.evidence(found["evidence"], where, PHASE_EVIDENCE)
        if name is None or minutes is None or energy is None:
            return None
        return Phase(name, minutes, energy, stands_for, **options)  # type: ignore[arg-type]

    def stands_for(self, found: dict[str, Spot], spot: Spot, where: str, name: str | None) -> str:
        if "stands_for" in found:
            return self.word(found["stands_for"], where, "stands_for", PHASES) or ""
        if name in PHASES:
            return name
        if name is not None:
            self.fault(spot, where, f"stands_for is missing; say which of {listed(PHASES)} the phase is")
        return ""

    def minutes(self, spot: Spot, where: str) -> Minutes | None:
        if not isinstance(spot, Pairs):
            default = self.number(spot, where, "minutes", BOUNDS["minutes"])
            return None if default is None else Minutes(default, default / 2, default * 1.5)
        found = self.pairs(spot, where, "minutes", ("default", "min", "max"), needed=("default",))
        bounds = {"default": BOUNDS["minutes"], "min": BOUNDS["minutes.min"], "max": BOUNDS["minutes.max"]}
        values = {
            key: self.number(value, where, f"minutes: {key}", bounds[key]) for key, value in found.items()
        }
        default = values.get("default")
        if default is None:
            return None
        least, most = values.get("min", default / 2), values.get("max", default * 1.5)
        if least is None or most is None:
            return None
        if least > most:
            self.fault(spot, where, f"minutes: min {least:g} is above max {most:g}; swap them", between=True)
        elif not least <= default <= most:
            self.fault(
                spot, where, f"minutes: default {default:g} is not within {least:g} to {most:g}", between=True
            )
        return Minutes(default, least, most)

    def energy(self, spot: Spot, where: str) -> tuple[tuple[float, float], ...] | None:
        if isinstance(spot, Scalar):
            level = self.number(spot, where, "energy", BOUNDS["energy"])
            return None if level is None else ((0.0, level), (1.0, level))
        if not isinstance(spot, Items):
            self.fault(
                spot, where, "energy is a mapping; give a number, [from, to] or [[fraction, energy], ...]"
            )
            return None
        if all(isinstance(item, Items) for item in spot.items) and len(spot.items) > 1:
            return self.points(spot, where)
        ends = self.numbers(
            spot, where, "energy", BOUNDS["energy"], "[from, to] or [[fraction, energy], ...]"
        )
        return None if ends is None else ((0.0, ends[0]), (1.0, ends[1]))

    def points(self, spot: Items, where: str) -> tuple[tuple[float, float], ...] | None:
        if len(spot.items) > MOST_POINTS:
            self.fault(
                spot, where, f"energy has {len(spot.items)} points; {MOST_POINTS} are enough for any curve"
            )
            return None
        pairs = [
            self.numbers(item, where, "energy", BOUNDS["energy"], "[fraction, energy]") for item in spot.items
        ]
        points = [pair for pair in pairs if pair is not None]
        if len(points) < len(pairs):
            return None
        fractions = [fraction for fraction, _ in points]
        if fractions[0] != 0 or fractions[-1] != 1:
            self.fault(
                spot, where, "energy: the first point must be at fraction 0 and the last at 1", between=True
            )
        elif any(later <= earlier for earlier, later in pairwise(fractions)):
            given = ", ".join(f"{fraction:g}" for fraction in fractions)
            self.fault(
                spot, where, f"energy: the fractions {given} must rise from point to point", between=True
            )
        return tuple(points)

    def tempo(self, spot: Spot, where: str) -> tuple[float, float] | None:
        tempo = self.numbers(spot, where, "tempo", BOUNDS["tempo"], "[lowest, highest] in BPM")
        if tempo is not None and tempo[0] > tempo[1]:
            low, high = tempo
            self.fault(
                spot, where, f"tempo [{low:g}, {high:g}]: the lowest comes first; swap them", between=True
            )
        return tempo

    def vocals(self, spot: Spot, where: str) -> dict[str, object]:
        if not isinstance(spot, Pairs):
            return {"vocals": self.word(spot, where, "vocals", VOCALS)}
        found = self.pairs(spot, where, "vocals", ("allow", "beyond", "share"), needed=("allow", "share"))
        allow = self.word(found["allow"], where, "vocals: allow", VOCALS) if "allow" in found else None
        beyond: VocalsRule | None = "any"
        if "beyond" in found:
            beyond = self.word(found["beyond"], where, "vocals: beyond", VOCALS)
        share = (
            self.number(found["share"], where, "vocals: share", BOUNDS["share"]) if "share" in found else None
        )
        if allow is not None and beyond is not None and VOCALS.index(beyond) <= VOCALS.index(allow):
            self.fault(
                spot,
                where,
                f"vocals: beyond {beyond!r} allows no more than allow {allow!r}; write just {allow}",
                between=True,
            )
        return {"vocals": allow, "vocals_beyond": beyond, "vocals_share": share}

    def music(self, spot: Spot, where: str) -> Literal["on", "optional"] | None:
        if isinstance(spot, Scalar) and spot.value is True:
            return "on"  # what YAML makes of a bare `on`
        return self.word(spot, where, "music", ("on", "optional"))

    def hold(self, spot: Spot, where: str, minutes: Minutes | None) -> Hold | None:
        around, rise, note = Hold(0).around, Hold(0).rise_minutes, None
        if isinstance(spot, Pairs):
            keys = ("minute", "around", "rise_minutes", "note")
            found = self.pairs(spot, where, "hold", keys, needed=("minute",))
            if "around" in found:
                around = self.number(found["around"], where, "hold: around", BOUNDS["hold.around"]) or around
            if "rise_minutes" in found:
                given = self.number(
                    found["rise_minutes"], where, "hold: rise_minutes", BOUNDS["hold_rise_minutes"]
                )
                rise = rise if given is None else given
            if "note" in found:
                note = self.text(found["note"], where, "hold: note")
            if "minute" not in found:
                return None
            spot = found["minute"]
        minute = self.number(spot, where, "hold: minute", BOUNDS["hold.minute"])
        if minute is None:
            return None
        if minutes is not None and minute > minutes.most:
            self.fault(
                spot,
                where,
                f"hold: minute {minute:g} comes after the phase's end, at most {minutes.most:g} minutes long",
                between=True,
            )
        return Hold(minute, around, note, rise)

    # --- the rules ------------------------------------------------------------------------------------------

    def rules(self, spot: Spot) -> Rules:
        where = "rules"
        found = self.pairs(spot, "", where, (*RULES_EVIDENCE, "evidence"))
        options: dict[str, object] = {}
        if "join" in found:
            options["join"] = self.join(found["join"])
        if "track_minutes" in found:
            options["track_minutes"] = self.range(found["track_minutes"], where, "track_minutes")
        if "artist" in found:
            artist = self.pairs(found["artist"], where, "artist", ("max", "apart_minutes"))
            self.some(artist, found["artist"], where, "artist", ("max", "apart_minutes"))
            if "max" in artist:
                options["artist_max"] = self.whole(artist["max"], where, "artist: max", BOUNDS["artist.max"])
            if "apart_minutes" in artist:
                options["artist_apart_minutes"] = self.number(
                    artist["apart_minutes"], where, "artist: apart_minutes", BOUNDS["artist.apart_minutes"]
                )
        for key in ("overlap", "tail_minutes", "boundary_tolerance"):
            if key in found:
                options[key] = self.number(found[key], where, key, BOUNDS[key])
        if "evidence" in found:
            options["evidence"] = self.evidence(found["evidence"], where, RULES_EVIDENCE)
        return Rules(**options)  # type: ignore[arg-type]

    def join(self, spot: Spot) -> JoinRules:
        where = "rules: join"
        found = self.pairs(spot, "rules", "join", JOIN_KEYS)
        self.some(found, spot, "rules", "join", JOIN_KEYS)
        values = {
            key: self.number(
                value, where, key, BOUNDS["energy_step" if key.startswith("energy") else "loudness_step"]
            )
            for key, value in found.items()
        }
        join = JoinRules(**{key: value for key, value in values.items() if value is not None})
        for key in ("loudness_up", "loudness_down", "energy_step"):
            wished, limit = getattr(join, key), getattr(join, f"{key}_limit")
            if wished > limit:
                self.fault(
                    spot, where, f"{key} {wished:g} is above {key}_limit {limit:g}; give both", between=True
                )
        return join

    # --- variants -------------------------------------------------------------------------------------------

    def variants(self, spot: Spot, phases: Collection[str]) -> tuple[Variant, ...]:
        found = self.pairs(spot, "", "variants", ())
        keys = {key.value: key for key, _ in spot.pairs} if isinstance(spot, Pairs) else {}
        read: list[Variant] = []
        for name, value in found.items():
            where = f"variant {clipped(name)!r}"
            self.name(keys.get(name, value), where, "name")
            read.append(self.variant(value, where, name, phases))
        return tuple(read)

    def variant(self, spot: Spot, where: str, name: str, phases: Collection[str]) -> Variant:
        found = self.pairs(spot, where, "the variant", ("note", *VARIANT_EVIDENCE, "evidence"))
        bounds = {
            "energy": BOUNDS["variant.energy"],
            "energy_max": BOUNDS["energy"],
            "tempo_max": BOUNDS["tempo"],
            "brightness_max": BOUNDS["brightness"],
            "percussiveness_max": BOUNDS["percussiveness"],
            "loudness_range_max": BOUNDS["loudness_range"],
            "loudness_up": BOUNDS["loudness_step"],
            "hold_rise_minutes": BOUNDS["hold_rise_minutes"],
        }
        options: dict[str, object] = {
            key: self.number(found[key], where, key, limits) for key, limits in bounds.items() if key in found
        }
        if "note" in found:
            options["note"] = self.text(found["note"], where, "note")
        if "vocals" in found:
            options["vocals"] = self.word(found["vocals"], where, "vocals", VOCALS)
        if "minutes" in found:
            options["minutes"] = self.variant_minutes(found["minutes"], where, phases)
        if "evidence" in found:
            options["evidence"] = self.evidence(found["evidence"], where, VARIANT_EVIDENCE)
        return Variant(name, **options)  # type: ignore[arg-type]

    def variant_minutes(self, spot: Spot, where: str, phases: Collection[str]) -> dict[str, float]:
        if not isinstance(spot, Pairs):
            self.fault(spot, where, f"minutes {shown(spot)} must name the phase; write {{return: 10}}")
            return {}
        found = self.pairs(spot, where, "minutes", ())
        read: dict[str, float] = {}
        for key, _ in spot.pairs:
            name = key.value if isinstance(key.value, str) else key.written
            if phases and name not in phases:
                self.fault(
                    key,
                    where,
                    f"minutes: there is no phase {clipped(name)!r}{near(key, phases)}",
                    between=True,
                )
        for name, value in found.items():
            minutes = self.number(value, where, f"minutes: {clipped(name)}", BOUNDS["variant.minutes"])
            if minutes is not None:
                read[name] = minutes
        return read

    def evidence(self, spot: Spot, where: str, keys: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        read: dict[str, tuple[str, ...]] = {}
        for key, value in self.pairs(spot, where, "evidence", keys).items():
            tags = (
                self.items(value, where, f"evidence of {key}", "tags")
                if isinstance(value, Items)
                else (value,)
            )
            lines = (self.line(tag, where, f"evidence of {key}") for tag in tags)
            read[key] = tuple(line for line in lines if line is not None)
        return read

    # --- the whole ------------------------------------------------------------------------------------------

    def template(self, spot: Spot, stem: str) -> Template | None:
        if not isinstance(spot, Pairs):
            self.fault(spot, "", f"{shown(spot)} is not a template, which has keys such as name and phases")
            return None
        found = self.pairs(spot, "", "the template", TOP_KEYS, needed=("name", "phases"))
        options: dict[str, object] = {"id": stem}
        for key in ("id", "zero"):
            if key in found:
                options[key] = self.line(found[key], "", key)
        if "note" in found:
            options["note"] = self.text(found["note"], "", "note")
        if "build" in found:
            options["build"] = self.flag(found["build"], "", "build")
        if "rules" in found:
            options["rules"] = self.rules(found["rules"])
        if "sources" in found:
            tags = self.items(found["sources"], "", "sources", "tags")
            lines = (self.line(tag, "", "sources") for tag in tags)
            options["sources"] = tuple(line for line in lines if line is not None)
        name = self.line(found["name"], "", "name") if "name" in found else None
        phases = self.phases(found["phases"]) if "phases" in found else ()
        if "variants" in found:
            known = _phase_names(found["phases"]) if "phases" in found else ()
            options["variants"] = self.variants(found["variants"], known)
        if name is None:
            return None
        return Template(name, phases, **options)  # type: ignore[arg-type]

    def phases(self, spot: Spot) -> tuple[Phase, ...]:
        items = self.items(spot, "", "phases", "phases")
        read = [self.phase(item, position) for position, item in enumerate(items, start=1)]
        seen: dict[str, int | None] = {}
        for item, name in zip(items, _phase_names(spot), strict=True):
            if name and name.casefold() in seen:
                earlier = seen[name.casefold()]
                first = "" if earlier is None else f", first in line {earlier}"
                self.fault(item, "", f"phase {name!r} stands twice{first}; rename one", between=True)
            elif name:
                seen[name.casefold()] = item.line
        return tuple(phase for phase in read if phase is not None)


def _phase_names(spot: Spot) -> tuple[str, ...]:
    """What the phases call themselves, "" where they don't, even if they are faulty elsewhere."""
    return tuple(_own_name(item) for item in spot.items) if isinstance(spot, Items) else ()


def _own_name(spot: Spot) -> str:
    for key, value in spot.pairs if isinstance(spot, Pairs) else ():
        if key.value == "name" and isinstance(value, Scalar) and isinstance(value.value, str):
            return value.value.strip()
    return ""


def _phase_name(spot: Spot, position: int) -> str:
    name = _own_name(spot)
    return f"phase {clipped(name)!r}" if name else f"phase {position}"
