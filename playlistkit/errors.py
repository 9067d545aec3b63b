"""What can go wrong, as one small tree.

Each message is a sentence for the person who reads it: what, where, the value, what to do.
A bug is none of these and keeps its traceback.

PlaylistkitError
├── TemplateError     a template that can't be read or contradicts itself
├── InputError        a wrong argument, or an input file that can't be read
├── AudioError        a file that can't be decoded or measured
├── LibraryError      the library on disk can't be opened, read or written
├── ShortfallError    the library can't fill the template; carries the shortfalls
├── ExportError       a playlist, picture or session file that can't be written
├── SpotifyError      Spotify refused, failed or wants us to wait
└── ServiceError      another service that was asked for features refused, failed or gave nonsense
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playlistkit.model import Diagnosis, Shortfall

__all__ = [
    "AudioError",
    "ExportError",
    "InputError",
    "LibraryError",
    "PlaylistkitError",
    "ServiceError",
    "ShortfallError",
    "SpotifyError",
    "TemplateError",
]


class PlaylistkitError(Exception):
    """Base of all errors that playlistkit reports as a sentence instead of a traceback."""


class TemplateError(PlaylistkitError):
    """A template that can't be read or contradicts itself.

    Parameters
    ----------
    *faults : str
        One sentence each, in the order of the file: ``"phases.yaml:14: ..."``.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults

    def __reduce__(self) -> tuple[type[TemplateError], tuple[str, ...]]:
        return type(
            self
        ), self.faults  # pickled by its arguments, not by the sentence, so that it crosses processes intact


class InputError(PlaylistkitError):
    """A wrong argument, or an input file (plan, playlist, table) that can't be read."""


class AudioError(PlaylistkitError):
    """A file that can't be decoded or measured."""


class LibraryError(PlaylistkitError):
    """The library on disk can't be opened, read or written."""


class ShortfallError(PlaylistkitError):
    """The library can't fill the template.

    Parameters
    ----------
    shortfalls : sequence of Shortfall
        What is lacking, phase by phase, in minutes and in words.
    diagnosis : Diagnosis, optional
        The same as data, with what relaxing each rule would bring.
    """

    def __init__(self, shortfalls: tuple[Shortfall, ...], diagnosis: Diagnosis | None = None) -> None:
        super().__init__("\n".join(shortfall.text for shortfall in shortfalls))
        self.shortfalls = tuple(shortfalls)
        self.diagnosis = diagnosis

    def __reduce__(self) -> tuple[type[ShortfallError], tuple[tuple[Shortfall, ...], Diagnosis | None]]:
        return type(self), (self.shortfalls, self.diagnosis)


class ExportError(PlaylistkitError):
    """A playlist, picture or session file that can't be written."""


class SpotifyError(PlaylistkitError):
    """Spotify refused, failed or wants us to wait."""


class ServiceError(PlaylistkitError):
    """A service asked for features refused, failed, or gave implausible values."""
