"""Compare names as people do: ignoring case, accents, typographic signs and Unicode forms."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["fold", "holds_alias", "name_key", "sentence", "typed"]


def fold(text: str) -> str:
    """A form for comparing: lower case, with the letters and signs of a plain keyboard.

    Accents, strokes and ligatures are removed (ł, ø, æ, œ, ð, ß), printed apostrophes, quotation marks and dashes
    become typed ones, and composed and decomposed forms become one. Other scripts stay as they are.
    """
    if text.isascii():
        return text.lower()
    # case folding may compose, and decomposing may give capitals (℠)
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return bare.translate(_TYPED)


def sentence(text: str) -> str:
    """The text with its first letter capitalised; the rest is unchanged."""
    return text[:1].upper() + text[1:]


def typed(text: str) -> str:
    """The text as typed in a hurry: a name key with spaces for hyphens."""
    return " ".join(name_key(text).replace("-", " ").split())


@lru_cache(maxsize=1 << 14)  # the same names are compared in every plan
def name_key(text: str | None) -> str:
    """A key for comparing names: folded, "&" as "and", no apostrophes or extra spaces; "" if unknown."""
    bare = fold(text or "").replace("'", "")
    return " ".join((_AND.sub(" and ", bare) if "&" in bare else bare).split())


def holds_alias(text: str, alias: str) -> bool:
    """Whether a text contains an alias, even inside a word, ignoring case, accents and signs.

    An alias of one or two letters or digits counts only as a whole word, since many words contain it.
    """
    inside, word = _LETTERS.sub(" ", fold(text)).strip(), _LETTERS.sub(" ", fold(alias)).strip()
    if not word:
        return bool(alias.strip()) and alias.strip() in text
    if len(word) < SHORT_ALIAS:
        return f" {word} " in f" {inside} "
    return word.replace(" ", "") in inside.replace(" ", "")


SHORT_ALIAS = 3  # least letters and digits for finding an alias inside words
_LETTERS = re.compile(r"[\W_]+")
_AND = re.compile(r"\s+&\s+")
# Unicode's own names say which letter lies under a stroke: "LATIN SMALL LETTER O WITH STROKE"
_LETTER = re.compile(r"LATIN SMALL (?:LETTER|LIGATURE) (?:DOTLESS )?([A-Z]{1,2}|ETH|THORN|ENG)(?: WITH .+)?")
_NAMED = {"eth": "d", "thorn": "th", "eng": "n"}
_APOSTROPHES = "ʼʻʹ′`´"


class _Typed(dict[int, str]):
    """A lazy map from each character to its typed form."""

    def __missing__(self, code: int) -> str:
        self[code] = typed = _typed(chr(code))
        return typed


def _typed(character: str) -> str:
    category = unicodedata.category(character)
    # Cf: marks of direction, joiners and blanks of no width
    if unicodedata.combining(character) or category == "Cf":
        return ""
    if character in _APOSTROPHES:
        return "'"
    if category == "Pd":
        return "-"
    name = unicodedata.name(character, "")
    if category in ("Pi", "Pf", "Ps", "Pe") and "QUOTATION" in name:  # low quotation marks count as brackets
        return '"' if "DOUBLE" in name else "'"
    letter = _LETTER.fullmatch(name)
    if letter is None or character.isascii():
        return character
    return _NAMED.get(letter[1].lower(), letter[1].lower())


_TYPED = _Typed()
