"""Session playlists for medicine-assisted psychotherapy.

Reads an arc from a template, listens to your music, and assembles a playlist that fits the clock and the curve::

    import playlistkit as pk

    template = pk.load_template("phases.yaml")
    with pk.Library("music.db") as library:
        pk.scan(library, "~/Music")
        plan = pk.build(template, library, seed=1)
    pk.export(plan, "session.m3u8")

`__all__` is the public interface. Each name is loaded on first use, so that importing the
package costs next to nothing.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from playlistkit.errors import (
        AudioError,
        ExportError,
        InputError,
        LibraryError,
        PlaylistkitError,
        ServiceError,
        ShortfallError,
        SpotifyError,
        TemplateError,
    )
    from playlistkit.facts.fact import Fact
    from playlistkit.library import Library
    from playlistkit.model import (
        Candidate,
        Certificate,
        Curve,
        Diagnosis,
        EnergyLimit,
        Features,
        Finding,
        Hold,
        InsideRules,
        JoinRules,
        Minutes,
        Phase,
        PhaseSupply,
        Pin,
        Place,
        Plan,
        PlannedPhase,
        Range,
        Reserve,
        Rule,
        Rules,
        Score,
        Session,
        Shortfall,
        Slot,
        Template,
        Track,
        Variant,
    )
    from playlistkit.objective import Join
    from playlistkit.planner import (
        Alternative,
        Change,
        Prepared,
        Swap,
        alternatives,
        around,
        plan,
        prepare,
        replan,
        swapped,
    )
    from playlistkit.report import arc_figure, arc_text
    from playlistkit.template import parse as parse_template
    from playlistkit.template import vary
    from playlistkit.workflow.music.tables import ImportReport, import_tables
    from playlistkit.workflow.output.export import export, load_plan
    from playlistkit.workflow.output.render import preview as preview_joins
    from playlistkit.workflow.output.render import render as render_session
    from playlistkit.workflow.planning.build import build
    from playlistkit.workflow.planning.choices import Choices
    from playlistkit.workflow.planning.today import session
    from playlistkit.workflow.playlists.check import CheckReport, JoinReport, PhaseReport, TrackReport, check
    from playlistkit.workflow.scanning.analyze import analyze
    from playlistkit.workflow.scanning.scan import ScanReport, scan
    from playlistkit.workflow.spotify import PushReport, push
    from playlistkit.workflow.templates.finding import load_template

_HOMES = {
    "Alternative": "planner",
    "AudioError": "errors",
    "Candidate": "model",
    "Certificate": "model",
    "Change": "planner",
    "CheckReport": "workflow.playlists.check",
    "Choices": "workflow.planning.choices",
    "Curve": "model",
    "Diagnosis": "model",
    "EnergyLimit": "model",
    "ExportError": "errors",
    "Fact": "facts.fact",
    "Features": "model",
    "Finding": "model",
    "Hold": "model",
    "ImportReport": "workflow.music.tables",
    "InputError": "errors",
    "InsideRules": "model",
    "Join": "objective",
    "JoinReport": "workflow.playlists.check",
    "JoinRules": "model",
    "Library": "library",
    "LibraryError": "errors",
    "Minutes": "model",
    "Phase": "model",
    "PhaseReport": "workflow.playlists.check",
    "PhaseSupply": "model",
    "Pin": "model",
    "Place": "model",
    "Plan": "model",
    "PlannedPhase": "model",
    "PlaylistkitError": "errors",
    "Prepared": "planner",
    "PushReport": "workflow.spotify",
    "Range": "model",
    "Reserve": "model",
    "Rule": "model",
    "Rules": "model",
    "ScanReport": "workflow.scanning.scan",
    "Score": "model",
    "ServiceError": "errors",
    "Session": "model",
    "Shortfall": "model",
    "ShortfallError": "errors",
    "Slot": "model",
    "SpotifyError": "errors",
    "Swap": "planner",
    "Template": "model",
    "TemplateError": "errors",
    "Track": "model",
    "TrackReport": "workflow.playlists.check",
    "Variant": "model",
    "alternatives": "planner",
    "analyze": "workflow.scanning.analyze",
    "arc_figure": "report",
    "arc_text": "report",
    "around": "planner",
    "build": "workflow.planning.build",
    "check": "workflow.playlists.check",
    "export": "workflow.output.export",
    "import_tables": "workflow.music.tables",
    "load_plan": "workflow.output.export",
    "load_template": "workflow.templates.finding",
    "parse_template": "template:parse",
    "plan": "planner",
    "prepare": "planner",
    "preview_joins": "workflow.output.render:preview",
    "push": "workflow.spotify",
    "render_session": "workflow.output.render:render",
    "replan": "planner",
    "scan": "workflow.scanning.scan",
    "session": "workflow.planning.today",
    "swapped": "planner",
    "vary": "template",
}
"""Maps each public name to its module, with the name there if it differs."""

__all__ = [
    "Alternative",
    "AudioError",
    "Candidate",
    "Certificate",
    "Change",
    "CheckReport",
    "Choices",
    "Curve",
    "Diagnosis",
    "EnergyLimit",
    "ExportError",
    "Fact",
    "Features",
    "Finding",
    "Hold",
    "ImportReport",
    "InputError",
    "InsideRules",
    "Join",
    "JoinReport",
    "JoinRules",
    "Library",
    "LibraryError",
    "Minutes",
    "Phase",
    "PhaseReport",
    "PhaseSupply",
    "Pin",
    "Place",
    "Plan",
    "PlannedPhase",
    "PlaylistkitError",
    "Prepared",
    "PushReport",
    "Range",
    "Reserve",
    "Rule",
    "Rules",
    "ScanReport",
    "Score",
    "ServiceError",
    "Session",
    "Shortfall",
    "ShortfallError",
    "Slot",
    "SpotifyError",
    "Swap",
    "Template",
    "TemplateError",
    "Track",
    "TrackReport",
    "Variant",
    "alternatives",
    "analyze",
    "arc_figure",
    "arc_text",
    "around",
    "build",
    "check",
    "export",
    "import_tables",
    "load_plan",
    "load_template",
    "parse_template",
    "plan",
    "prepare",
    "preview_joins",
    "push",
    "render_session",
    "replan",
    "scan",
    "session",
    "swapped",
    "vary",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        # with `obj`, Python itself adds the nearest name
        raise AttributeError(
            f"module 'playlistkit' has no attribute {name!r}", name=name, obj=sys.modules[__name__]
        )
    module, _, there = _HOMES[name].partition(":")
    value = getattr(importlib.import_module(f"playlistkit.{module}"), there or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
