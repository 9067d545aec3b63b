"""A digest that identifies a file's content, to the last byte."""

from __future__ import annotations

import hashlib
import os

__all__ = ["digest"]


def digest(path: str | os.PathLike[str]) -> str:
    """32 hexadecimal digits of BLAKE2b over all bytes of a file.

    Raises
    ------
    OSError
        If it can't be read.
    """
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 -- takes names in any encoding
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
