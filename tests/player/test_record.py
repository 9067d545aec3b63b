"""The record's file, whatever the player before left in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from playlistkit.player.keeping import _Record
from playlistkit.player.values import Event, from_json, to_json

BEGIN, CUT, AGAIN = (Event(at, at, what) for at, what in ((0.0, "begin"), (1.0, "skip"), (2.0, "resume")))


@pytest.mark.parametrize("length", range(len(to_json(CUT))))
def test_a_line_that_was_cut_anywhere_leaves_the_record_whole(tmp_path: Path, length: int) -> None:
    path = tmp_path / "record.jsonl"
    path.write_text(f"{to_json(BEGIN)}\n{to_json(CUT)[:length]}")
    record = _Record(str(path))
    record.add([AGAIN])
    record.write()
    record.close()
    assert [from_json(Event, line) for line in path.read_bytes().splitlines()] == [BEGIN, AGAIN]
