"""A plan written to several files."""

from __future__ import annotations

from pathlib import Path

import pytest

from playlistkit.errors import ExportError
from playlistkit.model import Plan
from playlistkit.workflow.output.export import export


def test_where_one_of_several_files_fails_those_already_written_are_named(
    three_hours: Plan, tmp_path: Path
) -> None:
    first, second, never = tmp_path / "s.m3u8", tmp_path / "s.svg", tmp_path / "s.csv"
    with pytest.raises(ExportError) as raised:
        export(three_hours, first, second, tmp_path / "nowhere" / "s.xspf", never)
    assert str(raised.value).endswith(f"; already written: {first}, {second}")
    assert first.exists()
    assert second.exists()
    assert not never.exists()
    with pytest.raises(ExportError) as raised:
        export(three_hours, tmp_path / "nowhere" / "s.xspf")
    assert "already written" not in str(raised.value)
