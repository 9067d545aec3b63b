"""The examples, run as a newcomer would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"


def run(script: str, *arguments: object, cwd: Path) -> str:
    """What a script prints."""
    command = [sys.executable, str(EXAMPLES / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_folder_becomes_a_playlist(demo_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    shutil.copy(
        demo_folder / "library.db", tmp_path / "out" / "music.db"
    )  # so that nothing is listened to again
    printed = run("folder_to_playlist.py", demo_folder / "music", tmp_path / "out", cwd=tmp_path)
    assert "grounding" in printed
    assert (tmp_path / "out" / "session.m3u8").exists()
    assert (tmp_path / "out" / "session.html").exists()


def test_a_plan_comes_from_plain_values(tmp_path: Path) -> None:
    assert "grounding: ends at" in run("plan_from_values.py", cwd=tmp_path)


def test_a_template_of_ones_own_is_checked_and_varied(tmp_path: Path) -> None:
    printed = run("own_template.py", cwd=tmp_path)
    assert "did you mean 'vocals'" in printed
    assert "65 min" in printed


def test_a_saved_plan_is_looked_at(demo_folder: Path, tmp_path: Path) -> None:
    assert "LU" in run("look_at_a_plan.py", demo_folder / "session.json", tmp_path / "arc.png", cwd=tmp_path)
    assert (tmp_path / "arc.png").stat().st_size > 10_000


def test_somebody_elses_playlist_is_checked(demo_folder: Path, tmp_path: Path) -> None:
    playlist = tmp_path / "theirs.m3u"
    music = sorted((demo_folder / "music").glob("*.opus"), key=lambda each: each.stat().st_size)
    playlist.write_text("\n".join(map(str, music[:2])), encoding="utf-8")
    assert "findings" in run("check_a_playlist.py", playlist, cwd=tmp_path)


def test_the_python_of_the_readme_runs_to_the_letter(demo_folder: Path, tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    shutil.copytree(demo_folder / "music", tmp_path / "Music")
    shutil.copy(demo_folder / "library.db", tmp_path / "music.db")
    shutil.copy(ROOT / "playlistkit" / "demo" / "demo.yaml", tmp_path / "phases.yaml")
    home = {**os.environ, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=home, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert "arrival" in done.stdout
    assert (tmp_path / "session.m3u8").exists()


def test_every_example_is_listed_and_run() -> None:
    scripts = {path.name for path in EXAMPLES.glob("*.py")}
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    tested = Path(__file__).read_text(encoding="utf-8")
    for script in scripts:
        assert f"`{script}`" in listed
        assert f'"{script}"' in tested
