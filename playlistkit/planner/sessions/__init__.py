"""Sessions: what is done with a path, for the people in the room. The public functions stand here.

Takes a `Session` or a running `Plan` with candidates; gives a `Plan`: slots with their reasons, reserves, tail, warnings,
score and certificate.

    planning      `plan`
    prepared      what is worked out beforehand for a running session: `prepare`
    replanning    `replan`
    grounding     "grounding now", without a search
    alternatives  `alternatives`: what else could stand in a slot
    swapping      `swapped`, `around`: another track in a slot, or all but some
    standing      a plan seen from the candidates that could stand in it
    reserves      what stands ready beside the plan; the tail
    reasons       why, in words; warnings
"""
