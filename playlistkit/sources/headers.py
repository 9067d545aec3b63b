"""The column names of real track tables, in the languages of the programs that write them.

One field of ours, all its headers; compared after `plain`, so case, blanks, hyphens and brackets don't matter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from playlistkit.model import SINGLE

__all__ = ["FIELDS", "SPOTIFY_ONLY", "columns_of", "plain"]

NAMING = frozenset({"uri", "title", "path", "isrc", "id"})
"""Columns that name a track; a table needs at least one."""

SPOTIFY_ONLY = ("danceability", "speechiness", "acousticness", "instrumentalness", "liveness", "valence")
"""Columns that only exports of Spotify's audio features have; they show whose `energy` it is."""

# English; then ar, de, el, es, fr, it, ja, nl, pt, sv, tr, yue, zh-Hans, zh-Hant, as Exportify writes them; then other
# programs
HEADERS: Mapping[str, tuple[str, ...]] = {
    "uri": (
        "Track URI", "رابط الأغنية (URI)", "Track-URI", "URI κομματιού", "URI de la canción", "URI du titre",
        "URI della traccia", "トラックURI", "Nummer URI", "URI da faixa", "Låtens URI", "Parça URI",
        "URI", "Spotify URI", "Spotify ID", "Spotify Track Id", "Track ID", "Spotify URL", "Track URL",
        "曲目 URI", "歌 Link",
    ),
    "id": ("id",),
    "file_start": ("file_start",),
    "file_end": ("file_end",),
    "path": ("path", "file", "filename", "file name", "location", "Ort", "Emplacement", "Ubicación", "Posizione", "Locatie"),
    "title": (
        "Track Name", "اسم الأغنية", "Track-Name", "Όνομα κομματιού", "Nombre de la canción", "Nom du titre",
        "Nome della traccia", "トラック名", "Nummernaam", "Nome da faixa", "Låtens namn", "Parça Adı",
        "Title", "Track Title", "Song", "Song Name", "Song Title", "Name", "Track",
        "Titel", "Titre", "Título", "Titolo",
        "曲目名称", "曲目名稱", "歌名",
    ),
    "artist": (
        "Artist Name(s)", "أسماء الفنانين", "Künstlername(n)", "Όνομα/τα καλλιτέχνη", "Nombre(s) del artista",
        "Nom(s) de l'artiste", "Nome dell'artista", "アーティスト名", "Naam van artiest", "Nome(s) do artista",
        "Artistens namn", "Sanatçı Adı", "Artist", "Artists", "Artist Name", "Creator", "Performer",
        "Interpret", "Künstler", "Artiste", "Artista",
        "艺人名称", "藝人名稱", "Artist 名",
    ),
    "album": (
        "Album Name", "اسم الألبوم", "Όνομα άλμπουμ", "Nombre del álbum", "Nom de l'album", "Nome dell'album",
        "アルバム名", "Naam van album", "Nome do álbum", "Albumets namn", "Albüm Adı", "Album", "Album Title",
        "专辑名称", "專輯名稱", "專輯名",
    ),
    "album_artist": ("Album Artist Name(s)", "Album Artist", "Album Artists"),
    "isrc": ("ISRC", "ISRC Code"),
    "genre": (
        "Genres", "Artist Genres", "أنواع الفنان", "Künstler-Genres", "Είδη καλλιτέχνη", "Géneros del artista",
        "Genres de l'artiste", "Generi dell'artista", "アーティストジャンル", "Genres van de artiest",
        "Gêneros do artista", "Artistens genrer", "Sanatçı Türleri", "Genre",
        "艺人流派", "藝人曲風",
    ),
    "explicit": (
        "Explicit", "صريح", "Explizit", "Ακατάλληλο", "Explícito", "Explicite", "Esplicito", "明示的な内容",
        "Expliciet", "Explícita", "Açık İçerik",
        "含露骨内容", "含露骨內容", "家長指引",
    ),
    "is_playable": (
        "Is Playable", "可播放", "播得到", "Playable",
    ),
    "album_uri": ("Album URI", "专辑 URI", "專輯 URI", "專輯 Link"),
    "album_type": ("Album Type",),
    "duration_ms": (
        "Track Duration (ms)", "مدة الأغنية (بالمللي ثانية)", "Track-Dauer (ms)", "Διάρκεια κομματιού (ms)",
        "Duración de la canción (ms)", "Durée du titre (ms)", "Durata della traccia (ms)",
        "トラックの長さ（ミリ秒）", "Nummerduur (ms)", "Duração da faixa (ms)", "Låtlängd (ms)",
        "Parça Süresi (ms)", "Duration (ms)", "duration_ms", "Length (ms)", "ms",
        "曲目时长（毫秒）", "曲目長度（毫秒）", "曲目時長（毫秒）",
    ),
    "duration": (
        "Duration", "Time", "Length", "Duration (s)", "Seconds", "Track Duration", "dur",
        "Dauer", "Durée", "Duración", "Durata", "Duur", "Duração",
    ),
    "energy": (
        "Energy", "الطاقة", "Energie", "Ενέργεια", "Energía", "Énergie", "Energia", "エネルギー", "Energi",
        "Enerji", "nrgy",
        "能量",
    ),
    "spotify_energy": ("Spotify Energy",),
    "tempo": ("Tempo", "الإيقاع", "Ρυθμός", "テンポ", "BPM", "Tempo (BPM)",
        "速度",
    ),
    "loudness": (
        "Loudness", "مستوى الصوت", "Lautstärke", "Ένταση", "Volumen", "Volume sonore", "Volume",
        "ラウドネス", "Luidheid", "Ljudstyrka", "Ses Seviyesi", "Loud (Db)", "Loudness (dB)", "LUFS",
        "Loudness (LUFS)", "dB",
        "响度", "響度",
    ),
    "key": (
        "Key", "المفتاح", "Tonart", "Τονικότητα", "Tonalidad", "Tonalité", "Chiave", "キー", "Toonsoort",
        "Tonalidade", "Ton",
        "调性", "調性",
    ),
    "mode": ("Mode", "النمط", "Modus", "Τρόπος", "Modo", "Modalità", "モード", "Läge", "Mod",
        "调式", "調式",
    ),
    "camelot": ("Camelot", "Camelot Key"),
    "vocals": ("Vocals", "Voice"),
    "danceability": (
        "Danceability", "قابلية الرقص", "Tanzbarkeit", "Χορευτικότητα", "Bailabilidad", "Danseabilité",
        "Ballabilità", "ダンサビリティ", "Dansbaarheid", "Dançabilidade", "Dansbarhet", "Dans Edilebilirlik",
        "Dance", "dnce",
        "舞蹈性",
    ),
    "speechiness": (
        "Speechiness", "محتوى الكلام", "Sprachanteil", "Ομιλητικότητα", "Hablado", "Parlabilité",
        "Linguaggio parlato", "スピーチ性", "Spraakzaamheid", "Oralidade", "Talighet", "Konuşma Oranı", "Speech",
        "spch",
        "语音度", "語音度",
    ),
    "acousticness": (
        "Acousticness", "الطابع الصوتي", "Akustik", "Ακουστικότητα", "Acústica", "Acoustique", "Acustica",
        "アコースティック性", "Akoestiek", "Akustiklik", "Acoustic", "acous",
        "原声性", "原音性",
    ),
    "instrumentalness": (
        "Instrumentalness", "الطابع الآلي", "Instrumentalität", "Οργανοκεντρικότητα", "Instrumentalidad",
        "Instrumental", "Strumentalità", "インストゥルメンタル性", "Instrumentaliteit", "Instrumentalidade",
        "Instrumentalhet", "Enstrümantalite",
        "器乐度", "器樂度",
    ),
    "liveness": (
        "Liveness", "الحيوية", "Lebendigkeit", "Ζωντάνια", "Vivacidad", "Vivacité", "Vivacità", "ライブ感",
        "Levendigheid", "Vivacidade", "Livlighet", "Canlılık", "Live",
        "现场感", "現場感",
    ),
    "valence": (
        "Valence", "الإيجابية", "Valenz", "Θετικότητα", "Valencia", "Valenza", "感情値", "Valentie", "Valência",
        "Valens", "Duygusallık", "Happy", "val",
        "情绪效价", "情緒效價",
    ),
}  # fmt: skip


def plain(header: str) -> str:
    """A header without case, blanks, punctuation and compatibility forms."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


FIELDS: Mapping[str, str] = {plain(name): name for name in SINGLE} | {
    plain(header): field for field, headers in HEADERS.items() for header in headers
}
"""Plain header to field."""


PASSED_OVER = frozenset(
    map(
        plain,
        (
            "Track Preview URL", "Popularity", "Added By", "Added At", "Artist URI(s)", "Artist IDs", "Album Artist URI(s)",
            "Album Release Date", "Release Date", "Album Image URL", "Disc Number",
            "Track Number", "Record Label", "Label", "Copyrights", "Album Genres", "Time Signature", "#", "No", "Nr",
            "Position", "keep", "avoid", "note", "sources", "timbre", "timbre_start", "timbre_end", "energy_curve",
            "loudness_curve", "phase", "start", "end", "gain", "overlap", "reason",
        ),
    )
)  # fmt: skip
"""Headers of columns ignored silently, as English exports and our own write them."""


def columns_of(headers: Sequence[str]) -> dict[str, int]:
    """Maps fields to columns; the first of two columns for a field."""
    columns: dict[str, int] = {}
    for place, header in enumerate(headers):
        name = FIELDS.get(plain(header))
        if name is not None:
            columns.setdefault(name, place)
    return columns


def length_columns(headers: Sequence[str]) -> tuple[list[int], list[int]]:
    """The columns for a track's length: those whose headers say milliseconds, and all others."""
    fields = [FIELDS.get(plain(header)) for header in headers]
    return (
        [place for place, name in enumerate(fields) if name == "duration_ms"],
        [place for place, name in enumerate(fields) if name == "duration"],
    )


def unknown_headers(headers: Sequence[str]) -> list[str]:
    """Headers of columns that are neither read nor known to be useless here."""
    return [
        header
        for header in headers
        if plain(header) and plain(header) not in FIELDS and plain(header) not in PASSED_OVER
    ]
