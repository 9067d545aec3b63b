"""The player: a process of its own that plays a whole session to its end, and takes orders.

`values` is what it is told and tells; `engine` is the session while it plays, without threads, device or clock of its
own; `ladder` says what comes next when files fail; `reading` decodes ahead; `sinks` are the devices; `process` is the
process with its stand-by, `server` its side of the connection, `remote` the other side; `place` is where the state lies.
It knows no library, planner or page: whoever steers it replans and sends the result.

Named here is what a face needs, which costs nothing to import; an engine of one's own comes from `engine`.
"""

from playlistkit.player.remote import NoPlayerError, Remote, attach, go_on, interrupted, start
from playlistkit.player.values import (
    NAMES,
    Answer,
    Cue,
    Event,
    Heard,
    Name,
    Order,
    Setlist,
    Snapshot,
    Span,
    State,
    Told,
    from_json,
    to_json,
)

__all__ = [
    "NAMES",
    "Answer",
    "Cue",
    "Event",
    "Heard",
    "Name",
    "NoPlayerError",
    "Order",
    "Remote",
    "Setlist",
    "Snapshot",
    "Span",
    "State",
    "Told",
    "attach",
    "from_json",
    "go_on",
    "interrupted",
    "start",
    "to_json",
]
