"""What makes a session good: the rules on single tracks, the cost terms, and the scorer of any playlist.

J is a weighted sum of terms; lower is better and 0 is perfect (docs/planning.md has the mathematics). The planner
minimises exactly this, and `check` judges other playlists by it.

array_types   arrays by what they hold
weights       every weight and scale
table         tracks and features as arrays, unknown values as NaN
details       columns that are made only for the tracks that are looked at closely
people        the people of tracks as numbers
within        energy within tracks: curves, blocks, the fullest half minute
arc           the template's energy curve on the clock
hearing       what is heard under each player: gain, silences, energy at that level
ends          the last and the first 30 s of tracks, as heard
holds         stretches in which energy should not rise for long
terms         one module each, in the forms that judge and planner need; the registry that both use
music         what is music, and what isn't: speech, noise, effects, loops
rules         which track may play in which phase
rules_broken  why a track may not, as facts
scoring       scores slots
findings      what is wrong with slots, as facts
"""

from playlistkit.objective.arc import Arc
from playlistkit.objective.findings import findings, join_findings
from playlistkit.objective.hearing import (
    as_heard,
    energies_heard,
    heard_by_phase,
    heard_silences,
    overlap_of,
    planned_gain,
    session_gains,
    slots_heard,
)
from playlistkit.objective.rules import RULES, Eligibility, eligibility
from playlistkit.objective.rules_broken import barred, why_barred
from playlistkit.objective.scoring import (
    TAIL,
    Join,
    Judgement,
    judge,
    lay_along,
    lay_out,
    score,
)
from playlistkit.objective.table import Table, recording_groups
from playlistkit.objective.terms import TERMS, Setting, Term
from playlistkit.objective.terms.boundary import tolerance_of
from playlistkit.objective.weights import WEIGHTS, Weights
from playlistkit.objective.within import energy_blocks

__all__ = [
    "RULES",
    "TAIL",
    "TERMS",
    "WEIGHTS",
    "Arc",
    "Eligibility",
    "Join",
    "Judgement",
    "Setting",
    "Table",
    "Term",
    "Weights",
    "as_heard",
    "barred",
    "eligibility",
    "energies_heard",
    "energy_blocks",
    "findings",
    "heard_by_phase",
    "heard_silences",
    "join_findings",
    "judge",
    "lay_along",
    "lay_out",
    "overlap_of",
    "planned_gain",
    "recording_groups",
    "score",
    "session_gains",
    "slots_heard",
    "tolerance_of",
    "why_barred",
]
