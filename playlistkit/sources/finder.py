"""Files that a playlist names, found in whatever spelling: percent-encoded, of another system, of another encoding."""

from __future__ import annotations

import os
import re
import unicodedata
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Finder"]

DRIVE = re.compile(r"[A-Za-z]:[\\/]")


@dataclass(slots=True)
class Finder:
    """Finds files from the place of a playlist."""

    folder: str
    """Absolute; what relative names are relative to."""
    utf8: bool = False
    """Whether the playlist says that it is UTF-8, so that other bytes are the name's own."""

    def find(self, where: str, decode: bool) -> str:
        """The file that `where` means: the first spelling that exists, else the likeliest."""
        spellings = list(dict.fromkeys(self._spellings(where, decode)))
        for spelling in spellings:
            for form in dict.fromkeys((spelling, *_forms(spelling))):
                path = os.path.normpath(os.path.join(self.folder, form))
                if _is_file(path):
                    return path
        for spelling in spellings:
            parts = [each for each in re.split(r"[\\/]", spelling) if each not in ("", ".", "..")]
            for first in range(1 if len(parts) > 1 else 0, len(parts)):
                path = os.path.join(self.folder, *parts[first:])
                if _is_file(path):
                    return path
        if DRIVE.match(spellings[0]):  # of another system: shown as it is written
            return spellings[0]
        return os.path.normpath(os.path.join(self.folder, spellings[0]))

    def _spellings(self, where: str, decode: bool) -> Iterator[str]:
        """What `where` may mean as a path, likeliest first."""
        if where.lower().startswith("file:"):
            yield from self._encodings(_file_path(where), exact=where.isascii())
            return
        decoded = os.fsdecode(urllib.parse.unquote_to_bytes(where.encode("utf-8", "surrogateescape")))
        for spelling in (decoded, where) if decode else (where, decoded):
            yield from self._encodings(spelling, exact=where.isascii())
            if "\\" in spelling and os.sep == "/":
                yield from self._encodings(spelling.replace("\\", "/"))

    def _encodings(self, path: str, *, exact: bool = False) -> Iterator[str]:
        """The path as Windows-1252 and the old Mac's where its bytes are no UTF-8, and with its bytes as they are.

        These come first (`exact`) if they were percent-encoded, or the playlist says that all else is UTF-8.
        """
        if path.isascii() or not re.search("[\udc80-\udcff]", path):
            yield path
            return
        if exact or self.utf8:
            yield path
        raw = path.encode("utf-8", "surrogateescape")
        yield raw.decode("cp1252", "replace")
        yield path
        yield raw.decode("mac-roman")

    def is_beside(self, name: str) -> bool:
        """Whether a line that looks like a comment is the name of a file beside the playlist."""
        return "." in name and _is_file(os.path.join(self.folder, name))


def _file_path(uri: str) -> str:
    """The path of a `file:` URI, in any of its spellings: one to four slashes, a host, backslashes."""
    rest = uri[5:].replace("\\", "/")
    if rest.startswith("//"):
        host, slash, rest = rest[2:].partition("/")
        rest = slash + rest
        if host.lower() not in ("", "localhost"):
            rest = f"{host}{rest}" if re.fullmatch(r"[A-Za-z]:", host) else f"//{host}{rest}"
    path = os.fsdecode(urllib.parse.unquote_to_bytes(rest.encode("utf-8", "surrogateescape")))
    return path[1:] if DRIVE.match(path[1:]) else path


def _forms(path: str) -> tuple[str, ...]:
    """The path in both Unicode forms: macOS writes names decomposed."""
    if path.isascii():
        return ()
    return unicodedata.normalize("NFC", path), unicodedata.normalize("NFD", path)


def _is_file(path: str) -> bool:
    return "\0" not in path and os.path.isfile(path)  # noqa: PTH113 - Path would normalise names
