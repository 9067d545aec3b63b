"""What a scan did, and how that is said."""

from __future__ import annotations

import os
from dataclasses import dataclass

__all__ = ["ScanReport"]


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scan did."""

    found: int = 0
    """Files that may hold audio."""
    analysed: int = 0
    unchanged: int = 0
    """Known, and as they were."""
    renewed: int = 0
    """Of those, by content: features made anew of what was kept of the sound, since their definition changed."""
    moved: int = 0
    """Moved, renamed or copied: known by their content."""
    failed: tuple[tuple[str, str], ...] = ()
    """Path and why it could not be read; also of files that failed before and are unchanged."""
    skipped: int = 0
    """Files that are no audio by their suffix."""
    left_out: tuple[str, ...] = ()
    """Folders that were not entered: hidden ones, recycle bins, a system's or a network drive's own."""
    albums: int = 0
    """Albums in one file: a CUE sheet beside it or in its tags cuts it, and each track of it is listened to on its own."""
    not_followed: tuple[tuple[str, str], ...] = ()
    """CUE sheets that can't be followed, and why; their files are taken as one track each."""
    gone: int = 0
    """Files that were found and then no longer there when their turn came, as when a disk is unplugged."""
    interrupted: bool = False
    """Whether it was stopped by Ctrl-C; another scan goes on from there."""

    def told_gone(self) -> str:
        """What to do about the files that are gone; empty if there are none."""
        if not self.gone:
            return ""
        return (
            f"{self.gone} of the files found were gone when their turn came: if their disk was unplugged, plug it in, "
            "and scan again."
        )

    def summary(self) -> str:
        """A summary in one sentence."""
        renewed = f" ({self.renewed} of them interpreted anew)" if self.renewed else ""
        parts = [f"{self.analysed} analysed", f"{self.unchanged} unchanged{renewed}"]
        if self.moved:
            parts.append(f"{self.moved} moved or copied")
        if self.failed:
            parts.append(f"{len(self.failed)} not read")
        if self.gone:
            parts.append(f"{self.gone} gone meanwhile")
        if self.skipped:
            parts.append(f"{self.skipped} other file{'s' if self.skipped > 1 else ''} left out")
        if self.left_out:
            folders = (
                "1 hidden folder, recycle bin or the like"
                if len(self.left_out) == 1
                else (f"{len(self.left_out)} hidden folders, recycle bins and the like")
            )
            parts.append(f"{folders} not entered ({os.path.basename(self.left_out[0])})")  # noqa: PTH119
        if self.albums:
            albums = "1 of them an album" if self.albums == 1 else f"{self.albums} of them albums"
            parts.append(f"{albums} in one file, taken as the tracks that the CUE sheet names")
        if self.not_followed:
            count = len(self.not_followed)
            parts.append(f"{count} CUE sheet{'s' if count > 1 else ''} not followed")
        files = "1 audio file" if self.found == 1 else f"{self.found} audio files"
        end = "; stopped, scan again to go on" if self.interrupted else ""
        return f"{files}: {', '.join(parts)}{end}"
