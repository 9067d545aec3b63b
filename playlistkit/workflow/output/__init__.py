"""A plan as files and as sound.

Takes a `Plan`. Gives files that are whole or not there, and samples.

    export    a plan written to files and read back
    formats   the formats to choose from, and what must not be overwritten
    render    the session as one file, or its joins
    excerpts  a place in a track, or a join, to hear at once
"""
