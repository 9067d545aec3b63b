"""Find tracks that are versions of one recording, from people, title, work, length and ISRC together.

No single sign is trusted: ISRCs are shared and mistyped, "II. Adagio" is the title of a hundred pieces, and a
length says little by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from playlistkit.credits import Credits
from playlistkit.names import fold, name_key

if TYPE_CHECKING:
    from playlistkit.model import Track

__all__ = ["SAME_LENGTH", "movement_of", "plain_title", "versions", "works"]

ALIKE = 0.10  # of the longer length; versions of one recording differ by no more
EDITED = 2.0  # length ratio allowed if a title says radio edit, extended or live
SAME_LENGTH = 3.0  # s by which the length of a track in a list and that of its file may differ
EXACT = 1.0  # s; copies of one recording in two formats or two releases

_DRESSING = re.compile(
    r"\b(live|remaster(ed)?|re-?master(ed)?|version|edit|mono|stereo|demo|acoustic|bonus|deluxe|(re)?mix|take|"
    r"extended|unplugged)\b"
)
_GUESTS = re.compile(
    r"\s*[\(\[]\s*(?:feat|ft|featuring|with)\b[^\)\]]*[\)\]]|\s(?:feat|ft|featuring)\b\.?\s.*$"
)
_NUMBER = re.compile(r"[ivxlc]+|\d+[a-z]?|[a-g]")
# Many pieces share titles made only of these: movements, forms, keys, places in an album.
_COMMON = frozenset(
    [
        "adagio",
        "adagietto",
        "adagissimo",
        "allegro",
        "allegretto",
        "allegrissimo",
        "andante",
        "andantino",
        "largo",
        "larghetto",
        "lento",
        "grave",
        "presto",
        "prestissimo",
        "vivace",
        "vivo",
        "moderato",
        "maestoso",
        "cantabile",
        "sostenuto",
        "tranquillo",
        "scherzo",
        "scherzando",
        "minuet",
        "menuet",
        "menuetto",
        "minuetto",
        "trio",
        "finale",
        "rondo",
        "rondeau",
        "theme",
        "tema",
        "variation",
        "variations",
        "variazioni",
        "prelude",
        "praeludium",
        "preludio",
        "prelude",
        "fugue",
        "fuga",
        "toccata",
        "fantasia",
        "fantasy",
        "impromptu",
        "nocturne",
        "etude",
        "study",
        "waltz",
        "valse",
        "mazurka",
        "polonaise",
        "ballade",
        "intermezzo",
        "interlude",
        "intro",
        "introduction",
        "outro",
        "overture",
        "ouverture",
        "aria",
        "air",
        "recitative",
        "recitativo",
        "chorale",
        "choral",
        "sarabande",
        "allemande",
        "courante",
        "corrente",
        "gigue",
        "giga",
        "bourree",
        "gavotte",
        "passepied",
        "siciliana",
        "siciliano",
        "pavane",
        "passacaglia",
        "chaconne",
        "kyrie",
        "gloria",
        "credo",
        "sanctus",
        "benedictus",
        "agnus",
        "dei",
        "romance",
        "romanze",
        "song",
        "lied",
        "untitled",
        "track",
        "part",
        "pt",
        "movement",
        "mvt",
        "mov",
        "satz",
        "no",
        "nr",
        "number",
        "op",
        "opus",
        "chapter",
        "in",
        "major",
        "minor",
        "dur",
        "moll",
        "sharp",
        "flat",
        "bemol",
        "diese",
        "ma",
        "non",
        "troppo",
        "con",
        "molto",
        "e",
        "ed",
        "et",
        "assai",
        "quasi",
        "poco",
        "piu",
        "mosso",
        "di",
        "un",
        "brio",
        "moto",
        "espressione",
        "espressivo",
        "and",
        "the",
        "a",
        "tempo",
        "alla",
        "da",
        "capo",
        "d",
        "s",
    ]
)


@lru_cache(maxsize=1 << 14)
def plain_title(title: str | None) -> str:
    """The title for comparing, without guests and version remarks."""
    text = _GUESTS.sub("", fold(title or ""))
    text = re.sub(r"[\(\[]([^\)\]]*)[\)\]]", lambda m: "" if _DRESSING.search(m[1]) else m[0], text)
    head, *appendices = re.split(r"\s-\s", text)
    kept = [part for part in appendices if not _DRESSING.search(part)]
    return " ".join(" ".join([head, *kept]).split())


def versions(tracks: Sequence[Track]) -> list[int]:
    """For each track, the index of the first track that is a version of the same recording."""
    leader = list(range(len(tracks)))

    def find(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    titles = [plain_title(each.title) for each in tracks]
    near: dict[str, list[int]] = {}
    for i, track in enumerate(tracks):
        near.setdefault(f"id {track.id}", []).append(i)
        if track.isrc:
            near.setdefault(f"isrc {track.isrc}", []).append(i)
        if titles[i] and track.duration > 0:
            near.setdefault(f"title {titles[i]}", []).append(i)
    shared = [each for each in near.values() if len(each) > 1]
    if not shared:
        return leader
    credited = Credits(tracks)
    people = {i: credited.performers(tracks[i]) for each in shared for i in each}
    for together in shared:
        together.sort(key=lambda i: (tracks[i].duration, i))
        common = _is_common(titles[together[0]])
        for k, i in enumerate(together):
            for j in together[k + 1 :]:
                if common and tracks[j].duration - tracks[i].duration > EXACT:
                    break  # hundreds of preludes need not be compared with each other
                one, two = find(i), find(j)
                if one != two and _same(tracks[i], tracks[j], titles[i], titles[j], people[i], people[j]):
                    leader[max(one, two)] = min(one, two)
    return [find(i) for i in range(len(tracks))]


def _same(
    one: Track, two: Track, title: str, other: str, who: frozenset[str], others: frozenset[str]
) -> bool:
    """Whether two tracks that share an id, an ISRC or a title are versions of one recording."""
    if one.id == two.id:
        return True
    if _differ(one.work, two.work) or (one.movement and two.movement and one.movement != two.movement):
        return False
    apart, longer = abs(one.duration - two.duration), max(one.duration, two.duration)
    alike = apart <= ALIKE * longer
    same_people = bool(who and others) and (who <= others or others <= who)
    if one.isrc and one.isrc == two.isrc:
        if title and (title in other or other in title):
            return alike and (same_people or not who or not others or bool(who & others) or apart <= EXACT)
        return same_people and apart <= EXACT
    if title != other or not same_people:
        return False
    if _is_common(title):
        return apart <= EXACT and not _differ(one.album, two.album)
    edited = longer <= EDITED * min(one.duration, two.duration)
    return alike or (edited and _dressed(one.title) != _dressed(two.title))


def _dressed(title: str | None) -> bool:
    return _DRESSING.search(fold(title or "")) is not None


def _differ(one: str | None, two: str | None) -> bool:
    """Whether both are known and different."""
    return bool(one and two) and plain_title(one) != plain_title(two)


def _is_common(title: str) -> bool:
    words = re.findall(r"[^\W_]+", title)
    return bool(words) and all(word in _COMMON or _NUMBER.fullmatch(word) for word in words)


_PART = r"(?i:pt|part|partie|parte|teil|mvt|movement)\b\.?\s*"
_MOVEMENT = re.compile(
    r"^(?P<work>.+?)"
    rf"(?:\s*(?::|,|\s[-\u2013\u2014])\s*(?:(?:No|Nr)\.?\s*|{_PART})?|\s*[(\[]{_PART}|\s{_PART})"
    r"(?P<number>[IVX]+|\d{1,2})(?:(?<=\d)(?:st|nd|rd|th))?(?![\w-])"
)
_ROMAN = {"I": 1, "V": 5, "X": 10}


def movement_of(track: Track) -> tuple[str, int] | None:
    """The key of the work a track is a movement of, and its number; `None` unless both are known."""
    titled = _MOVEMENT.match(track.title or "")
    work = track.work or (titled["work"] if titled else None)
    number = track.movement or (_number(titled["number"]) if titled else None)
    return (name_key(work), number) if work and number else None


def works(tracks: Sequence[Track]) -> list[tuple[int, int]]:
    """For each track, the number of its work (from 1) and of its movement; 0 and 0 if it is not a movement.

    Movements of one work share its name, artist and album. A work with only one movement present doesn't count.
    """
    found: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for row, track in enumerate(tracks):
        known = movement_of(track)
        if known is not None:
            key = (known[0], name_key(track.artist), name_key(track.album))
            found.setdefault(key, []).append((row, known[1]))
    placed = [(0, 0)] * len(tracks)
    several = [each for each in found.values() if len({number for _, number in each}) > 1]
    for work, movements in enumerate(several, 1):
        for row, number in movements:
            placed[row] = work, number
    return placed


def _number(text: str) -> int:
    """The value of a number in digits or Roman letters."""
    if text.isdigit():
        return int(text)
    values = [_ROMAN[letter] for letter in text]
    return sum(-value if value < max(values[k:]) else value for k, value in enumerate(values))
