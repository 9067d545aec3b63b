"""Rate many tracks by ear, for music without files to analyse.

Energy is one of seven steps, each with a piece of the bundled music for comparison. A rating is not a measurement, so it
carries an uncertainty: the planner expects the track to miss the arc by that much more.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from playlistkit.errors import ExportError, InputError
from playlistkit.exporters import write_bytes
from playlistkit.library import Library
from playlistkit.model import Candidate, Template, Vocals
from playlistkit.workflow.music.tracks import tracks

__all__ = ["DOUBT", "STEPS", "Rating", "Step", "parse_rating", "rate", "to_rate", "write_examples"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of energy by ear."""

    number: int
    energy: float
    words: str
    example: str
    """A bundled music file of about this energy."""

    @property
    def sound(self) -> bytes:
        """The example, as Opus."""
        return (resources.files("playlistkit") / "demo" / self.example).read_bytes()


STEPS = (
    Step(1, 0.05, "almost still", "cave-theme.opus"),
    Step(2, 0.14, "calm, little moves", "overworld-theme.opus"),
    Step(3, 0.21, "calm, but it moves", "mountain-idyll.opus"),
    Step(4, 0.34, "flowing, a pulse to walk to", "town-theme.opus"),
    Step(5, 0.45, "it carries along", "intrigue.opus"),
    Step(6, 0.54, "it drives", "red-dawn.opus"),
    Step(7, 0.80, "it storms", "empire-1.opus"),
)
"""From still to stormy. The energies were measured on the examples, as docs/features.md says."""

DOUBT = 0.08
"""The uncertainty of an energy by ear: half of an ordinary step."""

VOICES: dict[str, Vocals] = {"n": "none", "o": "wordless", "w": "words"}
BEATS = {"b": 0.8, "f": 0.0}
TYPED = re.compile(rf"(?P<step>[1-{len(STEPS)}])?(?P<rest>[a-z]*)")


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating by ear; `None` where nothing was said."""

    step: int | None = None
    vocals: Vocals | None = None
    pulse_clarity: float | None = None
    """High for a steady beat, low for none."""


def parse_rating(text: str) -> Rating:
    """Parse a typed rating: ``4``, ``3n``, ``2ob``.

    Parameters
    ----------
    text : str
        A step, then letters in any order: n nobody sings, o a voice without words, w words; b a steady beat, f free,
        without a beat.

    Raises
    ------
    InputError
        If it can't be read.
    """
    plain = "".join(text.lower().split())
    match = TYPED.fullmatch(plain)
    letters = match["rest"] if match else ""
    voices, beats = [each for each in letters if each in VOICES], [each for each in letters if each in BEATS]
    if (
        not plain
        or match is None
        or len(voices) > 1
        or len(beats) > 1
        or len(voices) + len(beats) < len(letters)
    ):
        raise InputError(
            f"{text!r}: give a step from 1 to {len(STEPS)}, then n (nobody sings), o (a voice without words) or w (words), "
            "then b (a steady beat) or f (free), such as 3n or 2ob"
        )
    return Rating(
        int(match["step"]) if match["step"] else None,
        VOICES[voices[0]] if voices else None,
        BEATS[beats[0]] if beats else None,
    )


def write_examples(folder: str | os.PathLike[str]) -> list[Path]:
    """Write an example of music for each step, to compare with.

    Raises
    ------
    ExportError
        If the folder can't be written.
    """
    into = Path(folder).expanduser()
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{into}: can't be made: {error.strerror or error}") from error
    files = [into / f"{step.number} {step.words.replace(',', '')}.opus" for step in STEPS]
    for step, file in zip(STEPS, files, strict=True):
        write_bytes(file, step.sound)
    return files


def rate(library: Library, track: str, rating: Rating) -> Candidate:
    """Store a rating by ear.

    Parameters
    ----------
    library : Library
    track : str
        An id, a path, a URI or a unique title.
    rating : Rating

    Returns
    -------
    Candidate
        The track as it is now.

    Raises
    ------
    InputError
        If there is no such track or step.
    """
    if rating.step is not None and not 1 <= rating.step <= len(STEPS):
        raise InputError(f"there is no step {rating.step}; give 1 to {len(STEPS)}")
    known = library.resolve(track)
    said: dict[str, object] = {}
    if rating.step is not None:
        said |= {"energy": STEPS[rating.step - 1].energy, "energy_doubt": DOUBT}
    if rating.vocals is not None:
        said["vocals"] = rating.vocals
    if rating.pulse_clarity is not None:
        said["pulse_clarity"] = rating.pulse_clarity
    library.set_features(known.track.id, said, "set")
    return library.get(known.track.id)


def to_rate(
    library: Library, query: str = "", *, template: Template | str | os.PathLike[str] = "phases"
) -> list[Candidate]:
    """The tracks whose energy or voice is unknown, most useful first.

    Parameters
    ----------
    library : Library
    query : str
        As for `tracks`.
    template : Template, str or path
        Decides what is useful.
    """
    found = tracks(library, query, missing=True, template=template)
    return [
        each for each in found if each.features.energy is None or each.features.vocals in (None, "unknown")
    ]
