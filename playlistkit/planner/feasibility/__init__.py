"""Feasibility: plans that keep every rule; if there is none, the reason, and the mildest relaxation that has one.

Takes a `Pool`; gives an `Attempt` (problem, solution, what was given up), or a `Diagnosis` and a way out.

    attempt     problems of a pool, their supply; a plan that keeps all rules
    supply      a linear programme of the minutes that each phase gets and lacks
    diagnosis   which rules are to blame for the minutes that are lacking
    conflicts   which rules conflict although there are enough minutes
    relaxation  the best plan under the mildest relaxation
"""
