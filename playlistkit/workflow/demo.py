"""The main task, on the music that comes with the package."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from playlistkit import template as templates
from playlistkit.errors import ExportError
from playlistkit.exporters import write_bytes
from playlistkit.library import Library, default_path
from playlistkit.model import Plan
from playlistkit.workflow.output.export import export
from playlistkit.workflow.planning.build import build
from playlistkit.workflow.scanning.scan import ScanReport, scan

__all__ = ["Demo", "demo", "demo_folder"]


def demo_folder() -> Path:
    """The demo's default folder: beside the user's own library."""
    return default_path().parent / "demo"


@dataclass(frozen=True, slots=True)
class Demo:
    """The result of `demo`."""

    plan: Plan
    scanned: ScanReport
    files: tuple[Path, ...]
    """The files written: playlist, plan, session sheet, picture."""


def demo(
    folder: str | os.PathLike[str] = "playlistkit-demo",
    *,
    seed: int | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Demo:
    """Scan the bundled music, build a miniature session and write it into a folder.

    The music is copied into the folder, so that the playlist keeps working when it is moved or shared; the
    folder has a library of its own. A second run analyses nothing again.

    Parameters
    ----------
    folder : str or path
        Created if it doesn't exist.
    seed : int, optional
        As for `build`.
    progress, stopped : callable, optional
        As for `scan`; stopped, it ends with `KeyboardInterrupt`.

    Raises
    ------
    ExportError
        If the folder can't be written.
    """
    folder = Path(folder).expanduser()
    music = folder / "music"
    shipped = resources.files("playlistkit") / "demo"
    try:
        music.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            f"{folder}: the demo can't be written here: {error.strerror}; name another folder, `playlistkit demo DIR`"
        ) from error
    for file in shipped.iterdir():
        copy = music / file.name
        if file.name.endswith((".opus", ".ogg", ".md")) and not copy.exists():
            write_bytes(copy, file.read_bytes())  # atomic: a later run trusts what is there
    template = templates.parse((shipped / "demo.yaml").read_text(encoding="utf-8"), "demo.yaml")
    with Library(folder / "library.db") as library:
        scanned = scan(library, music, progress=progress, stopped=stopped)
        if scanned.interrupted:
            raise KeyboardInterrupt
        plan = build(template, library, seed=seed)
    files = tuple(folder / f"session{suffix}" for suffix in (".m3u8", ".json", ".html", ".png"))
    export(plan, *files)
    return Demo(plan, scanned, files)
