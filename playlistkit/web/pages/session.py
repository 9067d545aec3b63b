"""The playing session: start, show, steer, end. The page shows only what the player reports.

Nothing here plays music: a separate process does, and goes on if this server or the page dies.
This screen shows no alias, and nothing can be edited on it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from starlette.responses import Response

from playlistkit.errors import InputError, PlaylistkitError
from playlistkit.figures import counted
from playlistkit.web.call import Call, get, post
from playlistkit.web.jobs import Done, Job
from playlistkit.web.pages.after import something_heard
from playlistkit.workflow.planning import plans as workflow
from playlistkit.workflow.session import ready
from playlistkit.workflow.session.attach import (
    Name,
    NoPlayerError,
    Remote,
    Snapshot,
    State,
    attach,
    go_on,
    interrupted,
    standing,
)
from playlistkit.workflow.session.ready import Ready
from playlistkit.workflow.session.steer import Steering

__all__ = ["routes"]

MOST_PLANS = 6  # to choose from
DEVICE = "PLAYLISTKIT_PLAY_DEVICE"
"""Names the usual loudspeaker, for `play --device` too."""


@dataclass(frozen=True, slots=True)
class Order:
    """A button of the screen."""

    name: Name
    label: str
    key: str
    pad: str
    """The same on a number keypad, which one can hold in the hand; empty if `key` is on it."""
    does: str
    """The tooltip: what it does."""

    @property
    def keys(self) -> str:
        """Both, as the script reads them."""
        return f"{self.key} {self.pad}".strip()


ORDERS = (
    Order("hold", "Hold", "h", "1", "Stay in this track and phase until you touch it again"),
    Order("more", "+10 min", "m", "2", "Ten minutes more in this phase"),
    Order("gentler", "Gentler", "c", "3", "Calmer music from the next track on"),
    Order("skip", "Skip", "n", "4", "Fade to the next track"),
    Order("another", "Another next", "a", "5", "Replace the next track with another"),
    Order("return", "To return", "r", "6", "Fade to the return"),
)
LEVELS = (
    Order("quieter", "Quieter", "-", "", "One decibel softer"),
    Order("louder", "Louder", "+", "", "One decibel louder, never above the planned level"),
    Order("quiet", "Quiet", "s", "7", "Fade to silence; touch again to go on"),
    Order("pause", "Pause", "p", "8", "Fade out and wait; touch again to go on"),
)
GROUNDING = Order("grounding", "Grounding now", "g", "0", "Fade to the music held ready for grounding")
UNDO = Order("undo", "Undo", "z", "9", "Undo the last order; possible until the next join")

GOES_ON = "More music"
"""What is shown as coming next while the music goes on, though not yet known with what."""


class _Steerings:
    """The session's `Steering`, kept while the server runs, so that its preparation makes answers quick."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steering: Steering | None = None

    def of(self, remote: Remote) -> Steering:
        """The steering for the running player."""
        with self._lock:
            if self._steering is None:
                self._steering = Steering(remote)
                threading.Thread(target=_quietly, args=(self._steering.prepare,), daemon=True).start()
            return self._steering

    def forget(self) -> None:
        """Forget it: another session begins."""
        with self._lock:
            self._steering = None


_steerings = _Steerings()


def screen(call: Call) -> Response:
    """Show the playing session, or how to start one or continue an interrupted one."""
    try:
        remote = attach()
        state = remote.state()
    except NoPlayerError:
        return _none(call)
    if state.mode == "ended":
        return _none(call)
    snapshot = remote.snapshot()
    _steerings.of(remote)
    return call.page(
        "session.html",
        state=_shown(state),
        phases=_phases(snapshot, state),
        orders=ORDERS,
        levels=LEVELS,
        grounding=GROUNDING,
        undo=UNDO,
    )


def _none(call: Call) -> Response:
    _steerings.forget()
    return call.page(
        "no_session.html",
        left=interrupted(),
        heard=something_heard(),
        plans=call.place.look(lambda library: library.plans.list()[:MOST_PLANS]),
    )


def state(call: Call) -> Response:
    """The session's state, for the screen, once a second."""
    try:
        return call.json(_shown(attach().state()))
    except NoPlayerError:
        return call.json({"mode": "none"})


def order(call: Call) -> Response:
    """Give one order: the player answers at once, then the rest is replanned in the background."""
    name = call.field("name")
    if name not in get_args(Name):
        raise InputError(f"there is no order {name!r}")
    gesture, seen = call.field("gesture", ""), call.field("revision", "")
    remote = attach()
    steering = _steerings.of(remote)
    answer = steering.order(
        name,  # type: ignore[arg-type]  # looked at above
        gesture=gesture or None,
        revision=int(seen) if seen.isdecimal() else None,
    )

    def follow() -> None:
        steering.follow(name, answer)  # type: ignore[arg-type]
        steering.prepare()

    threading.Thread(target=_quietly, args=(follow,), daemon=True).start()
    if call.request.headers.get("accept") == "application/json":
        return call.json({"done": answer.done, "text": answer.text, "repeated": answer.repeated})
    return call.to("/session")


def before(call: Call) -> Response:
    """Show the checks before a session."""
    kept = call.place.look(workflow.kept, call.path("id"))
    usual = os.environ.get(DEVICE, "")
    known = [each for each in ready.loudspeakers() if each != usual]
    wanted = call.query.get("device", _chosen.get("device", usual))
    device = wanted if wanted in known else usual
    return call.page(
        "before.html",
        kept=kept,
        playing=standing().plays,
        ready=_looked.get((kept.id, kept.entry.revision, device)),
        devices=[usual, *known],
        device=device,
    )


_looked: dict[tuple[str, int, str], list[Ready]] = {}
"""What was found of plans that were looked at, by plan, revision and loudspeaker, while the server runs."""
_chosen: dict[str, str] = {}
"""The loudspeaker chosen last, while the server runs."""


def _device(call: Call) -> str:
    """The loudspeaker a form names; becomes the chosen one."""
    _chosen["device"] = call.field("device", "")
    return _chosen["device"]


def look(call: Call) -> Response:
    """Check every file to its end, the loudspeaker, the disk and the machine."""
    kept = call.place.look(workflow.kept, call.path("id"))
    device = _device(call)

    def work(job: Job) -> Done:
        found = ready.look(kept.plan, device=device, progress=job.progress)
        _looked[kept.id, kept.entry.revision, device] = found
        faults = [each.text for each in found if each.good is False]
        return Done(
            f"{counted(len(faults), 'thing')} to look at." if faults else "Everything is in order.",
            tuple(faults),
            to=f"/plans/{kept.id}/session",
        )

    call.place.jobs.start("ready", "Checking everything before the session", work, unit="files")
    return call.to(f"/plans/{kept.id}/session")


def tone(call: Call) -> Response:
    """Play a soft chord, to hear which loudspeaker it is."""
    device = ready.soft_tone(_device(call))
    return call.to(f"/plans/{call.path('id')}/session", say=f"A soft chord sounded from: {device}.")


def begin(call: Call) -> Response:
    """Start to play a plan."""
    from playlistkit.workflow.session import play as playing

    kept = call.place.look(workflow.kept, call.path("id"))
    _steerings.forget()
    playing.begin(
        kept.plan,
        device=_device(call),
        endless=call.field("endless", "") == "yes",
        client=kept.entry.client,
        library=call.place.look(lambda library: library.path),
    )
    return call.to("/session")


def resume(call: Call) -> Response:
    """Continue an interrupted session where it stopped, fading in."""
    _steerings.forget()
    try:
        go_on()
    except PlaylistkitError:
        if not standing().plays:  # a second touch, or another tab, comes too late
            raise
    return call.to("/session")


def _quietly(work: Callable[[], object]) -> None:
    """Run planning behind a session: if it fails, the music goes on, and the player reports it."""
    try:
        work()
    except PlaylistkitError:
        return


def _shown(state: State) -> dict[str, object]:
    """The player's report, as texts and numbers for the screen."""
    from playlistkit.workflow.words import clock, length, plain

    now, coming = state.now, state.next
    return {
        "mode": state.mode,
        "revision": state.revision,
        "phase": plain(state.phase),
        "title": plain(now.title) if now else "",
        "artist": plain(now.artist) if now else "",
        "into": length(state.into) if now else "",
        "lasts": length(now.duration) if now else "",
        "part": min(1.0, state.into / now.duration) if now and now.duration else 0.0,
        "next_title": plain(coming.title) if coming else GOES_ON if state.goes_on else "The end",
        "next_artist": plain(coming.artist) if coming else "",
        "next_in": length(state.next_in) if coming and state.next_in is not None else "",
        "elapsed": clock(state.position),
        "left": clock(max(0.0, state.ends - state.position)),
        "position": state.position,
        "ends": state.ends,
        "level": f"{state.level:+.0f} dB" if state.level else "as planned",
        "held": state.held,
        "grounding": state.grounding,
        "undo": state.undo or "",
        "sounding": state.sounding,
        "back": _back(state),
        "told": [plain(each.text) for each in state.told[-3:]],
        "told_count": state.told_count,
    }


def _back(state: State) -> str:
    """The label of the button that goes back; empty if there is nothing to go back from."""
    if state.mode == "quiet":
        return "Sound again"
    if state.mode == "paused":
        return "Go on"
    if state.grounding:
        return "Back to the session"
    return "Stop holding" if state.held else ""


def _phases(snapshot: Snapshot, state: State) -> list[dict[str, object]]:
    """The phases as shares of the session, for its progress line."""
    from playlistkit.workflow.words import plain

    whole = max([state.ends, *(span.end for span in snapshot.setlist.phases)], default=1.0) or 1.0
    return [
        {
            "name": plain(span.name),
            "share": max(0.0, span.end - span.start) / whole,
            "stands_for": span.stands_for,
        }
        for span in snapshot.setlist.phases
    ]


routes = [
    get("/session", screen, steers=True),
    get("/session/state", state, steers=True),
    post("/session/order", order, steers=True),
    post("/session/go-on", resume, steers=True),
    get("/plans/{id}/session", before),
    post("/plans/{id}/session", begin),
    post("/plans/{id}/ready", look),
    post("/plans/{id}/tone", tone),
]
