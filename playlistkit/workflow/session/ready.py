"""Check before a session: every file to its end, the device, the disk, power, other sources of sound."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playlistkit.audio import open_audio
from playlistkit.errors import AudioError, PlaylistkitError
from playlistkit.model import Plan
from playlistkit.player.place import Place
from playlistkit.player.sinks import devices
from playlistkit.report import words
from playlistkit.workflow.session.play import setlist

__all__ = ["Ready", "look", "loudspeakers", "soft_tone"]

Progress = Callable[[int, int, str], None]

LEAST_BYTES = 200 * 2**20  # of free disk, for state and record
TONE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Ready:
    """The result of one check."""

    kind: str
    """"files", "levels", "device", "disk", "power", "sleep", "notifications", "programs" or "network"."""
    good: bool | None
    """None if a person must look, because it can't be checked from here."""
    text: str
    """A sentence: what was found and what to do."""


def look(
    plan: Plan,
    *,
    device: str = "",
    whole: bool = True,
    progress: Progress | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> list[Ready]:
    """Check everything that can be checked beforehand. No finding keeps a session from starting.

    Parameters
    ----------
    plan : Plan
    device : str
        The loudspeaker, as for `play.begin`.
    whole : bool
        Decode every file to its end; else only its beginning, which finds missing files but not truncated ones.
    progress : callable, optional
        Takes the number of files checked, the number of all, and the one being checked.
    folder : path, optional
        Where the session's state is stored.
    """
    return [
        *_files(plan, whole=whole, progress=progress),
        Ready("levels", True if plan.session.player == "render" else None, words.levels(plan)),
        _device(device),
        _disk(folder),
        *_power(),
        *_others(),
    ]


def loudspeakers() -> list[str]:
    """Names of the loudspeakers, without "", which stands for the system's choice."""
    try:
        return list(dict.fromkeys(devices()))
    except PlaylistkitError:
        return []


def soft_tone(device: str = "") -> str:
    """Play a soft chord for three seconds, to hear which loudspeaker it is; returns its name.

    Raises
    ------
    PlaylistkitError
        If the device can't be opened.
    """
    import time

    from playlistkit.player.pad import Pad
    from playlistkit.player.sinks import open_sink
    from playlistkit.render import Deck, Part

    deck = Deck([Part("", 0.0, TONE_SECONDS)], lambda _: Pad())

    def pull(count: int):  # type: ignore[no-untyped-def]
        import numpy as np

        block = deck.read(count)
        return np.concatenate([block, np.zeros((count - len(block), 2), np.float32)])

    sink = open_sink(device, pull)
    try:
        time.sleep(TONE_SECONDS + 0.3)
        if sink.fault is not None:
            raise PlaylistkitError(f"{sink.name}: {sink.fault}")
        return sink.name
    finally:
        sink.close()


def _files(plan: Plan, *, whole: bool, progress: Progress | None) -> list[Ready]:
    made = setlist(plan)
    cues = [
        *made.cues,
        *made.tail,
        *made.grounding,
        *(cue for ready in made.reserves.values() for cue in ready),
    ]
    needed = {cue.path for cue in (*made.cues, *made.tail)}
    paths = list(dict.fromkeys(cue.path for cue in cues))
    faults = []
    for k, path in enumerate(paths):
        if progress is not None:
            progress(k, len(paths), path)
        try:
            with open_audio(path) as stream:
                for _ in stream.blocks():
                    if not whole:
                        break
        except AudioError as error:
            what = (
                "a reserve of its phase will play instead"
                if path in needed
                else "it is a reserve and will not be used"
            )
            faults.append(Ready("files", False, f"{error}; {what}. Repair it, or plan again."))
    if faults:
        return faults
    how = "can be decoded to its end" if whole else "is there"
    return [Ready("files", True, f"Each of the {len(paths)} files {how}.")]


def _device(device: str) -> Ready:
    kind = device.partition(":")[0]
    if kind == "mpv":
        there = shutil.which("mpv") is not None
        return Ready(
            "device", there, "mpv is installed." if there else "mpv is not installed; name another device."
        )
    if kind in ("null", "wav"):
        return Ready("device", False, f"{device} makes no sound in the room.")
    try:
        names = devices()
    except ImportError:
        there = shutil.which("mpv") is not None
        text = (
            "It plays through mpv, because miniaudio is not available here."
            if there
            else "Install mpv (https://mpv.io)."
        )
        return Ready("device", there, text)
    if not names:
        return Ready("device", False, "No audio device was found; connect a loudspeaker and switch it on.")
    if device and not any(device.casefold() in name.casefold() for name in names):
        listed = ", ".join(names)
        return Ready("device", False, f"There is no device {device!r}; there are {listed}.")
    chosen = device or "the system's default"
    return Ready(
        "device",
        True,
        f"It plays to {chosen}; there are {', '.join(names)}. A test tone lets you hear which it is.",
    )


def _disk(folder: str | os.PathLike[str] | None) -> Ready:
    place = Place(folder)
    there = next(path for path in (place.folder, *place.folder.parents) if path.is_dir())
    free = shutil.disk_usage(there).free
    if free < LEAST_BYTES:
        return Ready(
            "disk", False, f"Only {free // 2**20} MB are free on the disk of {there}; delete something."
        )
    if not os.access(there, os.W_OK):
        return Ready(
            "disk", False, f"{there} can't be written, so the session could not be continued after a crash."
        )
    return Ready("disk", True, f"{free // 2**30} GB are free.")


def _power() -> list[Ready]:
    found = _battery(Path("/sys/class/power_supply")) if sys.platform == "linux" else None
    if found is None:
        return [Ready("power", None, "Is the machine on mains power? That can't be seen from here.")]
    percent, charging = found
    if charging:
        return [Ready("power", True, "The machine is on mains power.")]
    return [Ready("power", False, f"The machine runs on its battery ({percent} %); plug it in.")]


def _battery(folder: Path) -> tuple[int, bool] | None:
    """Charge in percent and whether on mains power, as Linux reports them; None if no battery is visible."""
    try:
        for each in sorted(folder.iterdir()):
            if (each / "type").read_text().strip() == "Battery" and (each / "capacity").exists():
                status = (each / "status").read_text().strip()
                return int((each / "capacity").read_text()), status in ("Charging", "Full", "Not charging")
    except (OSError, ValueError):
        return None
    return None


def _others() -> list[Ready]:
    return [
        Ready(
            "sleep",
            None,
            "While it plays, the session keeps the machine awake. If it can't, it says so: then switch sleep off.",
        ),
        Ready(
            "notifications", None, "Switch on the system's “do not disturb”; that can't be seen from here."
        ),
        Ready(
            "programs",
            None,
            "Close whatever else may make a sound (browser, mail, messengers), and silence the telephone.",
        ),
        Ready(
            "network",
            None,
            "If the music is on a network drive or a stick, leave it connected, or copy the music here.",
        ),
    ]
