"""The search: labels, refinement, the incumbent and the gap.

Takes a `Problem`; gives a `Solution`: the cheapest path found and a `Proof`, the lower bound with the plans it speaks of.

    question     what a label search is asked, its costs in time as tables
    label_arrays labels extended by array operations
    label_code   the same as machine code, by numba
    labelling    partial plans with their resources, extended in order of time, pruned by h and lambda
    refinement   finer and finer grids; arcs dropped by their reduced cost against the incumbent
    solve        rate filter, columns (tracks looked at first), refinements in turn
    certificate  the gap, and of which plans it speaks
"""
