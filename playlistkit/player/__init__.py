"""The player: a process of its own that plays a whole session to its end, and takes orders.

`values` are the messages in and out; `engine` is the session while it plays, without threads, device or clock of its own;
`ladder` decides what comes next when files fail; `reading` decodes ahead; `sinks` are the devices; `process` is the
process with its stand-by; `server` is its side of the connection and `remote` the other side; `place` is where the state
is stored. The player knows no library, planner or page: whoever steers it replans and sends the result.

The names here are those that a face needs, and cost nothing to import; to run an engine yourself, import `engine`.
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
