"""Sessions: turn paths into plans for the people in the room. The public functions are here.

Takes a `Session` or a running `Plan` with candidates; gives a `Plan`: slots with their reasons, reserves, tail, warnings,
score and certificate.

    planning      `plan`
    changes       what a change to a running session makes of its phases
    prepared      what is computed beforehand for a running session: `prepare`
    replanning    `replan`
    grounding     "grounding now", without a search
    alternatives  `alternatives`: what else could play in a slot
    regions       a stretch of a plan as a problem, between slots that stay
    swapping      `swapped`, `around`: another track in a slot, or all but some
    standing      a plan seen from the candidates that could play in it
    completed     what goes with the slots of any plan
    reserves      tracks held ready beside the plan
    tail          music after the planned end
    reasons       why, in words; warnings
"""
