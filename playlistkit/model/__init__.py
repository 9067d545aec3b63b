"""The words of playlistkit as frozen values: track, features, template, session, plan.

Conventions, everywhere: durations and times are float seconds, tempo is BPM, loudness is LUFS and its
differences LU, true peak is dBTP, energy, brightness, percussiveness and clarities run from 0 to 1, and
`None` means *not known*. Nothing here does I/O or hidden computation; only the standard library
is needed.
"""

from __future__ import annotations

from playlistkit.model.findings import (
    Diagnosis,
    Finding,
    PhaseSupply,
    Place,
    Rule,
    Shortfall,
)
from playlistkit.model.plan import Plan
from playlistkit.model.session import (
    Pin,
    Player,
    Session,
)
from playlistkit.model.slots import (
    Certificate,
    PlannedPhase,
    Reserve,
    Score,
    Slot,
)
from playlistkit.model.template import (
    PHASES,
    EnergyLimit,
    Hold,
    InsideRules,
    JoinRules,
    Minutes,
    Phase,
    Range,
    Repeats,
    Rules,
    Template,
    Variant,
    VocalsRule,
)
from playlistkit.model.tracks import (
    FEATURE_NAMES,
    FEATURE_WORDS,
    FEATURES,
    FELT,
    SINGLE,
    Candidate,
    Curve,
    FeatureKind,
    Features,
    Source,
    Track,
    Vocals,
    clarity_of,
    felt,
    vocals_of,
)

__all__ = [
    "FEATURES",
    "FEATURE_NAMES",
    "FEATURE_WORDS",
    "FELT",
    "PHASES",
    "SINGLE",
    "Candidate",
    "Certificate",
    "Curve",
    "Diagnosis",
    "EnergyLimit",
    "FeatureKind",
    "Features",
    "Finding",
    "Hold",
    "InsideRules",
    "JoinRules",
    "Minutes",
    "Phase",
    "PhaseSupply",
    "Pin",
    "Place",
    "Plan",
    "PlannedPhase",
    "Player",
    "Range",
    "Repeats",
    "Reserve",
    "Rule",
    "Rules",
    "Score",
    "Session",
    "Shortfall",
    "Slot",
    "Source",
    "Template",
    "Track",
    "Variant",
    "Vocals",
    "VocalsRule",
    "clarity_of",
    "felt",
    "vocals_of",
]
