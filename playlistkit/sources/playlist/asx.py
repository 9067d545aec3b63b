"""ASX, Microsoft's: like XML, seldom well-formed, so it is read as a browser reads HTML."""

from __future__ import annotations

from html.parser import HTMLParser

from playlistkit.sources.playlist.entries import Entries, Format, Playlist, positive

__all__ = ["FORMAT"]


def read(entries: Entries, text: str) -> Playlist:
    """Read a playlist's text."""
    parser = AsxParser()
    parser.feed(entries.cleaned(text))
    parser.close()
    for line, values in parser.tracks:
        if not values.get("ref", "").strip() and not values.get("title", "").strip():
            entries.pass_over(f"line {line}: an entry with neither a reference nor a title")
            continue
        entries.add_at(
            values.get("ref", "").strip(),
            title=values.get("title"),
            artist=values.get("author"),
            duration=_clock(values.get("duration", "")),
            line=line,
            decode=False,
        )
    return entries.playlist(parser.about.get("title"))


def _clock(text: str) -> float | None:
    """Seconds in ``"00:03:20.5"``."""
    parts = text.strip().split(":")
    if len(parts) > 3:
        return None
    try:
        return positive(str(sum(float(part) * 60.0**power for power, part in enumerate(reversed(parts)))))
    except (ValueError, OverflowError):
        return None


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


FORMAT = Format("ASX", (".asx", ".wax", ".wvx"), read, begins=r"<asx\b")
