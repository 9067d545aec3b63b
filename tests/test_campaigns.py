"""Mutated files of every kind end in a result or a sentence; `benchmarks/campaigns.py` tries thousands."""

from __future__ import annotations

import contextlib
from pathlib import Path

import mutated_files
import pytest

from playlistkit.errors import PlaylistkitError


@pytest.mark.parametrize("kind", mutated_files.FORMATS)
def test_a_mutated_file_is_read_or_told_and_never_a_traceback(kind: str, tmp_path: Path) -> None:
    count = {"template": 40, "plan": 30, "picture": 3, "render": 10}.get(kind, 150)
    for seed, _, read in mutated_files.read(kind, tmp_path, 0, count):
        try:
            with contextlib.suppress(PlaylistkitError):
                read()
        except Exception as error:
            pytest.fail(f"{kind} {seed}: {error!r}")
