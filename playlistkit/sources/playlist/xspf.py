"""XSPF: `<playlist><trackList><track>`, whatever its namespaces."""

from __future__ import annotations

import re
from xml.parsers import expat

from playlistkit.errors import InputError
from playlistkit.sources.playlist.entries import Entries, Format, Playlist, positive

__all__ = ["FORMAT"]


def read(entries: Entries, text: str) -> Playlist:
    """Read a playlist's text."""
    parser = XspfParser(entries.origin)
    parser.feed(entries.cleaned(text))
    for line, values in parser.tracks:
        where = values.get("location") or values.get("identifier", "")
        if not where.strip() and not values.get("title", "").strip():
            entries.pass_over(f"line {line}: a track with neither a location nor a title")
            continue
        milliseconds = positive(values.get("duration", ""))
        entries.add_at(
            where.strip(),
            title=values.get("title"),
            artist=values.get("creator"),
            album=values.get("album"),
            duration=None if milliseconds is None else milliseconds / 1000,
            line=line,
            options=values.get("option", "").splitlines(),
        )
    return entries.playlist(parser.about.get("title"))


class XspfParser:
    """Tracks with their line, and what stands above them."""

    def __init__(self, origin: str) -> None:
        self.tracks: list[tuple[int, dict[str, str]]] = []
        self.about: dict[str, str] = {}
        self._origin = origin
        self._root = ""
        self._stack: list[str] = []
        self._expat = expat.ParserCreate()
        self._expat.buffer_text = True
        self._expat.EntityDeclHandler = self._refuse
        self._expat.StartElementHandler = self._begin
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._words

    def feed(self, text: str) -> None:
        """Read the whole text.

        Raises
        ------
        InputError
            If it is damaged, declares entities, or is XML of another kind.
        """
        # declared encodings no longer hold for a text
        undeclared = re.sub(r"^\s*<\?xml.*?\?>", "", text, count=1, flags=re.DOTALL)
        try:
            self._expat.Parse(undeclared, True)
        except expat.ExpatError as error:
            raise InputError(
                f"{self._origin}:{error.lineno}: is damaged XML: {expat.errors.messages[error.code]}"
            ) from error
        if self._root != "playlist":
            raise InputError(
                f"{self._origin}: is XML of another kind (<{self._root}>), not an XSPF playlist; let its program export it as M3U"
            )

    def _refuse(self, *_: object) -> None:
        raise InputError(
            f"{self._origin}:{self._expat.CurrentLineNumber}: declares XML entities, which no playlist needs; "
            "it was not read"
        )

    def _begin(self, name: str, _: object) -> None:
        self._stack.append(name.rpartition(":")[2].lower())
        self._root = self._root or self._stack[0]
        if self._stack[-1] == "track":
            self.tracks.append((self._expat.CurrentLineNumber, {}))

    def _end(self, _: str) -> None:
        self._stack.pop()

    def _words(self, content: str) -> None:
        if len(self._stack) == 2 and content.strip():
            self.about[self._stack[-1]] = self.about.get(self._stack[-1], "") + content
        elif len(self._stack) > 2 and self._stack[-2] == "track":
            values = self.tracks[-1][1]
            values[self._stack[-1]] = values.get(self._stack[-1], "") + content
        elif self._stack[-1:] == ["option"] and "track" in self._stack:  # of VLC, a line each
            values = self.tracks[-1][1]
            values["option"] = f"{values.get('option', '')}{content.strip()}\n"


FORMAT = Format("XSPF", (".xspf",), read, begins="<")
