"""WPL and ZPL, which the players of Windows write: `<smil>` with a `<media>` for each track.

Read as a browser reads HTML, as some are not well-formed. Durations are milliseconds.
"""

from __future__ import annotations

from html.parser import HTMLParser

from playlistkit.sources.playlist.entries import Entries, Format, Playlist, positive

__all__ = ["FORMAT"]


def read(entries: Entries, text: str) -> Playlist:
    """Read a playlist's text."""
    parser = WplParser()
    parser.feed(entries.cleaned(text))
    parser.close()
    for line, values in parser.tracks:
        where, title = values.get("src", "").strip(), values.get("tracktitle", "").strip()
        if not where and not title:
            entries.pass_over(f"line {line}: a track with neither a file nor a title")
            continue
        milliseconds = positive(values.get("duration", ""))
        entries.add_at(
            where,
            title=title,
            artist=values.get("trackartist") or values.get("albumartist"),
            album=values.get("albumtitle"),
            duration=None if milliseconds is None else milliseconds / 1000,
            line=line,
            decode=False,
        )
    return entries.playlist(parser.title)


class WplParser(HTMLParser):
    """The attributes of each `<media>`, with its line, and the playlist's title."""

    def __init__(self) -> None:
        super().__init__()
        self.tracks: list[tuple[int, dict[str, str]]] = []
        self.title = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a track, or expect the words of the title."""
        self._in_title = tag == "title"
        if tag == "media":
            self.tracks.append((self.getpos()[0], {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - any end ends what is read
        """Read no further words."""
        self._in_title = False

    def handle_data(self, data: str) -> None:
        """Keep the words of the title."""
        if self._in_title:
            self.title += data


FORMAT = Format("WPL", (".wpl", ".zpl"), read, begins=r"<smil\b")
