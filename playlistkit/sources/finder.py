"""Find the files that a playlist names, as a person would.

A name is tried as written, percent-decoded, with either slash, in other encodings; then with parts that differ only in
case, Unicode form, accents or punctuation, as after a copy between systems, if that matches just one
file; then by the end of its path beside the playlist and in the folders above, so that music moved together with its
playlist, or came from another machine, is found.
"""

from __future__ import annotations

import os
import re
import unicodedata
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from playlistkit.names import fold

__all__ = ["Finder", "bare", "caseless", "parts_of"]

DRIVE = re.compile(r"[A-Za-z]:[\\/]")
MOST_ALIKE = 16  # most folders of similar names followed in parallel
ABOVE = 3  # folders above the playlist's that may be the root of its paths


def caseless(name: str) -> str:
    """A name without its case, in one Unicode form."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name.casefold())


def bare(name: str) -> str:
    """A folded name's letters and digits; undecodable bytes stay distinct."""
    return "".join(each for each in fold(name) if each.isalnum() or "\ud800" <= each <= "\udfff")


def parts_of(path: str) -> list[str]:
    """The names in a path of any system, without its root or drive."""
    path = path[2:] if DRIVE.match(path) else path
    return [each for each in re.split(r"[\\/]", path) if each not in ("", ".", "..")]


@dataclass(slots=True)
class Finder:
    """Finds files from the place of a playlist."""

    folder: str
    """Absolute; what relative names are relative to."""
    utf8: bool = False
    """Whether the playlist declares UTF-8, so that other bytes belong to the name."""
    _listed: dict[tuple[str, Callable[[str], str]], dict[str, list[str]]] = field(default_factory=dict)

    def find(self, where: str, decode: bool) -> str:
        """The file or folder that `where` means: the first spelling that exists, else the likeliest."""
        spellings = list(dict.fromkeys(self._spellings(where, decode)))
        for spelling in spellings:
            path = os.path.normpath(os.path.join(self.folder, spelling))
            if _is_file(path):
                return path
        for spelling in spellings:
            for base, parts in self._places(spelling):
                path = self._alike(base, parts) or ""
                if path:
                    return path
        if DRIVE.match(spellings[0]):  # of another system: shown as it is written
            return spellings[0]
        return os.path.normpath(os.path.join(self.folder, spellings[0]))

    def is_beside(self, name: str) -> bool:
        """Whether a line that looks like a comment is the name of a file beside the playlist."""
        return "." in name and _is_file(os.path.join(self.folder, name))

    def _places(self, spelling: str) -> Iterator[tuple[str, Sequence[str]]]:
        """Folders in which the file may lie, with the names that lead to it from there."""
        if "\0" in spelling:
            return
        if not DRIVE.match(spelling) or os.sep != "/":
            absolute = os.path.normpath(os.path.join(self.folder, spelling))
            drive, rest = os.path.splitdrive(absolute)
            yield drive + os.sep, parts_of(rest)
        parts = parts_of(spelling)
        base = self.folder
        for above in range(ABOVE + 1):
            shortest = 1 if above == 0 else 2  # elsewhere, a file name alone is too little
            for first in range(len(parts) - shortest + 1):
                yield base, parts[first:]
            base = os.path.dirname(base)  # noqa: PTH120
            if base == os.path.dirname(base):  # noqa: PTH120 - nobody's music lies in the root
                return

    def _alike(self, base: str, parts: Sequence[str]) -> str | None:
        """The only file below a folder with a similar path; `None` if there is none, or more than one."""
        exact = os.path.join(base, *parts)
        if _is_file(exact):
            return exact
        for plain in (caseless, bare):
            found = [base]
            for part in parts:
                wanted = plain(part)
                found = [
                    os.path.join(each, name)
                    for each in found
                    for name in (self._names(each, plain).get(wanted, ()) if wanted else ())
                ][:MOST_ALIKE]
            files = [each for each in found if _is_file(each)]
            if len(files) == 1:
                return files[0]
        return None

    def _names(self, folder: str, plain: Callable[[str], str]) -> dict[str, list[str]]:
        """The names in a folder by their `plain` form; each folder is read once."""
        known = self._listed.get((folder, plain))
        if known is None:
            known = self._listed[folder, plain] = {}
            try:
                names = os.listdir(folder)  # noqa: PTH208
            except (OSError, ValueError):
                names = []
            for name in sorted(names):
                known.setdefault(plain(name), []).append(name)
        return known

    def _spellings(self, where: str, decode: bool) -> Iterator[str]:
        """Possible paths for `where`, likeliest first."""
        if where.lower().startswith("file:"):
            yield from self._encodings(_file_path(where), exact=where.isascii())
            return
        home = os.path.expanduser(where) if where.startswith("~/") else where  # noqa: PTH111 - keeps odd names
        if home != where:  # as a shell reads it; a folder named "~" beside the playlist comes after
            yield from self._spellings(home, decode)
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


def _is_file(path: str) -> bool:
    return "\0" not in path and os.path.isfile(path)  # noqa: PTH113 - Path would normalise names
