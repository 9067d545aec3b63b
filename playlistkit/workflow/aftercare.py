"""The aftercare sheet, from the words of a practice and the music that was heard."""

from __future__ import annotations

import os
from pathlib import Path

from playlistkit import exporters
from playlistkit.errors import ExportError, InputError
from playlistkit.model import Plan
from playlistkit.ordinary import read_ordinary
from playlistkit.report.aftercare import aftercare_html, read_words, shipped_words

__all__ = ["aftercare", "new_words"]


def aftercare(
    path: str | os.PathLike[str], *, words: str | os.PathLike[str] | None = None, plan: Plan | None = None
) -> None:
    """Write the sheet for the client: one HTML page to print.

    Parameters
    ----------
    path : path
        Where to.
    words : path, optional
        A file of words, as `new_words` writes one; by default those that come with playlistkit.
    plan : Plan, optional
        List this plan's music, if the client wants that.

    Raises
    ------
    InputError
        If the words can't be read.
    ExportError
        If the sheet can't be written.
    """
    text, origin = shipped_words(), "aftercare.yaml"
    if words is not None:
        origin = os.fspath(words)
        try:
            text = read_ordinary(Path(words).expanduser()).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{origin}: byte {error.start} is not UTF-8 text; save the file as UTF-8"
            ) from error
        except OSError as error:
            raise InputError(f"{origin}: can't be read: {error.strerror}") from error
    exporters.write_bytes(Path(path).expanduser(), aftercare_html(read_words(text, origin), plan).encode())


def new_words(path: str | os.PathLike[str]) -> None:
    """Write the words to a new file for you to change or translate.

    Raises
    ------
    ExportError
        If there is a file already, or it can't be written.
    """
    target = Path(path).expanduser()
    if target.exists():
        raise ExportError(f"{os.fspath(path)}: is there already; name a new file")
    exporters.write_bytes(target, shipped_words().encode())
