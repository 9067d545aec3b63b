"""From a session and its candidates to a plan, seeded and deterministic.

Time is made a part of the state: a recursion over (phase, second, last track) gives the least cost of
everything that may follow, and steers a search through real plans (docs/planning.md has the mathematics).

pool         the library as arrays; who may stand where; the rate filter
instance     one problem as numbers
building     the instance of a session
recursion    least costs on a grid of time, for the problem without "no track twice"
multipliers  charges that put that rule back, and the lower bound
search       real plans, steered by both
descent      these on finer and finer grids, while what can't be in a better plan falls away
solve        filter, columns and descents in turn: the best path and its certificate
assemble     the path on the clock: slots, overlaps, gains, residuals
reserves     what stands ready beside the plan; the tail
reasons      why, in words; warnings
relaxable    the rules that may be relaxed: their weights and words
supply       the minutes that each phase gets and lacks, under any set of dropped rules
explain      why not: what the library lacks, and the rules to blame
attempt      plans that keep all rules
clashes      why not, where minutes suffice
bending      the best plan under the mildest relaxation
planning     `plan`
prepared     what is worked out beforehand for that: `prepare`
replanning   `replan`
standing     a plan seen from the candidates that could stand in it
alternatives `alternatives`: what else could stand in a slot
swapping     `swapped`, `around`: another track in a slot, or all but some
"""

from playlistkit.model import Diagnosis, Rule
from playlistkit.planner.alternatives import Alternative, alternatives
from playlistkit.planner.clashes import explain
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
