"""From a template, a library and choices to a plan that is kept and may be changed.

Takes a template, a library and today's choices. Gives a `Plan`, or says what the library lacks and which ways out there are.

    choices     today's choices, each declared once
    repeats     what a client has heard in earlier sessions
    today       today's session: a template and choices, checked against the library
    build       planning it, and remembering it for a client
    relaxing    ways out of a shortage, mildest first
    nearly      tracks that one step of one rule keeps out
    shortfalls  what a library lacks, in lines to read
    swap        a saved plan changed by hand
    plans       plans being worked on, with their history
"""
