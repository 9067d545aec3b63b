"""The bound: a lower bound on every plan, by relaxing the state space.

Takes an `Instance`, or what is left of one once arcs are dropped. The states (phase, second, last track) forget
recordings, artists' counts and voice: a state-space relaxation. Gives the cost-to-go h_p(t, i), the least cost through
each arc, and a Lagrangian bound: the cost-to-go at the start, less the sum of lambda times limits.

    arcs         one stage, as the recursion takes it
    grid         the instance in cells of some seconds
    potentials   h and k, the cost-to-go, and its value at the start
    cost_to_go   h by dynamic programming on a grid, backward; forward and backward added, the costs through each arc
    arrays       a stage of that as array operations
    compiled     the same as machine code, by numba
    engine       which of the two runs, and when
    multipliers  lambda: charges for what the states forget, and the constant that makes them a bound
    subgradient  better lambda, step by step
"""
