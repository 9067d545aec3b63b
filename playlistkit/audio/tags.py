"""What a file says about itself: its tags, read by mutagen, or its name if it has none."""

from __future__ import annotations

import contextlib
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from playlistkit.credits import NOBODY, is_nobody
from playlistkit.model import Vocals
from playlistkit.names import name_key

__all__ = ["Tags", "names_of", "read_tags"]


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says about itself. `None` means that it doesn't say."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    isrc: str | None = None
    """Twelve characters without hyphens, upper case."""
    genre: str | None = None
    album_artist: str | None = None
    people: tuple[str, ...] = ()
    """Who plays, if the tags list them one by one."""
    work: str | None = None
    movement: int | None = None
    """Its number within the work."""
    vocals: Vocals | None = None
    """What genre, title, language and lyrics say about a voice."""


NAMES = {  # our name: its names in Vorbis comments and APEv2, ID3, MP4, ASF
    "title": ("title", "TIT2", "\xa9nam"),
    "artist": ("artist", "TPE1", "\xa9ART", "author", "albumartist", "album artist", "TPE2", "aART"),
    "album": ("album", "TALB", "\xa9alb", "wm/albumtitle"),
    "isrc": ("isrc", "TSRC", "----:com.apple.itunes:isrc", "wm/isrc"),
    "genre": ("genre", "TCON", "\xa9gen", "wm/genre"),
    "album_artist": ("albumartist", "album artist", "album_artist", "TPE2", "aART", "wm/albumartist"),
    "artists": ("artists", "TXXX:artists", "----:com.apple.itunes:artists", "wm/artists"),
    "artist_ids": (
        "musicbrainz_artistid",
        "TXXX:musicbrainz artist id",
        "----:com.apple.itunes:musicbrainz artist id",
        "musicbrainz/artist id",
    ),
    "work": ("work", "TXXX:work", "\xa9wrk", "----:com.apple.itunes:work"),
    "movement": ("movement", "MVIN", "\xa9mvi", "TXXX:movement"),
    "language": ("language", "TLAN", "----:com.apple.itunes:language", "wm/language"),
    "lyrics": ("lyrics", "unsyncedlyrics", "USLT", "SYLT", "\xa9lyr", "wm/lyrics"),
}
TAG_MAX = 1_000  # characters; apart from lyrics, nothing longer is a name
ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
NUMBER = re.compile(r"^\s*(?:(?:disc|cd)\s*\d+\s*)?\d{1,3}(?:[.)_\s-]+)(?=\D)", re.IGNORECASE)
NO_VOICE = re.compile(r"\binstrumentals?\b|\bkaraoke\b|\bno vocals?\b|\bwithout vocals?\b", re.IGNORECASE)
WORDLESS = re.compile(
    r"\b(?:wordless|vocalise|humming|overtone singing|throat singing|khoomei|choral ambient)\b", re.IGNORECASE
)
WORDS = re.compile(
    r"\b(?:a ?cappella|acapella|speech|spoken|hip.?hop|rap|opera|lied(?:er)?|chanson|singer.?songwriter|vocal jazz|"
    r"gospel|podcasts?|radio (?:plays?|dramas?)|audio ?(?:books?|dramas?|livros?)|audiolibr(?:os?|i)|livres? audio|"
    r"hör(?:buch|bücher|spiele?)|luisterboek(?:en)?|ljudb(?:ok|öcker)|lydb(?:ok|og|øker|øger)|аудиокниг[аи])\b",
    re.IGNORECASE,
)


def read_tags(
    path: str | os.PathLike[str], written: Mapping[str, str] | None = None, *, title: str | None = None
) -> Tags:
    """What a file's tags say; if they are absent or broken, what its name says.

    Parameters
    ----------
    path : path-like
        Audio file. Tags of any format that mutagen knows are read; the content decides the format, not the suffix.
    written : mapping of str to str, optional
        Tags read by other means, for formats that mutagen doesn't know (`AudioStream.written`).
    title : str, optional
        Title of a track that is part of the file, since the file's own title and lyrics don't describe it.

    Returns
    -------
    Tags
        Without a title tag, "Artist - Title.mp3" gives both, and any other name the title.
    """
    name = os.fspath(path)
    # a ripper's placeholder is no name: a hundred files by "Unknown Artist" are not by one artist
    tags = raw_tags(name, written or {})
    found = {
        ours: joined(ours, values)
        for ours, values in tags.items()
        if values and "; ".join(values).strip("<>[]() ").lower() not in NOBODY
    }
    if title is not None:
        found["title"] = title
        found.pop("lyrics", None)
    from_artist, from_title = names_of(name)
    title = found.get("title") or from_title
    artist = found.get("artist") or (from_artist if "title" not in found else None)
    return Tags(
        title=title,
        artist=artist,
        album=found.get("album"),
        isrc=isrc_of(found.get("isrc")),
        genre=found.get("genre"),
        album_artist=found.get("album_artist"),
        people=listed_people(tags),
        work=found.get("work"),
        movement=number_of(found.get("movement")),
        vocals=vocals_of(title or "", found),
    )


def raw_tags(path: str, written: Mapping[str, str]) -> dict[str, list[str]]:
    """The values of the tags that we read, by our names; empty if there are none or they are broken."""
    import mutagen

    pairs: list[tuple[object, object]] = []
    with contextlib.suppress(Exception):  # mutagen raises whatever a crafted tag provokes
        file = mutagen.File(path)
        tags = (file.tags if file is not None else None) or {}
        pairs = [(key, tags[key]) for key in list(tags.keys())]
    # FFmpeg gives only the first of several artists or genres, so its word counts where mutagen has none
    read = by_our_names(pairs)
    others = by_our_names([(key, in_some_encoding(value)) for key, value in written.items()])
    return {ours: read[ours] or others[ours] for ours in NAMES}


def by_our_names(pairs: Iterable[tuple[object, object]]) -> dict[str, list[str]]:
    """The values of tags by our names, of each the first name that has any."""
    by_name: dict[str, list[str]] = {}
    for key, value in pairs:
        # ID3 keys carry a description ("USLT::eng"), Vorbis and APE keys any case
        known = str(key) if str(key).startswith(("----", "TXXX")) else str(key).split(":")[0]
        values = values_of(value)
        if values:
            by_name.setdefault(known.casefold(), values)
    return {
        ours: next((by_name[name.casefold()] for name in theirs if by_name.get(name.casefold())), [])
        for ours, theirs in NAMES.items()
    }


def joined(ours: str, values: list[str]) -> str:
    """The values of a tag as one text."""
    text = "; ".join(values)
    return text if ours == "lyrics" else text[:TAG_MAX]


def listed_people(tags: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Who plays, if the tags list them: several values, a list of its own, or one MusicBrainz id for one name."""
    artist, listed = tags["artist"], tags["artists"]
    if listed:
        names = listed
    elif len(artist) > 1 or (len(artist) == 1 and len(tags["artist_ids"]) == 1):
        names = artist
    else:
        return ()
    return tuple(dict.fromkeys(name[:TAG_MAX] for name in names if not is_nobody(name_key(name))))


def number_of(text: str | None) -> int | None:
    """The number that a text begins with, as "2/4" does; `None` if there is none."""
    match = re.match(r"\s*(\d{1,3})\b", text or "")
    return int(match[1]) or None if match else None


def in_some_encoding(text: str) -> str:
    """A text that was read as UTF-8; if it wasn't UTF-8, as Windows writes it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="surrogateescape").decode("cp1252", "replace")
    return text


def values_of(value: object, *, lines: bool = False) -> list[str]:
    """A tag's values, each as one line of text, or unchanged with `lines`."""
    if hasattr(value, "genres"):  # an ID3 frame of genres, some of them numbers
        value = value.genres
    elif hasattr(value, "text"):  # an ID3 frame
        value = value.text
    values = value if isinstance(value, list | tuple) else [value]
    texts = []
    for each in values:
        raw = getattr(each, "value", each)
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
        texts += [part if lines else " ".join(part.split()) for part in text.split("\0")]
    return [text for text in texts if text]


def isrc_of(text: str | None) -> str | None:
    """The first ISRC in a text, without hyphens; `None` if there is none."""
    match = ISRC.search(re.sub(r"[\s\-.]", "", (text or "").upper().removeprefix("ISRC")))
    return match.group() if match else None


def names_of(path: str) -> tuple[str | None, str | None]:
    """Artist and title as "01 - Artist - Title.mp3" names them."""
    stem = os.fsencode(os.path.splitext(os.path.basename(path))[0]).decode("utf-8", "replace")  # noqa: PTH119, PTH122
    plain = stem.replace("_", " ").strip()
    rest = NUMBER.sub("", plain).strip(" -") or plain
    artist, dash, title = rest.partition(" - ")
    if dash and artist.strip() and title.strip():
        return artist.strip(), title.strip()
    return None, rest or None


def vocals_of(title: str, found: dict[str, str]) -> Vocals | None:
    """What the tags say about a voice; lyrics count most, then language, title and genre."""
    lyrics = found.get("lyrics", "")
    if NO_VOICE.search(lyrics[:40]) or found.get("language", "").casefold() == "zxx":
        return "none"
    if len(lyrics) > 60:
        return "words"
    for text in (title, unicodedata.normalize("NFC", found.get("genre", ""))):
        for pattern, vocals in ((NO_VOICE, "none"), (WORDLESS, "wordless"), (WORDS, "words")):
            if pattern.search(text) and (pattern is not WORDS or text is not title):
                return vocals  # type: ignore[return-value]
    return None
