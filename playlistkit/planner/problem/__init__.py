"""The problem: from a session and its candidates to arcs and their costs, and from a path back to slots on the clock.

Takes a `Session` and `Candidate`s. Gives an `Instance` of a resource-constrained shortest path problem: for each phase p a
`Stage` with its tracks, d_j, the costs c_p(t, j), x_p(i, j) and close_p(t), and the resources' limits. What a rule forbids
is an infinite cost. A path is a sequence of (phase, row) pairs. A row is always a track: of the pool or, where it says so,
of the instance's table.

    candidates   the library's tracks as arrays, made once
    pool         who may stand where, as each phase hears them
    problem      what is to be planned: a pool with one reading of its rules
    rate_filter  which of a large library's tracks are looked at at all
    instance     stages, c, x, close, resources, past and future; the exact value of a path
    after_end    what may play after the end, and which tracks it could follow
    borders      past and future of a stretch, from the slots around it
    building     the instance of a problem
    slots        a path on the clock: slots, overlaps, gains, residuals
"""
