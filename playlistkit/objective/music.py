"""What is music, and what isn't: speech, noise, effects and loops, by genre, by folder and by sound."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from playlistkit.model import Track
from playlistkit.names import name_key
from playlistkit.objective.array_types import Ints, Mask, flags
from playlistkit.objective.details import Details
from playlistkit.objective.table import VOCALS_RANK, Table

__all__ = [
    "REPEATED", "SPEECH_SECONDS", "folder_of_no_music", "is_music", "is_unsuitable_genre", "only_repeats", "sounds_spoken",
]  # fmt: skip

NO_MUSIC = 0.3
"""Probability of music below which a track counts as nature, noise, effects or bare speech (docs/features.md)."""

SPEECH_SECONDS = 6.0
"""Most seconds in which somebody may speak: a guide's instructions are for somebody else, and a word in a song is no
guide (docs/features.md)."""

REPEATED = 0.75
"""Share of a track that only repeats its first half minute, from which on it counts as an alarm, a ringtone or an effect
on a loop (docs/features.md)."""

SPEECH = 0.65
"""Probability of music up to which a track with words counts as speech where nobody listened for speech itself."""

SPOKEN = re.compile(
    r"\b(?:podcasts?|audio ?books?|h(?:ö|oe?)rbuch|h(?:ö|oe?)rspiel|speech|spoken(?: word)?|sound ?effects?|sfx|"
    r"ringtones?|alarms?|test ?tones?|white noise|pink noise|brown noise|comedy|news|interviews?)\b",
    re.IGNORECASE,
)
"""Genres unsuitable for a session."""

FOLDERS = re.compile(
    r"podcasts|audio ?books|h(?:ö|oe?)rb(?:ü|ue?)cher|h(?:ö|oe?)rspiele|speech|spoken word|voice ?memos|ringtones|alarms|"
    r"notifications|(?:sound ?)?effects|sfx|noises?|test ?tones|stems",
    re.IGNORECASE,
)
"""Names of folders where phones, players and people keep what is no music; an album may be called the same."""

SAID = 1.0
"""Probability of music that only the therapist gives: it goes before genre and folder. What is heard has less."""


def is_music(table: Table) -> Mask:
    """Whether each track seems to be music: no genre, folder or sound of speech, noise or effects, nothing on a loop."""
    named = table.details.of(_named_for_no_music, table.rows)
    said = table.music_probability >= SAID
    heard = ~(table.music_probability < NO_MUSIC) & ~sounds_spoken(table) & ~only_repeats(table)
    return (~named | said) & heard


def _named_for_no_music(details: Details, rows: Ints) -> Mask:
    """Whether each track's genre or folder is one of what is no music [shape=(n,)]."""
    some = [details.tracks[row] for row in rows.tolist()]
    spoken = {genre for genre in {each.genre for each in some} if is_unsuitable_genre(genre)}
    folders = [_parent(each.path or "") for each in some]
    suspect = {folder for folder in {*folders} if _part_for_no_music(folder) is not None}
    if not spoken and not suspect:
        return np.zeros(len(rows), dtype=bool)
    return flags(
        each.genre in spoken or (folder in suspect and folder_of_no_music(each) is not None)
        for each, folder in zip(some, folders, strict=True)
    )


def is_unsuitable_genre(genre: str | None) -> bool:
    """Whether a genre is one of what is no music."""
    return genre is not None and SPOKEN.search(genre) is not None


def folder_of_no_music(track: Track) -> str | None:
    """The folder in a track's path that is named for what is no music, unless that is the album's title."""
    found = None if track.path is None else _part_for_no_music(_parent(track.path))
    return None if found is None or name_key(found) == name_key(track.album) else found


def _parent(path: str) -> str:
    """The folder of a path of any system."""
    return path[: max(path.rfind("/"), path.rfind("\\")) + 1]


@lru_cache(maxsize=50_000)
def _part_for_no_music(folder: str) -> str | None:
    return next((part for part in re.split(r"[\\/]", folder) if FOLDERS.fullmatch(part.strip())), None)


def sounds_spoken(table: Table) -> Mask:
    """Whether somebody speaks in each track, over music or alone, unless the therapist says that it is music [shape=(n,)]."""
    words = (table.vocals == VOCALS_RANK["words"]) & (table.music_probability <= SPEECH)
    speaks = (table.speech > SPEECH_SECONDS) & ~(table.music_probability >= SAID)
    return np.where(np.isnan(table.speech), words, speaks)


def only_repeats(table: Table) -> Mask:
    """Whether each track only repeats its first half minute, unless the therapist says that it is music [shape=(n,)]."""
    repeats: Mask = (table.repetition >= REPEATED) & ~(table.music_probability >= SAID)
    return repeats
