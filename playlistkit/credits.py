"""Credits as lists of people: who plays on a track, from its artist, its album artist and its guests.

In most tags a credit such as "Ann Lee & Bo Ek feat. Cy" is one text. If the tags or a service list the people, that list
is believed. Otherwise ";" and "feat." always separate people, while "&", ",", "/" and the like do so only if the
other tracks credit one of the parts alone: "Simon & Garfunkel" and "Earth, Wind & Fire" stay one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, TypeGuard

from playlistkit.names import name_key

if TYPE_CHECKING:
    from playlistkit.model import Track

__all__ = ["NOBODY", "Credits", "is_nobody", "name_forms"]

NOBODY = frozenset(
    ("", "unknown", "unknown artist", "unknown album", "untitled", "various artists", "various", "va", "v.a.")
)
"""What rippers write when they know no name."""

_NOT_ONE = frozenset(
    map(
        name_key,
        (
            # of compilations and of unknown music, as players and rippers write them in their users' languages
            "various artist", "various performers", "v/a", "v. a.", "anonymous", "anon.", "traditional", "trad.", "trad",
            "compilation", "compilations", "soundtrack", "original soundtrack", "ost", "unknown performer",
            "Verschiedene Interpreten", "Verschiedene Künstler", "Verschiedene", "Diverse Interpreten", "Diverse Künstler",
            "Diverse", "Unbekannter Interpret", "Unbekannter Künstler", "Unbekannt", "Anonym", "Anonymus", "Traditionell",
            "Artistes divers", "Artistes variés", "Divers artistes", "Interprètes divers", "Divers", "Multi-interprètes",
            "Artiste inconnu", "Interprète inconnu", "Inconnu", "Anonyme", "Traditionnel",
            "Varios artistas", "Artistas varios", "Varios intérpretes", "Varios", "Artista desconocido", "Desconocido",
            "Vários intérpretes", "Vários", "Artista desconhecido", "Desconhecido",
            "Artisti vari", "Autori vari", "Vari", "AA.VV.", "AAVV", "AA. VV.", "Artista sconosciuto", "Sconosciuto",
            "Diverse artiesten", "Verschillende artiesten", "Diversen", "Onbekende artiest", "Onbekend",
            "Diverse artister", "Blandade artister", "Okänd artist", "Diverse kunstnere", "Ukendt kunstner", "Ukjent artist",
            "Eri esittäjiä", "Różni wykonawcy", "Nieznany wykonawca", "Různí interpreti", "Neznámý interpret",
            "Разные исполнители", "Неизвестный исполнитель", "Сборник", "Çeşitli Sanatçılar", "Bilinmeyen Sanatçı",
            "ヴァリアス・アーティスト", "オムニバス", "不明なアーティスト", "群星", "合辑", "合輯", "未知艺术家", "未知藝人",
        ),
    )
)  # fmt: skip
"""Credits that name nobody in particular, as keys: what a dozen people share is no person."""

# for folded text, in which " & " is " and "
_ABBREVIATED = r"\b(?:feat|ft|featuring|vs|presents|pres|starring)\b(?:\.[\s:]?|[\s:])"
_SURE = re.compile(rf"\s*(?:;|\||\\\\|\0)\s*|\s*[\(\[]?{_ABBREVIATED}\s*|\s*[\(\[]with\s+")
_JOINED = r"\s(?:and|und|et|y|e|i|og|och|en|x|with|mit|med|met|con|avec|meets)\s"
_MAYBE = re.compile(rf"\s*[,/+×·•&、]\s*|\s*{_JOINED}\s*")
_SEVERAL = re.compile(rf"[;|\0,/+×·•&、()\[\]]|\\\\|{_JOINED}|{_ABBREVIATED}")
"""What only a credit of several people contains."""
_GUESTS = re.compile(
    r"[\(\[]\s*(?:feat|ft|featuring)\b\.?\s*([^\)\]]+)[\)\]]|\s(?:feat|ft|featuring)\b\.?\s+(.+)$"
)
_MAYBE_GUESTS = re.compile(
    r"[\(\[]\s*(?:(?:with|avec|mit|con|and|&)\s+|w/\s*)([^\)\]]+)[\)\]]|\sw/\s*(.+)$|[\(\[]([^\)\]]+)\s(?:remix|rework)[\)\]]"
)
_CREDIT = attrgetter("people", "artist", "album_artist")


class Credits:
    """Resolves the credits of some tracks into people.

    Parameters
    ----------
    tracks : iterable of Track
        The tracks that show which joint credits are one name.
    named : iterable of str
        Names that somebody gave; each is one person.
    """

    def __init__(self, tracks: Iterable[Track], named: Iterable[str] = ()) -> None:
        self._tracks, self._named = tuple(tracks), tuple(named)
        self._parted: dict[str, tuple[str, ...]] = {}
        """The people of each text that was looked at."""
        self._resolved: dict[tuple[tuple[str, ...], str | None, str | None], frozenset[str]] = {}

    @cached_property
    def _credits(self) -> tuple[frozenset[tuple[str, ...]], frozenset[str]]:
        """The lists of people and the other texts in the tracks' credits."""
        given = {*map(_CREDIT, self._tracks)}
        lists = frozenset(people for people, _, _ in given if people)
        return lists, frozenset(text for _, *texts in given for text in texts if text)

    @cached_property
    def _one(self) -> frozenset[str]:
        """Names given in lists, whatever separators they contain."""
        lists, texts = self._credits
        within = (_chunks(name_key(text)) for text in texts if ";" in text)
        parts = (part for chunks in within if len(chunks) > 1 for part in chunks)
        return frozenset(name_key(name) for names in lists for name in names).union(
            filter(_MAYBE.search, parts)
        )

    @cached_property
    def _alone(self) -> frozenset[str]:
        """The names of one person each. All tracks are looked at for them, so only where a credit may be of several people."""
        alone: set[str] = {*map(name_key, self._named), *self._one}
        within: dict[str, set[str]] = defaultdict(set)
        for whole in {*map(name_key, self._credits[1])}:
            if is_nobody(whole):
                continue
            if whole and not _SEVERAL.search(whole):
                alone.add(whole)
                continue
            for chunk in _chunks(whole):
                parts = _MAYBE.split(chunk)
                if len(parts) == 1:
                    alone.add(chunk)
                for part in filter(None, parts):
                    within[part].add(chunk)
        # a name in two different credits is a person who plays with both
        alone.update(part for part, chunks in within.items() if len(chunks) > 1)
        return frozenset(alone)

    def performers(self, track: Track) -> frozenset[str]:
        """Who plays on a track, including guests, as keys for comparing (`names.name_key`)."""
        return self._credited((track.people, track.artist, None)) | self._guests(track.title)

    def people(self, track: Track) -> frozenset[str]:
        """Everybody credited on a track: its performers and its album artist."""
        return self.people_of_each([track])[0]

    def people_of_each(self, tracks: Sequence[Track]) -> list[frozenset[str]]:
        """As `people`, for each of some tracks; those with one credit share one set."""
        known = [self._resolved.get(each) or self._credited(each) for each in map(_CREDIT, tracks)]
        for k, track in enumerate(tracks):
            if _may_name_guests(track.title) and (guests := self._guests(track.title)):
                known[k] |= guests
        return known

    def _credited(self, credit: tuple[tuple[str, ...], str | None, str | None]) -> frozenset[str]:
        """Who is credited, whatever the title says: in a list of people or by the artist, and by the album artist."""
        known = self._resolved.get(credit)
        if known is None:
            people, artist, album_artist = credit
            found = {*map(name_key, people)} or {*self._people(artist)}
            found.update(self._people(album_artist))
            known = self._resolved[credit] = frozenset(each for each in found if not is_nobody(each))
        return known

    def _guests(self, title: str | None) -> frozenset[str]:
        """The guests that a title names."""
        if not _may_name_guests(title):
            return frozenset()
        sure, maybe = _guests(title)
        found = {name for guests in sure for name in self._people(guests)}
        for guests in maybe:
            names = self._people(guests)
            if all(name in self._alone for name in names):
                found.update(names)
        return frozenset(each for each in found if not is_nobody(each))

    def spelled(self, names: Collection[str]) -> str:
        """The names as the tracks spell them (the first spelling by the alphabet), joined by "and"."""
        return " and ".join(self._spellings.get(name, name.title()) for name in sorted(names))

    @cached_property
    def _spellings(self) -> dict[str, str]:
        lists, texts = self._credits
        return {name_key(text): text for text in sorted(texts.union(*lists), reverse=True)}

    def _people(self, text: str | None) -> tuple[str, ...]:
        if not text:
            return ()
        known = self._parted.get(text)
        if known is None:
            whole = name_key(text)
            if is_nobody(whole):
                known = ()
            elif not _SEVERAL.search(whole):
                known = (whole,)
            else:
                chunks = (whole,) if whole in self._one else _chunks(whole)
                known = tuple(name for chunk in chunks for name in self._parts(chunk))
            self._parted[text] = known
        return known

    def _parts(self, chunk: str) -> list[str]:
        """Split a credit without certain separators: the longest names known as one, and the rest."""
        edges = [0, *(at for sign in _MAYBE.finditer(chunk) for at in sign.span()), len(chunk)]
        starts, ends = edges[::2], edges[1::2]
        found: list[str] = []
        k = 0
        while k < len(starts):
            last = next(
                (j for j in range(len(ends) - 1, k, -1) if chunk[starts[k] : ends[j]] in self._one), k
            )
            found.append(chunk[starts[k] : ends[last]])
            k = last + 1
        known = len(found) == 1 or any(name in self._alone for name in found)
        return [name for name in found if name] if known else [chunk]


def is_nobody(key: str) -> bool:
    """Whether a credit, as a key, names no person: an unknown one, or the many of a compilation.

    Examples
    --------
    >>> is_nobody("verschiedene interpreten"), is_nobody("<unknown>"), is_nobody("ann lee")
    (True, True, False)
    """
    bare = key.strip("<>[]() ")
    return bare in NOBODY or bare in _NOT_ONE or bare.startswith("various artists")


@lru_cache(maxsize=1 << 14)
def name_forms(name: str | None) -> frozenset[str]:
    """The keys of one person's name, with and without an article, and as sorted lists write it.

    Examples
    --------
    >>> sorted(name_forms("Beatles, The"))
    ['beatles', 'beatles, the', 'the beatles']
    >>> sorted(name_forms("Satie, Erik"))
    ['erik satie', 'satie, erik', 'the erik satie']
    """
    key = name_key(name)
    last, comma, first = key.partition(", ")
    turned = f"{first} {last}" if comma and "," not in first else key
    bare = turned.removeprefix("the ")
    return frozenset((key, turned, bare, f"the {bare}")) if key else frozenset()


def _chunks(whole: str) -> tuple[str, ...]:
    """The parts of a credit, as a key, that certain separators divide."""
    return tuple(each.strip(" ()[]") for each in _SURE.split(whole) if each.strip(" ()[]"))


def _may_name_guests(title: str | None) -> TypeGuard[str]:
    """Whether it is worth looking for guests in a title: most have none."""
    if not title:
        return False
    return any(sign in title for sign in "([fF/") or not title.isascii()


@lru_cache(maxsize=1 << 14)
def _guests(title: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The credits of guests in a title, and those that are guests only if the name is known."""
    key = name_key(title)
    sure, maybe = (
        [next(filter(None, each)) for each in found.findall(key)] for found in (_GUESTS, _MAYBE_GUESTS)
    )
    return tuple(sure), tuple(maybe)
