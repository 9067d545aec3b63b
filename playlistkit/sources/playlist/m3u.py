"""M3U: one file or URI a line; `#` begins a directive or a comment."""

from __future__ import annotations

import re

from playlistkit.sources.playlist.entries import (
    OPTION,
    Entries,
    Format,
    Playlist,
    artist_and_title,
    clipped,
    positive,
)

__all__ = ["FORMAT"]

EXTINF = re.compile(
    r"#EXTINF\s*:\s*(?P<seconds>-?\d+(?:[.,]\d+)?)?(?P<rest>(?:\s+[\w-]+=(?:\"[^\"]*\"|\S+))*)\s*(?:,(?P<title>.*))?$",
    re.IGNORECASE,
)

NAMED = re.compile(r"#EXT(ART|ALB)\s*:\s*(.*)", re.IGNORECASE)
"""Artist or album of the next entry."""


def read(entries: Entries, text: str) -> Playlist:
    """Read a playlist's text."""
    title: str | None = None
    if re.search(r"^#EXTENC:\s*UTF-?8", text, re.MULTILINE | re.IGNORECASE):
        entries.finder.utf8 = True
    info: tuple[str | None, float | None] = (None, None)
    named: dict[str, str] = {}
    options: list[str] = []
    for number, written in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        content = written.strip(" \t")
        upper = content[:16].upper()
        if not content:
            continue
        if upper.startswith("#EXTINF"):
            info = _extinf(entries, content, number)
        elif upper.startswith("#PLAYLIST:"):
            title = entries.words(content[10:]) or title
        elif upper.startswith(("#EXTM3U", "#EXTENC:")):
            pass
        elif named_in := NAMED.match(content):
            named[named_in[1].upper()] = named_in[2]
        elif OPTION.match(content.partition(":")[2]) and upper.startswith("#EXTVLCOPT:"):
            options.append(content.partition(":")[2])
        elif upper.startswith("#EXT"):
            entries.pass_over(f"directives {content.split(':')[0].split(' ')[0]}")
        elif content.startswith("#") and not entries.finder.is_beside(content):
            pass  # a comment
        else:
            artist, name = ("", info[0] or "") if "ART" in named else artist_and_title(info[0] or "")
            entries.add_at(
                content,
                title=name,
                artist=named.get("ART", artist),
                album=named.get("ALB"),
                duration=info[1],
                line=number,
                decode=False,
                options=options,
            )
            info, options, named = (None, None), [], {}
    return entries.playlist(title)


def _extinf(entries: Entries, content: str, number: int) -> tuple[str | None, float | None]:
    """Title and seconds."""
    match = EXTINF.fullmatch(content)
    if match is None:
        entries.pass_over(f"line {number}: {clipped(content)!r} can't be understood")
        return None, None
    return match["title"], positive(match["seconds"] or "")


FORMAT = Format("M3U", (".m3u8", ".m3u"), read, begins="#extm3u", shared_suffixes=(".txt",))
