"""From a session and its candidates to a plan, seeded and deterministic.

The problem is a resource-constrained shortest path in a network whose states are (phase, second, last track);
docs/planning.md has the notation, the pseudocode and the literature. The rooms, each of which
imports only those above it, and whose heads list their modules:

    problem      from a session to arcs and their costs; from a path to slots
    bound        a lower bound on every plan, by relaxing the state space
    search       labels, refinement, the incumbent and the gap
    feasibility  why there is no plan, and what to give up
    sessions     plan, replan, swap, reserves, reasons
"""

from playlistkit.model import Diagnosis, Rule
from playlistkit.planner.feasibility.conflicts import explain, fills
from playlistkit.planner.sessions.alternatives import Alternative, alternatives
from playlistkit.planner.sessions.changes import Change
from playlistkit.planner.sessions.planning import plan
from playlistkit.planner.sessions.prepared import Prepared, prepare
from playlistkit.planner.sessions.reasons import warning_of, warnings_of
from playlistkit.planner.sessions.replanning import replan
from playlistkit.planner.sessions.swapping import Swap, around, swapped

__all__ = [
    "Alternative",
    "Change",
    "Diagnosis",
    "Prepared",
    "Rule",
    "Swap",
    "alternatives",
    "around",
    "explain",
    "fills",
    "plan",
    "prepare",
    "replan",
    "swapped",
    "warning_of",
    "warnings_of",
]
