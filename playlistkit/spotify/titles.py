"""Take titles and credits apart: the plain words, the versions that they name, the work, the artists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from playlistkit.names import fold

__all__ = [
    "TitleParts",
    "artists_of",
    "compare_works",
    "composers",
    "is_composer",
    "numbers_in",
    "plain",
    "quotable",
    "squeezed",
    "title_parts",
    "versions_around",
]

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
class TitleParts:
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
def title_parts(title: str) -> TitleParts:
    """The parts of a title."""
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
    return TitleParts(
        bare=plain(body) or plain(text),
        versions=frozenset(versions),
        guests=frozenset(name for guests in FEATURING.findall(text) for name in artists_of(guests)),
        catalogue=catalogue,
        numbers=frozenset(NUMBER.findall(work)),
        movement=_movement(movement[1] or movement[2]) if movement else None,
        key=" ".join(_key_words(key)) if key else None,
        is_classical=bool(catalogue or (WORK.search(work) and (key or movement or NUMBER.search(work)))),
        composer=plain(head) if colon and len(head) < 40 and plain(head).split()[-1:] and
        plain(head).split()[-1] in COMPOSERS else None,
    )  # fmt: skip


def _kinds(text: str) -> set[str]:
    """The versions that an addition to the title names."""
    bare = SAME_SOUND.sub(" ", fold(text))
    return {name for name, pattern in VERSION_PATTERNS.items() if pattern.search(bare)}


@lru_cache(maxsize=20_000)
def versions_around(album: str | None, artist: str | None) -> frozenset[str]:
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


def numbers_in(bare: str) -> set[str]:
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


def compare_works(here: TitleParts, there: TitleParts, title: float) -> tuple[float, str | None]:
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


@lru_cache(maxsize=20_000)
def artists_of(text: str) -> tuple[str, ...]:
    """Plain names of the artists in a credit, one by one."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return tuple(dict.fromkeys(name for part in ARTIST_SEPARATOR.split(folded) if (name := plain(part))))


def is_composer(name: str) -> bool:
    """Whether a plain name ends in a known composer's surname."""
    return name.split()[-1] in COMPOSERS


def composers(names: Iterable[str], title: TitleParts) -> set[str]:
    """Surnames of the composers among the artists and before the colon of the title."""
    surnames = {name.split()[-1] for name in names if is_composer(name)}
    return surnames | ({title.composer.split()[-1]} if title.composer else set())


def plain(text: str) -> str:
    """Words, folded and without punctuation; "&" is "and", a leading "the" is dropped."""
    bare = fold(text).replace("&", " and ")
    words = re.findall(r"\w+", bare.replace("'", "").replace("’", ""))
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def squeezed(text: str) -> str:
    """The text without spaces."""
    return text.replace(" ", "")


def quotable(text: str) -> str:
    """The text without characters that have a meaning in Spotify's queries."""
    return re.sub(r'["\\:]', " ", text).strip()
