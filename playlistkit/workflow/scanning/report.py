"""The result of a scan, and its summary in words."""

from __future__ import annotations

import os
from dataclasses import dataclass

from playlistkit.figures import counted, tally

__all__ = ["ScanReport"]


@dataclass(frozen=True, slots=True)
class ScanReport:
    """The result of a scan."""

    found: int = 0
    """Files that may hold audio."""
    analysed: int = 0
    unchanged: int = 0
    """Known and unchanged files."""
    renewed: int = 0
    """Of those: files whose features were renewed from stored spectra, because a definition changed."""
    moved: int = 0
    """Moved, renamed or copied: known by their content."""
    failed: tuple[tuple[str, str], ...] = ()
    """Path and reason for each file that can't be read, including unchanged ones that failed before."""
    barred: int = 0
    """Of those: pipes, devices, and files and folders that may not be looked at; `found` has none of them."""
    skipped: int = 0
    """Files whose suffix is not audio."""
    left_out: tuple[str, ...] = ()
    """Folders not entered: hidden ones, recycle bins, folders of the system or of a network drive."""
    albums: int = 0
    """Albums in one file: a CUE sheet beside it or in its tags cuts it into tracks, each analysed separately."""
    not_followed: tuple[tuple[str, str], ...] = ()
    """CUE sheets with a fault, and what it is; files that they can't cut count as one track each."""
    gone: int = 0
    """Files that were found but gone when their turn came, as when a disk is unplugged."""
    interrupted: bool = False
    """Whether Ctrl-C stopped it; another scan carries on from there."""

    def told_gone(self) -> str:
        """What to do about the files that are gone; empty if there are none."""
        if not self.gone:
            return ""
        return (
            f"{self.gone} of the files found were gone when their turn came: if their disk was unplugged, plug it in "
            "and scan again."
        )

    def summary(self) -> str:
        """A summary in one sentence."""
        renewed = f" ({self.renewed} of them interpreted anew)" if self.renewed else ""
        others = "other file left out" if self.skipped == 1 else "other files left out"
        counts = tally(
            (self.analysed, "analysed"),
            (self.unchanged, f"unchanged{renewed}"),
            (self.moved, "moved or copied"),
            (len(self.failed) - self.barred, "not read"),
            (self.gone, "gone meanwhile"),
            (self.skipped, others),
            (self.barred, "more that can't be opened"),
        )
        parts = [counts] if counts else []
        if self.left_out:
            folders = (
                "1 hidden folder, recycle bin or the like"
                if len(self.left_out) == 1
                else (f"{len(self.left_out)} hidden folders, recycle bins and the like")
            )
            parts.append(f"{folders} not entered ({os.path.basename(self.left_out[0])})")  # noqa: PTH119
        if self.albums:
            albums = "1 of them an album" if self.albums == 1 else f"{self.albums} of them albums"
            parts.append(f"{albums} in one file, cut into tracks by the CUE sheet")
        if self.not_followed:
            parts.append(counted(len(self.not_followed), "CUE sheet with a fault", "CUE sheets with faults"))
        end = "; stopped, scan again to continue" if self.interrupted else ""
        found = counted(self.found, "audio file")
        return f"{': '.join([found, ', '.join(parts)] if parts else [found])}{end}"
