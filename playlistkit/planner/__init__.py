"""From a session and its candidates to a plan, seeded and deterministic.

The problem is a resource-constrained shortest path in a network whose states are (phase, second, last track);
docs/planning.md has the notation, the pseudocode and the literature. The modules by room:

The problem: from a session to arcs and their costs
    pool          the library as arrays; who may stand where; the rate filter
    instance      stages, arc costs c, join costs x, boundary costs b, resources, for some tracks of the pool
    building      the instance of a session

The bound: a lower bound on every plan, by relaxing the state space
    cost_to_go    the cost-to-go h by dynamic programming on a grid of time; through-costs
    multipliers   Lagrangian multipliers for the resources that the relaxed states forget

The search: labels, refinement, the incumbent and the gap
    search        labelling: partial plans with their resources, pruned by the bound
    refinement    finer and finer grids; arcs dropped by their reduced cost against the incumbent
    solve         filter, columns (tracks looked at first), refinements in turn
    certificate   the gap, and of which plans it speaks

Feasibility: why there is no plan, and what to give up
    supply        a linear programme of the minutes that each phase gets and lacks
    explain       which rules are to blame
    conflicts     what clashes where minutes suffice
    relaxable     the rules that may be relaxed: their weights and words
    relaxation    the best plan under the mildest relaxation
    attempt       plans that keep all rules

Sessions: what is done with a path
    assemble      the path on the clock: slots, overlaps, gains, residuals
    reserves      what stands ready beside the plan; the tail
    reasons       why, in words; warnings
    planning      `plan`
    prepared      what is worked out beforehand for that: `prepare`
    replanning    `replan`; grounding: "grounding now", without a search
    standing      a plan seen from the candidates that could stand in it
    alternatives  `alternatives`: what else could stand in a slot
    swapping      `swapped`, `around`: another track in a slot, or all but some
"""

from playlistkit.model import Diagnosis, Rule
from playlistkit.planner.alternatives import Alternative, alternatives
from playlistkit.planner.conflicts import explain
from playlistkit.planner.planning import plan
from playlistkit.planner.prepared import Prepared, prepare
from playlistkit.planner.reasons import warning_of, warnings_of
from playlistkit.planner.relaxable import given_up
from playlistkit.planner.replanning import Change, replan
from playlistkit.planner.swapping import Swap, around, swapped

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
    "given_up",
    "plan",
    "prepare",
    "replan",
    "swapped",
    "warning_of",
    "warnings_of",
]
