"""Playlists that are written as markup: XSPF as XML, ASX as what a browser makes of it.

Each parser gives tracks, as the line and the texts of their elements, and what stands above them.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.parsers import expat

from playlistkit.errors import InputError

__all__ = ["AsxParser", "XspfParser"]


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
            raise InputError(f"{self._origin}: is XML of another kind (<{self._root}>), not an XSPF playlist")

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


class AsxParser(HTMLParser):
    """Entries with their line, and what stands above them."""

    def __init__(self) -> None:
        super().__init__()
        self.tracks: list[tuple[int, dict[str, str]]] = []
        self.about: dict[str, str] = {}
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a track, or keep what an element says of it."""
        values = {key: value or "" for key, value in attrs}
        if tag == "entry":
            self.tracks.append((self.getpos()[0], {}))
        elif tag == "entryref":
            self.tracks.append((self.getpos()[0], {"ref": values.get("href", "")}))
        elif tag == "ref" and self.tracks:
            self.tracks[-1][1].setdefault("ref", values.get("href", ""))
        elif tag == "duration" and self.tracks:
            self.tracks[-1][1]["duration"] = values.get("value", "")
        self._inside = tag if tag in ("title", "author") else None

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - any end ends what is read
        """Read no further words."""
        self._inside = None

    def handle_data(self, data: str) -> None:
        """Keep the words of a title or an author."""
        if self._inside is not None:
            values = self.tracks[-1][1] if self.tracks else self.about
            values[self._inside] = values.get(self._inside, "") + data
