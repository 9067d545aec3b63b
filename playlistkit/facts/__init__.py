"""What the objective and the planner find, as values: each fact holds its figures, and only `str` puts it into words.

`objective` and `planner` make facts and no sentences. The sentence stands beside the fields that it tells, so a new
fact is one class; `report`, the command line and the page show it.

fact       the base class; lists in words
tracks     why a track may not play in a phase, or misses a wish
playlists  joins, ends of phases, repeats: what is wrong with a sequence of slots
warned     what a plan warns of
reasons    why a slot or a reserve is where it is
lacking    what the library lacks for a phase
conflicts  rules that no order of the tracks keeps
scope      what a certificate covers
"""
