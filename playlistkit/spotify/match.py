"""Find the same performance on both sides: as a local file and as a Spotify track.

The ISRC is searched for first, but never trusted alone, since ISRCs are shared and mistyped; then title and artist,
then free text. Each find is judged by its title without additions, by version (live, remix, karaoke, cover, ...), by
artists and by length. Classical music is judged by work and performer: catalogue numbers, movement and key must not
contradict each other, and a shared composer is not a shared performer. Uncertain finds are left to the therapist.
Nothing here depends on order, time or chance.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz

from playlistkit.model import Track
from playlistkit.names import fold

__all__ = [
    "THRESHOLD",
    "VERSION",
    "Found",
    "Match",
    "bare_title",
    "compare",
    "find",
    "found_track",
    "queries",
]

VERSION = 1
"""Version of the rules; what other rules decided is searched for again."""

THRESHOLD = 0.85
"""From this score on a find is accepted without asking, if nothing speaks against it."""

TRACK_URI = re.compile(r"spotify:track:[0-9A-Za-z_-]{1,64}")
LONGEST = 1e9  # ms; nothing that is played
LENGTH_TOLERANCE = 2.0  # seconds
CANDIDATES = 5

VERSION_WORDS = {
    "live": r"live|concert|unplugged|in concert|bbc session|session",
    "remix": r"remix\w*|rmx|rework\w*|mix|dub|bootleg|mashup",
    "karaoke": r"karaoke|backing track|in the style of|originally performed by|made famous by|カラオケ",
    "cover": r"cover|covers|tribute|rendition",
    "acoustic": r"acoustic",
    "instrumental": r"instrumental",
    "demo": r"demo|outtake|rehearsal|alternate take|take \d+",
    "speed": r"sped up|slowed|nightcore|8d",
    "edit": r"edit|extended|radio version|single version|short version|long version|12\"|7\"",
}
VERSION_PATTERNS = {name: re.compile(rf"(?<!\w)(?:{words})(?!\w)") for name, words in VERSION_WORDS.items()}
SAME_SOUND = re.compile(r"(?<!\w)(?:original mix|album mix|stereo mix|mono mix|\d{4} mix)(?!\w)")
DRESSING = re.compile(
    r"(?<!\w)(?:\d{2,4})?\s*(?:digital(?:ly)?\s*)?(?:remaster\w*|anniversary|deluxe|bonus track|mono|stereo|"
    r"explicit|clean|album version|original mix|original version|edition|soundtrack|from)(?!\w)"
)
FEATURING = re.compile(r"\s*[\(\[]?\s*(?<!\w)(?:feat|ft|featuring)\b\.?\s+([^\)\]]+)[\)\]]?", re.IGNORECASE)
BRACKET = re.compile(r"\s*[\(\[]([^\(\)\[\]]*)[\)\]]")
AFTER_DASH = re.compile(r"\s+[-–—]\s+(.+)$")
ARTIST_SEPARATOR = re.compile(
    r"\s*(?:;|/|,|\bfeat\b\.?|\bft\b\.?|\bfeaturing\b|\bwith\b|&|\band\b|\s[x×]\s)\s*", re.I
)

CATALOGUE = re.compile(
    r"(?<!\w)(bwv|op(?:us)?|kv?|d|hob|rv|hwv|woo|s|sz|l|wq|buxwv|twv|m|bb)\b\.?\s*"
    r"(?:posth\b\.?\s*)?((?:[ivx]+:)?\d+[a-z]?(?:[/:]\d+)?)"
)
NUMBER = re.compile(r"(?<!\w)(?:no|nr|n°|№|number)\b\.?\s*(\d+)")
MOVEMENT = re.compile(r"(?:^|[:;,\-–]\s*)(x{0,2}(?:ix|iv|v?i{1,3}|v|x))\.\s|(?:^|[:;,\-–]\s*)(\d{1,2})\.\s")
KEY = re.compile(r"(?<!\w)in ([a-h])[\s-]*(sharp|flat|#|♯|♭|b)?[\s-]*(major|minor|dur|moll)?(?!\w)")
WORK = re.compile(
    r"(?<!\w)(?:sonat[ae]|symphon\w+|concert[oi]|suites?|nocturnes?|pr[eé]ludes?|etudes?|quartet\w*|quintet\w*|"
    r"trio|mass|requiem|cantata|variations?|fugue|toccata|adagio|allegro|andante|largo|lento|presto|sarabande|"
    r"gymnop[eé]die|gnossienne|impromptu|mazurka|waltz|aria|partita|rhapsody|intermezzo|ballade)(?!\w)"
)
ROMAN = {
    word: str(number)
    for number, word in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"), 1)
}
COMPOSERS = frozenset(
    re.findall(
        r"\S+",
        """
        albinoni allegri arvo bach barber bartok beethoven bellini berlioz biber boccherini borodin brahms britten
        bruch bruckner buxtehude byrd chopin copland corelli couperin debussy delius donizetti dowland dvorak elgar
        faure franck gershwin gluck gorecki grieg handel haydn hildegard holst ives janacek liszt lully mahler
        massenet mendelssohn monteverdi mozart mussorgsky pachelbel paganini palestrina part pergolesi poulenc
        prokofiev puccini purcell rachmaninoff rachmaninov rameau ravel rossini saens satie scarlatti schoenberg
        schubert schumann scriabin shostakovich sibelius smetana strauss stravinsky tallis tchaikovsky telemann
        vasks verdi victoria vivaldi wagner weber
        """,
    )
)
"""Surnames without accents. A composer named by both sides says nothing about who plays."""


@dataclass(frozen=True, slots=True)
class Found:
    """A Spotify track that may be the same, with how alike it is."""

    uri: str
    title: str
    artist: str
    album: str
    duration: float
    """Seconds."""
    score: float = 0.0
    """0 to 1."""
    against: tuple[str, ...] = ()
    """What speaks against accepting it without asking, in words."""
    isrc: str | None = None
    explicit: bool | None = None
    people: tuple[str, ...] = ()
    """The artists, one by one."""

    @property
    def sure(self) -> bool:
        """Whether it may be accepted without asking."""
        return self.score >= THRESHOLD and not self.against


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for a track."""

    taken: Found | None
    candidates: tuple[Found, ...]
    """The best few, best first, including the accepted one."""


def find(track: Track, search: Callable[[str], Sequence[Found]]) -> Match:
    """Look for a track.

    Parameters
    ----------
    track : Track
        The local one.
    search : callable
        Takes a Spotify query and gives finds.

    Returns
    -------
    Match
    """
    seen: dict[str, Found] = {}
    for query in queries(track):
        if seen and query == free_query(track):
            break  # title and artist found all there is; Spotify counts every request
        for each in search(query):
            if each.uri not in seen:
                seen[each.uri] = compare(track, each)
        best = _ranked(track, seen.values())
        if best and best[0].sure:
            return Match(best[0], tuple(best[:CANDIDATES]))
    return Match(None, tuple(_ranked(track, seen.values())[:CANDIDATES]))


def bare_title(title: str) -> str:
    """A title in plain words without additions: "Home - 2011 Remaster" is "home"."""
    return _title(title).bare


def queries(track: Track) -> list[str]:
    """Queries for Spotify, the most specific first."""
    asked = []
    if track.isrc:
        asked.append(f"isrc:{track.isrc}")
    title = _title(track.title or "").bare
    artists = _artists(track.artist or "")
    if title and artists:
        asked.append(f'track:"{_quotable(title)}" artist:"{_quotable(artists[0])}"')
    return [*asked, free] if (free := free_query(track)) else asked


def free_query(track: Track) -> str:
    """Artists and title as free words, the widest query; empty if nothing names the track."""
    words = (*_artists(track.artist or "")[:2], _title(track.title or "").bare)
    return _quotable(" ".join(word for word in words if word))[:120]


def found_track(item: dict[str, Any]) -> Found | None:
    """A find as Spotify gives it; `None` if it isn't a playable track but an episode, a local file or a gap."""
    uri, name = uri_of(item), item.get("name")
    if item.get("type", "track") != "track" or item.get("is_local") or item.get("is_playable") is False:
        return None
    if not isinstance(uri, str) or not TRACK_URI.fullmatch(uri) or not isinstance(name, str):
        return None
    artists = item.get("artists")
    names = [
        each["name"]
        for each in (artists if isinstance(artists, list) else [])
        if isinstance(each, dict) and isinstance(each.get("name"), str)
    ]
    album, codes = item.get("album"), item.get("external_ids")
    isrc = codes.get("isrc") if isinstance(codes, dict) else None
    length = item.get("duration_ms")
    explicit = item.get("explicit")
    return Found(
        uri=uri,
        title=name,
        artist=", ".join(names),
        album=str(album.get("name") or "") if isinstance(album, dict) else "",
        duration=length / 1000 if isinstance(length, (int, float)) and 0 < length < LONGEST else 0.0,
        isrc=re.sub(r"[\s-]", "", isrc).upper() if isinstance(isrc, str) and isrc else None,
        explicit=explicit if isinstance(explicit, bool) else None,
        people=tuple(names),
    )


def uri_of(item: dict[str, Any]) -> str | None:
    """The URI that was asked for or sent; Spotify may play another release instead and say so (`linked_from`)."""
    linked = item.get("linked_from")
    uri = linked.get("uri") if isinstance(linked, dict) else None
    return uri if isinstance(uri, str) else item.get("uri")


def compare(track: Track, found: Found) -> Found:
    """The find with its score, and with what speaks against it.

    The score is 0.5 title, 0.35 artists, 0.15 length, each 0 to 1. With the same ISRC it is enough if one title
    contains the other, and title and artists are raised halfway to 1. So a retitled release is found, but not a shared
    or mistyped code.
    """
    here, there = _title(track.title or ""), _title(found.title)
    against: list[str] = []
    title = (
        max(fuzz.token_sort_ratio(here.bare, there.bare), fuzz.ratio(here.bare, there.bare)) / 100
        if here.bare and there.bare
        else 0.0
    )
    versions_here = here.versions | _versions_around(track.album, track.artist)
    versions_there = there.versions | _versions_around(found.album, found.artist)
    classical = here.is_classical or there.is_classical
    if classical:
        title, contradiction = _compare_works(here, there, title)
        if contradiction:
            against.append(contradiction)
    elif _counted(here.bare) != _counted(there.bare):
        against.append("the numbers in the titles differ")
    artists = _overlap(track, found, classical, here, there)
    same_isrc = track.isrc is not None and track.isrc == found.isrc
    if same_isrc:
        title = max(title, fuzz.token_set_ratio(here.bare, there.bare) / 100)
        title, artists = (1 + title) / 2, (1 + artists) / 2
    against += [
        f"only one of them is a {version} version" for version in sorted(versions_here ^ versions_there)
    ]
    if not same_isrc and (
        here.guests - there.guests - set(_artists(found.artist))
        or there.guests - here.guests - set(_artists(track.artist or ""))
    ):
        against.append("only one of them names guests")
    if track.duration <= 0 or found.duration <= 0:
        length = 0.5
        against.append("its length is not known")
    else:
        off = abs(track.duration - found.duration)
        length = max(0.0, 1 - max(0.0, off - LENGTH_TOLERANCE) / 30)
        if off > LENGTH_TOLERANCE:
            against.append(f"it is {off:.0f} s {'longer' if found.duration > track.duration else 'shorter'}")
    if title < 0.85:
        against.append("the titles differ")
    if artists < 0.8:
        against.append("the artists differ")
    score = 0.5 * title + 0.35 * artists + 0.15 * length
    if versions_here ^ versions_there:
        score *= 0.6
    return Found(
        uri=found.uri, title=found.title, artist=found.artist, album=found.album, duration=found.duration,
        score=round(score, 4), against=tuple(against), isrc=found.isrc, explicit=found.explicit,
        people=found.people,
    )  # fmt: skip


def _ranked(track: Track, found: Iterable[Found]) -> list[Found]:
    """Best first; of equals the one of the same album, then by URI, so that the answer never varies."""
    album = _plain(track.album or "")
    return sorted(
        found,
        key=lambda each: (
            not each.sure,
            -each.score,
            -fuzz.ratio(album, _plain(each.album)) if album else 0,
            each.uri,
        ),
    )


# --- titles -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Title:
    """A title taken apart."""

    bare: str
    """Plain words without additions."""
    versions: frozenset[str]
    guests: frozenset[str]
    """Names after "feat."."""
    catalogue: frozenset[tuple[str, str]]
    numbers: frozenset[str]
    movement: str | None
    key: str | None
    is_classical: bool
    composer: str | None
    """The name before a colon, as in "Bach: Suite No. 1"."""


@lru_cache(maxsize=20_000)
def _title(title: str) -> _Title:
    text = unicodedata.normalize("NFKC", title).casefold()
    versions: set[str] = set()
    body = FEATURING.sub(" ", text)
    for pattern in (BRACKET, AFTER_DASH):
        for match in list(pattern.finditer(body)):
            dressing = match[1]
            kinds = _kinds(dressing)
            versions |= kinds
            if kinds or DRESSING.search(dressing) or SAME_SOUND.search(dressing):
                body = body.replace(match[0], " ")
    work = fold(text)
    catalogue = frozenset(
        ({"opus": "op", "kv": "k"}.get(kind, kind), number) for kind, number in CATALOGUE.findall(work)
    )
    movement = MOVEMENT.search(work)
    key = KEY.search(work)
    head, colon, _ = text.partition(":")
    return _Title(
        bare=_plain(body) or _plain(text),
        versions=frozenset(versions),
        guests=frozenset(name for guests in FEATURING.findall(text) for name in _artists(guests)),
        catalogue=catalogue,
        numbers=frozenset(NUMBER.findall(work)),
        movement=_movement(movement[1] or movement[2]) if movement else None,
        key=" ".join(_key_words(key)) if key else None,
        is_classical=bool(catalogue or (WORK.search(work) and (key or movement or NUMBER.search(work)))),
        composer=_plain(head) if colon and len(head) < 40 and _plain(head).split()[-1:] and
        _plain(head).split()[-1] in COMPOSERS else None,
    )  # fmt: skip


def _kinds(text: str) -> set[str]:
    """The versions that an addition to the title names."""
    bare = SAME_SOUND.sub(" ", fold(text))
    return {name for name, pattern in VERSION_PATTERNS.items() if pattern.search(bare)}


@lru_cache(maxsize=20_000)
def _versions_around(album: str | None, artist: str | None) -> frozenset[str]:
    """Versions revealed by the album or the artist: karaoke and tribute bands, concert albums."""
    kinds = set()
    text = unicodedata.normalize("NFKC", f"{album or ''} | {artist or ''}").casefold()
    for kind in ("karaoke", "cover"):
        if VERSION_PATTERNS[kind].search(text):
            kinds.add(kind)
    if re.search(r"(?<!\w)(?:live (?:at|in|from|on)|unplugged|in concert)(?!\w)|\(live\b", text):
        kinds.add("live")
    return frozenset(kinds)


def _movement(text: str) -> str:
    """The movement's number in digits."""
    return ROMAN.get(text, text)


def _counted(bare: str) -> set[str]:
    """The numbers in a title: "part 2" is not "part 3", however alike they look."""
    return {
        ROMAN.get(word, word) for word in bare.split() if word.isdecimal() or (word in ROMAN and word != "i")
    }


def _key_words(match: re.Match[str]) -> list[str]:
    tonic, sign, mode = match[1], match[2] or "", match[3] or "major"
    return [
        tonic,
        {"#": "sharp", "♯": "sharp", "♭": "flat", "b": "flat"}.get(sign, sign),
        {"dur": "major", "moll": "minor"}.get(mode, mode),
    ]


def _compare_works(here: _Title, there: _Title, title: float) -> tuple[float, str | None]:
    """How alike two works are, and what shows that they differ."""
    for kind in {kind for kind, _ in here.catalogue} & {kind for kind, _ in there.catalogue}:
        mine = {number for name, number in here.catalogue if name == kind}
        theirs = {number for name, number in there.catalogue if name == kind}
        if not mine & theirs:
            return min(title, 0.5), "the catalogue numbers differ"
    for what, mine_value, their_value in (
        ("movements", here.movement, there.movement),
        ("keys", here.key, there.key),
    ):
        if mine_value is not None and their_value is not None and mine_value != their_value:
            return min(title, 0.5), f"the {what} differ"
    if here.numbers and there.numbers and not here.numbers & there.numbers:
        return min(title, 0.5), "the numbers differ"
    if (here.movement is None) != (there.movement is None):
        return min(title, 0.75), "only one of them names a movement"
    if here.catalogue & there.catalogue:
        # "Cello Suite No. 1 in G Major, BWV 1007: I. Prélude" and "Suite 1 BWV 1007 - 1. Prelude"
        return max(title, 0.9), None
    return title, None


# --- artists ------------------------------------------------------------------------------------------------


def _overlap(track: Track, found: Found, classical: bool, here: _Title, there: _Title) -> float:
    """How alike the artists are, 0 to 1: the best match of any two names that may decide."""
    mine, theirs = _artists(track.artist or ""), _artists(found.artist)
    if classical:
        performers_here = [each for each in mine if not _is_composer(each)]
        performers_there = [each for each in theirs if not _is_composer(each)]
        if performers_here and performers_there:
            mine, theirs = tuple(performers_here), tuple(performers_there)
        elif _composers(mine, here) & _composers(theirs, there):
            return 0.7  # only the composer matches: it may just as well be another's recording
    if not mine or not theirs:
        return 0.0
    scores = [max(_same_name(one, other) for other in theirs) for one in mine]
    back = [max(_same_name(one, other) for one in mine) for other in theirs]
    few = scores if len(mine) <= len(theirs) else back
    return sum(few) / len(few)


def _same_name(one: str, other: str) -> float:
    if _squeezed(one) == _squeezed(other):
        return 1.0
    return float(fuzz.token_sort_ratio(one, other)) / 100


@lru_cache(maxsize=20_000)
def _artists(text: str) -> tuple[str, ...]:
    """Plain names of artists, and the whole credit as one name, since some list "Simon & Garfunkel" as one."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return tuple(dict.fromkeys(name for part in ARTIST_SEPARATOR.split(folded) if (name := _plain(part))))


def _is_composer(name: str) -> bool:
    return name.split()[-1] in COMPOSERS


def _composers(names: Iterable[str], title: _Title) -> set[str]:
    surnames = {name.split()[-1] for name in names if _is_composer(name)}
    return surnames | ({title.composer.split()[-1]} if title.composer else set())


# --- words --------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Words, folded and without punctuation; "&" is "and", a leading "the" is dropped."""
    bare = fold(text).replace("&", " and ")
    words = re.findall(r"\w+", bare.replace("'", "").replace("’", ""))
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def _squeezed(text: str) -> str:
    return text.replace(" ", "")


def _quotable(text: str) -> str:
    return re.sub(r'["\\:]', " ", text).strip()
